//! Jobs: what they query, and how far they are.

use super::wit;
use crate::core::bulk::{IngestResult, JobKind, JobState};
use crate::core::error::Result;
use crate::core::soql::{Parameter, Query};

pub(crate) fn job_query(query: wit::JobQuery) -> Result<Query> {
    let parameters: Vec<Parameter> = query.parameters.into_iter().map(Into::into).collect();
    Query::parse(&query.soql, &parameters, query.include_deleted, None, None)
}

pub(crate) fn job_kind(kind: wit::JobKind) -> JobKind {
    match kind {
        wit::JobKind::Query => JobKind::Query,
        wit::JobKind::Ingest => JobKind::Ingest,
    }
}

impl From<wit::IngestResult> for IngestResult {
    fn from(which: wit::IngestResult) -> Self {
        match which {
            wit::IngestResult::Successful => Self::Successful,
            wit::IngestResult::Failed => Self::Failed,
            wit::IngestResult::Unprocessed => Self::Unprocessed,
        }
    }
}

impl From<JobState> for wit::JobState {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Open => Self::Open,
            JobState::UploadComplete => Self::UploadComplete,
            JobState::InProgress => Self::InProgress,
            JobState::JobComplete => Self::JobComplete,
            JobState::Failed => Self::Failed,
            JobState::Aborted => Self::Aborted,
        }
    }
}
