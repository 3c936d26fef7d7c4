//! `/__mock/faults`: which request shall meet which fault, and which have.

mod form;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use self::form::{FaultForm, Match};
use super::Steering;
use super::input::{Body, Path};
use super::problem::Problem;
use crate::fault::{Fault, Matcher};
use crate::lock::lock;

/// How many faults wait at the same time.
const MOST_WAITING: usize = 1_000;
/// Bytes that they hold together.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// A fault, and the request it is for.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFault {
    /// Which request; the next one, if left out.
    #[serde(rename = "match", default)]
    matching: Match,
    fault: FaultForm,
}

/// A fault that waits for its request. It happens once.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct WaitingView {
    id: u64,
    #[serde(rename = "match")]
    matching: Match,
    fault: FaultForm,
}

/// A fault that happened.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct MetView {
    id: u64,
    #[serde(rename = "match")]
    matching: Match,
    fault: FaultForm,
    /// The sequence number, in the ledger, of the request that met it.
    request: u64,
}

/// All faults.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct FaultsView {
    /// Oldest first: of several that are due, a request meets the first.
    waiting: Vec<WaitingView>,
    /// In the order they happened: the latest 1,000.
    met: Vec<MetView>,
}

/// Tells which faults wait and which were met
#[utoipa::path(get, path = "/__mock/faults", tag = "faults", operation_id = "list_faults",
    responses((status = 200, body = FaultsView)))]
pub(super) async fn list(State(steering): State<Arc<Steering>>) -> Json<FaultsView> {
    let faults = lock(&steering.faults);
    let waiting = faults.waiting().iter().map(|waiting| view(waiting.id, &waiting.matcher, &waiting.fault)).collect();
    let met = faults.met().iter().map(|met| MetView {
        id: met.id,
        matching: (&met.matcher).into(),
        fault: (&met.fault).into(),
        request: met.request,
    });
    Json(FaultsView { waiting, met: met.collect() })
}

/// Queues a fault for a request to come
#[utoipa::path(post, path = "/__mock/faults", tag = "faults", operation_id = "add_fault", request_body = NewFault,
    responses((status = 201, body = WaitingView), (status = 400, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn add(
    State(steering): State<Arc<Steering>>,
    Body(NewFault { matching, fault }): Body<NewFault>,
) -> Result<(StatusCode, Json<WaitingView>), Problem> {
    let (matcher, fault) = (Matcher::try_from(matching)?, Fault::try_from(fault)?);
    let mut faults = lock(&steering.faults);
    let bytes = faults.waiting().iter().map(|waiting| waiting.fault.bytes()).sum::<usize>() + fault.bytes();
    if faults.waiting().len() >= MOST_WAITING || bytes > MOST_BYTES {
        let expected = format!(
            "at most {MOST_WAITING} that wait, of {MOST_BYTES} bytes together: DELETE /__mock/faults takes them back"
        );
        return Err(Problem::conflict("body", "one fault more", expected));
    }
    let id = faults.push(matcher.clone(), fault.clone());
    Ok((StatusCode::CREATED, Json(view(id, &matcher, &fault))))
}

/// Takes back all faults that wait
#[utoipa::path(delete, path = "/__mock/faults", tag = "faults", operation_id = "clear_faults", responses((status = 204)))]
pub(super) async fn clear(State(steering): State<Arc<Steering>>) -> StatusCode {
    lock(&steering.faults).forget();
    StatusCode::NO_CONTENT
}

/// Takes back one fault that waits
#[utoipa::path(delete, path = "/__mock/faults/{id}", tag = "faults", operation_id = "delete_fault",
    params(("id" = u64, Path, description = "As it was answered when the fault was queued.")),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn delete(State(steering): State<Arc<Steering>>, Path(id): Path<u64>) -> Result<StatusCode, Problem> {
    if lock(&steering.faults).take_back(id) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("path.id", id.to_string(), "the id of a fault that waits"))
    }
}

fn view(id: u64, matcher: &Matcher, fault: &Fault) -> WaitingView {
    WaitingView { id, matching: matcher.into(), fault: fault.into() }
}
