//! `/__mock/snapshots`: the org as it was, by name. Not for how it behaves: clock, limits, paging, delays and faults stay as they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use super::Steering;
use super::input::{self, Path};
use super::problem::Problem;
use crate::lock::lock;
use crate::org::Org;
use crate::rest::scripted::Scripted;

const MOST: usize = 16;
/// Of all snapshots together, by the org's own estimate.
const MOST_BYTES: usize = 512 * 1024 * 1024;

/// The snapshots that were taken.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(BTreeMap<String, Snapshot>);

#[derive(Debug)]
struct Snapshot {
    org: Org,
    scripted: Scripted,
    records: usize,
    bytes: usize,
}

/// The org as it was: schema, records, rules, scripted actions, permissions, locks and events.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct SnapshotView {
    name: String,
    /// Deleted ones too.
    records: usize,
    /// About how much memory it takes.
    bytes: usize,
}

/// All snapshots, by name.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct SnapshotList {
    snapshots: Vec<SnapshotView>,
}

/// Tells which snapshots there are
#[utoipa::path(get, path = "/__mock/snapshots", tag = "snapshots", operation_id = "list_snapshots",
    responses((status = 200, body = SnapshotList)))]
pub(super) async fn list(State(steering): State<Arc<Steering>>) -> Json<SnapshotList> {
    let snapshots = lock(&steering.snapshots);
    Json(SnapshotList { snapshots: snapshots.0.iter().map(|(name, snapshot)| view(name, snapshot)).collect() })
}

/// Takes a snapshot of the org, in the place of one of this name
#[utoipa::path(put, path = "/__mock/snapshots/{name}", tag = "snapshots", operation_id = "take_snapshot",
    params(("name" = String, Path, description = "1 to 80 letters, digits, '-', '_' or '.'.")),
    responses((status = 200, body = SnapshotView), (status = 400, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn take(
    State(steering): State<Arc<Steering>>,
    Path(name): Path<String>,
) -> Result<Json<SnapshotView>, Problem> {
    let name = input::name("path.name", &name)?;
    let org = steering.site.org();
    let mut snapshots = lock(&steering.snapshots);
    let scripted = steering.rest.scripted();
    let (records, bytes) = org.size();
    let bytes = bytes + scripted.bytes();
    let others = || snapshots.0.iter().filter(|(other, _)| **other != name).map(|(_, snapshot)| snapshot.bytes);
    if others().count() >= MOST || others().sum::<usize>() + bytes > MOST_BYTES {
        let got = format!("{} snapshots and one of {bytes} bytes", others().count());
        let expected = format!("at most {MOST} of {MOST_BYTES} bytes together: delete one first");
        return Err(Problem::conflict("path.name", got, expected));
    }
    let snapshot = Snapshot { org: org.clone(), scripted, records, bytes };
    let told = view(&name, &snapshot);
    snapshots.0.insert(name, snapshot);
    Ok(Json(told))
}

/// Makes the org what it was when the snapshot was taken, and ends all query locators and bulk jobs. The snapshot stays
#[utoipa::path(post, path = "/__mock/snapshots/{name}/restore", tag = "snapshots", operation_id = "restore_snapshot",
    params(("name" = String, Path, description = "A snapshot that was taken.")),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn restore(
    State(steering): State<Arc<Steering>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let mut org = steering.site.org();
    let snapshots = lock(&steering.snapshots);
    let snapshot = snapshots.0.get(&name).ok_or_else(|| unknown(&name))?;
    *org = snapshot.org.clone();
    steering.rest.set_scripted(snapshot.scripted.clone());
    lock(&steering.rest.locators).expire();
    lock(&steering.rest.jobs).clear();
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a snapshot
#[utoipa::path(delete, path = "/__mock/snapshots/{name}", tag = "snapshots", operation_id = "delete_snapshot",
    params(("name" = String, Path, description = "A snapshot that was taken.")),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn delete(
    State(steering): State<Arc<Steering>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let deleted = lock(&steering.snapshots).0.remove(&name);
    deleted.map(|_| StatusCode::NO_CONTENT).ok_or_else(|| unknown(&name))
}

fn unknown(name: &str) -> Problem {
    Problem::not_found("path.name", name, "the name of a snapshot that was taken")
}

fn view(name: &str, snapshot: &Snapshot) -> SnapshotView {
    SnapshotView { name: name.to_owned(), records: snapshot.records, bytes: snapshot.bytes }
}
