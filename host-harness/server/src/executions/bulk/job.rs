//! A job, as the connector tells of it and as the database has it.

use serde::{Deserialize, Serialize};

/// What the jobs of an execution do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BulkKind {
    /// They read records.
    Query,
    /// They write records.
    Load,
}

/// How a job stands: `job-state` of the connector's WIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = BulkJobState)]
pub(crate) enum JobState {
    /// It waits for its data. Nothing was processed.
    Open,
    /// Salesforce has it, and has not begun.
    UploadComplete,
    /// Salesforce works on it.
    InProgress,
    /// It is done. Rows of a load may have failed all the same.
    JobComplete,
    /// It failed. Of a load part may be done.
    Failed,
    /// It was aborted. Of a load part may be done.
    Aborted,
}

/// A job of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BulkJob {
    /// Its place among those of its execution, from 0.
    pub(crate) number: u32,
    /// Salesforce's id.
    pub(crate) id: String,
    pub(crate) state: JobState,
    /// Rows that it was given; 0 of a query.
    pub(crate) sent: u64,
    /// Rows that Salesforce has read or tried to save.
    pub(crate) processed: u64,
    /// Rows among them that were not saved.
    pub(crate) failed: u64,
}

/// What an action of `bulk` gives of a job.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    pub(super) id: String,
    pub(super) state: JobState,
    #[serde(default)]
    records_processed: Option<u64>,
    #[serde(default)]
    records_failed: Option<u64>,
    #[serde(default)]
    pub(super) error_message: Option<String>,
    /// Of a query job that is complete: where its rows begin.
    #[serde(default)]
    pub(super) results: Option<String>,
}

impl BulkKind {
    pub(super) const ALL: [BulkKind; 2] = [BulkKind::Query, BulkKind::Load];

    /// The action that tells how a job stands.
    pub(super) fn look(self) -> &'static str {
        match self {
            BulkKind::Query => "get-query-job",
            BulkKind::Load => "get-ingest-job",
        }
    }

    /// The name in the database.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            BulkKind::Query => "query",
            BulkKind::Load => "load",
        }
    }

    /// `job-kind` of the connector's WIT.
    pub(super) fn of_job(self) -> &'static str {
        match self {
            BulkKind::Query => "query",
            BulkKind::Load => "ingest",
        }
    }
}

impl JobState {
    pub(super) const ALL: [JobState; 6] = [
        JobState::Open,
        JobState::UploadComplete,
        JobState::InProgress,
        JobState::JobComplete,
        JobState::Failed,
        JobState::Aborted,
    ];

    /// The name, e.g. `job-complete`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            JobState::Open => "open",
            JobState::UploadComplete => "upload-complete",
            JobState::InProgress => "in-progress",
            JobState::JobComplete => "job-complete",
            JobState::Failed => "failed",
            JobState::Aborted => "aborted",
        }
    }

    /// Nothing more happens to it.
    pub(super) fn is_end(self) -> bool {
        matches!(self, JobState::JobComplete | JobState::Failed | JobState::Aborted)
    }
}

impl BulkJob {
    pub(super) fn new(number: u32, told: &Told, sent: u64) -> BulkJob {
        let mut job = BulkJob { number, id: told.id.clone(), state: told.state, sent, processed: 0, failed: 0 };
        job.learn(told);
        job
    }

    /// Takes over what was told. Whether that is news.
    pub(super) fn learn(&mut self, told: &Told) -> bool {
        let before = (self.state, self.processed, self.failed);
        self.state = told.state;
        self.processed = told.records_processed.unwrap_or(self.processed);
        self.failed = told.records_failed.unwrap_or(self.failed);
        before != (self.state, self.processed, self.failed)
    }
}
