//! `/v1/tenant`: what a tenant may use, and does; and what its agents may do.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::principal::ByTenant;
use super::problem::{Body, Problem, ProblemBody};
use super::tenants::LimitsView;
use crate::app::App;
use crate::clock::rfc3339;

/// The tenant whose token it is.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct OwnTenant {
    id: String,
    name: String,
    limits: LimitsView,
    usage: UsageView,
    agents: AgentsView,
    #[schema(format = DateTime)]
    created_at: String,
}

/// What a tenant's agents may do: those that use its actions as tools, at `/mcp`.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentsView {
    /// Whether they have the actions that write, beside those that read.
    writes: bool,
}

/// What a tenant uses of its limits.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct UsageView {
    connections: u32,
    components: u32,
    /// Of uploaded components and their compiled code.
    component_bytes: u64,
    /// Of what executions were asked and gave.
    kept_bytes: u64,
    executions_running: u32,
}

/// The tenant, its limits, and what it uses of them.
#[utoipa::path(get, path = "/v1/tenant", tag = "tenant", operation_id = "get_own_tenant",
    responses((status = 200, body = OwnTenant), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(super) async fn find(State(app): State<App>, ByTenant(tenant): ByTenant) -> Result<Json<OwnTenant>, Problem> {
    let usage = app.tenants.usage(tenant.id.clone()).await?;
    Ok(Json(OwnTenant {
        id: tenant.id,
        name: tenant.name,
        limits: tenant.limits.into(),
        usage: UsageView {
            connections: usage.connections,
            components: usage.components,
            component_bytes: usage.component_bytes,
            kept_bytes: usage.kept_bytes,
            executions_running: usage.executions_running,
        },
        agents: AgentsView { writes: tenant.agents_write },
        created_at: rfc3339(tenant.created_at),
    }))
}

/// Lets the tenant's agents write, or read only, from their next request on.
#[utoipa::path(put, path = "/v1/tenant/agents", tag = "tenant", operation_id = "set_agents", request_body = AgentsView,
    responses((status = 200, body = AgentsView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody)))]
pub(super) async fn set_agents(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Body(agents): Body<AgentsView>,
) -> Result<Json<AgentsView>, Problem> {
    let tenant = app.tenants.let_agents_write(tenant.id, agents.writes).await?;
    let tenant = tenant.ok_or_else(|| Problem::not_found("tenant"))?;
    Ok(Json(AgentsView { writes: tenant.agents_write }))
}
