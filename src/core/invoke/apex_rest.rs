//! Apex REST: a class of the org answers, with whatever status and body it likes.
//! <https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_rest.htm>

use super::path::{Parameter, RestPath};
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, ErrorKind, Outcome, Result, printable};
use crate::core::http::{Method, Request, Response, Transport};
use crate::core::json::Json;
use crate::core::salesforce_error::{has_meaning, on_read, on_write};
use crate::core::send::{Repeat, send_with};

/// A call of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    method: Method,
    path_and_query: String,
    body: Option<String>,
}

/// A body as its class wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// None.
    Empty,
    /// JSON by its type and its text.
    Json(String),
    /// Any other text.
    Text(String),
}

/// An answer with a status of 2xx.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// The body.
    pub body: Body,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

impl Call {
    /// `body` is JSON text.
    pub fn parse(method: Method, path: &RestPath, query: &[Parameter], body: Option<String>) -> Result<Self> {
        if query.len() > 100 {
            return Err(Error::invalid_argument("query", "at most 100 parameters"));
        }
        if body.is_some() && matches!(method, Method::Get | Method::Delete) {
            return Err(Error::invalid_argument("body", "none for this method"));
        }
        if body.as_ref().is_some_and(|body| Json::parse(body.as_bytes(), "").is_err()) {
            return Err(Error::invalid_argument("body", "one JSON value"));
        }
        Ok(Self { method, path_and_query: path.with(query), body })
    }
}

/// Makes the call.
pub fn apex_rest(
    transport: &mut dyn Transport,
    connection: &Connection,
    call: &Call,
    options: &CallOptions,
) -> Result<Answer> {
    let mut request = match &call.body {
        Some(body) => Request::write(connection, call.method, "", body.as_str()),
        None => Request { method: call.method, ..Request::get(connection, "") },
    };
    request.path_and_query.clone_from(&call.path_and_query);
    let (repeat, read_error): (_, fn(&Response) -> Box<Error>) = match call.method {
        Method::Get => (Repeat::Safe, refused_read),
        _ => (Repeat::Never, refused_write),
    };
    let response = send_with(transport, &request, repeat, options, read_error)?;
    let usage = response.header("sforce-limit-info").and_then(ApiUsage::parse);
    let content_type = response.header("content-type").map(|value| printable(value, 200));
    let body = read_body(&response).map_err(|error| error.with_answer(&response))?;
    Ok(Answer { status: response.status, content_type, body, usage })
}

fn read_body(response: &Response) -> Result<Body> {
    let text = std::str::from_utf8(&response.body)
        .map_err(|_| Error::invalid_response("expected text, but the body is not UTF-8"))?;
    let json = json(response).map(|json| Body::Json(json.as_str().into()));
    Ok(match json {
        Some(json) => json,
        None if text.is_empty() => Body::Empty,
        None => Body::Text(text.into()),
    })
}

/// The body, if its type says that it is JSON, and it is.
fn json(response: &Response) -> Option<Json<'_>> {
    let essence = response.header("content-type")?.split(';').next()?.trim_ascii();
    let is_json = essence.eq_ignore_ascii_case("application/json") || essence.to_ascii_lowercase().ends_with("+json");
    Json::parse(&response.body, "").ok().filter(|_| is_json)
}

fn refused_read(response: &Response) -> Box<Error> {
    refused(on_read(response), response, true)
}

fn refused_write(response: &Response) -> Box<Error> {
    refused(on_write(response), response, false)
}

/// Without a code of Salesforce's own it is the class that refuses. What it did before, nobody knows, and a 401 of its own says
/// nothing of the session.
fn refused(mut error: Box<Error>, response: &Response, is_read: bool) -> Box<Error> {
    if has_meaning(&error) || (300..=399).contains(&response.status) {
        return error;
    }
    error.message = format!("the org's Apex answered with status {}", response.status);
    if let Some(problem) = error.problems.first() {
        error.message = problem.refusal(response.status);
    }
    error.detail = json(response).map(|json| json.as_str().into());
    if (400..=499).contains(&response.status) {
        if !matches!(error.kind, ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::RequestTooLarge) {
            error.kind = ErrorKind::Rejected;
        }
        error.outcome = if is_read { Outcome::Rejected } else { Outcome::Unknown };
    }
    if !is_read {
        (error.outcome, error.retryable) = (Outcome::Unknown, false);
    }
    error
}
