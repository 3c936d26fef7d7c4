//! `/mcp`: a tenant's actions as tools for agents, over streamable HTTP.
//!
//! A call is an execution like any other: the same admission, limits, idempotency and log. The protocol is the crate
//! `salesforce_mcp`'s; here is who asks, and for which tenant.

use std::sync::{Arc, LazyLock};

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::response::{IntoResponse, Response};
use salesforce_actions::Actions;
use salesforce_mcp::{
    ConnectionItem, Connections, Ended, Host, LIST_CONNECTIONS, Place, Ran, Refusal, ToolCall, Tools, serve_http,
};
use salesforce_runtime::bindings::types::CallOptions;
use serde_json::value::to_raw_value;
use tokio_util::sync::CancellationToken;

use super::principal::ByTenant;
use super::problem::{Problem, ProblemKind};
use crate::app::App;
use crate::connections::ConnectionRecord;
use crate::executions::{self, Execution, ExecutionResult, ExecutionState, IdempotencyKey};
use crate::tenants::Tenant;

/// Where agents ask.
pub(super) const PATH: &str = "/mcp";

/// Connections that are listed.
const MOST_LISTED: u32 = 200;

const HOW_TO_WRITE: &str = "Whoever has the tenant's token switches writes on, on the console's account page or with \
    PUT /v1/tenant/agents {\"writes\": true}.";

/// One tenant, for one request.
struct Agents {
    app: App,
    tenant: Tenant,
    tools: Arc<Tools>,
}

/// Answers a request of an agent.
pub(super) async fn serve(State(app): State<App>, request: Request) -> Response {
    // Before anything else, as the protocol demands: a page of another site makes browsers send requests.
    if !crate::console::is_from_here(request.headers(), app.public_url()) {
        let words = "expected no Origin, or this server's own: a browser sent this for a page of another site";
        return Problem::new(ProblemKind::Forbidden, words).into_response();
    }
    let (mut parts, body) = request.into_parts();
    let tenant = match ByTenant::from_request_parts(&mut parts, &app).await {
        Ok(ByTenant(tenant)) => tenant,
        Err(problem) => return problem.into_response(),
    };
    let tools = match tools(&app, &tenant).await {
        Ok(tools) => tools,
        Err(problem) => return problem.into_response(),
    };
    serve_http(Agents { app, tenant, tools }, Request::from_parts(parts, body)).await.map(Body::new)
}

/// The connector's actions, and those that the tenant's components have of their own.
async fn tools(app: &App, tenant: &Tenant) -> Result<Arc<Tools>, Problem> {
    let of_connector = of_connector(tenant.agents_write);
    let components = app.components.with_own_actions(&tenant.id).await?;
    Ok(if components.is_empty() { of_connector } else { Arc::new(of_connector.with(components)) })
}

fn of_connector(writes: bool) -> Arc<Tools> {
    type Made = LazyLock<Arc<Tools>>;
    fn made(writes: bool) -> Arc<Tools> {
        Arc::new(Tools::new(Actions::of_connector().clone(), Place::Server, writes, HOW_TO_WRITE))
    }
    static READING: Made = LazyLock::new(|| made(false));
    static WRITING: Made = LazyLock::new(|| made(true));
    if writes { Arc::clone(&WRITING) } else { Arc::clone(&READING) }
}

impl Host for Agents {
    fn tools(&self) -> &Arc<Tools> {
        &self.tools
    }

    async fn connections(&self) -> Result<Connections, Refusal> {
        let listing = self.app.connections.list(&self.tenant.id, None, MOST_LISTED.saturating_add(1)).await;
        let mut found = listing.map_err(|error| refusal(&error.into()))?;
        let most = usize::try_from(MOST_LISTED).unwrap_or(usize::MAX);
        let more = found.len() > most;
        found.truncate(most);
        Ok(Connections { connections: found.into_iter().map(item).collect(), more })
    }

    async fn run(&self, call: ToolCall, cancelled: CancellationToken) -> Ran {
        match self.execute(call, &cancelled).await {
            Ok(execution) => ran(execution),
            Err(problem) => {
                self.app.metrics.refused(problem.kind().name());
                refusal(&problem).into()
            }
        }
    }
}

impl Agents {
    async fn execute(&self, call: ToolCall, cancelled: &CancellationToken) -> Result<Execution, Problem> {
        let ToolCall { call, component, connection, idempotency_key } = call;
        let key = idempotency_key.map(|key| {
            let expected = || Problem::invalid(format!("idempotency_key: expected {}", IdempotencyKey::FORM));
            IdempotencyKey::parse(key.as_bytes()).ok_or_else(expected)
        });
        let key = key.transpose()?;
        let connection = match connection {
            Some(id) => id,
            None => self.only_connection().await?,
        };
        let options = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };
        let request = executions::Request::new(connection, component, call, options, key);
        Ok(self.app.executions.submit_until(&self.tenant, request, cancelled).await?)
    }

    /// The connection that is meant where none is named.
    async fn only_connection(&self) -> Result<String, Problem> {
        let mut active = self.app.connections.active(&self.tenant.id, 2).await?.into_iter();
        match (active.next(), active.next()) {
            (Some(id), None) => Ok(id),
            (None, _) => Err(Problem::new(
                ProblemKind::ConnectionNotActive,
                "the tenant has no active connection: a user has to allow access to an org first",
            )),
            (Some(_), Some(_)) => Err(Problem::invalid(format!(
                "connection: expected the id of a connection, for several are active; {LIST_CONNECTIONS} tells them"
            ))),
        }
    }
}

fn item(connection: ConnectionRecord) -> ConnectionItem {
    ConnectionItem {
        id: connection.id,
        name: connection.name,
        state: connection.state.as_str().to_owned(),
        username: connection.username,
        instance_url: connection.instance_url,
    }
}

fn ran(execution: Execution) -> Ran {
    let Execution { record, given, replayed, .. } = execution;
    let ended = match (given, record.state) {
        (Some(ExecutionResult::Value(json)), _) => Ended::Succeeded(json),
        (Some(ExecutionResult::Error(error)), _) => Ended::Failed { error, advice: None },
        (None, ExecutionState::Cancelled) => Ended::Cancelled,
        (None, ExecutionState::Unknown) => {
            let kind = record.error_kind.as_deref().unwrap_or("host-failed");
            let message = "nobody recorded how it ended";
            let error = serde_json::json!({"kind": kind, "outcome": "unknown", "retryable": false, "message": message});
            // A value can always be written.
            Ended::Failed { error: to_raw_value(&error).unwrap_or_default(), advice: None }
        }
        (None, state) => Ended::Forgotten { state: state.as_str().to_owned() },
    };
    Ran { ended, execution: Some(record.id), replayed }
}

/// A problem of the API as agents are told it.
fn refusal(problem: &Problem) -> Refusal {
    use ProblemKind::{
        ConnectionNotActive, InvalidRequest, KeyReused, NotFound, RateLimited, ShuttingDown, StillRunning,
        StorageUnavailable,
    };
    let kind = problem.kind();
    let wait = problem.retry_after();
    let retryable = matches!(kind, RateLimited | StillRunning | StorageUnavailable | ShuttingDown);
    let advice = match kind {
        InvalidRequest => return Refusal::of_input(problem.detail()),
        NotFound => format!("The tool {LIST_CONNECTIONS} tells which connections there are."),
        ConnectionNotActive => {
            "Tell the user: the connection's user has to allow access in the console, and no tool does that.".to_owned()
        }
        KeyReused => "The key belongs to another call. A new write takes a new key.".to_owned(),
        _ if retryable => format!("Wait {} s, then make the same call again.", wait.unwrap_or(1)),
        _ => format!("Tell the user. {}", kind.advice()),
    };
    Refusal {
        kind: kind.name().to_owned(),
        message: problem.detail().to_owned(),
        retryable,
        retry_after_ms: wait.map(|seconds| seconds.saturating_mul(1_000)),
        advice,
    }
}
