//! `/__mock/records/{object}/{id}`: one record, changed behind its clients' backs.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use super::Steering;
use super::input::{Body, Path};
use super::problem::Problem;
use crate::ApiError;
use crate::org::{Org, Record, WriteOptions};

/// The version that error details name in URLs.
const VERSION: &str = "v67.0";

/// Changes fields of a record as the org's first user would, rules and flows included, but in no ledger
#[utoipa::path(patch, path = "/__mock/records/{object}/{id}", tag = "records", operation_id = "change_record",
    params(("object" = String, Path, description = "API name."), ("id" = String, Path, description = "15 or 18 characters.")),
    request_body = Object,
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn change(
    State(steering): State<Arc<Steering>>,
    Path((object, id)): Path<(String, String)>,
    Body(fields): Body<Record>,
) -> Result<StatusCode, Problem> {
    write(&steering, &object, &id, "body", |org, options| org.update(&object, &id, &fields, options))
}

/// Deletes a record as the org's first user would, but in no ledger
#[utoipa::path(delete, path = "/__mock/records/{object}/{id}", tag = "records", operation_id = "delete_record",
    params(("object" = String, Path, description = "API name."), ("id" = String, Path, description = "15 or 18 characters.")),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn delete(
    State(steering): State<Arc<Steering>>,
    Path((object, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    write(&steering, &object, &id, "path", |org, options| org.delete(&object, &id, options).map(drop))
}

fn write(
    steering: &Steering,
    object: &str,
    id: &str,
    place: &str,
    work: impl FnOnce(&mut Org, &WriteOptions) -> Result<(), ApiError>,
) -> Result<StatusCode, Problem> {
    let named = format!("{object}/{id}");
    let mut org = steering.site.org();
    org.last_modified(object, id).map_err(|error| Problem::of_org("path", &named, &error))?;
    let first = org.users().into_iter().next().map(|user| user.id).unwrap_or_default();
    let options = WriteOptions::new(first, VERSION);
    org.all_or_none(|org| work(org, &options)).map_err(|error| Problem::of_org(place, &named, &error))?;
    Ok(StatusCode::NO_CONTENT)
}
