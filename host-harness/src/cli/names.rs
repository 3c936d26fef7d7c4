//! The names of the WIT's enums, and what a person does about an error of each kind.

pub(crate) use host_harness::names::{error_kind, outcome};

use super::wit::types::ErrorKind;

/// What a person does about an error of this kind.
pub(crate) fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidArgument => "Correct the argument.",
        ErrorKind::RequestTooLarge => "Ask for less at once: a shorter query, fewer fields, or fewer values in a list.",
        ErrorKind::DeniedByHost => {
            "The connection may reach its login host and its org, and nothing else; loopback only if its login URL is loopback."
        }
        ErrorKind::Unreachable => "Check the address and the network, then try again.",
        ErrorKind::Insecure => {
            "Check the address; if the server's certificate is signed by your own authority, name it with --ca FILE."
        }
        ErrorKind::Interrupted | ErrorKind::Timeout => "Try again later, or allow more time with --deadline-ms.",
        ErrorKind::ResponseTooLarge => "Ask for less at once, or raise --max-response-bytes.",
        ErrorKind::InvalidResponse => {
            "Check that the address is a Salesforce org, and that no proxy answers in its place."
        }
        ErrorKind::SessionExpired | ErrorKind::ReauthorizationRequired => "Run `harness login` again.",
        ErrorKind::RefreshInProgress => "Another program refreshes the same token: try again in a few seconds.",
        ErrorKind::AccessDenied => {
            "The user declined, or a policy of the org or the connected app keeps them out: see its settings in Salesforce."
        }
        ErrorKind::InvalidClient => {
            "Check the client id, the client secret, the callback URL and the flows of the connected app."
        }
        ErrorKind::UntrustedAuthorization => {
            "Begin again with `harness login`; do not use a callback address that somebody sent you."
        }
        ErrorKind::NotFound => "Check the object, the Id or external Id, and whether the user may see the record.",
        ErrorKind::Deleted => "The record may be in the recycle bin; `soql-query --include-deleted` shows it.",
        ErrorKind::Ambiguous => "Several records match: name one of those in `detail` by its Id.",
        ErrorKind::PreconditionFailed => "The record has changed in between: read it again, then decide.",
        ErrorKind::InvalidQuery => "Correct the query where the problem says.",
        ErrorKind::CursorExpired => "Run the query again: a cursor is good for two days.",
        ErrorKind::InvalidRecord => "Correct the fields that the problems name.",
        ErrorKind::Duplicate => {
            "Use the record that exists, or save all the same with --allow-duplicates if the rule lets you."
        }
        ErrorKind::Locked => "Another transaction holds the record: try again a little later.",
        ErrorKind::Forbidden => "The user of this connection lacks a permission: ask the org's administrator.",
        ErrorKind::RateLimited => "Wait before you try again: an API limit of the org is used up.",
        ErrorKind::Unavailable => "Salesforce is down or overloaded: try again later.",
        ErrorKind::Rejected => "See Salesforce's own words above.",
    }
}
