//! `harness bulk-query` and `harness bulk-load`: many records as jobs of Salesforce's Bulk API 2.0, through the component's
//! interface `bulk`.
//!
//! A job outlives the program: a file keeps its id, and how far its results are read, and the same command goes on there.
//!
//! ```text
//! query: a job ──► asked for ──► pages ──► FILE.part ──► FILE
//! load:  rows ──► pieces ──► for each a job: data, closed, asked for ──► results, joined with the rows ──► outcomes
//! ```

mod jobs;
mod load;
mod patience;
mod query;

use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::types::{Error, ErrorKind, Outcome};

use super::failure::{Effect, Failure};
pub(crate) use load::BulkLoad;
pub(crate) use query::BulkQuery;

/// Milliseconds for a request, which has more to carry here than elsewhere.
const DEADLINE_MS: u32 = 300_000;
/// How often what may be done anew is begun, if its answer is lost each time.
const TRIES: u32 = 3;

/// What is wrong with a job, though each request about it was answered.
fn wrong_with_job(kind: ErrorKind, outcome: Outcome, effect: Effect, message: String) -> Failure {
    let error = Error {
        kind,
        outcome,
        retryable: false,
        retry_after_ms: None,
        message,
        status: None,
        problems: Vec::new(),
        detail: None,
        request_id: None,
    };
    Failure::Call(ExecutionError::Connector(error), effect)
}

/// Why Salesforce gave a job up, in its words if there are any.
fn why(message: Option<&str>) -> String {
    message.map_or_else(|| ", and Salesforce does not say why".to_owned(), |message| format!(": {message}"))
}
