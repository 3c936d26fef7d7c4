//! From the WIT's types to the core's and back: the connector's own files, over the types of this world.

#[cfg(not(feature = "create"))]
#[path = "../../../src/exports/mapping/bulk.rs"]
mod bulk;
#[cfg(not(feature = "create"))]
#[path = "../../../src/exports/mapping/changes.rs"]
mod changes;
#[cfg(feature = "create")]
#[path = "../../../src/exports/mapping/composite.rs"]
mod composite;
#[path = "../../../src/exports/mapping/error.rs"]
mod error;
#[path = "../../../src/exports/mapping/external_id.rs"]
mod external_id;
#[cfg(feature = "create")]
#[path = "../../../src/exports/mapping/file_target.rs"]
mod file_target;
#[cfg(feature = "create")]
#[path = "../../../src/exports/mapping/files.rs"]
mod files;
#[cfg(not(feature = "create"))]
#[path = "../../../src/exports/mapping/ingest_job.rs"]
mod ingest_job;
#[path = "../../../src/exports/mapping/invocable.rs"]
mod invocable;
#[cfg(feature = "create")]
#[path = "../../../src/exports/mapping/invoke.rs"]
mod invoke;
#[cfg(not(feature = "create"))]
#[path = "../../../src/exports/mapping/key.rs"]
mod key;
#[cfg(not(feature = "create"))]
#[path = "../../../src/exports/mapping/limits.rs"]
mod limits;
#[path = "../../../src/exports/mapping/parameter.rs"]
mod parameter;
#[path = "../../../src/exports/mapping/query.rs"]
mod query;
#[path = "../../../src/exports/mapping/save_options.rs"]
mod save_options;
#[cfg(not(feature = "create"))]
#[path = "../../../src/exports/mapping/schema.rs"]
mod schema;
#[cfg(not(feature = "create"))]
#[path = "../../../src/exports/mapping/search.rs"]
mod search;

use external_id::external_id;
pub(crate) use invocable::invocable;
pub(crate) use query::query;
pub(crate) use save_options::{save_options, save_rules};

#[cfg(not(feature = "create"))]
pub(crate) use {
    bulk::{job_kind, job_query},
    changes::changes_request,
    ingest_job::new_ingest_job,
    key::{record_key, upsert},
    schema::modified_since,
    search::search_request,
};

#[cfg(feature = "create")]
pub(crate) use {
    composite::{graphs, parts},
    file_target::file_target,
    files::file_link,
    invoke::{decision, rest_call},
};

/// Those types.
mod wit {
    use crate::world::exports::workflow::salesforce_activity as world;

    pub(super) use world::types::{
        Argument, AssignmentRule, ChildCursor, ExternalId, Invocable, LikeMatch, Outcome, Parameter, Problem, Query,
        SaveOptions, SaveRules, SavedRecord, Value,
    };

    #[cfg(not(feature = "create"))]
    pub(super) use world::{
        actions::{RecordKey, Upsert},
        bulk::{ColumnDelimiter, IngestOperation, IngestResult, JobKind, JobQuery, JobState, LineEnding, NewIngestJob},
        changes::ChangesRequest,
        limits::{OrgLimit, RecentItem, RecordCount},
        schema::{ChildRelationship, Field, ObjectSummary, PicklistValue, RecordTypeInfo},
        search::{SearchRequest, SearchScope},
    };

    #[cfg(feature = "create")]
    pub(super) use world::{
        composite::{PartAction, PartKey, PartResult, ReadKey, RecordGraph, ReferringField, Subrequest},
        invoke::{ApprovalRequest, Decision, HttpMethod, QueryParameter, RestBody, Submission},
        types::Saved as SavedPart,
        uploads::{FileTarget, FileVisibility, ShareType},
    };
}
