//! Who runs the calls.

use std::sync::Arc;

use salesforce_actions::Call;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use crate::connections::Connections;
use crate::tools::Tools;

/// Says which tools there are, and runs their calls.
pub trait Host: Send + Sync + 'static {
    /// The tools that the client of this host has.
    fn tools(&self) -> &Arc<Tools>;

    /// The connections that a call can name. Asked only if the tools take one.
    ///
    /// # Errors
    /// Why they cannot be told.
    fn connections(&self) -> impl Future<Output = Result<Connections, Refusal>> + Send;

    /// Runs a call to its end. Once the token is cancelled nobody waits for the answer, and the execution ends early.
    fn run(&self, call: ToolCall, cancelled: CancellationToken) -> impl Future<Output = Ran> + Send;
}

/// One call of a tool, its input parsed.
#[derive(Debug)]
pub struct ToolCall {
    /// The action and its arguments.
    pub call: Call,
    /// Digest of the uploaded component that has the action, where it is one's own.
    pub component: Option<String>,
    /// Id of the connection, where it names one.
    pub connection: Option<String>,
    /// Of a write, where it has one: the same call again gets the recorded answer.
    pub idempotency_key: Option<String>,
}

/// How a call went.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub ended: Ended,
    /// Id of the execution in the host's log, where there is one.
    pub execution: Option<String>,
    /// It was recorded before, and nothing was sent this time.
    pub replayed: bool,
}

/// How a call ended.
#[derive(Debug)]
pub enum Ended {
    /// It did what was asked, and gave this.
    Succeeded(Box<RawValue>),
    /// It did not.
    Failed {
        /// As JSON, with the members of the WIT's `error` as far as they are known: `kind`, `outcome`, `retryable` and `message`
        /// at least.
        error: Box<RawValue>,
        /// What to do next, where the host knows more than the error says.
        advice: Option<String>,
    },
    /// It was not begun: nothing was sent.
    Refused(Refusal),
    /// It was ended before it had a result. It only reads.
    Cancelled,
    /// It was recorded before in this state, and what it gave is no longer kept.
    Forgotten {
        /// E.g. `succeeded`.
        state: String,
    },
}

/// Why a call was not begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable name, e.g. `rate-limited`.
    pub kind: String,
    /// What was expected, and what was found.
    pub message: String,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// How long to wait before that.
    pub retry_after_ms: Option<u64>,
    /// What to do next, in a sentence.
    pub advice: String,
}

impl Refusal {
    /// Of an input that is not what the tool takes.
    #[must_use]
    pub fn of_input(message: impl Into<String>) -> Refusal {
        Refusal {
            kind: "invalid-argument".to_owned(),
            message: message.into(),
            retryable: false,
            retry_after_ms: None,
            advice: "Correct the argument that the message names; the tool's input schema says what it takes."
                .to_owned(),
        }
    }
}

impl From<Refusal> for Ran {
    fn from(refusal: Refusal) -> Ran {
        Ran { ended: Ended::Refused(refusal), execution: None, replayed: false }
    }
}
