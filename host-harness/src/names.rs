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
    Unavailable "unavailable",
    Rejected "rejected",
}

names! {
    Outcome, outcome, outcome_named, "an outcome":
    NotSent "not-sent",
    Rejected "rejected",
    Unknown "unknown",
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
