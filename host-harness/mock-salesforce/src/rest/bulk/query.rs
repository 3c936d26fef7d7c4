//! Jobs that query: `/jobs/query`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::dialect::Dialect;
use super::extract::Extract;
use super::job::{Job, Stage, State as JobState, Work};
use super::{aside, csv, invalid_job, nothing_else, text, wrong_state};
use crate::lock::lock;
use crate::rest::Rest;
use crate::rest::body::JsonObject;
use crate::rest::call::{Call, RawQuery, parameter};
use crate::{ApiError, answer};

/// Rows of a page unless asked otherwise.
const PAGE: usize = 50_000;
/// The most rows of a page, whatever is asked.
const MOST: usize = 250_000;
/// Pages of one answer about pages.
const PAGES: usize = 5;

/// `POST /jobs/query`.
pub(crate) async fn create(
    State(rest): State<Arc<Rest>>,
    call: Call,
    JsonObject(mut body): JsonObject,
) -> Result<Response, ApiError> {
    let all = match text(&mut body, "operation")?.as_deref() {
        Some("query") => false,
        Some("queryAll") => true,
        other => {
            return Err(invalid_job(format!("operation must be query or queryAll, not {}", other.unwrap_or("none"))));
        }
    };
    let soql = text(&mut body, "query")?.ok_or_else(|| invalid_job("query is missing"))?;
    let dialect = Dialect::take(&mut body)?;
    nothing_else(&body)?;
    // Of a copy, so that nobody waits for a long query.
    let org = rest.site.org().clone();
    let asked = call.clone();
    let run = move || Extract::run(&org, &soql, dialect, &asked.query_options(&asked.version.to_string(), all));
    let (object, extract) = aside(run).await?;
    let now = rest.site.now();
    let mut jobs = lock(&rest.jobs);
    let job = jobs.add(now, |id| Job {
        id,
        object,
        created_by: call.bearer.user_id.clone(),
        created: now,
        version: call.version,
        dialect,
        stage: Stage::Started(now),
        work: Work::Query { all, extract: Arc::new(extract) },
    })?;
    Ok(answer::json(StatusCode::OK, &job.created(JobState::UploadComplete)))
}

/// `GET /jobs/query/{id}`.
pub(crate) async fn info(
    State(rest): State<Arc<Rest>>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let info = lock(&rest.jobs).info(&id, true, rest.site.now())?;
    Ok(answer::json(StatusCode::OK, &info))
}

/// `PATCH /jobs/query/{id}` with `{"state": "Aborted"}`.
pub(crate) async fn change(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
    JsonObject(mut body): JsonObject,
) -> Result<Response, ApiError> {
    match text(&mut body, "state")?.as_deref() {
        Some("Aborted") => {
            let mut jobs = lock(&rest.jobs);
            let job = jobs.abort(&id, true, &call.bearer.user_id, rest.site.now())?;
            Ok(answer::json(StatusCode::OK, &job.short(JobState::Aborted)))
        }
        other => {
            Err(wrong_state(format!("the state of a query job can become Aborted, not {}", other.unwrap_or("none"))))
        }
    }
}

/// `DELETE /jobs/query/{id}`.
pub(crate) async fn delete(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    lock(&rest.jobs).delete(&id, true, &call.bearer.user_id, rest.site.now())?;
    Ok(answer::no_content())
}

/// `GET /jobs/query/{id}/results?maxRecords=n&locator=x`. Every page begins with the header.
pub(crate) async fn results(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
    query: RawQuery,
) -> Result<Response, ApiError> {
    let most = match parameter(&query, "maxRecords") {
        None => PAGE,
        Some(text) => text.parse().ok().filter(|most| *most > 0).ok_or_else(|| {
            ApiError::bad_request("API_ERROR", format!("maxRecords must be a number above 0, not {text}"))
        })?,
    };
    let found = finished(lock(&rest.jobs).find(&id, true, &call.bearer.user_id, rest.site.now())?, &call)?;
    let Some((id, extract)) = found else {
        return Ok(answer::no_content());
    };
    let first = first(&query, &id)?;
    let len = extract.len();
    let (lines, count) = aside(move || extract.page(first, most.min(MOST))).await?;
    let next = first + count;
    let locator = if next < len { locator(&id, next) } else { "null".to_owned() };
    let mut response = csv(lines);
    response.headers_mut().insert("sforce-numberofrecords", HeaderValue::from(count));
    if let Ok(locator) = HeaderValue::from_str(&locator) {
        response.headers_mut().insert("sforce-locator", locator);
    }
    Ok(response)
}

/// `GET /jobs/query/{id}/resultPages`: where the next pages are, to read them at the same time.
pub(crate) async fn result_pages(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
    query: RawQuery,
) -> Result<Response, ApiError> {
    if !call.version.since(58) {
        return Err(ApiError::not_found());
    }
    let found = finished(lock(&rest.jobs).find(&id, true, &call.bearer.user_id, rest.site.now())?, &call)?;
    let Some((id, extract)) = found else {
        return Ok(answer::no_content());
    };
    let first = first(&query, &id)?;
    let base = format!("/services/data/{}/jobs/query/{id}", call.version);
    let starts = (first..extract.len().max(1)).step_by(PAGE);
    let pages: Vec<Value> = starts
        .take(PAGES)
        .map(|start| json!({"resultUrl": format!("{base}/results?locator={}", locator(&id, start))}))
        .collect();
    let next = first + PAGES * PAGE;
    let next_url = (next < extract.len()).then(|| format!("{base}/resultPages?locator={}", locator(&id, next)));
    let body = json!({"resultPages": pages, "nextRecordsUrl": next_url, "done": next >= extract.len()});
    Ok(answer::json(StatusCode::OK, &body))
}

/// The Id and the result of a job that is complete; none before.
fn finished((job, state): (&mut Job, JobState), call: &Call) -> Result<Option<(String, Arc<Extract>)>, ApiError> {
    if job.version != call.version {
        let message = format!("the job is of version {}, the request of version {}", job.version, call.version);
        return Err(ApiError::new(409, "API_ERROR", message));
    }
    match &job.work {
        Work::Query { extract, .. } if state == JobState::JobComplete => {
            Ok(Some((job.id.clone(), Arc::clone(extract))))
        }
        _ => Ok(None),
    }
}

/// A locator is good for the job that it is of, as long as that is kept.
fn locator(id: &str, first: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{first}-{id}"))
}

fn first(query: &RawQuery, id: &str) -> Result<usize, ApiError> {
    let Some(text) = parameter(query, "locator") else { return Ok(0) };
    let read = || {
        let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(&text).ok()?).ok()?;
        let (first, job) = decoded.split_once('-')?;
        (job == id).then_some(first.parse().ok()?)
    };
    read().ok_or_else(|| ApiError::bad_request("INVALID_QUERY_LOCATOR", format!("invalid query locator: {text}")))
}
