//! Records of the record types that the schema tells, and what describe tells of them.

use serde_json::{Map, Value as Json, json};

use super::{
    Org, Record,
    id::RecordId,
    schema::{Object, RecordType, record_types::MASTER_RECORD_TYPE},
    table::{Row, Table, blank, overlay},
    value::Value,
    write::row_of,
};

const TABLE: &str = "RecordType";

impl Org {
    /// Makes the records of the record types that objects have from the start, as far as they are not there.
    pub(super) fn add_record_types(&mut self) {
        let Some(user) = self.first_user() else { return };
        let of_object = |table: &std::sync::Arc<Table>| {
            let object = table.object.name;
            table.object.record_types.clone().into_iter().map(move |told| (object, told))
        };
        for (object, told) in self.tables.iter().flat_map(of_object).collect::<Vec<_>>() {
            let row = self.find_table(TABLE).and_then(|table| record_of(table, object, &told, user, self.now));
            if let (Some(row), Ok(table)) = (row, self.table_mut(TABLE)) {
                table.put(row);
            }
        }
    }

    /// The record of a record type that has this object and developer name already.
    pub(super) fn known_record_type(&self, object: &str, told: &Record) -> Option<RecordId> {
        let told_text = |field: &str| told.iter().find(|(name, _)| name.eq_ignore_ascii_case(field))?.1.as_str();
        let (of, name) = (told_text("SobjectType")?, told_text("DeveloperName")?);
        let is_it = |(table, row): &(&Table, &Row)| {
            text(table, row, "SobjectType").eq_ignore_ascii_case(of)
                && text(table, row, "DeveloperName").eq_ignore_ascii_case(name)
        };
        let mut rows = self.record_type_rows().filter(|_| object.eq_ignore_ascii_case(TABLE));
        rows.find(is_it).map(|(_, row)| row.id)
    }

    /// The record types of an object as describe tells them: those of its records, in another org's words where it told them,
    /// and the master.
    pub(super) fn record_type_infos(&self, object: &Object, version: &str) -> Json {
        let info = |id: &str| {
            let layout = format!("/services/data/{version}/sobjects/{}/describe/layouts/{id}", object.name);
            Map::from_iter([
                ("available".to_owned(), json!(true)),
                ("defaultRecordTypeMapping".to_owned(), json!(false)),
                ("master".to_owned(), json!(false)),
                ("recordTypeId".to_owned(), json!(id)),
                ("urls".to_owned(), json!({"layout": layout})),
            ])
        };
        let told = object.described.as_ref().and_then(|told| told.get("recordTypeInfos")).and_then(Json::as_array);
        let mut rows: Vec<_> = self
            .record_type_rows()
            .filter(|(table, row)| text(table, row, "SobjectType").eq_ignore_ascii_case(object.name))
            .collect();
        let mut infos = Vec::new();
        let mut has_master = false;
        for told in told.into_iter().flatten().filter_map(Json::as_object) {
            let id = told.get("recordTypeId").and_then(Json::as_str).and_then(RecordId::parse);
            if id == RecordId::master_record_type() {
                has_master = true;
                infos.push(told.clone());
            } else if let Some(place) = rows.iter().position(|(_, row)| Some(row.id) == id) {
                let (table, row) = rows.remove(place);
                infos.push(with_record(told.clone(), table, row));
            }
        }
        infos.extend(rows.into_iter().map(|(table, row)| {
            let mut told = with_record(info(row.id.as_str()), table, row);
            told.insert("available".to_owned(), told.get("active").cloned().unwrap_or_default());
            told
        }));
        if !has_master {
            let mut master = info(MASTER_RECORD_TYPE);
            let is_default = !object.record_types.iter().any(|known| known.default);
            for (name, value) in [
                ("active", json!(true)),
                ("defaultRecordTypeMapping", json!(is_default)),
                ("developerName", json!("Master")),
                ("master", json!(true)),
                ("name", json!("Master")),
            ] {
                master.insert(name.to_owned(), value);
            }
            infos.push(master);
        }
        Json::Array(infos.into_iter().map(Json::Object).collect())
    }

    pub(super) fn record_type_rows(&self) -> impl Iterator<Item = (&Table, &Row)> {
        let table = self.find_table(TABLE);
        table.into_iter().flat_map(|table| table.rows().iter().filter(|row| !row.deleted).map(move |row| (table, row)))
    }
}

/// The record of a record type; none if there is one.
fn record_of(
    table: &Table,
    object: &'static str,
    told: &RecordType,
    user: RecordId,
    now: jiff::Timestamp,
) -> Option<Row> {
    let is_it = |row: &Row| {
        text(table, row, "SobjectType") == object && text(table, row, "DeveloperName") == told.developer_name
    };
    let is_there = match told.id {
        Some(id) => table.row(id).is_some(),
        None => table.rows().iter().any(is_it),
    };
    let id = told.id.or_else(|| table.next_id()).filter(|_| !is_there)?;
    let mut values = blank(table);
    let fields = [
        ("Name", Value::text(told.name)),
        ("DeveloperName", Value::text(told.developer_name)),
        ("SobjectType", Value::text(object)),
        ("IsActive", Value::Boolean(told.active)),
    ];
    overlay(&mut values, fields.into_iter().filter_map(|(name, value)| Some((table.object.place(name)?, value))));
    Some(row_of(table, id, values, user, now))
}

/// What is told of a record type, as its record says it now.
fn with_record(mut told: Map<String, Json>, table: &Table, row: &Row) -> Map<String, Json> {
    for (member, field) in [("active", "IsActive"), ("developerName", "DeveloperName"), ("name", "Name")] {
        if let Some(place) = table.object.place(field) {
            told.insert(member.to_owned(), row.value(place).to_json());
        }
    }
    told.insert("recordTypeId".to_owned(), json!(row.id.as_str()));
    told.sort_keys();
    told
}

fn text<'a>(table: &Table, row: &'a Row, field: &str) -> &'a str {
    table.object.place(field).and_then(|place| row.value(place).as_text()).unwrap_or_default()
}
