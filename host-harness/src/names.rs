//! The names of the WIT's enums, as the WIT writes them.

use crate::bindings::types::{ErrorKind, Outcome};

/// Name of an error kind.
#[must_use]
pub fn error_kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidArgument => "invalid-argument",
        ErrorKind::RequestTooLarge => "request-too-large",
        ErrorKind::DeniedByHost => "denied-by-host",
        ErrorKind::Unreachable => "unreachable",
        ErrorKind::Insecure => "insecure",
        ErrorKind::Interrupted => "interrupted",
        ErrorKind::Timeout => "timeout",
        ErrorKind::ResponseTooLarge => "response-too-large",
        ErrorKind::InvalidResponse => "invalid-response",
        ErrorKind::SessionExpired => "session-expired",
        ErrorKind::ReauthorizationRequired => "reauthorization-required",
        ErrorKind::RefreshInProgress => "refresh-in-progress",
        ErrorKind::AccessDenied => "access-denied",
        ErrorKind::InvalidClient => "invalid-client",
        ErrorKind::UntrustedAuthorization => "untrusted-authorization",
        ErrorKind::NotFound => "not-found",
        ErrorKind::Deleted => "deleted",
        ErrorKind::Ambiguous => "ambiguous",
        ErrorKind::PreconditionFailed => "precondition-failed",
        ErrorKind::InvalidQuery => "invalid-query",
        ErrorKind::CursorExpired => "cursor-expired",
        ErrorKind::InvalidRecord => "invalid-record",
        ErrorKind::Duplicate => "duplicate",
        ErrorKind::Locked => "locked",
        ErrorKind::Forbidden => "forbidden",
        ErrorKind::RateLimited => "rate-limited",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Rejected => "rejected",
    }
}

/// Name of an outcome.
#[must_use]
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotSent => "not-sent",
        Outcome::Rejected => "rejected",
        Outcome::Unknown => "unknown",
    }
}
