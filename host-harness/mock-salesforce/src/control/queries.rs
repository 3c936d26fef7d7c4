//! `/__mock/paging` and `/__mock/locators`: what the org does with the pages of a query, and which of them are still to be had.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Steering;
use super::input::Body;
use super::problem::Problem;
use crate::lock::lock;
use crate::rest::locators::Paging;

/// What some orgs do with the pages of a query, and others do not.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PagingView {
    /// A further page of a query ends the cursors of the child sub-queries on the pages before it.
    ends_child_cursors: bool,
    /// If the children of a page's last record did not fit on it, the record comes again on the second page.
    repeats_cut_parents: bool,
}

impl From<Paging> for PagingView {
    fn from(Paging { ends_child_cursors, repeats_cut_parents }: Paging) -> Self {
        Self { ends_child_cursors, repeats_cut_parents }
    }
}

/// Tells what the org does with the pages of a query
#[utoipa::path(get, path = "/__mock/paging", tag = "queries", operation_id = "read_paging",
    responses((status = 200, body = PagingView)))]
pub(super) async fn paging(State(steering): State<Arc<Steering>>) -> Json<PagingView> {
    let paging = lock(&steering.rest.locators).paging;
    Json(paging.into())
}

/// Changes what the org does with the pages of a query from now on
#[utoipa::path(put, path = "/__mock/paging", tag = "queries", operation_id = "set_paging", request_body = PagingView,
    responses((status = 200, body = PagingView), (status = 400, body = Problem)))]
pub(super) async fn set_paging(
    State(steering): State<Arc<Steering>>,
    Body(PagingView { ends_child_cursors, repeats_cut_parents }): Body<PagingView>,
) -> Json<PagingView> {
    let paging = Paging { ends_child_cursors, repeats_cut_parents };
    lock(&steering.rest.locators).paging = paging;
    Json(paging.into())
}

/// Ends all query locators: they answer 400 `INVALID_QUERY_LOCATOR`
#[utoipa::path(delete, path = "/__mock/locators", tag = "queries", operation_id = "expire_locators",
    responses((status = 204)))]
pub(super) async fn expire_locators(State(steering): State<Arc<Steering>>) -> StatusCode {
    lock(&steering.rest.locators).expire();
    StatusCode::NO_CONTENT
}
