//! A record that a lookup leads to, told within the record as a query tells it:
//! `"Account": {"attributes": {"type": "Account", "url": ".../001..."}, "Name": "Acme"}`.

use serde_json::Value as Json;

use super::{Names, Refusal, known_as};
use crate::org::schema::{Field, Lookup, Object};
use crate::org::table::Row;
use crate::org::value::Value;
use crate::org::{Org, Record, RecordId};

impl Org {
    /// The Id of the record that a nested one stands for: by its Id, or by its name if exactly one record has it. None where
    /// something else is the way to say it, which [`Org::add_record`] knows: one external Id alone.
    pub(super) fn find_parent(
        &self,
        child: &Object,
        lookup: &Lookup,
        told: &Record,
        names: &Names,
    ) -> Result<Option<String>, Refusal> {
        let relationship = lookup.relationship;
        let attributes = told.get("attributes");
        let url = attributes.and_then(|attributes| attributes.get("url")).and_then(Json::as_str);
        let object = match attributes.and_then(|attributes| attributes.get("type")).and_then(Json::as_str) {
            // A query tells it so where the lookup leads to several objects.
            Some("Name") => {
                let named = url.and_then(object_of_url);
                named.and_then(|named| lookup.targets().find(|target| target.eq_ignore_ascii_case(named)))
            }
            Some(object) => lookup.targets().find(|target| target.eq_ignore_ascii_case(object)),
            None if lookup.is_polymorphic() => None,
            None => Some(lookup.to),
        };
        let Some(table) = object.and_then(|object| self.find_table(object)) else { return Ok(None) };
        let object = &table.object;
        let id = told.get("Id").and_then(Json::as_str).or(url.and_then(id_of_url));
        if let Some(id) = id {
            match names.ids.get(known_as(id).as_str()) {
                Some(Some(id)) => return Ok(Some(id.clone())),
                Some(None) => return Err(Refusal::refers_back(relationship, id)),
                None => {}
            }
            let row = RecordId::parse(id).and_then(|id| table.row(id)).filter(|row| !row.deleted);
            if let Some(row) = row {
                return Ok(Some(row.id.to_string()));
            }
        }
        let mut fields = told.keys().filter(|name| *name != "attributes");
        if let (Some(only), None) = (fields.next(), fields.next())
            && object.field(only).is_some_and(|(_, field)| field.is_key())
        {
            return Ok(None);
        }
        let is_name = |field: &Field| field.is_name || field.name == "DeveloperName";
        let mut name_fields = object.fields.iter().enumerate().filter(|(_, field)| is_name(field));
        let name = name_fields.find_map(|(place, field)| Some((place, told.get(field.name)?.as_str()?)));
        let Some((place, name)) = name else {
            let problem = format!(
                "{relationship} does not say which {} it is: expected its Id, its name, or one external Id and nothing else",
                object.name
            );
            return Err(Refusal::Wrong(problem));
        };
        if !names.by_name {
            return Err(Refusal::Waits(format!("{relationship}: {name:?} refers back to this record")));
        }
        // Objects have record types of one name.
        let kind = object.place("SobjectType").filter(|_| object.name == "RecordType");
        let fits = |row: &&Row| !row.deleted && kind.is_none_or(|kind| row.value(kind).as_text() == Some(child.name));
        let mut found = table.all_with(place, &Value::text(name)).filter(fits);
        match (found.next(), found.next()) {
            (Some(row), None) => Ok(Some(row.id.to_string())),
            (Some(_), Some(_)) => Err(Refusal::Wrong(format!(
                "{relationship}: several records of {} are called {name:?}: say which by its Id or an external Id",
                object.name
            ))),
            (None, _) => Err(Refusal::Wrong(format!(
                "{relationship}: no {} is called {name:?}: seed that record too, or leave {relationship} out",
                object.name
            ))),
        }
    }
}

/// The Id at the end of a record's URL.
pub(super) fn id_of_url(url: &str) -> Option<&str> {
    url.rsplit('/').next().filter(|end| RecordId::parse(end).is_some())
}

/// The object in a record's URL.
fn object_of_url(url: &str) -> Option<&str> {
    url.rsplit('/').nth(1)
}
