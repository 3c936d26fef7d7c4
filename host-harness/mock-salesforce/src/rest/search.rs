//! Search, in its language and without.
//!
//! Source: REST API Developer Guide, "Search", "Parameterized Search".

mod parameters;

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Rest;
use super::body::JsonObject;
use super::call::{Call, RawQuery, parameter};
use crate::lock::lock;
use crate::sosl::{self, Search};
use crate::{ApiError, answer};

/// How far the search index is behind the records.
#[derive(Debug, Default)]
pub(crate) struct SearchIndex(Mutex<SignedDuration>);

impl SearchIndex {
    pub(crate) fn lag(&self, by: SignedDuration) {
        *lock(&self.0) = by;
    }

    /// How far it is behind.
    pub(crate) fn lags(&self) -> SignedDuration {
        *lock(&self.0)
    }

    /// The latest change that can be found.
    fn indexed(&self, now: Timestamp) -> Timestamp {
        now.saturating_sub(self.lags()).unwrap_or(Timestamp::MIN)
    }
}

/// `GET /search?q=FIND {...}`.
pub(crate) async fn search(State(rest): State<Arc<Rest>>, call: Call, query: RawQuery) -> Result<Response, ApiError> {
    let text = parameter(&query, "q").filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| ApiError::bad_request("MALFORMED_SEARCH", "A search string has to be specified"))?;
    found(&rest, &call, &sosl::parse(&text)?)
}

/// `GET /parameterizedSearch?q=...&sobject=...`.
pub(crate) async fn by_parameters(
    State(rest): State<Arc<Rest>>,
    call: Call,
    query: RawQuery,
) -> Result<Response, ApiError> {
    found(&rest, &call, &parameters::of_query(&query)?)
}

/// `POST /parameterizedSearch`.
pub(crate) async fn by_body(
    State(rest): State<Arc<Rest>>,
    call: Call,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    found(&rest, &call, &parameters::of_body(body)?)
}

fn found(rest: &Rest, call: &Call, search: &Search) -> Result<Response, ApiError> {
    // Of a copy, so that nobody waits for a long search.
    let org = rest.site.org().clone();
    let version = call.version.to_string();
    let options = call.query_options(&version, false);
    let records = sosl::find(&org, search, rest.search_index.indexed(org.now()), &options)?;
    Ok(answer::json(StatusCode::OK, &json!({"searchRecords": records})))
}
