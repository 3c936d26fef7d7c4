//! Why an execution gave no result: the component's own error, or a failure of its run.

use std::fmt;

use wasmtime::{PoolConcurrencyLimitError, Trap};

use super::answer::Refused;
use super::exports::NotExported;
use super::store::MemoryLimitReached;
use crate::bindings::types::{Error as ConnectorError, ErrorKind, Outcome};

/// How wasmtime's error begins when a component hands the host more at once than it takes. Its type is not public.
const FUEL_EXHAUSTED: &str = "too much data is being copied between the host and the guest";

/// Why an execution gave no result.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    /// The component answered with an error of its own. What the host's journal contradicts in it is corrected
    /// ([`Evidence`](super::Evidence)):
    ///
    /// - `outcome` is never better than what was seen on the wire: `NotSent` only if nothing left, `Rejected` only if every
    ///   request that can change something was answered with a status that proves a refusal;
    /// - `retryable` is false where a repetition could change something twice;
    /// - `status` is one that came.
    ///
    /// Its texts are bounded and hold no control characters, its detail is JSON of at most 256 KiB, its request Id is
    /// letters, digits and a few marks. `kind` is the component's word.
    #[error("{}", .0.message)]
    Connector(ConnectorError),
    /// The component did not come to an answer.
    #[error(transparent)]
    Host(HostFailure),
}

impl ExecutionError {
    /// The component's word for what went wrong. None: the host ended the execution.
    #[must_use]
    pub fn kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Connector(error) => Some(error.kind),
            Self::Host(_) => None,
        }
    }

    /// What became of the request at Salesforce: `NotSent` (nothing left this host), `Rejected` (Salesforce refused, nothing
    /// was changed) or `Unknown`. After `Unknown` a write must not be repeated without looking first.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Connector(error) => error.outcome,
            Self::Host(failure) => failure.outcome,
        }
    }

    /// Whether the same call may be made again later as it is: it may succeed then, and can double nothing. How long
    /// Salesforce asks to wait is in `retry_after_ms` of [`ExecutionError::Connector`].
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connector(error) => error.retryable,
            Self::Host(failure) => failure.is_retryable(),
        }
    }
}

/// The component did not come to an answer.
///
/// Holds nothing of the component's memory.
#[derive(Clone, Debug)]
pub struct HostFailure {
    /// What ended the execution.
    pub kind: HostFailureKind,
    /// `NotSent` if provably no request left the host; else `Unknown`: something may have been written, and nobody
    /// is left to say. Never `Rejected`.
    pub outcome: Outcome,
    /// One plain sentence.
    pub message: String,
}

/// What ended an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostFailureKind {
    /// It wanted more memory than [`Limits::memory_bytes`](super::Limits::memory_bytes), or gave more than
    /// [`Limits::result_bytes`](super::Limits::result_bytes).
    ResourceExhausted,
    /// The outer deadline passed.
    DeadlineExceeded,
    /// It has no such function. Nothing was sent.
    NotExported,
    /// It trapped: a bug in the component. The instance is gone; the next execution has a fresh one, and the same call most
    /// likely traps again.
    Trapped,
    /// It gave a result that its interface does not allow, or that is no JSON: a bug in the component.
    BadResult,
    /// As many executions as [`Limits::concurrent_executions`](super::Limits::concurrent_executions) are running.
    Overloaded,
}

impl HostFailureKind {
    /// Its name where kinds of errors are told, beside those of the WIT.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ResourceExhausted => "host-resource-exhausted",
            Self::DeadlineExceeded => "host-deadline-exceeded",
            Self::NotExported => "host-no-such-action",
            Self::Trapped => "host-trapped",
            Self::BadResult => "host-bad-result",
            Self::Overloaded => "host-overloaded",
        }
    }
}

impl HostFailure {
    /// Of a component that gave a result, with this message of why it is not passed on.
    #[must_use]
    pub fn bad_result(message: String, may_have_left: bool) -> Self {
        Self { kind: HostFailureKind::BadResult, outcome: outcome(may_have_left), message }
    }

    /// Of a result that is not what its interface allows.
    #[must_use]
    pub fn breach(what: &str, may_have_left: bool) -> Self {
        let message = format!("the component gave a result in a way that its interface does not allow: {what}");
        Self::bad_result(message, may_have_left)
    }

    /// Of a result of more bytes than are taken.
    #[must_use]
    pub fn too_large(message: String, may_have_left: bool) -> Self {
        Self { kind: HostFailureKind::ResourceExhausted, outcome: outcome(may_have_left), message }
    }

    /// Whether the same call may be made again later as it is: only where nothing was sent, and where it failed for want of
    /// time or of a place. A component that trapped, or wanted too much, does so again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let may_pass = matches!(self.kind, HostFailureKind::Overloaded | HostFailureKind::DeadlineExceeded);
        may_pass && self.outcome == Outcome::NotSent
    }

    /// Sorts an error of wasmtime. Only the trap's code goes into the message: it is one of a fixed list of texts.
    pub(super) fn from_wasmtime(error: &wasmtime::Error, result_bytes: usize, may_have_left: bool) -> Self {
        let (kind, message) = if error.is::<PoolConcurrencyLimitError>() {
            (
                HostFailureKind::Overloaded,
                "as many executions are running as the host allows: try again later".to_owned(),
            )
        } else if let Some(missing) = error.downcast_ref::<NotExported>() {
            (HostFailureKind::NotExported, missing.to_string())
        } else if let Some(limit) = error.downcast_ref::<MemoryLimitReached>() {
            (HostFailureKind::ResourceExhausted, limit.to_string())
        } else if error.root_cause().to_string().starts_with(FUEL_EXHAUSTED) {
            (HostFailureKind::ResourceExhausted, too_large(result_bytes))
        } else if let Some(trap) = error.downcast_ref::<Trap>() {
            (HostFailureKind::Trapped, format!("the component trapped: {}", trap_text(*trap)))
        } else {
            let message = "the component used an import, or gave a result, in a way that its interface does not allow";
            (HostFailureKind::Trapped, message.to_owned())
        };
        Self { kind, outcome: outcome(may_have_left), message }
    }

    /// A function of the host panicked.
    pub(super) fn of_host(may_have_left: bool) -> Self {
        let message = "the host failed while the component ran".to_owned();
        Self { kind: HostFailureKind::Trapped, outcome: outcome(may_have_left), message }
    }

    /// Of an answer that came and is not passed on.
    pub(super) fn refused(refused: Refused, result_bytes: usize, may_have_left: bool) -> Self {
        match refused {
            Refused::TooLarge => Self::too_large(too_large(result_bytes), may_have_left),
            Refused::Breach(what) => Self::breach(what, may_have_left),
        }
    }

    pub(super) fn deadline_exceeded(deadline: std::time::Duration, may_have_left: bool) -> Self {
        Self {
            kind: HostFailureKind::DeadlineExceeded,
            outcome: outcome(may_have_left),
            message: format!("the component gave no answer within the host's limit of {deadline:?}"),
        }
    }
}

fn outcome(may_have_left: bool) -> Outcome {
    if may_have_left { Outcome::Unknown } else { Outcome::NotSent }
}

fn too_large(result_bytes: usize) -> String {
    format!(
        "the component gave more than the {result_bytes} bytes of a result that the host takes: ask for less at once \
         (records, fields, a range of a file), or have the bound raised"
    )
}

fn trap_text(trap: Trap) -> String {
    let text = trap.to_string();
    text.strip_prefix("wasm trap: ").unwrap_or(&text).to_owned()
}

impl fmt::Display for HostFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for HostFailure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_not_sent_for_want_of_time_or_place_is_retryable() {
        use HostFailureKind::{BadResult, DeadlineExceeded, NotExported, Overloaded, ResourceExhausted, Trapped};
        for (kind, outcome, retryable) in [
            (Overloaded, Outcome::NotSent, true),
            (DeadlineExceeded, Outcome::NotSent, true),
            (DeadlineExceeded, Outcome::Unknown, false),
            (Trapped, Outcome::NotSent, false),
            (Trapped, Outcome::Unknown, false),
            (BadResult, Outcome::NotSent, false),
            (ResourceExhausted, Outcome::NotSent, false),
            (NotExported, Outcome::NotSent, false),
        ] {
            let failure = HostFailure { kind, outcome, message: String::new() };
            assert_eq!(ExecutionError::Host(failure).is_retryable(), retryable, "{kind:?} {outcome:?}");
        }
    }
}
