//! The names of the WIT's enums, as the WIT writes them, and what a person does about an error of each kind.

use crate::bindings::types::{ErrorKind, Outcome};

/// All error kinds.
pub const ERROR_KINDS: [ErrorKind; 28] = [
    ErrorKind::InvalidArgument,
    ErrorKind::RequestTooLarge,
    ErrorKind::DeniedByHost,
    ErrorKind::Unreachable,
    ErrorKind::Insecure,
    ErrorKind::Interrupted,
    ErrorKind::Timeout,
    ErrorKind::ResponseTooLarge,
    ErrorKind::InvalidResponse,
    ErrorKind::SessionExpired,
    ErrorKind::ReauthorizationRequired,
    ErrorKind::RefreshInProgress,
    ErrorKind::AccessDenied,
    ErrorKind::InvalidClient,
    ErrorKind::UntrustedAuthorization,
    ErrorKind::NotFound,
    ErrorKind::Deleted,
    ErrorKind::Ambiguous,
    ErrorKind::PreconditionFailed,
    ErrorKind::InvalidQuery,
    ErrorKind::CursorExpired,
    ErrorKind::InvalidRecord,
    ErrorKind::Duplicate,
    ErrorKind::Locked,
    ErrorKind::Forbidden,
    ErrorKind::RateLimited,
    ErrorKind::Unavailable,
    ErrorKind::Rejected,
];

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

/// The error kind of this name.
#[must_use]
pub fn error_kind_named(name: &str) -> Option<ErrorKind> {
    ERROR_KINDS.into_iter().find(|kind| error_kind(*kind) == name)
}

/// What a person does about an error of this kind, wherever they made the call.
#[must_use]
pub fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidArgument => "Correct the argument.",
        ErrorKind::RequestTooLarge => "Ask for less at once: a shorter query, fewer fields, or fewer values in a list.",
        ErrorKind::DeniedByHost => {
            "The connection may reach its login host and its org, and nothing else; loopback only if its login URL is loopback."
        }
        ErrorKind::Unreachable => "Check the address and the network, then try again.",
        ErrorKind::Insecure => "Check the address, and who signed the server's certificate.",
        ErrorKind::Interrupted | ErrorKind::Timeout => "Try again later, or allow more time.",
        ErrorKind::ResponseTooLarge => "Ask for less at once, or allow larger answers.",
        ErrorKind::InvalidResponse => {
            "Check that the address is a Salesforce org, and that no proxy answers in its place."
        }
        ErrorKind::SessionExpired | ErrorKind::ReauthorizationRequired => {
            "The connection's user has to allow access again."
        }
        ErrorKind::RefreshInProgress => "Another program refreshes the same token: try again in a few seconds.",
        ErrorKind::AccessDenied => {
            "The user declined, or a policy of the org or the connected app keeps them out: see its settings in Salesforce."
        }
        ErrorKind::InvalidClient => {
            "Check the client id, the client secret, the callback URL and the flows of the connected app."
        }
        ErrorKind::UntrustedAuthorization => {
            "Begin the authorization again; do not use a callback address that somebody sent you."
        }
        ErrorKind::NotFound => "Check the object, the Id or external Id, and whether the user may see the record.",
        ErrorKind::Deleted => "The record may be in the recycle bin; a query that includes deleted records shows it.",
        ErrorKind::Ambiguous => "Several records match: name one of those in `detail` by its Id.",
        ErrorKind::PreconditionFailed => "The record has changed in between: read it again, then decide.",
        ErrorKind::InvalidQuery => "Correct the query where the problem says.",
        ErrorKind::CursorExpired => "Run the query again: a cursor is good for two days.",
        ErrorKind::InvalidRecord => "Correct the fields that the problems name.",
        ErrorKind::Duplicate => "Use the record that exists, or allow duplicates if the rule lets you.",
        ErrorKind::Locked => "Another transaction holds the record: try again a little later.",
        ErrorKind::Forbidden => "The user of this connection lacks a permission: ask the org's administrator.",
        ErrorKind::RateLimited => "Wait before you try again: an API limit of the org is used up.",
        ErrorKind::Unavailable => "Salesforce is down or overloaded: try again later.",
        ErrorKind::Rejected => "See Salesforce's own words above.",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name_and_has_advice() {
        let names: HashSet<_> = ERROR_KINDS.into_iter().map(error_kind).collect();
        assert_eq!(names.len(), ERROR_KINDS.len());
        for kind in ERROR_KINDS {
            assert_eq!(error_kind_named(error_kind(kind)), Some(kind));
            assert!(advice(kind).ends_with('.'), "{kind:?}");
        }
        assert_eq!(error_kind_named("host-trapped"), None);
    }
}
