//! Jobs: what they do, and how far they are.

use super::wit;
use crate::core::bulk::{ColumnDelimiter, IngestOperation, IngestResult, JobKind, JobState, LineEnding, NewIngestJob};
use crate::core::error::Result;
use crate::core::name::{FieldName, ObjectName};
use crate::core::record_id::RecordId;
use crate::core::soql::{Parameter, Query};

pub(crate) fn job_query(query: wit::JobQuery) -> Result<Query> {
    let parameters: Vec<Parameter> = query.parameters.into_iter().map(Into::into).collect();
    Query::parse(&query.soql, &parameters, query.include_deleted, None, None)
}

pub(crate) fn new_ingest_job(job: wit::NewIngestJob) -> Result<NewIngestJob> {
    Ok(NewIngestJob {
        object: ObjectName::parse(&job.object)?,
        operation: match job.operation {
            wit::IngestOperation::Insert => IngestOperation::Insert,
            wit::IngestOperation::Update => IngestOperation::Update,
            wit::IngestOperation::Upsert(field) => {
                IngestOperation::Upsert(FieldName::parse_as("operation.upsert", &field)?)
            }
            wit::IngestOperation::Delete => IngestOperation::Delete,
            wit::IngestOperation::HardDelete => IngestOperation::HardDelete,
        },
        assignment_rule: match job.assignment_rule_id {
            Some(id) => Some(RecordId::parse("assignment-rule-id", &id)?),
            None => None,
        },
        line_ending: match job.line_ending {
            None | Some(wit::LineEnding::Lf) => LineEnding::Lf,
            Some(wit::LineEnding::Crlf) => LineEnding::Crlf,
        },
        column_delimiter: match job.column_delimiter {
            None | Some(wit::ColumnDelimiter::Comma) => ColumnDelimiter::Comma,
            Some(wit::ColumnDelimiter::Tab) => ColumnDelimiter::Tab,
            Some(wit::ColumnDelimiter::Pipe) => ColumnDelimiter::Pipe,
            Some(wit::ColumnDelimiter::Semicolon) => ColumnDelimiter::Semicolon,
            Some(wit::ColumnDelimiter::Caret) => ColumnDelimiter::Caret,
            Some(wit::ColumnDelimiter::Backquote) => ColumnDelimiter::Backquote,
        },
    })
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
