//! Whose request it is: `Authorization: Bearer sfh_...` (RFC 6750).

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::problem::{Problem, ProblemKind};
use crate::app::App;
use crate::tenants::{ApiToken, Principal, Tenant};

/// A request with a tenant's token. The tenant is not suspended.
pub(super) struct ByTenant(pub(super) Tenant);

/// A request with an administrator's token.
pub(super) struct ByAdministrator;

/// A request about the token that it comes with, by that token's id.
pub(super) struct ByTenantToken {
    pub(super) tenant: Tenant,
    pub(super) token: String,
}

/// The same of an administrator.
pub(super) struct ByAdministratorToken {
    pub(super) token: String,
}

impl FromRequestParts<App> for ByTenantToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match principal(parts, app).await? {
            (Principal::Tenant(tenant), _) if tenant.suspended_at.is_some() => Err(Problem::suspended()),
            (Principal::Tenant(tenant), token) => {
                app.transit.admit(&tenant, &parts.extensions).await?;
                Ok(ByTenantToken { tenant, token })
            }
            (Principal::Administrator, _) => {
                Err(Problem::new(ProblemKind::Forbidden, "expected a tenant's token, got an administrator's"))
            }
        }
    }
}

impl FromRequestParts<App> for ByAdministratorToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match principal(parts, app).await? {
            (Principal::Administrator, token) => Ok(ByAdministratorToken { token }),
            (Principal::Tenant(_), _) => {
                Err(Problem::new(ProblemKind::Forbidden, "expected an administrator's token, got a tenant's"))
            }
        }
    }
}

impl FromRequestParts<App> for ByTenant {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let ByTenantToken { tenant, .. } = ByTenantToken::from_request_parts(parts, app).await?;
        Ok(ByTenant(tenant))
    }
}

impl FromRequestParts<App> for ByAdministrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        ByAdministratorToken::from_request_parts(parts, app).await.map(|_| ByAdministrator)
    }
}

/// Who it is, and the id of the token that says so.
async fn principal(parts: &Parts, app: &App) -> Result<(Principal, String), Problem> {
    let unauthorized = |detail| Problem::new(ProblemKind::Unauthorized, detail);
    let mut headers = parts.headers.get_all(header::AUTHORIZATION).iter();
    let header = headers.next().filter(|_| headers.next().is_none());
    let header = header
        .ok_or_else(|| unauthorized("expected one header Authorization: Bearer sfh_..., found none or several"))?;
    let text = header.to_str().unwrap_or_default();
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(unauthorized("expected a header Authorization: Bearer sfh_..., found another scheme"));
    }
    let unknown = "the token is none of this server's, or was revoked";
    let token = ApiToken::parse(token.trim()).ok_or_else(|| unauthorized(unknown))?;
    let id = token.id().to_owned();
    let principal = app.tenants.authenticate(token).await?.ok_or_else(|| unauthorized(unknown))?;
    Ok((principal, id))
}
