//! What failed, and what became of the request: `workflow:salesforce/types.error`.
//!
//! The outcome is the part that matters. `not-sent` and `rejected` promise that nothing was written, and a workflow relies
//! on it; so whatever is not certain is `unknown`. The host compares it with what it saw on the wire.

use serde::Deserialize;

use crate::org::Answer;
use crate::world::exports::workflow::salesforce::types::{Error, ErrorKind, Outcome, Problem};
use crate::world::wasi::http::types::ErrorCode;

/// An error without an answer. Both actions may be repeated, so the kind alone decides whether that is worthwhile.
pub(crate) fn error(kind: ErrorKind, outcome: Outcome, message: impl Into<String>) -> Error {
    let passes = matches!(
        kind,
        ErrorKind::Unreachable
            | ErrorKind::Interrupted
            | ErrorKind::Timeout
            | ErrorKind::RateLimited
            | ErrorKind::Locked
            | ErrorKind::Unavailable
    );
    Error {
        kind,
        outcome,
        retryable: passes,
        retry_after_ms: None,
        message: message.into(),
        status: None,
        problems: Vec::new(),
        detail: None,
        request_id: None,
    }
}

pub(crate) fn invalid_argument(message: &str) -> Error {
    error(ErrorKind::InvalidArgument, Outcome::NotSent, message)
}

/// An answer came, and nobody knows what it stands for.
pub(crate) fn invalid_response(message: &str) -> Error {
    error(ErrorKind::InvalidResponse, Outcome::Unknown, message)
}

pub(crate) fn timeout(outcome: Outcome) -> Error {
    error(ErrorKind::Timeout, outcome, "the deadline passed")
}

pub(crate) fn interrupted() -> Error {
    error(ErrorKind::Interrupted, Outcome::Unknown, "the connection broke")
}

pub(crate) fn too_large() -> Error {
    error(ErrorKind::ResponseTooLarge, Outcome::Unknown, "the answer is larger than max-response-bytes")
}

/// What the host's code proves. Only the first three say that nothing was sent.
pub(crate) fn from_host(code: &ErrorCode) -> Error {
    match code {
        ErrorCode::DnsError(_)
        | ErrorCode::DnsTimeout
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionTimeout => {
            error(ErrorKind::Unreachable, Outcome::NotSent, "no connection could be made")
        }
        ErrorCode::TlsProtocolError | ErrorCode::TlsCertificateError => {
            error(ErrorKind::Insecure, Outcome::NotSent, "TLS failed")
        }
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => {
            error(ErrorKind::DeniedByHost, Outcome::NotSent, "the host does not let this component go there")
        }
        ErrorCode::HttpResponseTimeout | ErrorCode::ConnectionReadTimeout | ErrorCode::ConnectionWriteTimeout => {
            timeout(Outcome::Unknown)
        }
        ErrorCode::HttpResponseBodySize(_)
        | ErrorCode::HttpResponseHeaderSectionSize(_)
        | ErrorCode::HttpResponseHeaderSize(_) => too_large(),
        _ => interrupted(),
    }
}

/// An entry of Salesforce's error list.
#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "errorCode")]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    fields: Vec<String>,
}

/// An answer with another status than 2xx.
pub(crate) fn refused(answer: &Answer, is_write: bool) -> Error {
    let entries: Vec<Entry> = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = entries.first().map_or("", |entry| entry.code.as_str());
    let kind = match (answer.status, code) {
        // The host refreshes the session and calls again.
        (401, "INVALID_SESSION_ID" | "") => ErrorKind::SessionExpired,
        (401, _) => ErrorKind::AccessDenied,
        (429, _) | (_, "REQUEST_LIMIT_EXCEEDED") => ErrorKind::RateLimited,
        (413 | 414 | 431, _) => ErrorKind::RequestTooLarge,
        (500..=599 | 408, _) | (_, "SERVER_UNAVAILABLE") => ErrorKind::Unavailable,
        // It need not be Salesforce that says so: nothing follows about the org.
        (_, "") => ErrorKind::InvalidResponse,
        (_, "UNABLE_TO_LOCK_ROW") => ErrorKind::Locked,
        (_, "DUPLICATE_VALUE" | "DUPLICATES_DETECTED") => ErrorKind::Duplicate,
        (_, "ENTITY_IS_DELETED") => ErrorKind::Deleted,
        (403, _) | (_, "INSUFFICIENT_ACCESS_OR_READONLY") => ErrorKind::Forbidden,
        (404, _) => ErrorKind::NotFound,
        (400, _) if is_write => ErrorKind::InvalidRecord,
        (400, _) => ErrorKind::InvalidQuery,
        _ => ErrorKind::Rejected,
    };
    let outcome = match kind {
        ErrorKind::Unavailable | ErrorKind::InvalidResponse => Outcome::Unknown,
        _ => Outcome::Rejected,
    };
    let message = match code {
        "" => format!("an answer came with status {} and no error of Salesforce's", answer.status),
        _ => format!("Salesforce refused with status {} {code}", answer.status),
    };
    let problem = |entry: Entry| Problem {
        code: entry.code.chars().take(100).collect(),
        message: entry.message.chars().take(2_000).collect(),
        fields: entry.fields,
    };
    Error {
        status: Some(answer.status),
        problems: entries.into_iter().map(problem).collect(),
        request_id: answer.request_id.clone(),
        ..error(kind, outcome, message)
    }
}
