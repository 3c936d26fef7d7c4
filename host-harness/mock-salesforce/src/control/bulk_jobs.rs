//! `/__mock/bulk-jobs`: how long jobs of the Bulk API take.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::Steering;
use super::input::{Body, seconds};
use super::problem::Problem;
use crate::lock::lock;

/// How long each job takes, those under way too.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkJobsView {
    /// Seconds of the org's clock; 0 to a year, 1 at the start.
    take_seconds: i64,
}

/// Tells how long jobs of the Bulk API take
#[utoipa::path(get, path = "/__mock/bulk-jobs", tag = "bulk", operation_id = "read_bulk_jobs",
    responses((status = 200, body = BulkJobsView)))]
pub(super) async fn read(State(steering): State<Arc<Steering>>) -> Json<BulkJobsView> {
    Json(BulkJobsView { take_seconds: lock(&steering.rest.jobs).takes.as_secs() })
}

/// Changes how long jobs of the Bulk API take
#[utoipa::path(put, path = "/__mock/bulk-jobs", tag = "bulk", operation_id = "set_bulk_jobs", request_body = BulkJobsView,
    responses((status = 200, body = BulkJobsView), (status = 400, body = Problem)))]
pub(super) async fn set(
    State(steering): State<Arc<Steering>>,
    Body(BulkJobsView { take_seconds }): Body<BulkJobsView>,
) -> Result<Json<BulkJobsView>, Problem> {
    lock(&steering.rest.jobs).takes = seconds("body.take_seconds", take_seconds)?;
    Ok(Json(BulkJobsView { take_seconds }))
}
