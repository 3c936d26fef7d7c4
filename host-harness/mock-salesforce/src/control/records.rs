//! `/__mock/records` and `/__mock/reset`: what the org holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Steering;
use super::input::{Body, Path, Query, within};
use super::problem::Problem;
use super::upload::Upload;
use crate::lock::lock;
use crate::org::files::Seed;
use crate::org::{Org, Record};

const USUAL_RECORDS: u64 = 200;
const MOST_RECORDS: u64 = 2_000;
/// Records that an org holds, deleted ones too.
const MOST_HELD: usize = 1_000_000;
/// Bytes that they take, by the org's own estimate.
const MOST_HELD_BYTES: usize = 1024 * 1024 * 1024;

/// How many live records each object has.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Counts {
    objects: BTreeMap<String, usize>,
}

/// Which records.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RecordsQuery {
    /// `next` of the page before.
    after: Option<String>,
    /// Records, 1 to 2,000; 200 unless told otherwise.
    limit: Option<u64>,
    /// Whether deleted records are told too; not unless told otherwise.
    deleted: Option<bool>,
}

/// Records in the order of their making.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct RecordsPage {
    /// Each with `attributes` and all its fields.
    #[schema(value_type = Vec<Object>)]
    records: Vec<Record>,
    /// For `after`; null when these were the last.
    next: Option<String>,
}

/// Records with their children, as `sf data export tree` writes them or a query answers them, in any order.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "the loader of files reads it, and the OpenAPI document tells it")]
pub(super) struct NewRecords {
    /// Each with `"attributes": {"type": "Account"}`, its fields, and its children, such as `"Contacts": {"records": [...]}`. A
    /// lookup is an Id, `"@A1"` for the record with `"attributes": {"referenceId": "A1"}`, or an external Id as in
    /// `"Account": {"ERP_Id__c": "7"}`. An `Id` is what other records of the request may call the record by.
    #[schema(value_type = Vec<Object>)]
    records: Vec<Record>,
}

/// What was added.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Added {
    /// The records' Ids, in the order they came, each before those of its children.
    ids: Vec<String>,
}

/// Tells how many records each object has
#[utoipa::path(get, path = "/__mock/records", tag = "records", operation_id = "count_records",
    responses((status = 200, body = Counts)))]
pub(super) async fn count(State(steering): State<Arc<Steering>>) -> Json<Counts> {
    let org = steering.site.org();
    let objects = org.objects().filter(|object| !object.is_event()).map(|object| object.name.to_string());
    Json(Counts { objects: objects.map(|name| (name.clone(), org.count(&name))).collect() })
}

/// Tells the records of an object
#[utoipa::path(get, path = "/__mock/records/{object}", tag = "records", operation_id = "read_records",
    params(("object" = String, Path, description = "API name."), RecordsQuery),
    responses((status = 200, body = RecordsPage), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn read(
    State(steering): State<Arc<Steering>>,
    Path(object): Path<String>,
    Query(query): Query<RecordsQuery>,
) -> Result<Json<RecordsPage>, Problem> {
    let limit = within("query.limit", query.limit.unwrap_or(USUAL_RECORDS), 1, MOST_RECORDS)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let after = query.after.as_deref();
    let found = steering.site.org().records(&object, after, limit + 1, query.deleted.unwrap_or(false));
    let place = |status| {
        if matches!(status, 404 | 501) {
            ("path.object", object.as_str())
        } else {
            ("query.after", after.unwrap_or(""))
        }
    };
    let mut records = found.map_err(|error| {
        let (place, got) = place(error.status);
        Problem::of_org(place, got, &error)
    })?;
    let is_cut = records.len() > limit;
    records.truncate(limit);
    let id = |record: &Record| record.get("Id").and_then(Value::as_str).map(str::to_owned);
    let next = records.last().filter(|_| is_cut).and_then(id);
    Ok(Json(RecordsPage { records, next }))
}

/// Adds records, all or none, as if they had been there before: no rule and no flow runs
#[utoipa::path(post, path = "/__mock/records", tag = "records", operation_id = "add_records", request_body = NewRecords,
    responses((status = 201, body = Added), (status = 400, body = Problem)))]
pub(super) async fn add(
    State(steering): State<Arc<Steering>>,
    Body(records): Body<Value>,
) -> Result<(StatusCode, Json<Added>), Problem> {
    Ok((StatusCode::CREATED, Json(load(&steering, &Upload::of(records), None, |_| {})?)))
}

/// Adds records of one object, all or none, as if they had been there before: a list, or a table in CSV with field names in its first
/// line
#[utoipa::path(post, path = "/__mock/records/{object}", tag = "records", operation_id = "add_records_of_object",
    params(("object" = String, Path, description = "API name.")),
    request_body(content((Vec<Object> = "application/json"), (String = "text/csv"))),
    responses((status = 201, body = Added), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn add_of_object(
    State(steering): State<Arc<Steering>>,
    Path(object): Path<String>,
    upload: Upload,
) -> Result<(StatusCode, Json<Added>), Problem> {
    if steering.site.org().object(&object).is_err() {
        return Err(Problem::not_found("path.object", object, "an object of the org: GET /__mock/schema lists them"));
    }
    Ok((StatusCode::CREATED, Json(load(&steering, &upload, Some(object), |_| {})?)))
}

/// Puts these records in the place of all but the users and their profiles, all or none. Ids are given anew from the first on
#[utoipa::path(put, path = "/__mock/records", tag = "records", operation_id = "replace_records", request_body = NewRecords,
    responses((status = 200, body = Added), (status = 400, body = Problem)))]
pub(super) async fn replace(
    State(steering): State<Arc<Steering>>,
    Body(records): Body<Value>,
) -> Result<Json<Added>, Problem> {
    Ok(Json(load(&steering, &Upload::of(records), None, Org::clear_records)?))
}

/// Makes everything what it was at the start: schema, records, rules, permissions, clock, limits, paging, delays; no scripted
/// actions, no faults, no ledger, no locators, no bulk jobs. Sessions, connected apps and snapshots stay; sessions and codes have their full time again
#[utoipa::path(post, path = "/__mock/reset", tag = "records", operation_id = "reset", responses((status = 204)))]
pub(super) async fn reset(State(steering): State<Arc<Steering>>) -> StatusCode {
    let start = &steering.start;
    steering.site.clock.reset(start.standing_at);
    steering.oauth.renew();
    // Together, so that no job writes into what is new.
    let mut org = steering.site.org();
    *org = start.org.clone();
    *lock(&steering.rest.jobs) = Default::default();
    drop(org);
    let (used, allowed) = start.api_requests;
    steering.rest.usage.set_used(used);
    steering.rest.usage.allow(allowed);
    let mut locators = lock(&steering.rest.locators);
    locators.expire();
    locators.paging = start.paging;
    drop(locators);
    steering.rest.recent.forget();
    steering.rest.search_index.lag(SignedDuration::ZERO);
    steering.rest.set_scripted(Default::default());
    lock(&steering.held_refreshes).take();
    lock(&steering.faults).reset();
    lock(&steering.ledger).clear();
    StatusCode::NO_CONTENT
}

fn load(steering: &Steering, upload: &Upload, object: Option<String>, prepare: fn(&mut Org)) -> Result<Added, Problem> {
    let mut org = steering.site.org();
    let mut changed = org.clone();
    prepare(&mut changed);
    let seed = Seed { source: upload.source.clone(), object };
    let ids = changed.load(&[seed]).map_err(|error| upload.problem(&error))?;
    let (records, bytes) = changed.size();
    if records > MOST_HELD || bytes > MOST_HELD_BYTES {
        let got = format!("{} records, which make {records} of about {bytes} bytes", ids.len());
        let expected = format!("so many that the org holds at most {MOST_HELD} of {MOST_HELD_BYTES} bytes");
        return Err(Problem::wrong("body", got, expected));
    }
    *org = changed;
    Ok(Added { ids })
}
