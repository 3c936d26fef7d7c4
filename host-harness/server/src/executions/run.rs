//! One execution from its request to its recorded end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::admission::Admitted;
use super::ended::Completion;
use super::store::Recorded;
use super::unrecorded::End;
use super::{Execution, ExecutionRecord, ExecutionState, Executions, IdempotencyKey, NotCancelled, Refused, Request};
use crate::connections::{CallError, CallSetting, ConnectionError, ConnectionState, Sealing};
use crate::database::StoreError;
use crate::ids;
use crate::tenants::Tenant;
use salesforce_actions::{Action, Actions, Answer, Effect};
use salesforce_runtime::Connector;
use salesforce_runtime::bindings::types::Outcome;

impl Executions {
    /// Runs an execution to its end, or answers with the one that had its idempotency key.
    ///
    /// Once it has its place it runs to its end even if the caller is dropped.
    pub(crate) async fn submit(&self, tenant: &Tenant, request: Request) -> Result<Execution, Refused> {
        self.submit_until(tenant, request, &CancellationToken::new()).await
    }

    /// The same, and it ends early once the token is cancelled.
    pub(crate) async fn submit_until(
        &self,
        tenant: &Tenant,
        request: Request,
        cancelled: &CancellationToken,
    ) -> Result<Execution, Refused> {
        self.admission.count(tenant)?;
        if let Some(key) = &request.idempotency_key
            && let Some(before) = self.recorded_for(tenant, key, &request.digest).await?
        {
            return Ok(before);
        }
        self.may_begin()?;
        let connector = self.prepare(tenant, &request).await?;
        let place = self.place_for(tenant).await?;
        self.may_begin()?;
        let (this, tenant, cancelled) = (self.clone(), tenant.clone(), cancelled.clone());
        let running = tokio::spawn(async move { this.run(&tenant, &request, &connector, &cancelled, place).await });
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
        cancelled: &CancellationToken,
        _place: Admitted,
    ) -> Result<Execution, Refused> {
        let id = ids::new();
        // It runs before it is recorded as running: what is recorded always has an owner.
        let entry = self.running.enter(&tenant.id, &id, cancelled);
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
            None => Completion::cancelled(*effect, started.elapsed()),
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
    ) -> Completion {
        let (limits, bytes) = (tenant.limits, called.as_ref().map_or(0, Answer::json_bytes));
        let ended = self.compute(&tenant.id, bytes, move || Completion::new(called, effect, limits, duration));
        ended.await.unwrap_or_else(|_| {
            let words = "the host failed to read the component's result";
            Completion::of_host("host-failed", Outcome::Unknown, false, words, effect, duration)
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
