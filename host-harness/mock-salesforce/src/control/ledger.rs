//! `/__mock/ledger`: what arrived, in order, and what each request did.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Steering;
use super::input::{Query, within};
use super::problem::Problem;
use crate::ledger::Entry;
use crate::lock::lock;

const USUAL_ENTRIES: u64 = 100;
const MOST_ENTRIES: u64 = 1_000;
/// Bytes of bodies on one page, unless a single entry has more.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Which part of the ledger.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LedgerQuery {
    /// `next` of the page before, or the sequence number of an entry: those after it are told. All, if left out.
    after: Option<u64>,
    /// Entries, 1 to 1,000; 100 unless told otherwise. A page of large bodies has fewer.
    limit: Option<u64>,
}

/// A page of the ledger, oldest entry first.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct LedgerPage {
    /// Requests with their writes. Secrets are fingerprints.
    #[schema(value_type = Vec<Object>)]
    entries: Vec<Entry>,
    /// For `after`; null when these were the last so far.
    next: Option<u64>,
    /// How many entries are kept no more: cleared, or beyond the latest 50,000.
    forgotten: u64,
}

/// Tells what requests arrived, in order, and what each did
#[utoipa::path(get, path = "/__mock/ledger", tag = "ledger", operation_id = "read_ledger", params(LedgerQuery),
    responses((status = 200, body = LedgerPage), (status = 400, body = Problem)))]
pub(super) async fn read(
    State(steering): State<Arc<Steering>>,
    Query(query): Query<LedgerQuery>,
) -> Result<Json<LedgerPage>, Problem> {
    let limit = within("query.limit", query.limit.unwrap_or(USUAL_ENTRIES), 1, MOST_ENTRIES)?;
    let ledger = lock(&steering.ledger);
    let mut entries: Vec<Entry> = Vec::new();
    let (mut bytes, mut is_cut) = (0, false);
    for entry in ledger.after(query.after.unwrap_or(0)) {
        bytes += entry.body.as_ref().map_or(0, String::len);
        if entries.len() as u64 == limit || (bytes > MOST_BYTES && !entries.is_empty()) {
            is_cut = true;
            break;
        }
        entries.push(entry.clone());
    }
    let next = entries.last().filter(|_| is_cut).map(|entry| entry.sequence);
    Ok(Json(LedgerPage { entries, next, forgotten: ledger.forgotten() }))
}

/// Forgets all entries; their sequence numbers go on counting
#[utoipa::path(delete, path = "/__mock/ledger", tag = "ledger", operation_id = "clear_ledger", responses((status = 204)))]
pub(super) async fn clear(State(steering): State<Arc<Steering>>) -> StatusCode {
    lock(&steering.ledger).clear();
    StatusCode::NO_CONTENT
}
