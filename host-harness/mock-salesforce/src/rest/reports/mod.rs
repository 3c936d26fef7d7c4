//! Reports: listed, described, run now, or started and read later.
//!
//! Source: Reports and Dashboards REST API Developer Guide, "Report", "Execute Sync", "Execute Async", "Instances List", "Instance
//! Results". That `includeDetails` is false where it is left out, and the error of a run with other metadata, are not verified.

mod definition;
mod instances;
mod run;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Map, Value, json};

pub use self::definition::Report;
pub(crate) use self::definition::Reports;
use super::Rest;
use super::body;
use super::call::{Call, RawQuery, parameter, wrong_parameter};
use crate::lock::lock;
use crate::{ApiError, answer};

const AT: &str = "/services/data/{version}/analytics/reports";

pub(super) fn routes() -> Router<Arc<Rest>> {
    Router::new()
        .route(AT, get(list))
        .route(&format!("{AT}/{{report}}"), get(run_now).post(run_now))
        .route(&format!("{AT}/{{report}}/describe"), get(describe))
        .route(&format!("{AT}/{{report}}/instances"), get(instances).post(start))
        .route(&format!("{AT}/{{report}}/instances/{{instance}}"), get(instance).delete(delete))
}

/// `GET /analytics/reports`: all, where a real org tells those that its user has seen lately.
async fn list(State(rest): State<Arc<Rest>>, call: Call) -> Response {
    let told = |(id, report): (String, &Report)| {
        let url = url(&call, &id);
        json!({"id": id, "name": report.name, "url": url, "describeUrl": format!("{url}/describe"),
            "instancesUrl": format!("{url}/instances")})
    };
    answer::json(StatusCode::OK, &lock(&rest.reports).all().map(told).collect::<Vec<_>>())
}

/// `GET /analytics/reports/{id}/describe`.
async fn describe(State(rest): State<Arc<Rest>>, Path((_, id)): Path<(String, String)>) -> Result<Response, ApiError> {
    let (id, report) = lock(&rest.reports).named(&id)?;
    Ok(answer::json(StatusCode::OK, &metadata(&id, &report)?))
}

/// `GET` and `POST /analytics/reports/{id}`.
async fn run_now(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
    query: RawQuery,
    body: Bytes,
) -> Result<Response, ApiError> {
    let (id, report) = lock(&rest.reports).named(&id)?;
    let url = url(&call, &id);
    let mut told = Map::new();
    let attributes = json!({"type": "Report", "reportId": id, "reportName": report.name,
        "describeUrl": format!("{url}/describe"), "instancesUrl": format!("{url}/instances")});
    told.insert("attributes".to_owned(), attributes);
    told.extend(run(&rest, &call, (&id, &report), include_details(&query)?, &body)?);
    Ok(answer::json(StatusCode::OK, &told))
}

/// `POST /analytics/reports/{id}/instances`.
async fn start(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
    query: RawQuery,
    body: Bytes,
) -> Result<Response, ApiError> {
    let (id, report) = lock(&rest.reports).named(&id)?;
    let details = include_details(&query)?;
    let result = run(&rest, &call, (&id, &report), details, &body)?;
    let (report, now) = (url(&call, &id), rest.site.now());
    let started = lock(&rest.reports).instances.start(id, &call.bearer.user_id, details, now, result);
    let at = format!("{report}/instances/{}", started.id());
    Ok(answer::json(StatusCode::OK, &started.summary(&at, now)))
}

/// `GET /analytics/reports/{id}/instances`.
async fn instances(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let (reports, now) = (lock(&rest.reports), rest.site.now());
    let (id, _) = reports.named(&id)?;
    let report = url(&call, &id);
    let of_report = reports.instances.of(&id, now);
    let told = of_report.map(|instance| instance.summary(&format!("{report}/instances/{}", instance.id()), now));
    Ok(answer::json(StatusCode::OK, &told.collect::<Vec<_>>()))
}

/// `GET /analytics/reports/{id}/instances/{instance}`.
async fn instance(
    State(rest): State<Arc<Rest>>,
    Path((_, id, instance)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    let (reports, now) = (lock(&rest.reports), rest.site.now());
    let (id, report) = reports.named(&id)?;
    let instance = reports.instances.named(&id, &instance, now)?;
    Ok(answer::json(StatusCode::OK, &instance.told(&report.name, now)))
}

/// `DELETE /analytics/reports/{id}/instances/{instance}`.
async fn delete(
    State(rest): State<Arc<Rest>>,
    Path((_, id, instance)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    let (mut reports, now) = (lock(&rest.reports), rest.site.now());
    let (id, _) = reports.named(&id)?;
    let instance = reports.instances.named(&id, &instance, now)?.id().to_owned();
    reports.instances.delete(&instance);
    Ok(answer::no_content())
}

/// What a report gives, without `attributes`.
fn run(
    rest: &Rest,
    call: &Call,
    (id, report): (&str, &Report),
    include_details: bool,
    body: &[u8],
) -> Result<Map<String, Value>, ApiError> {
    if !body.is_empty() && !body::parse(body)?.is_empty() {
        let message = "The mock runs a report as it is defined, and takes no other metadata for a run";
        return Err(ApiError::new(501, "UNKNOWN_TO_THE_MOCK", message));
    }
    let version = call.version.to_string();
    // Of a copy, so that nobody waits for a long report.
    let org = rest.site.org().clone();
    let mut ran = report.parse()?.run(&org, &call.query_options(&version, false), include_details)?;
    if let Value::Object(metadata) = metadata(id, report)? {
        ran.extend(metadata);
    }
    Ok(ran)
}

/// What is told of a report itself.
fn metadata(id: &str, report: &Report) -> Result<Value, ApiError> {
    let definition = report.parse()?;
    let name = |place: &usize| definition.columns.get(*place).map(String::as_str).unwrap_or_default();
    let object = &definition.query.select.from.text;
    let label = |name: &str| json!({"label": name});
    let details = definition.columns.iter().enumerate().filter(|(place, _)| !definition.groups.contains(place));
    let details: Vec<&str> = details.map(|(_, name)| name.as_str()).collect();
    let grouping = |place: &usize| json!({"name": name(place), "sortOrder": "Asc", "dateGranularity": "None"});
    let sums = definition.sums.iter().map(|place| (format!("s!{}", name(place)), format!("Sum of {}", name(place))));
    let aggregates: Vec<_> = sums.chain([("RowCount".to_owned(), "Record Count".to_owned())]).collect();
    let info = |(name, words): &(String, String)| (name.clone(), label(words));
    let columns = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), label(name))).collect::<Map<_, _>>();
    let groups: Vec<&str> = definition.groups.iter().map(name).collect();
    Ok(json!({
        "reportMetadata": {
            "id": id,
            "name": report.name,
            "developerName": report.name,
            "reportFormat": if groups.is_empty() { "TABULAR" } else { "SUMMARY" },
            "reportType": {"type": object, "label": object},
            "detailColumns": details,
            "aggregates": aggregates.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "groupingsDown": definition.groups.iter().map(grouping).collect::<Vec<_>>(),
            "groupingsAcross": [],
        },
        "reportExtendedMetadata": {
            "aggregateColumnInfo": aggregates.iter().map(info).collect::<Map<_, _>>(),
            "detailColumnInfo": columns(&details),
            "groupingColumnInfo": columns(&groups),
        },
    }))
}

fn include_details(query: &RawQuery) -> Result<bool, ApiError> {
    match parameter(query, "includeDetails").as_deref() {
        None => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(other) => Err(wrong_parameter("includeDetails", other, "true or false")),
    }
}

fn url(call: &Call, id: &str) -> String {
    format!("/services/data/{}/analytics/reports/{id}", call.version)
}
