//! Actions that are called by their names, with JSON, as callers of the API call them.

use salesforce_actions::{Actions, Call};
use serde_json::Value as Json;

use super::bench::{Bench, DEFAULTS};
use super::expect::Checked;
use super::shown::ShownResult;
use salesforce_runtime::bindings::types::{CallOptions, Connection, Error, Outcome};
use salesforce_runtime::{Execution, ExecutionError, HostFailure, HostFailureKind};

/// Calls an action of the connector.
pub(super) async fn act(
    execution: Execution,
    connection: &Connection,
    options: CallOptions,
    action: &str,
    input: &Json,
) -> Result<ShownResult, ExecutionError> {
    let call = Call::parse(Actions::of_connector(), action, &input.to_string());
    let call = call.map_err(|error| broken(&error))?;
    let answer = call.run(execution, connection, options).await?;
    let usage = answer.usage();
    let json = answer.to_json().map_err(ExecutionError::Host)?;
    Ok(ShownResult { json: serde_json::from_str(json.get()).unwrap_or_default(), usage })
}

/// Only a component that breaks its interface, or a fault of this suite.
fn broken(why: &dyn std::fmt::Display) -> ExecutionError {
    let (kind, outcome, message) = (HostFailureKind::Trapped, Outcome::Unknown, why.to_string());
    ExecutionError::Host(HostFailure { kind, outcome, message })
}

impl Bench<'_> {
    /// What an action gives.
    pub(super) async fn given(&self, action: &str, input: &Json) -> Checked<Json> {
        self.given_with(action, input, DEFAULTS).await
    }

    pub(super) async fn given_with(&self, action: &str, input: &Json, options: CallOptions) -> Checked<Json> {
        let given = act(self.execution(), &self.connection, options, action, input).await;
        Ok(self.done(action, given)?.json)
    }

    /// The error of an action.
    pub(super) async fn error_of(&self, action: &str, input: &Json, options: CallOptions) -> Checked<Error> {
        let given = act(self.execution(), &self.connection, options, action, input).await;
        self.refused(action, given)
    }
}
