//! Jobs that load.

use super::job::{self, Job, JobKind, JobState};
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{ErrorKind, Result};
use crate::core::http::Transport;
use crate::core::name::{FieldName, ObjectName};
use crate::core::record_id::RecordId;

/// What becomes of the rows. See `ingest-operation` in `wit/bulk.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each case is documented once, in wit/bulk.wit")]
pub enum IngestOperation {
    Insert,
    Update,
    /// By this external Id field.
    Upsert(FieldName),
    Delete,
    HardDelete,
}

/// What ends the lines of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each case is documented once, in wit/bulk.wit")]
pub enum LineEnding {
    Lf,
    Crlf,
}

/// What separates the columns of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each case is documented once, in wit/bulk.wit")]
pub enum ColumnDelimiter {
    Comma,
    Tab,
    Pipe,
    Semicolon,
    Caret,
    Backquote,
}

/// A job to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIngestJob {
    /// Its object.
    pub object: ObjectName,
    /// What becomes of the rows.
    pub operation: IngestOperation,
    /// The assignment rule to run.
    pub assignment_rule: Option<RecordId>,
    /// What ends the lines.
    pub line_ending: LineEnding,
    /// What separates the columns.
    pub column_delimiter: ColumnDelimiter,
}

const ASSIGNMENT_RULE: &str = "assignmentRuleId";

impl NewIngestJob {
    /// The members of the request, those without a value among them; the answer repeats them.
    pub(super) fn members(&self) -> [(&'static str, &str); 7] {
        let (operation, external_id) = match &self.operation {
            IngestOperation::Insert => ("insert", ""),
            IngestOperation::Update => ("update", ""),
            IngestOperation::Upsert(field) => ("upsert", field.as_str()),
            IngestOperation::Delete => ("delete", ""),
            IngestOperation::HardDelete => ("hardDelete", ""),
        };
        let line_ending = match self.line_ending {
            LineEnding::Lf => "LF",
            LineEnding::Crlf => "CRLF",
        };
        let column_delimiter = match self.column_delimiter {
            ColumnDelimiter::Comma => "COMMA",
            ColumnDelimiter::Tab => "TAB",
            ColumnDelimiter::Pipe => "PIPE",
            ColumnDelimiter::Semicolon => "SEMICOLON",
            ColumnDelimiter::Caret => "CARET",
            ColumnDelimiter::Backquote => "BACKQUOTE",
        };
        let assignment_rule = self.assignment_rule.as_ref().map_or("", RecordId::as_str);
        [
            ("object", self.object.as_str()),
            ("operation", operation),
            ("externalIdFieldName", external_id),
            (ASSIGNMENT_RULE, assignment_rule),
            ("contentType", "CSV"),
            ("lineEnding", line_ending),
            ("columnDelimiter", column_delimiter),
        ]
    }

    /// Of these, the ones that a job that was made is held against: an Id is told in its longer form.
    pub(super) fn asked(&self) -> Vec<(&'static str, &str)> {
        self.members().into_iter().filter(|(name, value)| !value.is_empty() && *name != ASSIGNMENT_RULE).collect()
    }

    pub(super) fn json(&self) -> String {
        let mut json = String::from("{");
        for (name, value) in self.members().into_iter().filter(|(_, value)| !value.is_empty()) {
            // Neither has anything that JSON escapes.
            json.push_str(&[if json.len() > 1 { ",\"" } else { "\"" }, name, "\":\"", value, "\""].concat());
        }
        json.push('}');
        json
    }
}

/// Makes a job that waits for its data.
pub fn create_ingest_job(
    transport: &mut dyn Transport,
    connection: &Connection,
    new: &NewIngestJob,
    options: &CallOptions,
) -> Result<Job> {
    job::create(transport, connection, JobKind::Ingest, &new.asked(), new.json(), options).map_err(|mut error| {
        // `FEATURENOTENABLED`, which is about the org elsewhere: here the user has no permission.
        if new.operation == IngestOperation::HardDelete && error.kind == ErrorKind::AccessDenied {
            error.kind = ErrorKind::Forbidden;
        }
        error
    })
}

/// Says that the data are complete.
pub fn close_ingest_job(
    transport: &mut dyn Transport,
    connection: &Connection,
    job: &RecordId,
    options: &CallOptions,
) -> Result<Job> {
    // All but an open one: Salesforce may have worked on it by then.
    use JobState::{Aborted, Failed, InProgress, JobComplete, UploadComplete};
    let ends = [UploadComplete, InProgress, JobComplete, Failed, Aborted];
    job::change(transport, connection, JobKind::Ingest, job, "UploadComplete", &ends, options)
}
