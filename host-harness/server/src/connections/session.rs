//! Calls with a connection, and the healing of an expired session.

use std::time::Duration;

use super::{ConnectionError, ConnectionKey, Connections, Tokens};
use salesforce_actions::{Answer, Call};
use salesforce_runtime::bindings::types::{CallOptions, Connection};
use salesforce_runtime::egress::Seal;
use salesforce_runtime::{Connector, Execution, ExecutionError};

/// What a response may have where a call does not say, as `types.wit` has it.
const MAX_RESPONSE_BYTES: u64 = 16 << 20;

/// What a call is told that would go to Apex REST with a connection that does not admit it.
const APEX_REST_IS_OFF: &str = "Apex REST is off for this connection, and nothing was sent: if the org's own classes may be called \
    with it, switch `apex_rest` on (PATCH /v1/connections/ID, or the connection's page in the console), then call again";

/// Whether the component that makes a call may see the access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sealing {
    /// It is this program's own.
    Open,
    /// It is a tenant's: it gets a placeholder that the egress swaps for the token.
    Sealed,
}

/// How a call is made.
pub(crate) struct CallSetting<'a> {
    pub(crate) connector: &'a Connector,
    /// Whose processor time it takes.
    pub(crate) tenant: &'a str,
    pub(crate) sealing: Sealing,
    /// Outer deadline of each attempt.
    pub(crate) within: Duration,
    pub(crate) memory_bytes: usize,
    pub(crate) result_bytes: usize,
    pub(crate) options: CallOptions,
}

/// Why a call gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The connection cannot be used: the call was not made.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The org refused the call for its session, and the refresh has failed.
    #[error(transparent)]
    Refresh(ConnectionError),
    /// The call itself.
    #[error("{0}")]
    Execution(ExecutionError),
}

impl Connections {
    /// Makes one call, each time in a fresh instance. An expired session is refreshed and the call repeated, once.
    pub(crate) async fn call(&self, id: &str, action: &Call, setting: &CallSetting<'_>) -> Result<Answer, CallError> {
        let key = ConnectionKey { tenant: setting.tenant.to_owned(), id: id.to_owned() };
        let tokens = self.tokens_to_begin(&key).await?;
        // A page that fits is whole; of one that does not the component says what to do.
        let asked = setting.options.max_response_bytes.unwrap_or(MAX_RESPONSE_BYTES);
        let most = u64::try_from(setting.result_bytes).unwrap_or(u64::MAX);
        let options = CallOptions { max_response_bytes: Some(asked.min(most)), ..setting.options };
        let run = |execution, connection| async move { action.run(execution, &connection, options).await };
        let apex_rest = self.admits_apex_rest(&key).await?;
        self.session().call_as(&key, tokens, |tokens| prepare(tokens, setting, apex_rest), run).await
    }
}

/// An execution in the tenant's bounds, and the connection as its component may see it.
fn prepare(tokens: &Tokens, setting: &CallSetting<'_>, apex_rest: bool) -> Result<(Execution, Connection), CallError> {
    let mut policy = tokens.reaching([tokens.instance_url.clone()]);
    let mut connection = tokens.connection();
    if setting.sealing == Sealing::Sealed {
        let seal =
            Seal::new(tokens.access_token.clone(), tokens.instance_url.clone()).map_err(ConnectionError::NotSealed)?;
        connection.access_token = seal.placeholder().to_owned();
        policy = policy.sealing(if apex_rest { seal.admitting_apex_rest() } else { seal });
    }
    if !apex_rest {
        policy = policy.without_apex_rest(APEX_REST_IS_OFF);
    }
    let execution = setting.connector.execution(policy).on_behalf_of(setting.tenant);
    let execution = execution.within(setting.within).with_memory(setting.memory_bytes);
    Ok((execution.with_result(setting.result_bytes), connection))
}
