//! From the WIT's types to the core's and back, where the activities or the streams have the same types: `activity/src/mapping/`
//! and `streams/src/mapping.rs` take these files over the types of their own worlds. Each file names them as `super::wit`.

mod bulk;
mod changes;
mod composite;
mod error;
mod external_id;
mod file_target;
mod files;
mod ingest_job;
mod invocable;
mod invoke;
mod key;
mod limits;
mod parameter;
mod query;
mod save_options;
mod schema;
mod search;
mod types;

pub(super) use bulk::{job_kind, job_query};
pub(super) use changes::changes_request;
pub(super) use composite::{graphs, parts};
use external_id::external_id;
pub(super) use file_target::file_target;
pub(super) use files::file_link;
pub(super) use ingest_job::new_ingest_job;
pub(super) use invocable::invocable;
pub(super) use invoke::{decision, rest_call};
pub(super) use key::{record_key, upsert};
pub(super) use query::query;
pub(super) use save_options::{save_options, save_rules};
pub(super) use schema::modified_since;
pub(super) use search::search_request;

/// The types of the connector's world.
mod wit {
    use crate::world::exports::workflow::salesforce as world;

    pub(super) use world::bulk::{
        ColumnDelimiter, IngestOperation, IngestResult, JobKind, JobQuery, JobState, LineEnding, NewIngestJob,
    };
    pub(super) use world::changes::ChangesRequest;
    pub(super) use world::collections::{SaveRules, SavedRecord};
    pub(super) use world::composite::{
        PartAction, PartKey, PartResult, ReadKey, RecordGraph, ReferringField, SavedRecord as SavedPart, Subrequest,
    };
    pub(super) use world::files::{FileTarget, FileVisibility, ShareType};
    pub(super) use world::invoke::{
        ApprovalRequest, Decision, HttpMethod, Invocable, QueryParameter, RestBody, Submission,
    };
    pub(super) use world::limits::{OrgLimit, RecentItem, RecordCount};
    pub(super) use world::records::{AssignmentRule, ExternalId, RecordKey, SaveOptions, Upsert};
    pub(super) use world::schema::{ChildRelationship, Field, ObjectSummary, PicklistValue, RecordTypeInfo};
    pub(super) use world::search::{SearchRequest, SearchScope};
    pub(super) use world::soql::{Argument, ChildCursor, LikeMatch, Parameter, Query, Value};
    pub(super) use world::types::{ApiUsage, Error, ErrorKind, Outcome, Problem};
}
