//! The names of the WIT's enums, and what a person at this program does about an error of each kind.

use salesforce_runtime::names;
pub(crate) use salesforce_runtime::names::{advice_of_unknown, error_kind, outcome};

use salesforce_runtime::bindings::types::ErrorKind;

/// What a person does about an error of this kind; where an option or a command of this program helps, it is named.
pub(crate) fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Insecure => {
            "Check the address; if the server's certificate is signed by your own authority, name it with --ca FILE."
        }
        ErrorKind::Unreachable => {
            "See whether this machine reaches the org's address, or the proxy that HTTPS_PROXY names; -v shows what happens."
        }
        ErrorKind::Interrupted | ErrorKind::Timeout => "Try again later, or allow more time with --deadline-ms.",
        ErrorKind::ResponseTooLarge => "Ask for less at once, or raise --max-response-bytes.",
        ErrorKind::SessionExpired | ErrorKind::ReauthorizationRequired => "Run `harness login` again.",
        ErrorKind::UntrustedAuthorization => {
            "Begin again with `harness login`; do not use a callback address that somebody sent you."
        }
        ErrorKind::Deleted => "The record may be in the recycle bin; `soql-query --include-deleted` shows it.",
        ErrorKind::Duplicate => {
            "Use the record that exists, or save all the same with --allow-save if the rule lets you."
        }
        other => names::advice(other),
    }
}
