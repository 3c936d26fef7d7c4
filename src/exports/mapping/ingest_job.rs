//! A job that loads.

use super::wit;
use crate::core::bulk::{ColumnDelimiter, IngestOperation, LineEnding, NewIngestJob};
use crate::core::error::Result;
use crate::core::name::{FieldName, ObjectName};
use crate::core::record_id::RecordId;

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
