//! The org itself: schema, records and the rules they must obey, as plain data. Not for HTTP, sessions or locking.
//!
//! [`schema`] says what an object is, `objects` which there are, `seed` what they hold at the start. A write goes from
//! `write` through `input` (JSON to values) and `rules` (is the record allowed?) into a `table`, which keeps the indexes.
//! An event goes through `events` and is kept nowhere. [`permissions`] decide what of it the caller sees.

mod describe;
pub(crate) mod events;
pub mod id;
mod input;
mod load;
mod objects;
pub mod options;
mod people;
pub mod permissions;
mod read;
mod rules;
pub mod schema;
mod seed;
pub(crate) mod table;
pub mod value;
mod write;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

pub use self::{
    events::{EVENT_ID, PublishedEvent},
    id::RecordId,
    options::{Assignment, DuplicateRuleOptions, Related, Upserted, User, WriteError, WriteOptions},
    permissions::{FieldPermissions, ObjectPermissions, PermissionError, Permissions},
    rules::{DuplicateRule, FailingFlow, FlowTrigger, ValidationRule},
    schema::{Field, Object},
    seed::EPOCH,
    write::case_assignment_rule,
};
use self::{
    permissions::Granted,
    rules::Rules,
    schema::{Kind, Lookup},
    table::Table,
};
use crate::ApiError;

/// A record as JSON: field name to value, in order.
pub type Record = serde_json::Map<String, Json>;

/// A Salesforce org in memory.
#[derive(Debug, Clone)]
pub struct Org {
    tables: Vec<Table>,
    by_name: HashMap<String, usize>,
    locked: HashSet<RecordId>,
    rules: Rules,
    permissions: HashMap<RecordId, Arc<Granted>>,
    /// Through whose permissions it is seen now.
    mask: Option<Arc<Granted>>,
    published: Vec<PublishedEvent>,
    organization_id: RecordId,
    now: Timestamp,
}

impl Org {
    fn empty(organization_id: RecordId, now: Timestamp) -> Self {
        let tables: Vec<_> = objects::all().into_iter().map(Table::new).collect();
        let lower = |(place, table): (usize, &Table)| (table.object.name.to_lowercase(), place);
        let by_name = tables.iter().enumerate().map(lower).collect();
        let now = whole_second(now);
        let mut org = Self {
            tables,
            by_name,
            locked: HashSet::new(),
            rules: Rules::default(),
            permissions: HashMap::new(),
            mask: None,
            published: Vec::new(),
            organization_id,
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
    /// Unknown: 404 `NOT_FOUND`.
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
        self.find_table(name).ok_or_else(ApiError::not_found)
    }

    pub(crate) fn find_table(&self, name: &str) -> Option<&Table> {
        let table = self.tables.get(*self.by_name.get(&name.to_lowercase())?)?;
        table.object.access.read.then_some(table)
    }

    fn table_mut(&mut self, name: &str) -> Result<&mut Table, ApiError> {
        let place = self.by_name.get(&name.to_lowercase());
        place.and_then(|place| self.tables.get_mut(*place)).ok_or_else(ApiError::not_found)
    }

    /// The lookups that lead to an object: the table that holds each, the place of the field, and the lookup.
    pub(crate) fn lookups_to(&self, object: &str) -> impl Iterator<Item = (&Table, usize, &Lookup)> {
        self.tables.iter().filter(|table| table.object.access.read).flat_map(move |table| {
            table.object.seen_fields().filter_map(move |(place, field)| match &field.kind {
                Kind::Reference(lookup) if lookup.to == object => Some((table, place, lookup)),
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
