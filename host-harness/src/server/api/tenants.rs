//! `/v1/tenants`: an administrator's.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::page::{Page, PageQuery};
use super::principal::ByAdministrator;
use super::problem::{Body, Path, Problem, ProblemBody, ProblemKind};
use crate::server::app::App;
use crate::server::clock::rfc3339;
use crate::server::field;
use crate::server::ids::{TenantId, TokenId};
use crate::server::tenants::{NewTenant, Tenant, TenantLimits, TokenRecord};

/// A tenant.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct TenantView {
    id: String,
    name: String,
    limits: LimitsView,
    created_at: String,
}

/// What a tenant may use. What is left out is the default.
#[derive(Clone, Copy, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitsView {
    /// Executions at the same moment, 1 to 1,000; as many again may wait. Default: 16.
    executions_at_once: u32,
    /// Executions begun in a minute, 1 to 1,000,000. Default: 6,000.
    executions_a_minute: u32,
    /// Linear memory of one execution, in MiB, 1 to 4,096; the server's own limit holds too. Default: 64.
    memory_mib: u32,
    /// Time of one execution, in seconds, 1 to 600. Default: 60.
    seconds: u32,
    /// What one execution may give, in KiB of JSON, 1 to 65,536; a stream has it for each page. Default: 8,192.
    result_kib: u32,
    /// Disk for uploaded components and their compiled code, in MiB, 1 to 65,536. Default: 256.
    storage_mib: u32,
    /// Connections, 1 to 10,000. Default: 100.
    connections: u32,
}

/// A new tenant.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateTenant {
    /// 1 to 100 characters, unlike those of other tenants.
    name: String,
    #[serde(default)]
    limits: LimitsView,
}

/// A new token.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateToken {
    /// What it is for; up to 100 characters.
    name: String,
}

/// Names a tenant's token.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct TokenPath {
    #[param(value_type = String)]
    id: TenantId,
    #[param(value_type = String)]
    token: TokenId,
}

/// A token, this once with its text.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct NewToken {
    id: String,
    /// For `Authorization: Bearer`. It is not shown again.
    token: String,
}

/// A token without its text.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct TokenView {
    id: String,
    name: String,
    created_at: String,
    revoked_at: Option<String>,
}

/// A tenant's tokens.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct TokenList {
    items: Vec<TokenView>,
}

/// Lists the tenants.
#[utoipa::path(get, path = "/v1/tenants", tag = "tenants", operation_id = "list_tenants", params(PageQuery),
    responses((status = 200, body = Page<TenantView>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(super) async fn list(
    State(app): State<App>,
    _: ByAdministrator,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<Page<TenantView>>, Problem> {
    let (limit, after) = query?.0.read()?;
    let rows = app.tenants.list(after, limit.saturating_add(1)).await?;
    Ok(Json(Page::new(rows, limit, |row| row.id.clone(), TenantView::from)))
}

/// Makes a tenant.
#[utoipa::path(post, path = "/v1/tenants", tag = "tenants", operation_id = "create_tenant", request_body = CreateTenant,
    responses((status = 201, body = TenantView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub(super) async fn create(
    State(app): State<App>,
    _: ByAdministrator,
    Body(body): Body<CreateTenant>,
) -> Result<(StatusCode, Json<TenantView>), Problem> {
    let new = NewTenant { name: name(&body.name)?, limits: body.limits.try_into()? };
    let created = app.tenants.create(new).await?;
    let created =
        created.ok_or_else(|| Problem::new(ProblemKind::Conflict, "there is a tenant of this name already"))?;
    Ok((StatusCode::CREATED, Json(created.into())))
}

/// One tenant.
#[utoipa::path(get, path = "/v1/tenants/{id}", tag = "tenants", operation_id = "get_tenant", params(TenantId),
    responses((status = 200, body = TenantView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn find(
    State(app): State<App>,
    _: ByAdministrator,
    Path(id): Path<TenantId>,
) -> Result<Json<TenantView>, Problem> {
    let found = app.tenants.find(id.into()).await?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("tenant"))?.into()))
}

/// Replaces a tenant's limits.
#[utoipa::path(put, path = "/v1/tenants/{id}", tag = "tenants", operation_id = "limit_tenant", params(TenantId), request_body = LimitsView,
    responses((status = 200, body = TenantView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn limit(
    State(app): State<App>,
    _: ByAdministrator,
    Path(id): Path<TenantId>,
    Body(limits): Body<LimitsView>,
) -> Result<Json<TenantView>, Problem> {
    let limited = app.tenants.limit(id.into(), limits.try_into()?).await?;
    Ok(Json(limited.ok_or_else(|| Problem::not_found("tenant"))?.into()))
}

/// Lists a tenant's tokens.
#[utoipa::path(get, path = "/v1/tenants/{id}/tokens", tag = "tenants", operation_id = "list_tokens", params(TenantId),
    responses((status = 200, body = TokenList), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(super) async fn tokens(
    State(app): State<App>,
    _: ByAdministrator,
    Path(id): Path<TenantId>,
) -> Result<Json<TokenList>, Problem> {
    let tokens = app.tenants.tokens(id.into()).await?;
    Ok(Json(TokenList { items: tokens.into_iter().map(TokenView::from).collect() }))
}

/// Makes a token of a tenant.
#[utoipa::path(post, path = "/v1/tenants/{id}/tokens", tag = "tenants", operation_id = "create_token", params(TenantId), request_body = CreateToken,
    responses((status = 201, body = NewToken), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn create_token(
    State(app): State<App>,
    _: ByAdministrator,
    Path(id): Path<TenantId>,
    Body(body): Body<CreateToken>,
) -> Result<(StatusCode, Json<NewToken>), Problem> {
    let name = name(&body.name)?;
    let tenant = app.tenants.find(id.into()).await?.ok_or_else(|| Problem::not_found("tenant"))?;
    let token = app.tenants.create_token(Some(tenant.id), name).await?;
    Ok((StatusCode::CREATED, Json(NewToken { id: token.id().to_owned(), token: token.reveal() })))
}

/// Ends a token.
#[utoipa::path(delete, path = "/v1/tenants/{id}/tokens/{token}", tag = "tenants", operation_id = "revoke_token", params(TokenPath),
    responses((status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn revoke_token(
    State(app): State<App>,
    _: ByAdministrator,
    Path(TokenPath { id, token }): Path<TokenPath>,
) -> Result<StatusCode, Problem> {
    let revoked = app.tenants.revoke_token(id.into(), token.into()).await?;
    if revoked { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("token")) }
}

fn name(text: &str) -> Result<String, Problem> {
    field::name(text).map_err(|expected| Problem::invalid(format!("name: {expected}")))
}

impl Default for LimitsView {
    fn default() -> LimitsView {
        TenantLimits::default().into()
    }
}

impl From<TenantLimits> for LimitsView {
    fn from(limits: TenantLimits) -> LimitsView {
        let TenantLimits {
            executions_at_once,
            executions_a_minute,
            memory_mib,
            seconds,
            result_kib,
            storage_mib,
            connections,
        } = limits;
        LimitsView {
            executions_at_once,
            executions_a_minute,
            memory_mib,
            seconds,
            result_kib,
            storage_mib,
            connections,
        }
    }
}

impl TryFrom<LimitsView> for TenantLimits {
    type Error = Problem;

    fn try_from(limits: LimitsView) -> Result<TenantLimits, Problem> {
        let LimitsView {
            executions_at_once,
            executions_a_minute,
            memory_mib,
            seconds,
            result_kib,
            storage_mib,
            connections,
        } = limits;
        let limits = TenantLimits {
            executions_at_once,
            executions_a_minute,
            memory_mib,
            seconds,
            result_kib,
            storage_mib,
            connections,
        }
        .checked();
        limits.map_err(|errors| Problem::invalid(format!("limits: {errors}")))
    }
}

impl From<Tenant> for TenantView {
    fn from(tenant: Tenant) -> TenantView {
        let Tenant { id, name, limits, created_at } = tenant;
        TenantView { id, name, limits: limits.into(), created_at: rfc3339(created_at) }
    }
}

impl From<TokenRecord> for TokenView {
    fn from(token: TokenRecord) -> TokenView {
        let TokenRecord { id, name, created_at, revoked_at } = token;
        TokenView { id, name, created_at: rfc3339(created_at), revoked_at: revoked_at.map(rfc3339) }
    }
}
