//! A component that was loaded.

use std::sync::Arc;

use wasmtime::component::InstancePre;

use super::Shared;
use super::execution::Execution;
use super::exports::{self, Exports};
use super::failure::HostFailure;
use super::sandbox::Sandbox;
use super::store::State;
use crate::egress::EgressPolicy;

/// A loaded component. Cheap to clone.
#[derive(Clone)]
pub struct Connector {
    shared: Arc<Shared>,
    instances: InstancePre<State>,
    exports: Arc<Exports>,
}

impl Connector {
    /// # Errors
    ///
    /// Which export of the world is missing or has another type.
    pub(super) fn new(shared: Arc<Shared>, instances: InstancePre<State>) -> Result<Self, String> {
        let exports = Arc::new(Exports::of(&instances)?);
        Ok(Self { shared, instances, exports })
    }

    /// Closes the connections that its runtime keeps: a verification's names lead to another server each time.
    pub fn close_idle_connections(&self) {
        self.shared.egress.close_idle();
    }

    /// Does work of the host for a tenant, in its turns where a [`Scheduler`](super::Scheduler) shares processors. None: it panicked.
    pub async fn in_turn_of<T: Send + 'static>(
        &self,
        tenant: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        match &self.shared.scheduler {
            None => Some(work()),
            Some(scheduler) => scheduler.run(Some(tenant.into()), async { work() }).await,
        }
    }

    /// Whether the component has this function of the world, e.g. `soql-query`.
    #[must_use]
    pub fn has(&self, function: &str) -> bool {
        exports::has(self.instances.component(), self.instances.engine(), function)
    }

    /// Prepares one execution that may send requests where `policy` says. It starts when one of its methods is called.
    pub fn execution(&self, policy: EgressPolicy) -> Execution {
        Execution::new(self.shared.clone(), self.instances.clone(), self.exports.clone(), policy)
    }

    /// Makes an instance as an execution does and throws it away: what every call costs before it begins.
    ///
    /// # Errors
    ///
    /// [`HostFailure`] if there is no room for one more, or the component fails at its start.
    pub async fn instantiate(&self) -> Result<(), HostFailure> {
        let sandbox = Sandbox::new(self.shared.clone(), EgressPolicy::default());
        let instances = self.instances.clone();
        sandbox.run(async move |mut store| instances.instantiate_async(&mut store).await.map(drop)).await
    }
}
