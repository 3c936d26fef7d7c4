//! What a tenant's components can be asked for, without loading their code.

use std::sync::{Arc, PoisonError};

use super::{ComponentRecord, ComponentState, Components};
use crate::database::StoreError;
use crate::ids::ComponentDigest;
use salesforce_actions::Actions;
use salesforce_mcp::Component;

impl Components {
    /// A tenant's components that may run and have actions of their own, the latest first.
    pub(crate) async fn with_own_actions(&self, tenant: &str) -> Result<Vec<Component>, StoreError> {
        let mut found = Vec::new();
        for record in self.list(tenant).await?.into_iter().filter(|record| record.state == ComponentState::Accepted) {
            let ComponentRecord { digest, name, .. } = record;
            let Ok(parsed) = digest.parse::<ComponentDigest>() else { continue };
            let actions = self.described(tenant, &parsed).await?;
            if actions.iter().any(|action| !action.is_own()) {
                found.push(Component { digest, name, actions });
            }
        }
        Ok(found)
    }

    /// The same bytes have the same actions, whoever has uploaded them.
    async fn described(&self, tenant: &str, digest: &ComponentDigest) -> Result<Arc<Actions>, StoreError> {
        if let Some(actions) = self.described.lock().unwrap_or_else(PoisonError::into_inner).get(digest) {
            return Ok(actions.clone());
        }
        let report = self.find(tenant, digest).await?.and_then(|record| record.report);
        let Some(actions) = report.and_then(|report| report.actions) else { return Ok(Arc::default()) };
        let actions = Arc::new(actions);
        self.described.lock().unwrap_or_else(PoisonError::into_inner).insert(digest.clone(), actions.clone());
        Ok(actions)
    }
}
