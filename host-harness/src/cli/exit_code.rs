//! Exit codes: one number for each thing a script would do next.

use std::fmt::Write;

use salesforce_runtime::bindings::types::ErrorKind;

/// How the process ends. The numbers are part of the command's contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Authentication = 3,
    NoSuchRecord = 4,
    RecordRefused = 5,
    InvalidQuery = 6,
    Network = 7,
    Limit = 8,
    OutcomeUnknown = 9,
    Refused = 10,
    InvalidResponse = 11,
    LocalFile = 12,
    MayNotRun = 13,
    Host = 70,
    Interrupted = 130,
}

impl Exit {
    /// Every code with its meaning, as `--help` tells it.
    const ALL: [(Exit, &'static str); 16] = [
        (Exit::Done, "done"),
        (Exit::Failed, "failed otherwise: a step of the demo, a test of a webhook, or output that cannot be written"),
        (Exit::Usage, "wrong arguments: nothing was sent"),
        (Exit::Authentication, "not logged in, or not let in: log in again, or see to the connected app"),
        (Exit::NoSuchRecord, "no such record or object, a deleted record, or several that match"),
        (
            Exit::RecordRefused,
            "a record was refused: invalid, duplicate, locked, or changed in between; of several records, some",
        ),
        (Exit::InvalidQuery, "Salesforce does not accept the query or the cursor"),
        (Exit::Network, "network, TLS, egress policy, timeout, or Salesforce is down; no record was changed"),
        (Exit::Limit, "a limit: API requests or storage of the org, or the size of a request or response"),
        (
            Exit::OutcomeUnknown,
            "OUTCOME UNKNOWN: something may have been written, also if Ctrl-C ended it; look before you repeat",
        ),
        (
            Exit::Refused,
            "refused for another reason: a permission that is missing, a state that does not allow it, or any other refusal",
        ),
        (Exit::InvalidResponse, "what came back is not what Salesforce's contract says"),
        (Exit::LocalFile, "a file of yours: the connection, a certificate, a component, or an input"),
        (Exit::MayNotRun, "a component was verified and may not run: the report says why"),
        (
            Exit::Host,
            "the host stopped the component or cannot pass on its result: memory, deadline, a trap, no JSON; nothing was written",
        ),
        (Exit::Interrupted, "ended by Ctrl-C or SIGTERM; nothing was being written"),
    ];

    /// The code for an error of the component whose outcome is known.
    pub(crate) fn of_kind(kind: ErrorKind) -> Exit {
        match kind {
            ErrorKind::InvalidArgument => Exit::Usage,
            ErrorKind::SessionExpired
            | ErrorKind::ReauthorizationRequired
            | ErrorKind::RefreshInProgress
            | ErrorKind::AccessDenied
            | ErrorKind::InvalidClient
            | ErrorKind::UntrustedAuthorization => Exit::Authentication,
            ErrorKind::NotFound | ErrorKind::Deleted | ErrorKind::Ambiguous => Exit::NoSuchRecord,
            ErrorKind::InvalidRecord | ErrorKind::Duplicate | ErrorKind::Locked | ErrorKind::PreconditionFailed => {
                Exit::RecordRefused
            }
            ErrorKind::InvalidQuery | ErrorKind::CursorExpired => Exit::InvalidQuery,
            ErrorKind::Unreachable
            | ErrorKind::Insecure
            | ErrorKind::Interrupted
            | ErrorKind::Timeout
            | ErrorKind::DeniedByHost
            | ErrorKind::Unavailable => Exit::Network,
            ErrorKind::RateLimited
            | ErrorKind::LimitExceeded
            | ErrorKind::RequestTooLarge
            | ErrorKind::ResponseTooLarge => Exit::Limit,
            ErrorKind::Forbidden
            | ErrorKind::WrongState
            | ErrorKind::RolledBack
            | ErrorKind::NotRun
            | ErrorKind::Rejected => Exit::Refused,
            ErrorKind::InvalidResponse => Exit::InvalidResponse,
        }
    }

    /// The number.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }
}

/// The table for `--help`.
pub(crate) fn table() -> String {
    let mut text = "Exit codes:\n".to_owned();
    for (exit, meaning) in Exit::ALL {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:>3}  {meaning}", exit.code());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_table_once() {
        let mut codes: Vec<u8> = Exit::ALL.iter().map(|(exit, _)| exit.code()).collect();
        let listed = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), listed);
        assert!(codes.is_sorted());
        assert!(table().contains("    9  OUTCOME UNKNOWN"));
    }

    #[test]
    fn kinds_that_ask_for_different_things_have_different_codes() {
        assert_eq!(Exit::of_kind(ErrorKind::SessionExpired).code(), 3);
        assert_eq!(Exit::of_kind(ErrorKind::Ambiguous).code(), 4);
        assert_eq!(Exit::of_kind(ErrorKind::Duplicate).code(), 5);
        assert_eq!(Exit::of_kind(ErrorKind::CursorExpired).code(), 6);
        assert_eq!(Exit::of_kind(ErrorKind::Insecure).code(), 7);
        assert_eq!(Exit::of_kind(ErrorKind::RateLimited).code(), 8);
    }
}
