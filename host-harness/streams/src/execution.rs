//! One instance of the component, ready to start.

use std::time::Duration;

use salesforce_runtime::egress::EgressPolicy;
use salesforce_runtime::{Evidence, MemoryUse, Sandbox};

use crate::Component;
use crate::instance::Instance;

/// One execution: a fresh instance for the calls of one session.
#[must_use = "an execution does nothing until it is started"]
pub struct Execution {
    component: Component,
    sandbox: Sandbox,
}

impl Execution {
    pub(crate) fn new(component: Component, policy: EgressPolicy) -> Self {
        let sandbox = component.runtime.sandbox(policy);
        Self { component, sandbox }
    }

    /// Replaces the runtime's outer deadline, which bounds everything from here to the end of the last stream.
    pub fn within(mut self, deadline: Duration) -> Self {
        self.sandbox.set_deadline(deadline);
        self
    }

    /// Lowers the bound on linear memory. A bound above the runtime's changes nothing.
    pub fn with_memory(mut self, bytes: usize) -> Self {
        self.sandbox.lower_memory(bytes);
        self
    }

    /// Also tells there how much linear memory it takes.
    pub fn reporting_memory(mut self, to: &MemoryUse) -> Self {
        self.sandbox.report_memory(to);
        self
    }

    /// Also tells there what leaves the host and which answers come.
    pub fn noting(mut self, evidence: &Evidence) -> Self {
        self.sandbox.note(evidence);
        self
    }

    /// Starts it, on the runtime of tokio that this is called in.
    pub fn start(self) -> Instance {
        Instance::start(self.component, self.sandbox)
    }
}
