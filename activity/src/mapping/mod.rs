//! From the WIT's types to the core's and back: the connector's own files, over the types of this world.

#[path = "../../../src/exports/mapping/error.rs"]
mod error;
#[cfg(not(feature = "create"))]
#[path = "../../../src/exports/mapping/key.rs"]
mod key;
#[cfg(not(feature = "create"))]
#[path = "../../../src/exports/mapping/query.rs"]
mod query;
#[path = "../../../src/exports/mapping/save_options.rs"]
mod save_options;

#[cfg(not(feature = "create"))]
pub(crate) use key::{record_key, upsert};
#[cfg(not(feature = "create"))]
pub(crate) use query::query;
pub(crate) use save_options::save_options;

/// Those types.
mod wit {
    use crate::world::exports::workflow::salesforce_activity as world;

    #[cfg(not(feature = "create"))]
    pub(super) use world::actions::{
        Argument, ChildCursor, ExternalId, LikeMatch, Parameter, Query, RecordKey, Upsert, Value,
    };
    pub(super) use world::types::{AssignmentRule, Outcome, Problem, SaveOptions};
}
