//! A job, as the database has it.

use salesforce_actions::bulk::{Job, JobKind, JobState};
use serde::Serialize;

/// What the jobs of an execution do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BulkKind {
    /// They read records.
    Query,
    /// They write records.
    Load,
}

/// A job of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BulkJob {
    /// Its place among those of its execution, from 0.
    pub(crate) number: u32,
    /// Salesforce's id.
    pub(crate) id: String,
    /// As it was told last; [`JobState::UploadComplete`] also of one that has its data and is about to be closed.
    pub(crate) state: JobState,
    /// Rows that it was given; 0 of a query.
    pub(crate) sent: u64,
    /// Rows that Salesforce has read or tried to save.
    pub(crate) processed: u64,
    /// Rows among them that were not saved.
    pub(crate) failed: u64,
}

impl BulkKind {
    pub(super) const ALL: [BulkKind; 2] = [BulkKind::Query, BulkKind::Load];

    /// The name in the database.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            BulkKind::Query => "query",
            BulkKind::Load => "load",
        }
    }

    /// As Salesforce has them.
    pub(super) fn of_job(self) -> JobKind {
        match self {
            BulkKind::Query => JobKind::Query,
            BulkKind::Load => JobKind::Ingest,
        }
    }
}

impl BulkJob {
    pub(super) fn new(number: u32, told: &Job, sent: u64) -> BulkJob {
        let mut job = BulkJob { number, id: told.id.clone(), state: told.state, sent, processed: 0, failed: 0 };
        job.learn(told);
        job
    }

    /// Takes over what was told. Whether that is news.
    pub(super) fn learn(&mut self, told: &Job) -> bool {
        let before = (self.state, self.processed, self.failed);
        self.state = told.state;
        self.processed = told.records_processed.unwrap_or(self.processed);
        self.failed = told.records_failed.unwrap_or(self.failed);
        before != (self.state, self.processed, self.failed)
    }
}
