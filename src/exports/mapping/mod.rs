//! From the WIT's types to the core's and back, where the activities have the same types: `activity/src/mapping/` takes these
//! files over the types of its own world. Each file names them as `super::wit`.

mod error;
mod key;
mod query;
mod save_options;

pub(super) use key::{external_id, record_key, upsert};
pub(super) use query::query;
pub(super) use save_options::save_options;

/// The types of the connector's world.
mod wit {
    use crate::world::exports::workflow::salesforce::{records, soql, types};

    pub(super) use records::{AssignmentRule, ExternalId, RecordKey, SaveOptions, Upsert};
    pub(super) use soql::{Argument, ChildCursor, LikeMatch, Parameter, Query, Value};
    pub(super) use types::{Outcome, Problem};
}
