//! What every job has: its id, its state, and what Salesforce counts.

use super::cursor::ResultsCursor;
use crate::core::api_usage::ApiUsage;
use crate::core::api_version::ApiVersion;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, PROBLEM_MESSAGE, Result, as_written, cut};
use crate::core::http::{Method, Request, Response, Transport};
use crate::core::json::{Json, Object, required};
use crate::core::place::Entry;
use crate::core::record_id::RecordId;
use crate::core::salesforce_error::{on_read, on_write};
use crate::core::send::{Repeat, send, send_with};

/// Which of the two kinds of job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// One that queries.
    Query,
    /// One that loads.
    Ingest,
}

impl JobKind {
    /// Where jobs of the kind are, behind the API version.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Query => "/jobs/query",
            Self::Ingest => "/jobs/ingest",
        }
    }

    pub(super) fn path_to(self, job: &RecordId, below: &str) -> String {
        [self.path(), "/", job.as_str(), below].concat()
    }
}

/// How far a job is. See `job-state` in `wit/bulk.wit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each case is documented once, in wit/bulk.wit")]
pub enum JobState {
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
}

impl JobState {
    /// What is not known is no end.
    fn named(name: &str) -> Self {
        match name {
            "Open" => Self::Open,
            "UploadComplete" => Self::UploadComplete,
            "JobComplete" => Self::JobComplete,
            "Failed" => Self::Failed,
            "Aborted" => Self::Aborted,
            _ => Self::InProgress,
        }
    }
}

/// A job, as far as an answer tells of it. See `query-job` and `ingest-job` in `wit/bulk.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The id; 18 characters.
    pub id: String,
    /// How far it is.
    pub state: JobState,
    /// API name of its object.
    pub object: Option<String>,
    /// Records that were processed.
    pub records_processed: Option<u64>,
    /// Those of them that failed.
    pub records_failed: Option<u64>,
    /// How often it began anew.
    pub retries: Option<u32>,
    /// Milliseconds of work.
    pub processing_ms: Option<u64>,
    /// Why it failed.
    pub error_message: Option<String>,
    /// The first page of the results of a query that is complete.
    pub results: Option<ResultsCursor>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

/// How far a job is.
pub fn get_job(
    transport: &mut dyn Transport,
    connection: &Connection,
    kind: JobKind,
    job: &RecordId,
    options: &CallOptions,
) -> Result<Job> {
    let response = send(transport, &get_request(connection, kind, job), Repeat::Safe, options)?;
    read(&response, connection, kind, Some(job))
}

/// The request for a job.
pub(super) fn get_request<'a>(connection: &'a Connection, kind: JobKind, job: &RecordId) -> Request<'a> {
    Request::get(connection, &kind.path_to(job, ""))
}

/// Makes a job.
pub(super) fn create(
    transport: &mut dyn Transport,
    connection: &Connection,
    kind: JobKind,
    asked: &[(&str, &str)],
    json: String,
    options: &CallOptions,
) -> Result<Job> {
    let request = create_request(connection, kind, json);
    let refused = match kind {
        JobKind::Query => on_read,
        JobKind::Ingest => on_write,
    };
    // A job too many is left over and does nothing: the caller decides.
    made(&send_with(transport, &request, Repeat::Idempotent, options, refused)?, connection, kind, asked)
}

/// Reads a job that was made: of what it tells, nothing is other than what was `asked`, and one that loads waits for its data. A name
/// may have got the namespace of its package.
pub(super) fn made(response: &Response, connection: &Connection, kind: JobKind, asked: &[(&str, &str)]) -> Result<Job> {
    let job = read(response, connection, kind, None)?;
    let told = Object::parse(&response.body, "a job")?;
    for (name, asked) in asked {
        let is_other = |told: &String| {
            let bare = told.len().checked_sub(asked.len()).and_then(|start| told.split_at_checked(start));
            !bare.is_some_and(|(space, bare)| {
                bare.eq_ignore_ascii_case(asked) && (space.is_empty() || space.ends_with("__"))
            })
        };
        if told.text(name)?.filter(is_other).is_some() {
            let message = ["expected a job whose ", name, " is ", asked, ", but it is another"];
            return Err(Error::invalid_response(message.concat()).with_answer(response));
        }
    }
    if kind == JobKind::Ingest && job.state != JobState::Open {
        return Err(Error::invalid_response("expected a new job to be open, but it is not").with_answer(response));
    }
    Ok(job)
}

/// The request that makes a job.
pub(super) fn create_request(connection: &Connection, kind: JobKind, json: String) -> Request<'_> {
    Request::write(connection, Method::Post, kind.path(), json)
}

/// Puts a job into another state, named as Salesforce does. The answer must tell one of these `ends`.
pub(super) fn change(
    transport: &mut dyn Transport,
    connection: &Connection,
    kind: JobKind,
    job: &RecordId,
    state: &str,
    ends: &[JobState],
    options: &CallOptions,
) -> Result<Job> {
    let request = change_request(connection, kind, job, state);
    let changed = send(transport, &request, Repeat::Idempotent, options);
    let read = |response: Response| {
        let job = read(&response, connection, kind, Some(job))?;
        let other = || {
            Error::invalid_response("Salesforce answered that the state was changed, and tells another")
                .with_answer(&response)
        };
        if ends.contains(&job.state) { Ok(job) } else { Err(other()) }
    };
    changed.and_then(read).map_err(|error| {
        error.if_unknown("; closing or aborting twice does nothing more: get the job to see what became of it")
    })
}

/// The request that puts a job into another state.
pub(super) fn change_request<'a>(
    connection: &'a Connection,
    kind: JobKind,
    job: &RecordId,
    state: &str,
) -> Request<'a> {
    let json = ["{\"state\":\"", state, "\"}"].concat();
    Request::write(connection, Method::Patch, &kind.path_to(job, ""), json)
}

/// Reads a job; of one that was asked for, that it is that one. Its texts are a server's, and may repeat the token.
pub(super) fn read(
    response: &Response,
    connection: &Connection,
    kind: JobKind,
    asked: Option<&RecordId>,
) -> Result<Job> {
    let usage = ApiUsage::of(response);
    let job = Object::parse(&response.body, "a job").and_then(|job| read_members(&job, kind, asked, usage));
    let mut job = job.map_err(|error| error.with_answer(response))?;
    for text in job.object.iter_mut().chain(&mut job.error_message) {
        connection.access_token.redact_from(text);
        *text = cut(std::mem::take(text), PROBLEM_MESSAGE);
    }
    Ok(job)
}

fn read_members(job: &Object<'_>, kind: JobKind, asked: Option<&RecordId>, usage: Option<ApiUsage>) -> Result<Job> {
    let mut entry = Entry::of(job);
    let (id, state) = (entry.required("id"), entry.required("state"));
    let mut read = Job {
        id: String::new(),
        state: JobState::named(&state),
        object: entry.shown("object"),
        records_processed: entry.number("numberRecordsProcessed"),
        records_failed: entry.number("numberRecordsFailed"),
        retries: entry.number("retries").and_then(|retries| u32::try_from(retries).ok()),
        processing_ms: entry.number("totalProcessingTime"),
        error_message: entry.shown("errorMessage").map(|message| as_written(&message, PROBLEM_MESSAGE)),
        results: None,
        usage,
    };
    entry.finish(())?;
    if read.state == JobState::JobComplete && read.records_failed > read.records_processed {
        return Err(Error::invalid_response("expected no more records that failed than were processed"));
    }
    let id = RecordId::parse("id", &id).ok().filter(|id| asked.is_none_or(|asked| id.is(asked)));
    let id = id.ok_or_else(|| Error::invalid_response("expected id to be that of the job"))?;
    read.id = id.to_18();
    if kind == JobKind::Query && read.state == JobState::JobComplete {
        read.results = Some(ResultsCursor::first(version(required("apiVersion", job.member("apiVersion")?)?)?, id));
    }
    Ok(read)
}

/// `60.0`, a number of JSON, and so perhaps `60`.
fn version(number: Json<'_>) -> Result<ApiVersion> {
    let number = number.as_str();
    let whole = number.strip_suffix(".0").unwrap_or(number);
    ApiVersion::parse(&["v", whole, ".0"].concat())
        .map_err(|_| Error::invalid_response("expected apiVersion to be a version such as 60.0"))
}
