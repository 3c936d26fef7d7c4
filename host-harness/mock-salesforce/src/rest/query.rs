//! SOQL over HTTP: query, queryAll, the pages after the first, the columns of a query, and query plans.
//!
//! Source: REST API Developer Guide, "Query", "QueryAll", "Get Feedback on Query Performance".

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::Rest;
use super::call::{Call, RawQuery, parameter};
use super::explain::explain;
use super::locators::Reader;
use crate::lock::lock;
use crate::soql::{self, cursor::Cursor};
use crate::{ApiError, answer};

/// `GET /query?q=`, `GET /query?q=&columns=true` and `GET /query?explain=`.
pub(crate) async fn query(State(rest): State<Arc<Rest>>, call: Call, query: RawQuery) -> Result<Response, ApiError> {
    run(&rest, &call, &query, false)
}

/// `GET /queryAll?q=`: deleted records too.
pub(crate) async fn query_all(
    State(rest): State<Arc<Rest>>,
    call: Call,
    query: RawQuery,
) -> Result<Response, ApiError> {
    run(&rest, &call, &query, true)
}

/// `GET /query/{locator}`: the page after the last.
pub(crate) async fn more(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, locator)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let version = call.version.to_string();
    let reader = Reader { user_id: &call.bearer.user_id, version: &version, now: rest.site.now() };
    let page = lock(&rest.locators).next_page(&locator, call.batch_size, reader)?;
    Ok(answer::json(StatusCode::OK, &page))
}

fn run(rest: &Rest, call: &Call, query: &RawQuery, include_deleted: bool) -> Result<Response, ApiError> {
    let version = call.version.to_string();
    let options = call.query_options(&version, include_deleted);
    if let Some(soql) = parameter(query, "explain") {
        return Ok(answer::json(StatusCode::OK, &explain(&rest.site.org(), &soql, &options)?));
    }
    let columns = parameter(query, "columns").is_some_and(|columns| columns.eq_ignore_ascii_case("true"));
    let soql = parameter(query, "q").filter(|soql| !soql.trim().is_empty());
    let soql = soql.ok_or_else(|| ApiError::bad_request("MALFORMED_QUERY", "A query string has to be specified"))?;
    let query = soql::parse(&soql)?;
    if columns {
        return Ok(answer::json(StatusCode::OK, &soql::columns(&rest.site.org(), &query, &options)?));
    }
    // Of a copy, so that nobody waits for a long query.
    let org = rest.site.org().clone();
    let cursor = Cursor::open(&org, query, &options)?;
    let reader = Reader { user_id: &call.bearer.user_id, version: &version, now: rest.site.now() };
    let page = lock(&rest.locators).first_page(cursor, call.batch_size, reader)?;
    Ok(answer::json(StatusCode::OK, &page))
}
