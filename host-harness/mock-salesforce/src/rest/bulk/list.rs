//! Lists of jobs: `GET /jobs/query` and `GET /jobs/ingest`. A list has one page.
//!
//! Source: Bulk API 2.0 and Bulk API Developer Guide, "Get Information About All Query Jobs", "Get Information About All Ingest
//! Jobs".

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::lock::lock;
use crate::rest::Rest;
use crate::rest::call::{RawQuery, parameter, wrong_parameter};
use crate::{ApiError, answer};

/// `GET /jobs/query`.
pub(crate) async fn of_queries(State(rest): State<Arc<Rest>>, query: RawQuery) -> Result<Response, ApiError> {
    list(&rest, &query, true)
}

/// `GET /jobs/ingest`.
pub(crate) async fn of_ingests(State(rest): State<Arc<Rest>>, query: RawQuery) -> Result<Response, ApiError> {
    list(&rest, &query, false)
}

fn list(rest: &Rest, query: &RawQuery, queries: bool) -> Result<Response, ApiError> {
    if let Some(locator) = parameter(query, "queryLocator") {
        let message =
            format!("invalid query locator: {locator}: expected one of a nextRecordsUrl, and the mock tells none");
        return Err(ApiError::bad_request("INVALID_QUERY_LOCATOR", message));
    }
    let has_type = match parameter(query, "jobType").as_deref() {
        None => true,
        Some("V2Query") => queries,
        Some("V2Ingest") => !queries,
        Some("Classic" | "BigObjectIngest") => false,
        Some(other) => return Err(wrong_parameter("jobType", other, "V2Query, V2Ingest, Classic or BigObjectIngest")),
    };
    // Jobs of Bulk API 2.0 know none.
    let wants_chunks = match parameter(query, "isPkChunkingEnabled").as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => return Err(wrong_parameter("isPkChunkingEnabled", other, "true or false")),
    };
    let is_told = has_type && !wants_chunks;
    Ok(answer::json(StatusCode::OK, &lock(&rest.jobs).list(|is_query| is_told && is_query == queries, rest.site.now())))
}
