//! Reads for a page of the console. They are admitted and bounded as any execution is, but are not in the log: nobody asked for
//! them by name.

use serde_json::value::RawValue;

use super::{Executions, Refused};
use crate::connections::{CallError, CallSetting, Sealing};
use crate::tenants::Tenant;
use salesforce_actions::Call;
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::types::CallOptions;

/// A read gave nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookupError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Execution(#[from] ExecutionError),
}

impl Executions {
    /// Runs an action of the connector that reads, and gives its result as JSON.
    pub(crate) async fn look_up(
        &self,
        tenant: &Tenant,
        connection: &str,
        call: &Call,
    ) -> Result<Box<RawValue>, LookupError> {
        self.admission.count(tenant)?;
        let _place = self.place_for(tenant).await?;
        self.ask(tenant, connection, call).await.map_err(|error| match error {
            CallError::Execution(error) => LookupError::Execution(error),
            error => LookupError::Refused(error.into()),
        })
    }

    /// Calls the connector for somebody who has a place, within the tenant's limits.
    pub(super) async fn ask(&self, tenant: &Tenant, connection: &str, call: &Call) -> Result<Box<RawValue>, CallError> {
        let most = tenant.limits.result_bytes();
        let setting = CallSetting {
            connector: &self.connector,
            tenant: &tenant.id,
            sealing: Sealing::Open,
            within: tenant.limits.deadline(),
            memory_bytes: tenant.limits.memory_bytes(),
            result_bytes: most,
            options: CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None },
        };
        let answer = self.connections.call(connection, call, &setting).await?;
        let bytes = answer.json_bytes();
        let written = self.compute(&tenant.id, bytes, move || answer.into_json(most)).await;
        let json = written.map_err(|error| CallError::Connection(error.into()))?;
        json.map_err(|failure| CallError::Execution(ExecutionError::Host(failure)))
    }
}
