//! `/v1/tenants`: an administrator's.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::page::{Page, PageQuery};
use super::principal::ByAdministrator;
use super::problem::{Body, Path, Problem, ProblemBody, ProblemKind, Query};
use crate::app::App;
use crate::clock::rfc3339;
use crate::field;
use crate::ids::TenantId;
use crate::tenants::{Deletion, NewTenant, Tenant, TenantLimits};

/// A tenant.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct TenantView {
    id: String,
    name: String,
    limits: LimitsView,
    /// Since when it may begin nothing; null: it is not suspended.
    #[schema(format = DateTime)]
    suspended_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
}

/// What a tenant may use. What is left out is the default.
#[derive(Clone, Copy, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitsView {
    /// Executions at the same moment, 1 to 1,000; as many again may wait. Default: 16.
    #[schema(minimum = 1, maximum = 1000)]
    executions_at_once: u32,
    /// Executions begun in a minute, 1 to 1,000,000. Default: 6,000.
    #[schema(minimum = 1, maximum = 1000000)]
    executions_a_minute: u32,
    /// Linear memory of one execution, in MiB, 1 to 4,096; the server's own limit holds too. Default: 64.
    #[schema(minimum = 1, maximum = 4096)]
    memory_mib: u32,
    /// Time of one execution, in seconds, 1 to 600. Default: 60.
    #[schema(minimum = 1, maximum = 600)]
    seconds: u32,
    /// What one execution may give, in KiB of JSON, 1 to 65,536; a stream has it for each page. Default: 8,192.
    #[schema(minimum = 1, maximum = 65536)]
    result_kib: u32,
    /// Disk for uploaded components and their compiled code, in MiB, 1 to 65,536. Default: 256.
    #[schema(minimum = 1, maximum = 65536)]
    storage_mib: u32,
    /// Disk for what executions were asked and gave, in MiB, 1 to 65,536; it is kept for a day, and the oldest makes room for
    /// the newest. Default: 256.
    #[schema(minimum = 1, maximum = 65536)]
    kept_mib: u32,
    /// Connections, 1 to 10,000. Default: 100.
    #[schema(minimum = 1, maximum = 10000)]
    connections: u32,
}

/// A new tenant.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateTenant {
    /// 1 to 100 characters, unlike those of other tenants.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[serde(default)]
    limits: LimitsView,
}

/// Another name.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RenameTenant {
    /// 1 to 100 characters, unlike those of other tenants.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// Lists the tenants.
#[utoipa::path(get, path = "/v1/tenants", tag = "tenants", operation_id = "list_tenants", params(PageQuery),
    responses((status = 200, body = Page<TenantView>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(super) async fn list(
    State(app): State<App>,
    _: ByAdministrator,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<TenantView>>, Problem> {
    let (limit, after) = query.read();
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
    Ok((StatusCode::CREATED, Json(created.ok_or_else(name_taken)?.into())))
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

/// Gives a tenant another name.
#[utoipa::path(patch, path = "/v1/tenants/{id}", tag = "tenants", operation_id = "rename_tenant", params(TenantId), request_body = RenameTenant,
    responses((status = 200, body = TenantView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub(super) async fn rename(
    State(app): State<App>,
    _: ByAdministrator,
    Path(id): Path<TenantId>,
    Body(body): Body<RenameTenant>,
) -> Result<Json<TenantView>, Problem> {
    let renamed = app.tenants.rename(id.into(), name(&body.name)?).await?;
    Ok(Json(renamed.ok_or_else(|| Problem::not_found("tenant"))?.ok_or_else(name_taken)?.into()))
}

/// Suspends a tenant: its tokens and its console are refused, what runs may finish, a stream ends at its next page.
#[utoipa::path(post, path = "/v1/tenants/{id}/suspend", tag = "tenants", operation_id = "suspend_tenant", params(TenantId),
    responses((status = 200, body = TenantView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn suspend(
    State(app): State<App>,
    _: ByAdministrator,
    Path(id): Path<TenantId>,
) -> Result<Json<TenantView>, Problem> {
    let suspended = app.tenants.suspend(id.into(), true).await?;
    Ok(Json(suspended.ok_or_else(|| Problem::not_found("tenant"))?.into()))
}

/// Lets a suspended tenant go on.
#[utoipa::path(post, path = "/v1/tenants/{id}/resume", tag = "tenants", operation_id = "resume_tenant", params(TenantId),
    responses((status = 200, body = TenantView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn resume(
    State(app): State<App>,
    _: ByAdministrator,
    Path(id): Path<TenantId>,
) -> Result<Json<TenantView>, Problem> {
    let resumed = app.tenants.suspend(id.into(), false).await?;
    Ok(Json(resumed.ok_or_else(|| Problem::not_found("tenant"))?.into()))
}

/// Deletes a suspended tenant with its tokens, connections, components and executions. Nothing is revoked at Salesforce.
#[utoipa::path(delete, path = "/v1/tenants/{id}", tag = "tenants", operation_id = "delete_tenant", params(TenantId),
    responses((status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "It is not suspended, executions of it run, or it is the only tenant.")))]
pub(super) async fn delete(
    State(app): State<App>,
    _: ByAdministrator,
    Path(id): Path<TenantId>,
) -> Result<StatusCode, Problem> {
    deleted(app.tenants.delete(id.into()).await?)?;
    Ok(StatusCode::NO_CONTENT)
}

/// # Errors
/// Why nothing was deleted.
pub(crate) fn deleted(deletion: Deletion) -> Result<(), Problem> {
    let conflict = |words: String| Err(Problem::new(ProblemKind::Conflict, words));
    match deletion {
        Deletion::Deleted => Ok(()),
        Deletion::NoSuch => Err(Problem::not_found("tenant")),
        Deletion::NotSuspended => conflict("only a suspended tenant is deleted: suspend it first".to_owned()),
        Deletion::Running(1) => conflict("an execution of this tenant still runs: wait until it has ended".to_owned()),
        Deletion::Running(count) => {
            conflict(format!("{count} executions of this tenant still run: wait until they have ended"))
        }
        Deletion::LastOne => {
            conflict("this is the only tenant, and a server has at least one: make another one first".to_owned())
        }
    }
}

fn name_taken() -> Problem {
    Problem::new(ProblemKind::Conflict, "another tenant has this name")
}

pub(super) fn name(text: &str) -> Result<String, Problem> {
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
            kept_mib,
            connections,
        } = limits;
        LimitsView {
            executions_at_once,
            executions_a_minute,
            memory_mib,
            seconds,
            result_kib,
            storage_mib,
            kept_mib,
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
            kept_mib,
            connections,
        } = limits;
        let limits = TenantLimits {
            executions_at_once,
            executions_a_minute,
            memory_mib,
            seconds,
            result_kib,
            storage_mib,
            kept_mib,
            connections,
        }
        .checked();
        limits.map_err(|errors| Problem::invalid(format!("limits: {errors}")))
    }
}

impl From<Tenant> for TenantView {
    fn from(tenant: Tenant) -> TenantView {
        let Tenant { id, name, limits, suspended_at, created_at, .. } = tenant;
        let (suspended_at, created_at) = (suspended_at.map(rfc3339), rfc3339(created_at));
        TenantView { id, name, limits: limits.into(), suspended_at, created_at }
    }
}
