//! A job, as the connector tells of it.

use serde::{Deserialize, Serialize};

/// How a job stands: `job-state` of the connector's WIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = BulkJobState)]
pub enum JobState {
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

/// Which of the two kinds of job an id belongs to: `job-kind` of the WIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobKind {
    /// One that queries.
    Query,
    /// One that loads.
    Ingest,
}

/// What is told of a job of either kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Job {
    /// Salesforce's id.
    pub id: String,
    /// How it stands.
    pub state: JobState,
    /// Rows that were read or processed until now; none if it is not told.
    #[serde(default)]
    pub records_processed: Option<u64>,
    /// Rows of a load that failed until now; none if it is not told.
    #[serde(default)]
    pub records_failed: Option<u64>,
    /// Why it failed, in Salesforce's words.
    #[serde(default)]
    pub error_message: Option<String>,
    /// Of a query job that is complete: the first page.
    #[serde(default)]
    pub results: Option<String>,
}

/// Which rows of a job that loads: `ingest-result` of the WIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IngestResult {
    /// Those that were saved.
    Successful,
    /// Those that were refused.
    Failed,
    /// Those that Salesforce did not come to.
    Unprocessed,
}

impl JobState {
    /// All of them.
    pub const ALL: [JobState; 6] = [
        JobState::Open,
        JobState::UploadComplete,
        JobState::InProgress,
        JobState::JobComplete,
        JobState::Failed,
        JobState::Aborted,
    ];

    /// The name, e.g. `job-complete`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            JobState::Open => "open",
            JobState::UploadComplete => "upload-complete",
            JobState::InProgress => "in-progress",
            JobState::JobComplete => "job-complete",
            JobState::Failed => "failed",
            JobState::Aborted => "aborted",
        }
    }

    /// Whether nothing more happens to it.
    #[must_use]
    pub fn is_end(self) -> bool {
        matches!(self, JobState::JobComplete | JobState::Failed | JobState::Aborted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_has_one_name() {
        for state in JobState::ALL {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{}\"", state.as_str()));
        }
    }
}
