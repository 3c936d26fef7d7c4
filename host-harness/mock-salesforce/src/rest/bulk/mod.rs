//! Bulk API 2.0: jobs that query many records, or write them, as CSV.
//!
//! `job` is what every job has, `jobs` keeps them, `query` and `ingest` are the resources of the two kinds, `list` their lists.
//! `load` writes the rows of an ingest job and `progress` brings it to its end, `extract` reads those of a query; `dialect` is
//! the CSV of both.
//!
//! The rows of a job are written from when it is complete for upload, a slice at a time, so that others are answered in
//! between. Its state goes on by the mock's clock, and its results are shown when it is over and its rows are written.
//! Memory is bounded: a job holds CSV and nothing else.
//!
//! Source: Bulk API 2.0 and Bulk API Developer Guide.

mod dialect;
mod extract;
pub(crate) mod ingest;
mod job;
pub(crate) mod jobs;
pub(crate) mod list;
mod load;
mod progress;
pub(crate) mod query;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::ApiError;

/// Does long work beside the threads that answer requests.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T, ApiError> + Send + 'static) -> Result<T, ApiError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(ApiError::new(500, "UNKNOWN_EXCEPTION", error.to_string())))
}

/// An answer in CSV.
fn csv(bytes: Vec<u8>) -> Response {
    let content_type = HeaderValue::from_static("text/csv; charset=UTF-8");
    (StatusCode::OK, [(header::CONTENT_TYPE, content_type)], bytes).into_response()
}

fn invalid_job(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("INVALIDJOB", format!("InvalidJob : {}", message.into()))
}

fn wrong_state(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("INVALIDJOBSTATE", message)
}

/// Text in a request; none if it is left out.
fn text(body: &mut Map<String, Value>, name: &str) -> Result<Option<String>, ApiError> {
    match body.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ApiError::bad_request("JSON_PARSER_ERROR", format!("{name} must be text"))),
    }
}

/// Refuses what is left of a request when all that is known has been taken out.
fn nothing_else(body: &Map<String, Value>) -> Result<(), ApiError> {
    match body.keys().next() {
        Some(name) => {
            Err(ApiError::bad_request("JSON_PARSER_ERROR", format!("the mock does not know {name} of a job")))
        }
        None => Ok(()),
    }
}
