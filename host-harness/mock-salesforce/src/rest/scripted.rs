//! What a test gives the org beside records, kept together so that it can be taken away and brought back.

use super::Rest;
use super::actions::Action;
use super::apex_rest::ApexResource;
use super::approvals::Processes;
use crate::lock::lock;

/// Flows, Apex and approvals as they were at some moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scripted {
    actions: Vec<Action>,
    apex_resources: Vec<ApexResource>,
    approvals: Processes,
}

impl Scripted {
    /// About how many bytes actions and resources hold.
    pub(crate) fn bytes(&self) -> usize {
        self.actions.iter().map(Action::bytes).chain(self.apex_resources.iter().map(ApexResource::bytes)).sum()
    }
}

impl Rest {
    /// What a test has given the org so far.
    pub(crate) fn scripted(&self) -> Scripted {
        Scripted {
            actions: lock(&self.actions).clone(),
            apex_resources: lock(&self.apex_resources).clone(),
            approvals: self.approvals.read(),
        }
    }

    /// Puts this in the place of what a test has given the org.
    pub(crate) fn set_scripted(&self, Scripted { actions, apex_resources, approvals }: Scripted) {
        *lock(&self.actions) = actions;
        *lock(&self.apex_resources) = apex_resources;
        self.approvals.set(approvals);
    }

    /// Gives the org an action, in place of one of the same kind and name.
    pub(crate) fn add_action(&self, action: Action) {
        let mut actions = lock(&self.actions);
        actions.retain(|known| (known.kind, &known.name) != (action.kind, &action.name));
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
