//! One execution from its request to its recorded end.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::value::to_raw_value;

use super::store::Recorded;
use super::{Execution, ExecutionRecord, ExecutionState, Executions, Given, Refused, Request};
use crate::action::{ActionName, Answer};
use crate::bindings::types::{ApiUsage, Outcome};
use crate::json::ErrorView;
use crate::names;
use crate::runtime::{Connector, ExecutionError, HostFailureKind};
use crate::server::connections::{CallError, CallSetting, ConnectionError, ConnectionState, Sealing};
use crate::server::database::StoreError;
use crate::server::tenants::Tenant;

/// How an execution ended.
pub(super) struct Ended {
    pub(super) state: ExecutionState,
    pub(super) outcome: Option<&'static str>,
    pub(super) error_kind: Option<&'static str>,
    pub(super) duration: Duration,
    pub(super) records: u64,
    pub(super) usage: Option<ApiUsage>,
    pub(super) request_id: Option<String>,
    pub(super) given: Option<Given>,
}

/// An error that is not the component's own, in the form of one.
#[derive(Serialize)]
struct HostErrorView<'a> {
    kind: &'static str,
    outcome: &'static str,
    retryable: bool,
    message: &'a str,
}

impl Executions {
    /// Runs an execution to its end, or answers with the one that had its idempotency key.
    ///
    /// Once it is recorded as begun it runs to its end even if the caller is dropped.
    pub(crate) async fn submit(&self, tenant: &Tenant, request: Request) -> Result<Execution, Refused> {
        self.admission.count(tenant)?;
        if let Some(key) = &request.idempotency_key
            && let Some((record, digest)) = self.recorded(&tenant.id, key).await?
        {
            return self.replay(tenant, &request, record, &digest).await;
        }
        let connector = self.prepare(tenant, &request).await?;
        let place = self.admission.admit(tenant).await?;
        let id = match self.record_begin(&tenant.id, &request).await? {
            Recorded::New(id) => id,
            Recorded::Before(record, digest) => return self.replay(tenant, &request, *record, &digest).await,
        };
        let (this, tenant) = (self.clone(), tenant.clone());
        let running = tokio::spawn(async move {
            let _place = place;
            this.run(&tenant, &id, &request, &connector).await?;
            this.find(&tenant.id, &id).await?.ok_or(StoreError::Closed)
        });
        Ok(running.await.map_err(|_| StoreError::Closed)??)
    }

    /// Asks an execution to end early; false if it does not run in this process.
    pub(crate) fn cancel(&self, tenant: &Tenant, id: &str) -> bool {
        self.running.cancel(&tenant.id, id)
    }

    /// Finds out, before anything is recorded, what would keep an execution from being sent.
    pub(super) async fn prepare(&self, tenant: &Tenant, request: &Request) -> Result<Connector, Refused> {
        let connection = self.connections.find(&tenant.id, &request.connection).await?;
        if connection.state != ConnectionState::Active {
            let (state, reason) = (connection.state, connection.reason);
            return Err(ConnectionError::NotActive { state, reason }.into());
        }
        match &request.component {
            None => Ok(self.connector.clone()),
            Some(digest) => {
                let found = self.components.connector(&tenant.id, digest).await?;
                found.ok_or_else(|| Refused::Component(digest.clone()))
            }
        }
    }

    async fn run(&self, tenant: &Tenant, id: &str, request: &Request, connector: &Connector) -> Result<(), StoreError> {
        let entry = self.running.enter(&tenant.id, id);
        let setting = setting(tenant, request, connector);
        let started = Instant::now();
        let call = self.connections.call(&request.connection, &request.action, &setting);
        let called = tokio::select! {
            biased;
            () = entry.cancelled.cancelled() => None,
            called = call => Some(called),
        };
        let ended = match called {
            None => Ended::cancelled(request.action.name(), started.elapsed()),
            Some(called) => Ended::new(called, request.action.name(), started.elapsed()),
        };
        self.metrics.executed(request.action.name(), ended.state, ended.duration);
        tracing::info!(
            execution = id,
            tenant = tenant.id,
            connection = request.connection,
            component = request.component,
            action = %request.action.name(),
            state = %ended.state,
            error_kind = ended.error_kind,
            request_id = ended.request_id,
            duration_us = ended.duration.as_micros() as u64,
            "executed"
        );
        if ended.state == ExecutionState::Unknown {
            tracing::warn!(
                execution = id,
                tenant = tenant.id,
                connection = request.connection,
                action = %request.action.name(),
                error_kind = ended.error_kind,
                "nobody knows whether an execution has changed something: its state is unknown"
            );
        }
        self.record(id, &request.connection, ended).await
    }

    /// Records how an execution ended, and what it told of the org's API allowance: at once, for one flush of the disk.
    pub(super) async fn record(&self, id: &str, connection: &str, ended: Ended) -> Result<(), StoreError> {
        let usage = ended.usage;
        let (recorded, ()) = tokio::join!(self.record_end(id, ended), self.told_usage(connection, usage));
        recorded
    }

    async fn told_usage(&self, connection: &str, usage: Option<ApiUsage>) {
        if let Some(usage) = usage
            && let Err(error) = self.connections.note_usage(connection, usage).await
        {
            tracing::warn!(%error, "the API usage of a connection was not kept");
        }
    }

    async fn replay(
        &self,
        tenant: &Tenant,
        request: &Request,
        record: ExecutionRecord,
        digest: &[u8],
    ) -> Result<Execution, Refused> {
        if digest != request.digest {
            return Err(Refused::KeyReused);
        }
        if record.state == ExecutionState::Running {
            return Err(Refused::StillRunning { id: record.id });
        }
        let found = self.find(&tenant.id, &record.id).await?.ok_or(StoreError::Closed)?;
        Ok(Execution { replayed: true, ..found })
    }
}

/// How a tenant's request is called.
pub(super) fn setting<'a>(tenant: &'a Tenant, request: &Request, connector: &'a Connector) -> CallSetting<'a> {
    CallSetting {
        connector,
        tenant: &tenant.id,
        sealing: if request.component.is_some() { Sealing::Sealed } else { Sealing::Open },
        within: tenant.limits.deadline(),
        memory_bytes: tenant.limits.memory_bytes(),
        options: request.options,
    }
}

impl Ended {
    pub(super) fn new(called: Result<Answer, CallError>, action: ActionName, duration: Duration) -> Ended {
        match called {
            Ok(answer) => match answer.to_json() {
                Ok(json) => Ended {
                    records: answer.records().into(),
                    usage: answer.usage(),
                    given: Some(Given::Result(json)),
                    ..Ended::bare(ExecutionState::Succeeded, duration)
                },
                // The component has done something, and says nothing that can be told.
                Err(error) => Ended::of_host("host-trapped", Outcome::Unknown, &error.to_string(), action, duration),
            },
            Err(CallError::Execution(error)) => Ended::failed(&error, action, duration),
            // The refresh went wrong, before or after the call was refused for its session: nothing came of the call.
            Err(CallError::Connection(ConnectionError::OAuth(mut error))) => {
                match &mut error {
                    ExecutionError::Connector(error) => error.outcome = Outcome::Rejected,
                    ExecutionError::Host(failure) => failure.outcome = Outcome::Rejected,
                }
                Ended::failed(&error, action, duration)
            }
            Err(CallError::Connection(error)) => {
                let kind = match error {
                    ConnectionError::NotActive { .. } => "reauthorization-required",
                    ConnectionError::RefreshUnderWay => "refresh-in-progress",
                    ConnectionError::Suspended => "tenant-suspended",
                    _ => "host-failed",
                };
                Ended::of_host(kind, Outcome::NotSent, &error.to_string(), action, duration)
            }
        }
    }

    pub(super) fn cancelled(action: ActionName, duration: Duration) -> Ended {
        if action.writes() {
            let words = "it was cancelled while it was being sent";
            return Ended::of_host("cancelled", Outcome::Unknown, words, action, duration);
        }
        Ended::bare(ExecutionState::Cancelled, duration)
    }

    pub(super) fn bare(state: ExecutionState, duration: Duration) -> Ended {
        Ended {
            state,
            outcome: None,
            error_kind: None,
            duration,
            records: 0,
            usage: None,
            request_id: None,
            given: None,
        }
    }

    fn failed(error: &ExecutionError, action: ActionName, duration: Duration) -> Ended {
        match error {
            ExecutionError::Connector(error) => Ended {
                outcome: Some(names::outcome(error.outcome)),
                error_kind: Some(names::error_kind(error.kind)),
                request_id: error.request_id.clone(),
                given: json(&ErrorView::new(error)),
                ..Ended::bare(state_of(error.outcome, action), duration)
            },
            ExecutionError::Host(failure) => {
                let kind = match failure.kind {
                    HostFailureKind::ResourceExhausted => "host-resource-exhausted",
                    HostFailureKind::DeadlineExceeded => "host-deadline-exceeded",
                    HostFailureKind::Trapped => "host-trapped",
                    HostFailureKind::Overloaded => "host-overloaded",
                };
                Ended::of_host(kind, failure.outcome, &failure.message, action, duration)
            }
        }
    }

    fn of_host(kind: &'static str, outcome: Outcome, message: &str, action: ActionName, duration: Duration) -> Ended {
        let view =
            HostErrorView { kind, outcome: names::outcome(outcome), retryable: outcome == Outcome::NotSent, message };
        Ended {
            outcome: Some(view.outcome),
            error_kind: Some(kind),
            given: json(&view),
            ..Ended::bare(state_of(outcome, action), duration)
        }
    }
}

/// A read whose outcome is unknown has failed and changed nothing.
fn state_of(outcome: Outcome, action: ActionName) -> ExecutionState {
    if outcome == Outcome::Unknown && action.writes() { ExecutionState::Unknown } else { ExecutionState::Failed }
}

fn json(view: &impl Serialize) -> Option<Given> {
    to_raw_value(view).ok().map(Given::Error)
}
