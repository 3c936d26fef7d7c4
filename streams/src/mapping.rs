//! From the WIT's types to the core's and back: the connector's own files, over the types of this world.

#[path = "../../src/exports/mapping/error.rs"]
mod error;
#[path = "../../src/exports/mapping/file_target.rs"]
mod file_target;
#[path = "../../src/exports/mapping/ingest_job.rs"]
mod ingest_job;
#[path = "../../src/exports/mapping/parameter.rs"]
mod parameter;
#[path = "../../src/exports/mapping/types.rs"]
mod types;

pub(crate) use file_target::file_target;
pub(crate) use ingest_job::new_ingest_job;

/// Those types.
mod wit {
    use crate::world::exports::workflow as world;

    pub(super) use world::salesforce::types::{ApiUsage, Error, ErrorKind, Outcome, Problem};
    pub(super) use world::salesforce_streams::bulk::{ColumnDelimiter, IngestOperation, LineEnding, NewIngestJob};
    pub(super) use world::salesforce_streams::files::FileTarget;
    pub(super) use world::salesforce_streams::queries::{Argument, LikeMatch, Parameter, Value};
}
