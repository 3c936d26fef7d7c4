//! The names of the WIT's enums, as the WIT writes them.

use crate::bindings::types::{ErrorKind, Outcome};

macro_rules! names {
    ($type:ident, $name:ident, $named:ident, $what:literal: $($case:ident $text:literal,)+) => {
        #[doc = concat!("Name of ", $what, ".")]
        #[must_use]
        pub fn $name(value: $type) -> &'static str {
            match value {
                $($type::$case => $text,)+
            }
        }

        #[doc = concat!("The value of this name, for ", $what, ".")]
        #[must_use]
        pub fn $named(name: &str) -> Option<$type> {
            match name {
                $($text => Some($type::$case),)+
                _ => None,
            }
        }
    };
}

names! {
    ErrorKind, error_kind, error_kind_named, "an error kind":
    InvalidArgument "invalid-argument",
    RequestTooLarge "request-too-large",
    DeniedByHost "denied-by-host",
    Unreachable "unreachable",
    Insecure "insecure",
    Interrupted "interrupted",
    Timeout "timeout",
    ResponseTooLarge "response-too-large",
    InvalidResponse "invalid-response",
    SessionExpired "session-expired",
    ReauthorizationRequired "reauthorization-required",
    RefreshInProgress "refresh-in-progress",
    AccessDenied "access-denied",
    InvalidClient "invalid-client",
    UntrustedAuthorization "untrusted-authorization",
    NotFound "not-found",
    Deleted "deleted",
    Ambiguous "ambiguous",
    PreconditionFailed "precondition-failed",
    InvalidQuery "invalid-query",
    CursorExpired "cursor-expired",
    InvalidRecord "invalid-record",
    Duplicate "duplicate",
    Locked "locked",
    Forbidden "forbidden",
    RateLimited "rate-limited",
    LimitExceeded "limit-exceeded",
    WrongState "wrong-state",
    RolledBack "rolled-back",
    NotRun "not-run",
    Unavailable "unavailable",
    Rejected "rejected",
}

names! {
    Outcome, outcome, outcome_named, "an outcome":
    NotSent "not-sent",
    Rejected "rejected",
    Unknown "unknown",
}

/// What a person does about a write of which nobody knows whether it was done, as far as it is not `retryable`.
#[must_use]
pub fn advice_of_unknown(retryable: bool) -> &'static str {
    if retryable {
        "Make the same call again: it can do nothing twice."
    } else {
        "Look in Salesforce whether it was done before you repeat it."
    }
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
            "The user declined, or a policy keeps them out: an expired password, an inactive user or org, an app that is not approved. See Salesforce's own words above."
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
        ErrorKind::LimitExceeded => "Make room in the org, or ask for less at once: waiting does not help.",
        ErrorKind::WrongState => "Look at the record or job: its state does not allow this now.",
        ErrorKind::RolledBack => "Another part of the same request failed, so this one was undone: correct that one.",
        ErrorKind::NotRun => "An earlier part of the same request failed, so this one was not tried: correct that one.",
        ErrorKind::Unavailable => "Salesforce is down or overloaded: try again later.",
        ErrorKind::Rejected => "See Salesforce's own words above.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_value() {
        assert_eq!(error_kind_named(error_kind(ErrorKind::CursorExpired)), Some(ErrorKind::CursorExpired));
        assert_eq!(outcome_named("not-sent"), Some(Outcome::NotSent));
        assert_eq!((error_kind_named("host-trapped"), outcome_named("")), (None, None));
    }
}
