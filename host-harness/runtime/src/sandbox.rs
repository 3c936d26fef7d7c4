//! A fresh store and what bounds it, whatever component runs in it.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::Store;

use super::Shared;
use super::answer;
use super::evidence::Evidence;
use super::failure::HostFailure;
use super::memory_use::MemoryUse;
use super::store::{self, State};
use crate::egress::{EgressPolicy, ExecutionEgress, Journal};

/// What bounds one execution, whatever component runs in it.
#[must_use = "nothing runs in a sandbox until its method `run` is called"]
pub struct Sandbox {
    shared: Arc<Shared>,
    policy: Arc<EgressPolicy>,
    deadline: Duration,
    memory_bytes: usize,
    memory_use: Option<MemoryUse>,
    tenant: Option<Arc<str>>,
    result_bytes: usize,
    journal: Journal,
}

impl Sandbox {
    pub(super) fn new(shared: Arc<Shared>, policy: EgressPolicy) -> Self {
        let limits = &shared.limits;
        Self {
            policy: Arc::new(policy),
            deadline: limits.deadline,
            memory_bytes: limits.memory_bytes,
            memory_use: None,
            result_bytes: limits.result_bytes,
            journal: Journal::default(),
            tenant: None,
            shared,
        }
    }

    /// As [`Execution::within`](super::Execution::within).
    pub fn set_deadline(&mut self, deadline: Duration) {
        self.deadline = deadline;
    }

    /// As [`Execution::with_memory`](super::Execution::with_memory).
    pub fn lower_memory(&mut self, bytes: usize) {
        self.memory_bytes = self.memory_bytes.min(bytes);
    }

    /// As [`Execution::with_result`](super::Execution::with_result).
    pub(super) fn lower_result(&mut self, bytes: usize) {
        self.result_bytes = self.result_bytes.min(bytes);
    }

    pub(super) fn result_bytes(&self) -> usize {
        self.result_bytes
    }

    /// As [`Execution::on_behalf_of`](super::Execution::on_behalf_of).
    pub(super) fn charge(&mut self, tenant: &str) {
        self.tenant = Some(tenant.into());
    }

    /// What it saw of the network.
    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// As [`Execution::noting`](super::Execution::noting).
    pub fn note(&mut self, evidence: &Evidence) {
        evidence.follow(&self.journal);
    }

    /// As [`Execution::reporting_memory`](super::Execution::reporting_memory).
    pub fn report_memory(&mut self, to: &MemoryUse) {
        self.memory_use = Some(to.clone());
    }

    /// Runs `work` with a fresh store until it is done, fails, or the deadline passes. The store is gone afterwards, and nothing
    /// leaves the host any more.
    ///
    /// # Errors
    ///
    /// [`HostFailure`] if it fails or the deadline passes.
    pub async fn run<T, F>(self, work: impl FnOnce(Store<State>) -> F) -> Result<T, HostFailure>
    where
        T: Send + 'static,
        F: Future<Output = wasmtime::Result<T>> + Send + 'static,
    {
        let Self { shared, policy, deadline, memory_bytes, memory_use, tenant, result_bytes, journal } = self;
        let egress = ExecutionEgress::new(shared.egress.clone(), policy, journal.clone());
        let mut store = store::new(&shared.engine, memory_bytes, shared.limits.table_elements, egress);
        store.set_hostcall_fuel(result_bytes.saturating_add(answer::RESULT_ROOM));
        if let Some(memory_use) = memory_use {
            store.data_mut().report_memory(memory_use);
        }
        let work = work(store);
        let finished = tokio::time::timeout(deadline, async {
            match &shared.scheduler {
                None => Some(work.await),
                Some(scheduler) => scheduler.run(tenant, work).await,
            }
        });
        let finished = finished.await;
        let may_have_left = journal.close().may_have_left();
        match finished {
            Ok(Some(Ok(answer))) => Ok(answer),
            Ok(None) => Err(HostFailure::of_host(may_have_left)),
            Ok(Some(Err(error))) => Err(HostFailure::from_wasmtime(&error, result_bytes, may_have_left)),
            Err(_elapsed) => Err(HostFailure::deadline_exceeded(deadline, may_have_left)),
        }
    }
}
