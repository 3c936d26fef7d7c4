//! Creating, changing and deleting records. Not for what a record must satisfy, which is [`super::rules`].
//!
//! Source: REST API Developer Guide, "sObject Basic Information", "sObject Rows", "sObject Rows by External ID".

use super::{
    Assignment, Deleted, Org, Record, Upserted, WriteError, WriteOptions,
    generated::check_stored,
    id::RecordId,
    input::{not_in_body, not_writable},
    parse_id,
    permissions::insufficient_access,
    person_accounts::{check_account, check_delete},
    read::live,
    rules,
    schema::{Field, Object, OnDelete},
    seed,
    table::{Row, Table, blank, overlay},
    value::Value,
};
use crate::ApiError;

/// What cannot be done to records that are generated.
pub(super) const WRITE: &str = "a write to them";

impl Org {
    /// Makes a record and answers its 18-character Id.
    ///
    /// # Errors
    /// 400 with the code of whatever the record violates; 404 `NOT_FOUND` for an unknown object.
    pub fn create(&mut self, object: &str, body: &Record, options: &WriteOptions) -> Result<String, ApiError> {
        let table = self.table(object)?;
        check_open(&table.object)?;
        check_stored(table, WRITE)?;
        let given = self.parse_write(&table.object, body, options)?;
        check_account(&table.object, &given, None)?;
        self.as_system(|org| org.insert(object, given, options))
    }

    /// Changes the fields named in `body` and leaves the others.
    ///
    /// # Errors
    /// Those of [`Org::create`]; 404 `NOT_FOUND` and `ENTITY_IS_DELETED`, 400 `MALFORMED_ID`.
    pub fn update(&mut self, object: &str, id: &str, body: &Record, options: &WriteOptions) -> Result<(), ApiError> {
        let table = self.table(object)?;
        check_stored(table, WRITE)?;
        let old = live(table, id, "update")?;
        if !table.object.access.edit {
            return Err(insufficient_access());
        }
        let given = self.parse_write(&table.object, body, options)?;
        check_set_once(&table.object, &given)?;
        check_account(&table.object, &given, Some(old))?;
        self.as_system(|org| org.change(object, id, given, options))
    }

    fn change(
        &mut self,
        object: &str,
        id: &str,
        given: Vec<(usize, Value)>,
        options: &WriteOptions,
    ) -> Result<(), ApiError> {
        let table = self.table(object)?;
        let old = live(table, id, "update")?;
        let mut values = old.values();
        overlay(&mut values, given.iter().cloned());
        rules::forget_followers(&table.object, old, &given, &mut values);
        stamp(table, &mut values, parse_id(&options.acting_user)?, self.now);
        rules::derive(&table.object, &mut values, self.now);
        let row = Row::new(&table.object, old.id, values);
        self.check(table, &row, options)?;
        let id = row.id;
        self.table_mut(object)?.put(row);
        self.settle(object, id, parse_id(&options.acting_user)?)
    }

    /// Creates or updates by an external Id, or another field that records are found by; by `Id` it only updates.
    ///
    /// # Errors
    /// Those of [`Org::create`] and [`Org::rows_by_external_id`]; [`WriteError::Multiple`] when several records carry
    /// the value; 404 `NOT_FOUND` when none does and `update_only` forbids to create one.
    pub fn upsert(
        &mut self,
        object: &str,
        field: &str,
        value: &str,
        body: &Record,
        options: &WriteOptions,
        update_only: bool,
    ) -> Result<Upserted, WriteError> {
        if field.eq_ignore_ascii_case("Id") {
            self.update(object, value, body, options)?;
            return Ok(Upserted::Updated(parse_id(value)?.to_string()));
        }
        check_stored(self.table(object)?, WRITE)?;
        let mut found = self.rows_by_external_id(object, field, value)?;
        if found.len() > 1 {
            return Err(WriteError::Multiple(found));
        }
        if body.keys().any(|name| name.eq_ignore_ascii_case(field)) {
            return Err(not_in_body(field).into());
        }
        if let Some(id) = found.pop() {
            self.update(object, &id, body, options)?;
            return Ok(Upserted::Updated(id));
        }
        if update_only {
            return Err(ApiError::not_found().into());
        }
        let table = self.table(object)?;
        check_open(&table.object)?;
        let mut given = self.parse_write(&table.object, body, options)?;
        if let Some((place, field)) = table.object.field(field) {
            if !field.writable {
                return Err(not_writable(&[field.name]).into());
            }
            given.push((place, self.parse_text(field, value)?));
        }
        check_account(&table.object, &given, None)?;
        Ok(Upserted::Created(self.as_system(|org| org.insert(object, given, options))?))
    }

    /// Moves a record to the recycle bin, where `queryAll` still sees it, and does to the records that look up to it
    /// what their lookups say. Answers the records that went: this one first.
    ///
    /// # Errors
    /// 404 `NOT_FOUND` and `ENTITY_IS_DELETED`; 400 `MALFORMED_ID`, `UNABLE_TO_LOCK_ROW`, and `DELETE_FAILED` when a
    /// record that may not lose its parent looks up to it.
    pub fn delete(&mut self, object: &str, id: &str, options: &WriteOptions) -> Result<Vec<Deleted>, ApiError> {
        let table = self.table(object)?;
        if !table.object.deletable {
            let message = format!("entity type {} does not support delete", table.object.name);
            return Err(ApiError::bad_request("INSUFFICIENT_ACCESS_OR_READONLY", message).on(&[]));
        }
        check_stored(table, WRITE)?;
        let row = live(table, id, "delete")?;
        let id = row.id;
        check_delete(&table.object, row)?;
        if !table.object.access.delete {
            return Err(insufficient_access());
        }
        self.as_system(|org| org.discard(object, id, options))
    }

    /// [`Org::delete`] of a record that is there.
    fn discard(&mut self, object: &str, id: RecordId, options: &WriteOptions) -> Result<Vec<Deleted>, ApiError> {
        let acting_user = parse_id(&options.acting_user)?;
        let mut doomed = vec![(self.object(object)?.name, id)];
        let mut emptied = Vec::new();
        let mut next = 0;
        while let Some((object, id)) = doomed.get(next).copied() {
            next += 1;
            for (child, place, lookup) in self.lookups_to(object) {
                let rows = child.find(place, &Value::Id(id)).into_iter().flatten().filter(|row| !row.deleted);
                for row in rows.filter(|row| !doomed.contains(&(child.object.name, row.id))).collect::<Vec<_>>() {
                    match lookup.on_delete {
                        OnDelete::Cascade => doomed.push((child.object.name, row.id)),
                        OnDelete::Clear => emptied.push((child.object.name, row.id, place)),
                        OnDelete::Restrict => {
                            let message = format!(
                                "Your attempt to delete {id} could not be completed because it is associated with the \
                                 following {}: {}",
                                child.object.plural.to_lowercase(),
                                row.id
                            );
                            return Err(ApiError::bad_request("DELETE_FAILED", message).on(&[]));
                        }
                    }
                }
            }
        }
        for (object, id) in &doomed {
            let table = self.table(object)?;
            if let Some(row) = table.row(*id) {
                self.check_locks(table, row)?;
            }
        }
        for (object, id, place) in emptied {
            self.amend(object, id, place, Value::Null, acting_user)?;
        }
        for (object, id) in doomed.iter().copied() {
            let Some(place) = self.object(object)?.place("IsDeleted") else {
                // There is no recycle bin for it.
                self.table_mut(object)?.bury(id);
                continue;
            };
            self.amend(object, id, place, Value::Boolean(true), acting_user)?;
        }
        let deleted = |(object, id): (&'static str, RecordId)| Deleted { object, id: id.to_string() };
        Ok(doomed.into_iter().map(deleted).collect())
    }

    fn insert(&mut self, object: &str, given: Vec<(usize, Value)>, options: &WriteOptions) -> Result<String, ApiError> {
        let table = self.table(object)?;
        let acting_user = parse_id(&options.acting_user)?;
        let mut values = blank(table);
        let owner = table.object.place("OwnerId").map(|place| (place, Value::Id(acting_user)));
        overlay(&mut values, owner);
        overlay(&mut values, given);
        self.fill_prices(&table.object, &mut values);
        let row = self.new_row(table, values, acting_user, self.now)?;
        let row = self.assign_owner(table, row, &options.assignment)?;
        self.check(table, &row, options)?;
        let id = row.id;
        self.table_mut(object)?.put(row);
        self.settle(object, id, acting_user)?;
        Ok(id.to_string())
    }

    /// Does what a written record brings about in others.
    pub(super) fn settle(&mut self, object: &str, id: RecordId, acting_user: RecordId) -> Result<(), ApiError> {
        self.publish_version(object, id, acting_user)?;
        self.pair_person(object, id, acting_user)
    }

    /// A record with the next Id and everything that the org itself fills in.
    pub(super) fn new_row(
        &self,
        table: &Table,
        mut values: Vec<Value>,
        acting_user: RecordId,
        now: jiff::Timestamp,
    ) -> Result<Row, ApiError> {
        self.tell_currency(table, &mut values, acting_user);
        let id = table.next_id().ok_or_else(|| {
            ApiError::bad_request("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded: no more records fit").on(&[])
        })?;
        Ok(row_of(table, id, values, acting_user, now))
    }

    fn assign_owner(&self, table: &Table, row: Row, assignment: &Assignment) -> Result<Row, ApiError> {
        match assignment {
            Assignment::Off => return Ok(row),
            Assignment::Rule(id) if RecordId::parse(id) != case_assignment_rule() => {
                return Err(ApiError::bad_request("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id").on(&[]));
            }
            Assignment::Active | Assignment::Rule(_) => {}
        }
        let owner = seed::support_lead()
            .filter(|_| self.has_assignment_rule)
            .and_then(|lead| rules::assigned_owner(&table.object, &row, lead));
        let mut values = row.values();
        overlay(&mut values, owner.zip(table.object.place("OwnerId")).map(|(owner, place)| (place, Value::Id(owner))));
        Ok(Row::new(&table.object, row.id, values))
    }

    /// Changes one field as the org itself does: no rule applies.
    pub(super) fn amend(
        &mut self,
        object: &str,
        id: RecordId,
        place: usize,
        value: Value,
        acting_user: RecordId,
    ) -> Result<(), ApiError> {
        let now = self.now;
        let table = self.table_mut(object)?;
        let Some(old) = table.row(id) else { return Ok(()) };
        let mut values = old.values();
        overlay(&mut values, [(place, value)]);
        stamp(table, &mut values, acting_user, now);
        let row = Row::new(&table.object, id, values);
        table.put(row);
        Ok(())
    }
}

/// A record with this Id and everything that the org itself fills in.
pub(super) fn row_of(
    table: &Table,
    id: RecordId,
    mut values: Vec<Value>,
    acting_user: RecordId,
    now: jiff::Timestamp,
) -> Row {
    let number = table.next_number();
    for (value, field) in values.iter_mut().zip(&table.object.fields) {
        match (field.name, field.auto_number) {
            ("Id", _) => *value = Value::Id(id),
            ("CreatedById", _) => *value = Value::Id(acting_user),
            ("CreatedDate", _) => *value = Value::DateTime(now),
            (_, Some(numbers)) => *value = Value::text(numbers.text(number, now)),
            _ => {}
        }
    }
    stamp(table, &mut values, acting_user, now);
    rules::derive(&table.object, &mut values, now);
    Row::new(&table.object, id, values)
}

/// The Id of the org's one case assignment rule, as `Sforce-Auto-Assign` may name it.
#[must_use]
pub fn case_assignment_rule() -> Option<RecordId> {
    RecordId::numbered("01Q", 1)
}

/// What the org or another system keeps, clients cannot create, nor what they have no permission for.
fn check_open(object: &Object) -> Result<(), ApiError> {
    if object.createable && object.access.create {
        return Ok(());
    }
    let message = format!("entity type cannot be inserted: {}", object.label);
    Err(ApiError::bad_request("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message).on(&[]))
}

/// What is said of a record when it is made, and never changed: so is the content of a version of a file, whatever a schema
/// tells.
fn check_set_once(object: &Object, given: &[(usize, Value)]) -> Result<(), ApiError> {
    let is_version = object.name == "ContentVersion";
    let is_fixed = |field: &&Field| field.set_once || is_version && field.is_blob();
    let fixed = |(place, _): &(usize, Value)| object.fields.get(*place).filter(is_fixed);
    let fixed: Vec<_> = given.iter().filter_map(fixed).map(|field| field.name).collect();
    if fixed.is_empty() { Ok(()) } else { Err(not_writable(&fixed)) }
}

pub(super) fn stamp(table: &Table, values: &mut [Value], acting_user: RecordId, now: jiff::Timestamp) {
    for (value, field) in values.iter_mut().zip(&table.object.fields) {
        match field.name {
            "LastModifiedById" => *value = Value::Id(acting_user),
            "LastModifiedDate" | "SystemModstamp" => *value = Value::DateTime(now),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
