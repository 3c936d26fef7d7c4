//! The calls of the component's interface `bulk`, and what they give.

use salesforce_actions::Call;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use salesforce_runtime::{ExecutionError, HostFailureKind};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::super::action::{Caller, actions};
use super::super::failure::{Effect, Failure};

/// Who makes the calls.
pub(super) struct Jobs<'a>(pub(super) Caller<'a>);

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum JobState {
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
}

/// A job that queries.
#[derive(Debug, Deserialize)]
pub(super) struct QueryJob {
    pub(super) id: String,
    pub(super) state: JobState,
    pub(super) records_processed: Option<u64>,
    pub(super) error_message: Option<String>,
    /// The first page, once it is complete.
    pub(super) results: Option<String>,
}

/// A page of what a query found.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) csv: String,
    /// Rows, without the header.
    pub(super) count: u64,
    pub(super) next: Option<String>,
}

/// A job that loads.
#[derive(Debug, Deserialize)]
pub(super) struct IngestJob {
    pub(super) id: String,
    pub(super) state: JobState,
    pub(super) records_processed: Option<u64>,
    pub(super) error_message: Option<String>,
}

/// Which rows of a job that loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Successful,
    Failed,
    Unprocessed,
}

impl Jobs<'_> {
    pub(super) async fn create_query(&self, soql: &str, include_deleted: bool) -> Result<QueryJob, Failure> {
        let query = json!({"soql": soql, "include_deleted": include_deleted});
        self.read("create-query-job", &json!({ "query": query })).await.map_err(without_effect)
    }

    pub(super) async fn query(&self, id: &str) -> Result<QueryJob, Failure> {
        self.read("get-query-job", &json!({ "job_id": id })).await
    }

    /// At most so many rows.
    pub(super) async fn page(&self, cursor: &str, most: u32) -> Result<Page, Failure> {
        self.read("get-query-results", &json!({"cursor": cursor, "max_records": most})).await
    }

    /// Once its results are read.
    pub(super) async fn delete_query(&self, id: &str) -> Result<(), Failure> {
        let input = json!({"kind": "query", "job_id": id});
        self.call("delete-job", &input).await.map(|_| ()).map_err(without_effect)
    }

    pub(super) async fn create_ingest(&self, object: &str, operation: &Value) -> Result<IngestJob, Failure> {
        let job = json!({"object": object, "operation": operation});
        self.read("create-ingest-job", &json!({ "job": job })).await.map_err(without_effect)
    }

    pub(super) async fn upload(&self, id: &str, csv: &str) -> Result<(), Failure> {
        let input = json!({"job_id": id, "csv": csv});
        self.call("upload-job-data", &input).await.map(|_| ()).map_err(without_effect)
    }

    pub(super) async fn close(&self, id: &str) -> Result<IngestJob, Failure> {
        self.read("close-ingest-job", &json!({ "job_id": id })).await
    }

    pub(super) async fn ingest(&self, id: &str) -> Result<IngestJob, Failure> {
        self.read("get-ingest-job", &json!({ "job_id": id })).await
    }

    /// An open job, which has processed nothing. One that is gone, or aborted before, is as good.
    pub(super) async fn abort(&self, id: &str) -> Result<(), Failure> {
        let aborted = self.call("abort-job", &json!({"kind": "ingest", "job_id": id})).await.map(|_| ());
        match aborted.map_err(without_effect) {
            Err(failure) if is_of(&failure, &[ErrorKind::NotFound, ErrorKind::WrongState]) => Ok(()),
            aborted => aborted,
        }
    }

    /// CSV, the header first.
    pub(super) async fn results(&self, id: &str, which: Which) -> Result<String, Failure> {
        #[derive(Deserialize)]
        struct Results {
            csv: String,
        }
        let which = match which {
            Which::Successful => "successful",
            Which::Failed => "failed",
            Which::Unprocessed => "unprocessed",
        };
        let results: Results = self.read("get-ingest-results", &json!({"job_id": id, "which": which})).await?;
        Ok(results.csv)
    }

    async fn read<T: for<'a> Deserialize<'a>>(&self, action: &str, input: &Value) -> Result<T, Failure> {
        let given = self.call(action, input).await?;
        let wrong = |error| Failure::Local(format!("{action} gave another result: {error}"));
        serde_json::from_str(given.get()).map_err(wrong)
    }

    async fn call(&self, action: &str, input: &Value) -> Result<Box<RawValue>, Failure> {
        let call = Call::parse(actions(), action, &input.to_string());
        self.0.json(&call.map_err(|error| Failure::Usage(error.to_string()))?, None).await
    }
}

/// Of a request that changes no record whatever becomes of it.
fn without_effect(failure: Failure) -> Failure {
    match failure {
        Failure::Call(error, _) => Failure::Call(error, Effect::Read),
        other => other,
    }
}

fn error_of(failure: &Failure) -> Option<&ExecutionError> {
    if let Failure::Call(error, _) = failure { Some(error) } else { None }
}

/// Whether nobody knows what became of the request.
pub(super) fn is_lost(failure: &Failure) -> bool {
    error_of(failure).is_some_and(|error| error.outcome() == Outcome::Unknown)
}

/// Whether it is an error of one of these kinds.
pub(super) fn is_of(failure: &Failure, kinds: &[ErrorKind]) -> bool {
    error_of(failure).and_then(ExecutionError::kind).is_some_and(|kind| kinds.contains(&kind))
}

/// Whether there was more in an answer than the component or the host takes.
pub(super) fn is_too_large(failure: &Failure) -> bool {
    let by_host = |error: &ExecutionError| matches!(error, ExecutionError::Host(failure) if failure.kind == HostFailureKind::ResourceExhausted);
    is_of(failure, &[ErrorKind::ResponseTooLarge]) || error_of(failure).is_some_and(by_host)
}
