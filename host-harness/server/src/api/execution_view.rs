//! An execution, as `/v1/executions` shows it.

use axum::Json;
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::clock::rfc3339;
use crate::executions::{Bulk, BulkJob, BulkKind, Execution, ExecutionResult, ExecutionState};
use salesforce_actions::bulk::JobState;

/// Name of an action. The document says which there are: they come from the WIT, as their inputs and results do.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only its place in the document is used")]
pub(super) struct ActionName(String);

/// Result of an action.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only its place in the document is used")]
pub(super) struct ActionResult(Value);

/// Why an execution did not do what was asked. The document says its members: the kinds come from the WIT.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only its place in the document is used")]
pub(super) struct ExecutionError(Value);

/// An execution. Whether it did what was asked is in `state`.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ExecutionView {
    id: String,
    connection: String,
    /// None: the connector.
    component: Option<String>,
    #[schema(value_type = ActionName)]
    action: String,
    idempotency_key: Option<String>,
    state: ExecutionState,
    /// Of a failure: `not-sent`, `rejected` or `unknown`.
    outcome: Option<String>,
    error_kind: Option<String>,
    #[schema(format = DateTime)]
    started_at: String,
    duration_ms: Option<f64>,
    records: i64,
    /// Use of the org's daily API allowance after it.
    api_usage: Option<Usage>,
    /// Salesforce's `x-sfdc-request-id` of a failure; not in lists.
    request_id: Option<String>,
    /// The action's input as it came, an `ActionInput`; kept for a day, less if the tenant's place for it is full, and not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    request: Option<Box<RawValue>>,
    /// What the action gave; kept for a day, less if the tenant's place for it is full. Numbers keep every digit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ActionResult>)]
    result: Option<Box<RawValue>>,
    /// Why it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ExecutionError>)]
    error: Option<Box<RawValue>>,
    /// Of a bulk execution: its jobs; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    bulk: Option<BulkView>,
}

/// The jobs of a bulk execution.
#[derive(Serialize, utoipa::ToSchema)]
struct BulkView {
    kind: BulkKind,
    jobs: Vec<BulkJobView>,
}

/// A job at Salesforce.
#[derive(Serialize, utoipa::ToSchema)]
struct BulkJobView {
    /// Salesforce's id.
    id: String,
    state: JobState,
    /// Rows that it was given; 0 of a query.
    #[schema(format = Int64)]
    sent: u64,
    /// Rows that Salesforce has read, or tried to save, so far.
    #[schema(format = Int64)]
    processed: u64,
    /// Rows among them that were not saved.
    #[schema(format = Int64)]
    failed: u64,
}

/// Use of the org's daily API allowance.
#[derive(Serialize, utoipa::ToSchema)]
struct Usage {
    /// Requests used in the last 24 hours.
    #[schema(format = Int64)]
    used: u32,
    /// Requests allowed in 24 hours.
    #[schema(format = Int64)]
    allowed: u32,
}

/// The answer that is an execution.
pub(super) fn answered(execution: Execution) -> Response {
    let replayed = execution.replayed;
    let mut response = Json(ExecutionView::from(execution)).into_response();
    if replayed {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}

impl ExecutionView {
    /// With the jobs of a bulk execution.
    pub(super) fn with_jobs(self, bulk: Option<Bulk>) -> ExecutionView {
        ExecutionView { bulk: bulk.map(BulkView::from), ..self }
    }
}

impl From<Execution> for ExecutionView {
    fn from(execution: Execution) -> ExecutionView {
        let request_id = execution.request_id();
        let record = execution.record;
        let (result, error) = match execution.given {
            Some(ExecutionResult::Value(result)) => (Some(result), None),
            Some(ExecutionResult::Error(error)) => (None, Some(error)),
            None => (None, None),
        };
        ExecutionView {
            id: record.id,
            connection: record.connection,
            component: record.component,
            action: record.action,
            idempotency_key: record.idempotency_key,
            state: record.state,
            outcome: record.outcome,
            error_kind: record.error_kind,
            started_at: rfc3339(record.started_at),
            duration_ms: record.duration_us.map(|microseconds| microseconds as f64 / 1000.0),
            records: record.records,
            api_usage: record.api_usage.map(|(used, allowed)| Usage { used, allowed }),
            request_id,
            request: execution.request,
            result,
            error,
            bulk: None,
        }
    }
}

impl From<Bulk> for BulkView {
    fn from(bulk: Bulk) -> BulkView {
        let job = |job: BulkJob| BulkJobView {
            id: job.id,
            state: job.state,
            sent: job.sent,
            processed: job.processed,
            failed: job.failed,
        };
        BulkView { kind: bulk.kind, jobs: bulk.jobs.into_iter().map(job).collect() }
    }
}
