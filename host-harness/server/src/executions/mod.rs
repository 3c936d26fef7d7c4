//! Executions: one call of an action for a tenant, run once, recorded, and told again to whoever asks with the same key.
//!
//! ```text
//! submit ── same key? ──► the recorded result, nothing is sent
//!    │
//!    ▼ rate, fair turn among tenants, the tenant's own limit
//! commit "running" ──► fresh instance ──► commit the result ──► answer
//!                          │
//!                          └─ the process dies: "unknown", told by whichever process looks next
//! ```
//!
//! What is committed before the call is what makes a crash visible: an execution that was begun and has no result may have
//! been sent. An end that cannot be committed is kept ([`unrecorded`]) until it can be, and nothing new begins meanwhile.

mod admission;
mod bulk;
mod cancel;
mod compute;
mod digest;
mod ended;
mod kept;
mod key;
mod log;
mod lookup;
mod of_connection;
mod query_stream;
mod run;
mod state;
mod store;
mod unrecorded;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use super::at_once::AtOnce;
use super::components::{Components, UploadError};
use super::connections::{CallError, ConnectionError, Connections};
use super::database::{Database, StoreError};
use super::metrics::Metrics;
use super::process::Process;
use super::vault::Vault;
use admission::Admission;
pub(crate) use admission::Admitted;
pub(crate) use bulk::{Bulk, BulkJob, BulkKind, Rows};
use cancel::Running;
pub(crate) use digest::digest;
pub(crate) use kept::{forget_all_of, piece_place, place, request_place};
pub(crate) use key::IdempotencyKey;
pub(crate) use log::{ErrorFilter, LogFilter};
pub(crate) use lookup::LookupError;
use salesforce_actions::{Actions, Call, Effect, InputError};
use salesforce_runtime::Connector;
use salesforce_runtime::bindings::types::CallOptions;
pub(crate) use state::ExecutionState;
use unrecorded::Unrecorded;

/// The executions of a server.
#[derive(Clone)]
pub(crate) struct Executions {
    database: Database,
    vault: Arc<Vault>,
    process: Arc<Process>,
    connections: Connections,
    components: Components,
    connector: Connector,
    admission: Arc<Admission>,
    running: Arc<Running>,
    streams: Arc<AtOnce>,
    unrecorded: Arc<Unrecorded>,
    /// Cancelled when no new ones are taken: what could go on for hours stops, and another process goes on with it.
    closing: CancellationToken,
    /// Bytes of the data of a load.
    pub(crate) load_bytes: u64,
    metrics: Arc<Metrics>,
}

/// What executions need from their server.
pub(crate) struct Dependencies {
    pub(crate) database: Database,
    pub(crate) vault: Arc<Vault>,
    pub(crate) process: Arc<Process>,
    pub(crate) connections: Connections,
    pub(crate) components: Components,
    /// The connector that is used where no component is named.
    pub(crate) connector: Connector,
    /// Executions of all tenants at the same moment.
    pub(crate) executions_at_once: u32,
    /// Bytes of the data of a load.
    pub(crate) load_bytes: u64,
    pub(crate) metrics: Arc<Metrics>,
}

/// One call that a tenant asks for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) connection: String,
    /// Digest of an uploaded component; none: the connector.
    pub(crate) component: Option<String>,
    pub(crate) call: Call,
    pub(crate) options: CallOptions,
    /// The same key again gets the same result, and nothing is sent.
    pub(crate) idempotency_key: Option<IdempotencyKey>,
    /// Of the request, to tell a repetition from another request with the same key.
    pub(crate) digest: [u8; 32],
}

impl Request {
    /// With what tells a repetition from another request.
    pub(crate) fn new(
        connection: String,
        component: Option<String>,
        call: Call,
        options: CallOptions,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Request {
        let digest = digest(&connection, component.as_deref(), &call.action().name, call.input(), options);
        Request { connection, component, call, options, idempotency_key, digest }
    }

    /// Of a bulk execution, which is another request than a single call of its first action.
    ///
    /// # Errors
    /// The input is not what the action takes.
    pub(crate) fn of_bulk(
        connection: String,
        first: &str,
        input: &str,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<Request, InputError> {
        let call = Call::parse(Actions::of_connector(), first, input)?;
        let options = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };
        let digest = digest(&connection, None, &format!("bulk {first}"), call.input(), options);
        Ok(Request { connection, component: None, call, options, idempotency_key, digest })
    }
}

/// An execution in the log.
#[derive(Clone, Debug)]
pub(crate) struct ExecutionRecord {
    pub(crate) id: String,
    pub(crate) connection: String,
    pub(crate) component: Option<String>,
    /// Its name.
    pub(crate) action: String,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) state: ExecutionState,
    /// Of a failure: `not-sent`, `rejected` or `unknown`.
    pub(crate) outcome: Option<String>,
    pub(crate) error_kind: Option<String>,
    pub(crate) started_at: i64,
    pub(crate) duration_us: Option<i64>,
    pub(crate) records: i64,
    pub(crate) api_usage: Option<(u32, u32)>,
}

/// An execution with what it gave.
#[derive(Clone, Debug)]
pub(crate) struct Execution {
    pub(crate) record: ExecutionRecord,
    /// What the action gave, or the error; none while it runs, for a stream, and once it is no longer kept.
    pub(crate) given: Option<ExecutionResult>,
    /// The action's input as it came; none once it is no longer kept.
    pub(crate) request: Option<Box<RawValue>>,
    /// It was recorded before: this request sent nothing.
    pub(crate) replayed: bool,
}

/// What an execution gave, as JSON text.
#[derive(Clone, Debug)]
pub(crate) enum ExecutionResult {
    Value(Box<RawValue>),
    Error(Box<RawValue>),
}

/// An execution is not ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotCancelled {
    #[error("the execution has ended and is being recorded: ask for it again in a moment")]
    HasEnded,
    #[error("there is no such running execution")]
    NotRunning,
}

/// An execution was not begun; nothing was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("this tenant has started {allowed} executions in a minute, which is its limit: try again in {} ms", retry_after.as_millis())]
    TooFast { allowed: u32, retry_after: Duration },
    #[error(
        "this tenant has {at_once} executions waiting for their turn, which is its limit: try again when one has ended"
    )]
    TooMany { at_once: u32 },
    #[error("this tenant has {at_once} streams open, which is its limit: try again when one has ended")]
    TooManyStreams { at_once: u32 },
    #[error(
        "the idempotency key was used for another request: send that one again, with the same values and options. With a new key a \
         create is made a second time, unless the outcome of the first was `not-sent`"
    )]
    KeyReused,
    #[error("execution {id} is still running: ask for it, or send the request again in a moment")]
    StillRunning { id: String },
    #[error("component {0} was not found, or may not run")]
    Component(String),
    #[error(transparent)]
    Upload(#[from] UploadError),
    #[error("there are no such rows: {0}")]
    NoRows(&'static str),
    #[error("only soql-query can be streamed")]
    NotAQuery,
    #[error("a stream takes no idempotency key: its result is not recorded, and a query can be sent again")]
    StreamWithKey,
    #[error(
        "nothing was started: the server cannot record the results of earlier executions yet, because its disk is not writable. \
         Send the request again later"
    )]
    NotRecording,
    #[error("the server is shutting down: send the request again to the next one")]
    ShuttingDown,
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Executions {
    pub(crate) fn new(needed: Dependencies) -> Executions {
        Executions {
            database: needed.database,
            vault: needed.vault,
            process: needed.process,
            connections: needed.connections,
            components: needed.components,
            connector: needed.connector,
            admission: Arc::new(Admission::new(needed.executions_at_once)),
            running: Arc::default(),
            streams: Arc::default(),
            unrecorded: Arc::default(),
            closing: CancellationToken::new(),
            load_bytes: needed.load_bytes,
            metrics: needed.metrics,
        }
    }

    /// How many run in this process.
    pub(crate) fn running(&self) -> usize {
        self.running.count()
    }

    /// Whether no new ones are taken.
    pub(crate) fn is_closing(&self) -> bool {
        self.admission.is_closed()
    }

    /// Takes no new executions from now on, and waits until those that run have ended and all ends are recorded.
    pub(crate) async fn drain(&self) {
        self.admission.close();
        self.closing.cancel();
        self.running.ended().await;
        self.unrecorded.none().await;
    }
}

impl ExecutionRecord {
    pub(crate) fn effect(&self) -> Effect {
        Effect::of(&self.action)
    }
}

impl Execution {
    /// Salesforce's `x-sfdc-request-id` of a failure, as the component told it, or the runtime has cleaned it.
    pub(crate) fn request_id(&self) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct Named {
            request_id: Option<String>,
        }
        let Some(ExecutionResult::Error(error)) = &self.given else { return None };
        serde_json::from_str::<Named>(error.get()).ok()?.request_id
    }
}

impl fmt::Display for ExecutionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<CallError> for Refused {
    fn from(error: CallError) -> Refused {
        match error {
            CallError::Connection(error) | CallError::Refresh(error) => Refused::Connection(error),
            CallError::Execution(error) => Refused::Connection(ConnectionError::OAuth(error)),
        }
    }
}
