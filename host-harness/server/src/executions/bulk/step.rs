//! One request of a bulk execution: a call of the connector, admitted like any other.

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;

use tokio_util::sync::CancellationToken;

use super::super::ended::Completion;
use super::super::{ExecutionState, Executions, Refused};
use crate::connections::{CallError, ConnectionError};
use crate::database::StoreError;
use crate::tenants::{Tenant, TenantLimits};
use salesforce_actions::Effect;
use salesforce_actions::bulk::{self, Request};
use salesforce_runtime::bindings::types::{Error, ErrorKind, Outcome};
use salesforce_runtime::{ExecutionError, HostFailure};

/// Who makes the requests, and with which connection.
pub(super) struct Steps<'a> {
    pub(super) executions: &'a Executions,
    pub(super) tenant: &'a Tenant,
    pub(super) connection: &'a str,
    pub(super) cancelled: CancellationToken,
}

/// A request gave nothing.
pub(super) enum Stopped {
    /// Somebody ended the execution.
    Cancelled,
    /// The server shuts down: another process goes on.
    Closing,
    Failed(CallError),
}

impl Steps<'_> {
    /// Makes a request once the tenant may, unless it is cancelled before. One that has begun runs to its end.
    pub(super) async fn call<T: DeserializeOwned + Send + 'static>(&self, request: &Request<T>) -> Result<T, Stopped> {
        let _place = tokio::select! {
            biased;
            () = self.cancelled.cancelled() => return Err(Stopped::Cancelled),
            place = self.executions.admission.admit_next(self.tenant) => place.ok_or(Stopped::Closing)?,
        };
        self.ask(request).await.map_err(Stopped::Failed)
    }

    async fn ask<T: DeserializeOwned + Send + 'static>(&self, request: &Request<T>) -> Result<T, CallError> {
        let call = request.call().map_err(|_| breach("a value that it does not take back"))?;
        let json = self.executions.ask(self.tenant, self.connection, &call).await?;
        let bytes = json.get().len();
        let reading = self.executions.compute(&self.tenant.id, bytes, move || serde_json::from_str(json.get()));
        let read = reading.await.map_err(|error| CallError::Connection(error.into()))?;
        read.map_err(|_| breach("a result of another shape"))
    }
}

impl Stopped {
    /// Whether the same request may go better a little later, and doubles nothing.
    pub(super) fn is_retryable(&self) -> bool {
        match self {
            Stopped::Failed(CallError::Execution(error)) => error.is_retryable(),
            Stopped::Failed(CallError::Connection(error) | CallError::Refresh(error)) => matches!(
                error,
                ConnectionError::RefreshUnderWay | ConnectionError::TokensWait | ConnectionError::Store(_)
            ),
            Stopped::Cancelled | Stopped::Closing => false,
        }
    }

    /// Whether nobody knows what became of the request.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Stopped::Failed(CallError::Execution(error)) if error.outcome() == Outcome::Unknown)
    }

    /// Whether the answer was larger than what is taken.
    pub(super) fn is_too_large(&self) -> bool {
        matches!(self, Stopped::Failed(CallError::Execution(error)) if bulk::is_too_large(error))
    }

    /// Whether it is an error of this kind.
    pub(super) fn is_of(&self, kind: ErrorKind) -> bool {
        matches!(self, Stopped::Failed(CallError::Execution(error)) if error.kind() == Some(kind))
    }

    /// How an execution ends by it that has begun no job.
    pub(super) fn completion(self, effect: Effect, limits: TenantLimits) -> Completion {
        match self {
            Stopped::Failed(error) => Completion::of_call(error, effect, limits, Duration::ZERO),
            Stopped::Cancelled => Completion::bare(ExecutionState::Cancelled, Duration::ZERO),
            Stopped::Closing => {
                let words = "the server shuts down, and nothing was given to Salesforce: send the request again to the next one";
                Completion::of_host("host-shutting-down", Outcome::NotSent, true, words, effect, Duration::ZERO)
            }
        }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stopped::Cancelled => f.write_str("it was cancelled"),
            Stopped::Closing => f.write_str("the server shut down"),
            Stopped::Failed(error) => error.fmt(f),
        }
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Stopped {
        Stopped::Failed(CallError::Connection(error.into()))
    }
}

impl From<Stopped> for Refused {
    fn from(stopped: Stopped) -> Refused {
        match stopped {
            Stopped::Cancelled | Stopped::Closing => Refused::ShuttingDown,
            Stopped::Failed(error) => error.into(),
        }
    }
}

/// What a job tells and its rows do not, or the other way round.
pub(super) fn contradiction(job: &str, words: impl fmt::Display) -> Stopped {
    Stopped::Failed(CallError::Execution(ExecutionError::Connector(Error {
        kind: ErrorKind::InvalidResponse,
        outcome: Outcome::Unknown,
        retryable: false,
        retry_after_ms: None,
        message: format!("the job {job}: {words}"),
        status: None,
        problems: Vec::new(),
        detail: None,
        request_id: None,
    })))
}

fn breach(words: &str) -> CallError {
    CallError::Execution(ExecutionError::Host(HostFailure::breach(words, true)))
}
