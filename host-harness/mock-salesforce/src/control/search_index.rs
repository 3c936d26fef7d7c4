//! `/__mock/search-index`: how far the index of searches is behind the records.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::Steering;
use super::input::{Body, seconds};
use super::problem::Problem;

/// How far searches are behind.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchIndexView {
    /// What changed since so many seconds of the org's clock is not found; 0 to a year, 0 at the start.
    lag_seconds: i64,
}

/// Tells how far the search index is behind
#[utoipa::path(get, path = "/__mock/search-index", tag = "queries", operation_id = "read_search_index",
    responses((status = 200, body = SearchIndexView)))]
pub(super) async fn read(State(steering): State<Arc<Steering>>) -> Json<SearchIndexView> {
    Json(SearchIndexView { lag_seconds: steering.rest.search_index.lags().as_secs() })
}

/// Lets the search index be behind the records from now on
#[utoipa::path(put, path = "/__mock/search-index", tag = "queries", operation_id = "set_search_index",
    request_body = SearchIndexView,
    responses((status = 200, body = SearchIndexView), (status = 400, body = Problem)))]
pub(super) async fn set(
    State(steering): State<Arc<Steering>>,
    Body(SearchIndexView { lag_seconds }): Body<SearchIndexView>,
) -> Result<Json<SearchIndexView>, Problem> {
    let lag: SignedDuration = seconds("body.lag_seconds", lag_seconds)?;
    steering.rest.search_index.lag(lag);
    Ok(Json(SearchIndexView { lag_seconds }))
}
