//! Jobs that write: `/jobs/ingest`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::dialect::Dialect;
use super::job::{Job, Rows, Stage, State as JobState, Work};
use super::load::{Load, Operation};
use super::progress::Task;
use super::{csv, invalid_job, nothing_else, text, wrong_state};
use crate::lock::lock;
use crate::org::{Assignment, Org};
use crate::rest::body::{self, JsonObject};
use crate::rest::call::Call;
use crate::rest::{Rest, multipart};
use crate::{ApiError, answer};

/// The most characters that a request may bring along when it makes a job.
const CONTENT: usize = 100_000;

/// `POST /jobs/ingest`: the job in JSON, or in two parts with its data, `job` and `content`.
pub(crate) async fn create(State(rest): State<Arc<Rest>>, call: Call, request: Request) -> Result<Response, ApiError> {
    let Some(boundary) = multipart::boundary(request.headers()).map(str::to_owned) else {
        let JsonObject(body) = JsonObject::from_request(request, &()).await?;
        return open(&rest, &call, body, None);
    };
    let refused = |message: String| ApiError::bad_request("INVALID_MULTIPART_REQUEST", message);
    let bytes = Bytes::from_request(request, &()).await.map_err(|error| refused(error.to_string()))?;
    let parts = multipart::parts(&boundary, &bytes)?;
    let part = |name: &str, content_type: &str| {
        let found = parts.iter().find(|part| part.name == name && part.content_type.starts_with(content_type));
        found.ok_or_else(|| refused(format!("the multipart body needs a part {name} of the type {content_type}")))
    };
    let (job, content) = (part("job", "application/json")?, part("content", "text/csv")?);
    if content.body.len() > CONTENT && String::from_utf8_lossy(content.body).chars().count() > CONTENT {
        return Err(refused(format!("the part content has more than {CONTENT} characters: upload it to an open job")));
    }
    open(&rest, &call, body::parse(job.body)?, Some(content.body.to_vec()))
}

/// Makes a job, and closes it if there are data.
fn open(
    rest: &Arc<Rest>,
    call: &Call,
    mut body: Map<String, Value>,
    content: Option<Vec<u8>>,
) -> Result<Response, ApiError> {
    let object = text(&mut body, "object")?.ok_or_else(|| invalid_job("object is missing"))?;
    let operation = text(&mut body, "operation")?.ok_or_else(|| invalid_job("operation is missing"))?;
    let operation = Operation::parse(&operation, text(&mut body, "externalIdFieldName")?)?;
    let assignment_rule = text(&mut body, "assignmentRuleId")?;
    let dialect = Dialect::take(&mut body)?;
    nothing_else(&body)?;
    let object = object_of(&rest.site.org(), &object, &operation)?;
    let now = rest.site.now();
    let is_whole = content.is_some();
    let mut jobs = lock(&rest.jobs);
    let job = jobs.add(now, |id| Job {
        id,
        object,
        created_by: call.bearer.user_id.clone(),
        created: now,
        version: call.version,
        dialect,
        stage: Stage::Open,
        work: Work::Ingest { operation, assignment_rule, rows: Rows::Untouched(content) },
    })?;
    if !is_whole {
        return Ok(answer::json(StatusCode::OK, &job.created(JobState::Open)));
    }
    let task = complete(job, call, now);
    let response = answer::json(StatusCode::OK, &job.created(JobState::UploadComplete));
    drop(jobs);
    if let Some(task) = task {
        task.start(rest);
    }
    Ok(response)
}

/// The object as the org spells it, if the operation can be done with it.
fn object_of(org: &Org, name: &str, operation: &Operation) -> Result<String, ApiError> {
    let object = org.object(name).map_err(|_| invalid_job(format!("Unable to find object: {name}")))?;
    if let Operation::Upsert(field) = operation
        && !object.field(field).is_some_and(|(_, field)| field.is_key())
    {
        return Err(invalid_job(format!("{field} is no external Id of {}", object.name)));
    }
    Ok(object.name.to_string())
}

/// `GET /jobs/ingest/{id}`.
pub(crate) async fn info(
    State(rest): State<Arc<Rest>>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let info = lock(&rest.jobs).info(&id, false, rest.site.now())?;
    Ok(answer::json(StatusCode::OK, &info))
}

/// `PUT /jobs/ingest/{id}/batches`: the data, once.
pub(crate) async fn upload(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
    content: Bytes,
) -> Result<Response, ApiError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.to_ascii_lowercase().starts_with("text/csv") {
        let message = format!("Content-Type header specified in HTTP request is not supported: {content_type}");
        return Err(ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
    }
    let mut jobs = lock(&rest.jobs);
    jobs.check_room(content.len(), rest.site.now())?;
    let (job, state) = jobs.find(&id, false, &call.bearer.user_id, rest.site.now())?;
    match &mut job.work {
        Work::Ingest { rows: Rows::Untouched(held @ None), .. } if state == JobState::Open => {
            *held = Some(content.to_vec())
        }
        Work::Ingest { .. } if state == JobState::Open => {
            let message = format!(
                "Found multiple contents for job: {id}, please 'Close' / 'Abort' / 'Delete' the current Job then create a new \
                 Job and make sure you only do 'PUT' once on a given Job."
            );
            return Err(wrong_state(message));
        }
        _ => return Err(wrong_state(format!("the job {id} takes no data: it is no longer Open"))),
    }
    Ok(StatusCode::CREATED.into_response())
}

/// `PATCH /jobs/ingest/{id}` with `{"state": "UploadComplete"}` or `{"state": "Aborted"}`.
pub(crate) async fn change(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
    JsonObject(mut body): JsonObject,
) -> Result<Response, ApiError> {
    let now = rest.site.now();
    match text(&mut body, "state")?.as_deref() {
        Some("UploadComplete") => {
            let mut jobs = lock(&rest.jobs);
            let (job, state) = jobs.find(&id, false, &call.bearer.user_id, now)?;
            if state != JobState::Open {
                return Err(wrong_state(format!("the job {id} cannot be closed: it is no longer Open")));
            }
            let task = complete(job, &call, now);
            let response = answer::json(StatusCode::OK, &job.short(JobState::UploadComplete));
            drop(jobs);
            if let Some(task) = task {
                task.start(&rest);
            }
            Ok(response)
        }
        Some("Aborted") => {
            let mut jobs = lock(&rest.jobs);
            let job = jobs.abort(&id, false, &call.bearer.user_id, now)?;
            Ok(answer::json(StatusCode::OK, &job.short(JobState::Aborted)))
        }
        other => Err(wrong_state(format!(
            "the state of an ingest job can become UploadComplete or Aborted, not {}",
            other.unwrap_or("none")
        ))),
    }
}

/// What is to be done with a job whose data are complete.
fn complete(job: &mut Job, call: &Call, now: Timestamp) -> Option<Task> {
    job.stage = Stage::Started(now);
    let Work::Ingest { operation, assignment_rule, rows } = &mut job.work else { return None };
    let Rows::Untouched(content) = rows else { return None };
    let content = content.take().unwrap_or_default();
    let bytes = Arc::new(content.len());
    *rows = Rows::UnderWay(Arc::clone(&bytes));
    let mut call = call.clone();
    if let Some(rule) = assignment_rule {
        call.writes.assignment = Assignment::Rule(rule.clone());
    }
    let (object, operation, dialect) = (job.object.clone(), operation.clone(), job.dialect);
    Some(Task { object, operation, dialect, content, rows: bytes, call })
}

/// `DELETE /jobs/ingest/{id}`.
pub(crate) async fn delete(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    lock(&rest.jobs).delete(&id, false, &call.bearer.user_id, rest.site.now())?;
    Ok(answer::no_content())
}

/// `GET /jobs/ingest/{id}/{results}`: `successfulResults`, `failedResults` or `unprocessedrecords`.
pub(crate) async fn results(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, id, kind)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    let mut jobs = lock(&rest.jobs);
    let (job, state) = jobs.find(&id, false, &call.bearer.user_id, rest.site.now())?;
    if matches!(state, JobState::Open | JobState::UploadComplete | JobState::InProgress) {
        return Err(wrong_state(format!("the job {id} has no results yet: it is not over")));
    }
    let nothing = Load::default();
    let load = match &job.work {
        Work::Ingest { rows: Rows::Written(load), .. } => load,
        Work::Ingest { rows: Rows::Untouched(_), .. } => &nothing,
        Work::Ingest { rows: Rows::UnderWay(_), .. } => {
            return Err(wrong_state(format!(
                "the job {id} has no results yet: ask again when its last rows are put away"
            )));
        }
        Work::Query { .. } => return Err(ApiError::not_found()),
    };
    match kind.to_ascii_lowercase().as_str() {
        "successfulresults" => Ok(csv(load.successful_results.clone())),
        "failedresults" => Ok(csv(load.failed_results.clone())),
        "unprocessedrecords" => Ok(csv(load.unprocessed.clone())),
        _ => Err(ApiError::not_found()),
    }
}
