//! One execution from its request to its recorded end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::value::to_raw_value;

use super::admission::Admitted;
use super::of_connection::Call;
use super::store::Recorded;
use super::unrecorded::End;
use super::{
    Execution, ExecutionRecord, ExecutionState, Executions, Given, IdempotencyKey, NotCancelled, Refused, Request,
};
use crate::connections::{CallError, CallSetting, ConnectionError, ConnectionState, Sealing};
use crate::database::StoreError;
use crate::tenants::{Tenant, TenantLimits};
use crate::{clock, ids};
use salesforce_actions::json::{ErrorView, NotGiven, bounded};
use salesforce_actions::{Action, Actions, Answer, Effect};
use salesforce_runtime::bindings::types::{ApiUsage, Outcome};
use salesforce_runtime::names;
use salesforce_runtime::{Connector, ExecutionError, HostFailureKind};

/// How an execution ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) state: ExecutionState,
    pub(super) outcome: Option<&'static str>,
    pub(super) error_kind: Option<&'static str>,
    pub(super) finished_at: i64,
    pub(super) duration: Duration,
    pub(super) records: u64,
    pub(super) usage: Option<ApiUsage>,
    /// For the log alone.
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
    /// Once it has its place it runs to its end even if the caller is dropped.
    pub(crate) async fn submit(&self, tenant: &Tenant, request: Request) -> Result<Execution, Refused> {
        self.admission.count(tenant)?;
        if let Some(key) = &request.idempotency_key
            && let Some(before) = self.recorded_for(tenant, key, &request.digest).await?
        {
            return Ok(before);
        }
        self.may_begin()?;
        let connector = self.prepare(tenant, &request).await?;
        let place = self.admission.admit(tenant).await?;
        self.may_begin()?;
        let (this, tenant) = (self.clone(), tenant.clone());
        let running = tokio::spawn(async move { this.run(&tenant, &request, &connector, place).await });
        running.await.map_err(|_| StoreError::Closed)?
    }

    /// Asks an execution to end early.
    ///
    /// # Errors
    /// [`NotCancelled`]: it does not run here.
    pub(crate) fn cancel(&self, tenant: &Tenant, id: &str) -> Result<(), NotCancelled> {
        if self.running.cancel(&tenant.id, id) {
            Ok(())
        } else if self.unrecorded.told(&tenant.id, id).is_some() {
            Err(NotCancelled::HasEnded)
        } else {
            Err(NotCancelled::NotRunning)
        }
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

    /// What a tenant can ask for: of the component of this digest, or of the connector.
    pub(crate) async fn actions(&self, tenant: &str, component: Option<&str>) -> Result<Arc<Actions>, Refused> {
        match component {
            None => Ok(Actions::of_connector().clone()),
            Some(digest) => {
                let found = self.components.actions(tenant, digest).await?;
                found.ok_or_else(|| Refused::Component(digest.to_owned()))
            }
        }
    }

    async fn run(
        &self,
        tenant: &Tenant,
        request: &Request,
        connector: &Connector,
        _place: Admitted,
    ) -> Result<Execution, Refused> {
        let id = ids::new();
        // It runs before it is recorded as running: what is recorded always has an owner.
        let entry = self.running.enter(&tenant.id, &id);
        let begun = match self.record_begin(&id, &tenant.id, request).await? {
            Recorded::New(begun) => *begun,
            Recorded::Before(record, digest) => return self.replay(tenant, &request.digest, *record, &digest).await,
        };
        let setting = setting(tenant, request, connector);
        let started = Instant::now();
        let call = self.connections.call(&request.connection, &request.call, &setting);
        let called = tokio::select! {
            biased;
            () = entry.cancelled.cancelled() => None,
            called = call => Some(called),
        };
        let Action { name: action, effect, .. } = request.call.action();
        let ended = match called {
            None => Ended::cancelled(*effect, started.elapsed()),
            Some(called) => self.ended(tenant, called, *effect, started.elapsed()).await,
        };
        self.metrics.executed(action, ended.state, ended.duration);
        tracing::info!(
            execution = id,
            tenant = tenant.id,
            connection = request.connection,
            component = request.component,
            action,
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
                action,
                error_kind = ended.error_kind,
                "nobody knows whether an execution has changed something: its state is unknown"
            );
        }
        Ok(self.settle(End { tenant: tenant.id.clone(), begun, input: request.call.input().clone(), ended }).await)
    }

    /// How a call ended.
    async fn ended(
        &self,
        tenant: &Tenant,
        called: Result<Answer, CallError>,
        effect: Effect,
        duration: Duration,
    ) -> Ended {
        let (limits, bytes) = (tenant.limits, called.as_ref().map_or(0, Answer::json_bytes));
        let ended = self.compute(&tenant.id, bytes, move || Ended::new(called, effect, limits, duration));
        ended.await.unwrap_or_else(|_| {
            let words = "the host failed to read the component's result";
            Ended::of_host("host-trapped", Outcome::Unknown, false, words, effect, duration)
        })
    }

    /// Notes what the org said of its API allowance, as the egress saw it.
    pub(super) async fn note_usage(&self, end: &End) {
        if let Some(usage) = end.ended.usage
            && let Err(error) = self.connections.note_usage(&end.begun.connection, usage).await
        {
            tracing::warn!(%error, "the API usage of a connection was not kept");
        }
    }

    /// The execution that had this key, and this request.
    pub(crate) async fn recorded_for(
        &self,
        tenant: &Tenant,
        key: &IdempotencyKey,
        asked: &[u8; 32],
    ) -> Result<Option<Execution>, Refused> {
        match self.recorded(&tenant.id, key.as_str()).await? {
            Some((record, digest)) => self.replay(tenant, asked, record, &digest).await.map(Some),
            None => Ok(None),
        }
    }

    async fn replay(
        &self,
        tenant: &Tenant,
        asked: &[u8; 32],
        record: ExecutionRecord,
        digest: &[u8],
    ) -> Result<Execution, Refused> {
        if digest != asked {
            return Err(Refused::KeyReused);
        }
        let found = self.find(&tenant.id, &record.id).await?.ok_or(StoreError::Closed)?;
        if found.record.state == ExecutionState::Running {
            return Err(Refused::StillRunning { id: record.id });
        }
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
        result_bytes: tenant.limits.result_bytes(),
        options: request.options,
    }
}

impl Ended {
    pub(super) fn new(
        called: Result<Answer, CallError>,
        effect: Effect,
        limits: TenantLimits,
        duration: Duration,
    ) -> Ended {
        match called {
            Ok(answer) => {
                let (records, usage) = (answer.records(), answer.usage());
                match answer.into_json(limits.result_bytes()) {
                    Ok(json) => Ended {
                        records: records.into(),
                        usage,
                        given: Some(Given::Result(json)),
                        ..Ended::bare(ExecutionState::Succeeded, duration)
                    },
                    Err(error) => Ended::not_given(&error, effect, limits, duration),
                }
            }
            Err(CallError::Execution(error)) => Ended::failed(&error, effect, limits, duration),
            Err(CallError::Connection(error)) => Ended::of_connection(error, Call::NotMade, effect, limits, duration),
            Err(CallError::Refresh(error)) => Ended::of_connection(error, Call::Refused, effect, limits, duration),
        }
    }

    /// The component has done something, and what it says of it cannot be passed on.
    pub(super) fn not_given(error: &NotGiven, effect: Effect, limits: TenantLimits, duration: Duration) -> Ended {
        match error {
            NotGiven::NotJson(_) | NotGiven::TooDeep { .. } => {
                Ended::of_host("host-trapped", Outcome::Unknown, false, &error.to_string(), effect, duration)
            }
            NotGiven::TooLarge => {
                let words = format!(
                    "the result is larger than this tenant's {} KiB: ask for fewer records or fields at once, or stream \
                     the query (Accept: application/x-ndjson)",
                    limits.result_kib
                );
                Ended::of_host("host-resource-exhausted", Outcome::Unknown, false, &words, effect, duration)
            }
        }
    }

    pub(super) fn duration_us(&self) -> i64 {
        i64::try_from(self.duration.as_micros()).unwrap_or(i64::MAX)
    }

    pub(super) fn records_in_log(&self) -> i64 {
        i64::try_from(self.records).unwrap_or(i64::MAX)
    }

    pub(super) fn cancelled(effect: Effect, duration: Duration) -> Ended {
        if effect == Effect::Writes {
            let words = "it was cancelled while it was being sent";
            return Ended::of_host("cancelled", Outcome::Unknown, false, words, effect, duration);
        }
        Ended::bare(ExecutionState::Cancelled, duration)
    }

    pub(super) fn bare(state: ExecutionState, duration: Duration) -> Ended {
        Ended {
            state,
            outcome: None,
            error_kind: None,
            finished_at: clock::now(),
            duration,
            records: 0,
            usage: None,
            request_id: None,
            given: None,
        }
    }

    pub(super) fn failed(error: &ExecutionError, effect: Effect, limits: TenantLimits, duration: Duration) -> Ended {
        match error {
            ExecutionError::Connector(error) => match bounded(&ErrorView::new(error), limits.result_bytes()) {
                Ok(json) => Ended {
                    outcome: Some(names::outcome(error.outcome)),
                    error_kind: Some(names::error_kind(error.kind)),
                    request_id: error.request_id.clone(),
                    given: Some(Given::Error(json)),
                    ..Ended::bare(state_of(error.outcome, effect), duration)
                },
                Err(_) => {
                    let words = format!("the component's error is larger than this tenant's {} KiB", limits.result_kib);
                    Ended::of_host("host-resource-exhausted", error.outcome, false, &words, effect, duration)
                }
            },
            ExecutionError::Host(failure) => {
                let kind = match failure.kind {
                    HostFailureKind::ResourceExhausted => "host-resource-exhausted",
                    HostFailureKind::DeadlineExceeded => "host-deadline-exceeded",
                    HostFailureKind::NotExported => "host-no-such-action",
                    HostFailureKind::Trapped => "host-trapped",
                    HostFailureKind::Overloaded => "host-overloaded",
                };
                let retryable = failure.outcome == Outcome::NotSent;
                Ended::of_host(kind, failure.outcome, retryable, &failure.message, effect, duration)
            }
        }
    }

    pub(super) fn of_host(
        kind: &'static str,
        outcome: Outcome,
        retryable: bool,
        message: &str,
        effect: Effect,
        duration: Duration,
    ) -> Ended {
        let view = HostErrorView { kind, outcome: names::outcome(outcome), retryable, message };
        Ended {
            outcome: Some(view.outcome),
            error_kind: Some(kind),
            given: json(&view),
            ..Ended::bare(state_of(outcome, effect), duration)
        }
    }
}

/// A read whose outcome is unknown has failed and changed nothing.
fn state_of(outcome: Outcome, effect: Effect) -> ExecutionState {
    if outcome == Outcome::Unknown && effect == Effect::Writes {
        ExecutionState::Unknown
    } else {
        ExecutionState::Failed
    }
}

fn json(view: &impl Serialize) -> Option<Given> {
    to_raw_value(view).ok().map(Given::Error)
}
