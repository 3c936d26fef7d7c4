//! The org itself: schema, records and the rules they must obey, as plain data. Not for HTTP, sessions or locking.
//!
//! [`schema`] says what an object is, `objects` which there are, `seed` what they hold at the start. A write goes from
//! `write` through `input` (JSON to values) and `rules` (is the record allowed?) into a `table`, which keeps the indexes.
//! Tables are `sorted` lists, of which copies are cheap; the records of an object may be `generated` instead. An event goes
//! through `events` and is kept nowhere. The `currencies` of an org are records of one of its objects. A file's bytes are a [`blob`], and what else a file is, is `content`. [`permissions`]
//! decide what of it the caller sees.

pub mod blob;
mod changes;
mod content;
mod currencies;
mod describe;
pub(crate) mod events;
pub mod files;
pub(crate) mod foreign_key;
pub(crate) mod generated;
pub mod id;
mod input;
mod load;
mod objects;
pub mod options;
mod people;
pub mod permissions;
mod person_accounts;
mod read;
mod record_types;
mod reshape;
mod rules;
pub mod schema;
mod seed;
pub(crate) mod sorted;
pub(crate) mod table;
mod transaction;
mod unknown_objects;
pub mod value;
mod write;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use self::{
    blob::FileStorage,
    permissions::Granted,
    rules::Rules,
    schema::{Kind, Lookup},
    table::Table,
};
pub use self::{
    blob::Upload,
    currencies::{Currencies, CurrenciesError, Currency},
    events::{EVENT_ID, PublishedEvent},
    generated::{Generate, GenerateError},
    id::RecordId,
    options::{Assignment, Deleted, DuplicateRuleOptions, Related, Upserted, User, WriteError, WriteOptions},
    permissions::{FieldPermissions, ObjectPermissions, PermissionError, Permissions},
    reshape::ShapeError,
    rules::{DuplicateRule, FailingFlow, FlowTrigger, ValidationRule},
    schema::{Field, Object, Schema},
    seed::EPOCH,
    write::case_assignment_rule,
};
use crate::ApiError;

/// Since when the mock's own schema is as it is: 2026-01-01T00:00:00Z.
const SCHEMA_SINCE: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// A record as JSON: field name to value, in order.
pub type Record = serde_json::Map<String, Json>;

/// A Salesforce org in memory. A clone shares the tables that neither changes, so that it can be taken before every
/// transaction.
#[derive(Debug, Clone)]
pub struct Org {
    tables: Vec<Arc<Table>>,
    by_name: Arc<HashMap<String, usize>>,
    locked: HashSet<RecordId>,
    rules: Rules,
    permissions: HashMap<RecordId, Arc<Granted>>,
    /// Through whose permissions it is seen now.
    mask: Option<Arc<Granted>>,
    published: Arc<Vec<PublishedEvent>>,
    file_storage: FileStorage,
    organization_id: RecordId,
    /// Since when it has its schema.
    schema_since: Timestamp,
    /// Whether it has the case assignment rule of the mock's own org.
    has_assignment_rule: bool,
    now: Timestamp,
}

impl Org {
    fn empty(schema: Schema, organization_id: RecordId, now: Timestamp) -> Self {
        let tables: Vec<_> = schema.into_objects().into_iter().map(|object| Arc::new(Table::new(object))).collect();
        let lower = |(place, table): (usize, &Arc<Table>)| (table.object.name.to_lowercase(), place);
        let by_name: HashMap<_, _> = tables.iter().enumerate().map(lower).collect();
        let now = whole_second(now);
        let mut org = Self {
            tables,
            by_name: Arc::new(by_name),
            locked: HashSet::new(),
            rules: Rules::default(),
            permissions: HashMap::new(),
            mask: None,
            published: Arc::default(),
            file_storage: FileStorage::default(),
            organization_id,
            schema_since: SCHEMA_SINCE,
            has_assignment_rule: true,
            now,
        };
        org.set_rules_at_start();
        org
    }

    /// Sets the org's clock: what `TODAY` means and what a write stamps, to the second.
    pub fn set_now(&mut self, now: Timestamp) {
        self.now = whole_second(now);
    }

    /// What the org's clock says.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The org's own Id, 18 characters.
    #[must_use]
    pub fn organization_id(&self) -> &str {
        self.organization_id.as_str()
    }

    /// The object of this name, in any case.
    ///
    /// # Errors
    /// Unknown: 404 `NOT_FOUND`; 501 `UNKNOWN_TO_THE_MOCK` of a standard object that the mock has not.
    pub fn object(&self, name: &str) -> Result<&Object, ApiError> {
        Ok(&self.table(name)?.object)
    }

    /// Every object, in the order of describe.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.tables.iter().map(|table| &*table.object).filter(|object| object.access.read)
    }

    /// Holds a record as another transaction would: until [`Org::unlock`], writes to it and new lookups to it answer
    /// 400 `UNABLE_TO_LOCK_ROW`.
    ///
    /// # Errors
    /// 400 `MALFORMED_ID`.
    pub fn lock(&mut self, id: &str) -> Result<(), ApiError> {
        self.locked.insert(parse_id(id)?);
        Ok(())
    }

    /// The Ids of the records that are held, in order.
    #[must_use]
    pub fn locked(&self) -> Vec<String> {
        let mut ids: Vec<_> = self.locked.iter().map(ToString::to_string).collect();
        ids.sort_unstable();
        ids
    }

    /// Lets go of a record held by [`Org::lock`].
    ///
    /// # Errors
    /// 400 `MALFORMED_ID`.
    pub fn unlock(&mut self, id: &str) -> Result<(), ApiError> {
        self.locked.remove(&parse_id(id)?);
        Ok(())
    }

    pub(crate) fn table(&self, name: &str) -> Result<&Table, ApiError> {
        self.find_table(name).ok_or_else(|| self.unknown_object(name).unwrap_or_else(ApiError::not_found))
    }

    pub(crate) fn find_table(&self, name: &str) -> Option<&Table> {
        let table = self.tables.get(*self.by_name.get(&name.to_lowercase())?)?;
        table.object.access.read.then_some(&**table)
    }

    /// Whether the org has an object of this name, seen or not.
    fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(&name.to_lowercase())
    }

    /// Adds an object with its records, for tests of what no object of the org has.
    #[cfg(test)]
    pub(crate) fn add_table(&mut self, table: Table) {
        Arc::make_mut(&mut self.by_name).insert(table.object.name.to_lowercase(), self.tables.len());
        self.tables.push(Arc::new(table));
    }

    fn table_mut(&mut self, name: &str) -> Result<&mut Table, ApiError> {
        let place = self.by_name.get(&name.to_lowercase());
        let table = place.and_then(|place| self.tables.get_mut(*place));
        table.map(Arc::make_mut).ok_or_else(ApiError::not_found)
    }

    /// The lookups that lead to an object: the table that holds each, the place of the field, and the lookup.
    pub(crate) fn lookups_to(&self, object: &str) -> impl Iterator<Item = (&Table, usize, &Lookup)> {
        self.tables.iter().filter(|table| table.object.access.read).flat_map(move |table| {
            table.object.seen_fields().filter_map(move |(place, field)| match &field.kind {
                Kind::Reference(lookup) if lookup.leads_to(object) => Some((&**table, place, lookup)),
                _ => None,
            })
        })
    }
}

/// `{"type", "url"}`, the first member of every record.
pub(crate) fn attributes(object: &Object, id: RecordId, version: &str) -> Json {
    json!({"type": object.name, "url": format!("/services/data/{version}/sobjects/{}/{id}", object.name)})
}

/// The org keeps moments to the second.
fn whole_second(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

fn parse_id(text: &str) -> Result<RecordId, ApiError> {
    RecordId::parse(text).ok_or_else(|| ApiError::bad_request("MALFORMED_ID", format!("bad id {text}")))
}
