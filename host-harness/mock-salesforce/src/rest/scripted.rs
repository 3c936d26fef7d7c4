//! What a test gives the org beside records, kept together so that it can be taken away and brought back.

use super::Rest;
use super::actions::Action;
use super::apex_rest::ApexResource;
use super::approvals::Processes;
use super::quick_actions::QuickAction;
use super::reports::Reports;
use crate::lock::lock;

/// Flows, Apex, approvals, quick actions and reports as they were at some moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scripted {
    actions: Vec<Action>,
    apex_resources: Vec<ApexResource>,
    approvals: Processes,
    quick_actions: Vec<QuickAction>,
    reports: Reports,
}

impl Scripted {
    /// About how many bytes they hold, but for approvals.
    pub(crate) fn bytes(&self) -> usize {
        let actions = self.actions.iter().map(Action::bytes);
        let actions = actions.chain(self.quick_actions.iter().map(QuickAction::bytes));
        actions.chain(self.apex_resources.iter().map(ApexResource::bytes)).sum::<usize>() + self.reports.bytes()
    }
}

impl Rest {
    /// What a test has given the org so far.
    pub(crate) fn scripted(&self) -> Scripted {
        Scripted {
            actions: lock(&self.actions).clone(),
            apex_resources: lock(&self.apex_resources).clone(),
            approvals: self.approvals.read(),
            quick_actions: lock(&self.quick_actions).clone(),
            reports: lock(&self.reports).clone(),
        }
    }

    /// Puts this in the place of what a test has given the org.
    pub(crate) fn set_scripted(&self, scripted: Scripted) {
        let Scripted { actions, apex_resources, approvals, quick_actions, reports } = scripted;
        *lock(&self.actions) = actions;
        *lock(&self.apex_resources) = apex_resources;
        self.approvals.set(approvals);
        *lock(&self.quick_actions) = quick_actions;
        *lock(&self.reports) = reports;
    }

    /// Gives the org an action, in place of one of the same kind and name.
    pub(crate) fn add_action(&self, action: Action) {
        let mut actions = lock(&self.actions);
        actions.retain(|known| (known.kind, &known.name) != (action.kind, &action.name));
        actions.push(action);
    }

    /// Gives the org a quick action, in place of one of the same name.
    pub(crate) fn add_quick_action(&self, action: QuickAction) {
        let mut actions = lock(&self.quick_actions);
        actions.retain(|known| known.name != action.name);
        actions.push(action);
    }

    /// Gives the org a resource of Apex REST, in place of one of the same name, or with the same method and path.
    pub(crate) fn add_apex_resource(&self, resource: ApexResource) {
        let mut resources = lock(&self.apex_resources);
        resources.retain(|known| {
            known.name != resource.name && (&known.method, &known.path) != (&resource.method, &resource.path)
        });
        resources.push(resource);
    }
}
