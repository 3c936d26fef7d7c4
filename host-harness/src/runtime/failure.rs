//! Why an execution gave no result: the component's own error, or a failure of its run.

use std::fmt;

use wasmtime::{PoolConcurrencyLimitError, Trap};

use super::store::MemoryLimitReached;
use crate::bindings::types::{Error as ConnectorError, Outcome};

/// Why an execution gave no result.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    /// The component answered with an error of its own.
    #[error("{}", .0.message)]
    Connector(ConnectorError),
    /// The component did not come to an answer.
    #[error(transparent)]
    Host(HostFailure),
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
    /// It wanted more memory than [`Limits::memory_bytes`](super::Limits::memory_bytes).
    ResourceExhausted,
    /// The outer deadline passed.
    DeadlineExceeded,
    /// It trapped: a bug in the component. The instance is gone; the next execution has a fresh one.
    Trapped,
    /// As many executions as [`Limits::concurrent_executions`](super::Limits::concurrent_executions) are running.
    Overloaded,
}

impl HostFailure {
    /// Sorts an error of wasmtime. Only the trap's code goes into the message: it is one of a fixed list of texts.
    pub(super) fn from_wasmtime(error: &wasmtime::Error, outcome: Outcome) -> Self {
        let (kind, message) = if error.is::<PoolConcurrencyLimitError>() {
            (
                HostFailureKind::Overloaded,
                "as many executions are running as the host allows: try again later".to_owned(),
            )
        } else if let Some(limit) = error.downcast_ref::<MemoryLimitReached>() {
            (HostFailureKind::ResourceExhausted, limit.to_string())
        } else if let Some(trap) = error.downcast_ref::<Trap>() {
            (HostFailureKind::Trapped, format!("the component trapped: {}", trap_text(*trap)))
        } else {
            let message = "the component used an import, or gave a result, in a way that its interface does not allow";
            (HostFailureKind::Trapped, message.to_owned())
        };
        Self { kind, outcome, message }
    }

    /// A function of the host panicked.
    pub(super) fn of_host(outcome: Outcome) -> Self {
        let message = "the host failed while the component ran".to_owned();
        Self { kind: HostFailureKind::Trapped, outcome, message }
    }

    pub(super) fn deadline_exceeded(deadline: std::time::Duration, outcome: Outcome) -> Self {
        Self {
            kind: HostFailureKind::DeadlineExceeded,
            outcome,
            message: format!("the component gave no answer within the host's limit of {deadline:?}"),
        }
    }
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
