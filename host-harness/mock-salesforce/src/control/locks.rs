//! `/__mock/locks`: records that another transaction holds.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use super::Steering;
use super::input::Path;
use super::problem::Problem;
use crate::ApiError;

/// Records held at the same time.
const MOST: usize = 10_000;

/// The records that are held.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Locks {
    /// Their Ids, in order.
    ids: Vec<String>,
}

/// Tells which records are held
#[utoipa::path(get, path = "/__mock/locks", tag = "locks", operation_id = "list_locks",
    responses((status = 200, body = Locks)))]
pub(super) async fn list(State(steering): State<Arc<Steering>>) -> Json<Locks> {
    Json(Locks { ids: steering.site.org().locked() })
}

/// Holds a record as another transaction would: writes to it answer 400 `UNABLE_TO_LOCK_ROW`
#[utoipa::path(put, path = "/__mock/locks/{id}", tag = "locks", operation_id = "lock_record",
    params(("id" = String, Path, description = "The record's Id, 15 or 18 characters.")),
    responses((status = 204), (status = 400, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn hold(State(steering): State<Arc<Steering>>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let mut org = steering.site.org();
    if org.locked().len() >= MOST {
        return Err(Problem::conflict("path.id", "one lock more", format!("at most {MOST}")));
    }
    told(&id, org.lock(&id))
}

/// Lets go of a record
#[utoipa::path(delete, path = "/__mock/locks/{id}", tag = "locks", operation_id = "unlock_record",
    params(("id" = String, Path, description = "The record's Id, 15 or 18 characters.")),
    responses((status = 204), (status = 400, body = Problem)))]
pub(super) async fn release(
    State(steering): State<Arc<Steering>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    told(&id, steering.site.org().unlock(&id))
}

fn told(id: &str, done: Result<(), ApiError>) -> Result<StatusCode, Problem> {
    done.map(|()| StatusCode::NO_CONTENT).map_err(|error| Problem::of_org("path.id", id, &error))
}
