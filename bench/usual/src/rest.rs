//! Requests to Salesforce and what comes back.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use waki::{Client, ErrorCode, Method, RequestBuilder};

use crate::types::{ApiUsage, CallOptions, Connection, Error, ErrorKind, Outcome, Problem};
use std::time::Duration;

pub(crate) struct Answer {
    pub(crate) body: Value,
    pub(crate) status: u16,
    pub(crate) usage: Option<ApiUsage>,
}

/// A request with the connection's token; `path` is below the data API unless it begins with a slash.
pub(crate) fn request(on: &Connection, method: Method, path: &str, options: &CallOptions) -> RequestBuilder {
    let version = on.api_version.as_deref().unwrap_or("v67.0");
    let url = match path.starts_with('/') {
        true => format!("{}{path}", on.instance_url),
        false => format!("{}/services/data/{version}/{path}", on.instance_url),
    };
    limited(Client::new().request(method, &url), options)
        .header("Authorization", format!("Bearer {}", on.access_token))
        .header("Accept", "application/json")
}

pub(crate) fn limited(request: RequestBuilder, options: &CallOptions) -> RequestBuilder {
    request.connect_timeout(Duration::from_millis(options.deadline_ms.unwrap_or(30_000).into()))
}

pub(crate) fn send(request: RequestBuilder) -> Result<Answer, Error> {
    let response = request.send().map_err(|error| match error.downcast_ref::<ErrorCode>() {
        Some(ErrorCode::HttpRequestDenied) => failed(ErrorKind::DeniedByHost, Outcome::NotSent, error),
        Some(ErrorCode::ConnectionRefused | ErrorCode::DnsError(_) | ErrorCode::ConnectionTimeout) => {
            failed(ErrorKind::Unreachable, Outcome::NotSent, error)
        }
        Some(ErrorCode::TlsCertificateError | ErrorCode::TlsProtocolError) => {
            failed(ErrorKind::Insecure, Outcome::NotSent, error)
        }
        _ => failed(ErrorKind::Interrupted, Outcome::Unknown, error),
    })?;
    let status = response.status_code();
    let header = |name| response.header(name)?.to_str().ok().map(str::to_owned);
    let usage = header("sforce-limit-info").as_deref().and_then(api_usage);
    let (request_id, retry_after) = (header("x-sfdc-request-id"), header("retry-after"));
    let body = response.body().map_err(|error| failed(ErrorKind::Interrupted, Outcome::Unknown, error))?;
    if (200..300).contains(&status) {
        let body = match body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&body).map_err(invalid)?,
        };
        return Ok(Answer { body, status, usage });
    }
    let retry_after_ms = retry_after.and_then(|seconds| Some(seconds.parse::<u64>().ok()? * 1000));
    Err(Error { request_id, retry_after_ms, ..refused(status, &serde_json::from_slice(&body).unwrap_or(Value::Null)) })
}

fn api_usage(header: &str) -> Option<ApiUsage> {
    let (used, allowed) = header.strip_prefix("api-usage=")?.split_once('/')?;
    Some(ApiUsage { used: used.parse().ok()?, allowed: allowed.parse().ok()? })
}

/// Salesforce's refusal: a list of errors from the data API, one from OAuth.
fn refused(status: u16, body: &Value) -> Error {
    let problems: Vec<_> = match body {
        Value::Array(errors) => errors.iter().map(|error| problem(error, "errorCode", "message")).collect(),
        error => vec![problem(error, "error", "error_description")],
    };
    let code = problems.first().map_or("", |problem| problem.code.as_str());
    let kind = match (status, code) {
        (300, _) => ErrorKind::Ambiguous,
        (_, "invalid_grant" | "unsupported_token_type" | "invalid_token") => ErrorKind::ReauthorizationRequired,
        (_, "invalid_client" | "invalid_client_id" | "unauthorized_client" | "redirect_uri_mismatch") => {
            ErrorKind::InvalidClient
        }
        (_, "token request is already being processed") => ErrorKind::RefreshInProgress,
        (_, "access_denied" | "inactive_user" | "inactive_org") => ErrorKind::AccessDenied,
        (_, "MALFORMED_QUERY" | "INVALID_FIELD" | "INVALID_TYPE") => ErrorKind::InvalidQuery,
        (_, "INVALID_QUERY_LOCATOR") => ErrorKind::CursorExpired,
        (_, "ENTITY_IS_DELETED") => ErrorKind::Deleted,
        (_, "DUPLICATES_DETECTED" | "DUPLICATE_VALUE") => ErrorKind::Duplicate,
        (_, "UNABLE_TO_LOCK_ROW") => ErrorKind::Locked,
        (_, "REQUEST_LIMIT_EXCEEDED") | (429, _) => ErrorKind::RateLimited,
        (401, "INVALID_SESSION_ID" | "") => ErrorKind::SessionExpired,
        (401, _) => ErrorKind::AccessDenied,
        (403, _) => ErrorKind::Forbidden,
        (404, _) => ErrorKind::NotFound,
        (412, _) => ErrorKind::PreconditionFailed,
        (414 | 431, _) => ErrorKind::RequestTooLarge,
        (500.., _) => ErrorKind::Unavailable,
        (400, "REQUIRED_FIELD_MISSING" | "FIELD_CUSTOM_VALIDATION_EXCEPTION" | "STRING_TOO_LONG") => {
            ErrorKind::InvalidRecord
        }
        _ => ErrorKind::Rejected,
    };
    let detail = match kind {
        ErrorKind::Ambiguous => Some(body.to_string()),
        ErrorKind::Duplicate => body.pointer("/0/duplicateResult").map(Value::to_string),
        _ => None,
    };
    let outcome = if status >= 500 { Outcome::Unknown } else { Outcome::Rejected };
    let message = format!("Salesforce refused the request: {status} {code}");
    Error { status: Some(status), problems, detail, ..failed(kind, outcome, message) }
}

fn problem(error: &Value, code: &str, message: &str) -> Problem {
    let fields = error.get("fields").and_then(Value::as_array).into_iter().flatten();
    Problem {
        code: text(error, code).unwrap_or_default(),
        message: text(error, message).unwrap_or_default(),
        fields: fields.filter_map(|field| field.as_str().map(str::to_owned)).collect(),
    }
}

pub(crate) fn failed(kind: ErrorKind, outcome: Outcome, message: impl ToString) -> Error {
    let retryable = matches!(outcome, Outcome::NotSent) && matches!(kind, ErrorKind::Unreachable);
    Error {
        kind,
        outcome,
        retryable,
        retry_after_ms: None,
        message: message.to_string(),
        status: None,
        problems: Vec::new(),
        detail: None,
        request_id: None,
    }
}

/// The answer is not what Salesforce documents.
pub(crate) fn invalid(message: impl ToString) -> Error {
    failed(ErrorKind::InvalidResponse, Outcome::Unknown, message)
}

/// An argument is not what the function takes.
pub(crate) fn argument(message: &str) -> Error {
    failed(ErrorKind::InvalidArgument, Outcome::NotSent, message)
}

pub(crate) fn text(object: &Value, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_owned)
}

/// One segment of a path.
pub(crate) fn segment(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}
