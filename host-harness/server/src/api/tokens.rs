//! Tokens of the API: a tenant's, made by an administrator, and the administrators' own. Each can renew itself.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::principal::{ByAdministrator, ByAdministratorToken, ByTenantToken};
use super::problem::{Body, Path, Problem, ProblemBody, ProblemKind};
use super::tenants::name;
use crate::app::App;
use crate::clock::rfc3339;
use crate::ids::{TenantId, TokenId};
use crate::tenants::{ApiToken, Renewed, Revocation, TokenRecord};

/// A new token.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateToken {
    /// What it is for; 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// A token, this once with its text.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct NewToken {
    id: String,
    name: String,
    /// For `Authorization: Bearer`. It is not shown again.
    token: String,
}

/// A token without its text.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct TokenView {
    id: String,
    name: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
}

/// The tokens of a tenant, or of administrators; of the ended ones the last hundred.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct TokenList {
    items: Vec<TokenView>,
}

/// Names a tenant's token.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct TokenPath {
    #[param(inline)]
    id: TenantId,
    #[param(inline)]
    token_id: TokenId,
}

/// Lists a tenant's tokens.
#[utoipa::path(get, path = "/v1/tenants/{id}/tokens", tag = "tenants", operation_id = "list_tokens", params(TenantId),
    responses((status = 200, body = TokenList), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn list(
    State(app): State<App>,
    _: ByAdministrator,
    Path(id): Path<TenantId>,
) -> Result<Json<TokenList>, Problem> {
    let tenant = app.tenants.find(id.into()).await?.ok_or_else(|| Problem::not_found("tenant"))?;
    Ok(Json(app.tenants.tokens(Some(tenant.id)).await?.into()))
}

/// Makes a token of a tenant.
#[utoipa::path(post, path = "/v1/tenants/{id}/tokens", tag = "tenants", operation_id = "create_token", params(TenantId), request_body = CreateToken,
    responses((status = 201, body = NewToken), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn create(
    State(app): State<App>,
    _: ByAdministrator,
    Path(id): Path<TenantId>,
    Body(body): Body<CreateToken>,
) -> Result<(StatusCode, Json<NewToken>), Problem> {
    let name = name(&body.name)?;
    let tenant = app.tenants.find(id.into()).await?.ok_or_else(|| Problem::not_found("tenant"))?;
    let token = app.tenants.create_token(Some(tenant.id), name.clone()).await?;
    Ok((StatusCode::CREATED, Json(NewToken::of(name, &token))))
}

/// Ends a token of a tenant.
#[utoipa::path(delete, path = "/v1/tenants/{id}/tokens/{token_id}", tag = "tenants", operation_id = "revoke_token", params(TokenPath),
    responses((status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn revoke(
    State(app): State<App>,
    _: ByAdministrator,
    Path(TokenPath { id, token_id }): Path<TokenPath>,
) -> Result<StatusCode, Problem> {
    let revoked = app.tenants.revoke_token(id.into(), token_id.into()).await?;
    if revoked { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("token")) }
}

/// Renews the tenant's token that this is asked with: it ends at once, and the new one has its name.
#[utoipa::path(post, path = "/v1/tenant/token", tag = "tenant", operation_id = "renew_own_token",
    responses((status = 201, body = NewToken), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(super) async fn renew(
    State(app): State<App>,
    ByTenantToken { tenant, token }: ByTenantToken,
) -> Result<(StatusCode, Json<NewToken>), Problem> {
    renewed(app.tenants.renew_token(Some(tenant.id), token, None).await?)
}

/// Lists the tokens of administrators.
#[utoipa::path(get, path = "/v1/administrator/tokens", tag = "administrator", operation_id = "list_administrator_tokens",
    responses((status = 200, body = TokenList), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(super) async fn list_of_administrators(
    State(app): State<App>,
    _: ByAdministrator,
) -> Result<Json<TokenList>, Problem> {
    Ok(Json(app.tenants.tokens(None).await?.into()))
}

/// Makes a token of an administrator.
#[utoipa::path(post, path = "/v1/administrator/tokens", tag = "administrator", operation_id = "create_administrator_token",
    request_body = CreateToken,
    responses((status = 201, body = NewToken), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(super) async fn create_of_administrator(
    State(app): State<App>,
    _: ByAdministrator,
    Body(body): Body<CreateToken>,
) -> Result<(StatusCode, Json<NewToken>), Problem> {
    let name = name(&body.name)?;
    let token = app.tenants.create_token(None, name.clone()).await?;
    Ok((StatusCode::CREATED, Json(NewToken::of(name, &token))))
}

/// Ends a token of an administrator, but never the only one that is good.
#[utoipa::path(delete, path = "/v1/administrator/tokens/{token_id}", tag = "administrator", operation_id = "revoke_administrator_token", params(TokenId),
    responses((status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "It is the only one that is good.")))]
pub(super) async fn revoke_of_administrator(
    State(app): State<App>,
    _: ByAdministrator,
    Path(token): Path<TokenId>,
) -> Result<StatusCode, Problem> {
    revoked(app.tenants.revoke_administrator_token(token.into()).await?)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Renews the administrator's token that this is asked with: it ends at once, and the new one has its name.
#[utoipa::path(post, path = "/v1/administrator/token", tag = "administrator", operation_id = "renew_own_administrator_token",
    responses((status = 201, body = NewToken), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(super) async fn renew_of_administrator(
    State(app): State<App>,
    ByAdministratorToken { token }: ByAdministratorToken,
) -> Result<(StatusCode, Json<NewToken>), Problem> {
    renewed(app.tenants.renew_token(None, token, None).await?)
}

/// # Errors
/// Why no token was ended.
pub(crate) fn revoked(revocation: Revocation) -> Result<(), Problem> {
    let words = "this is the only administrator's token that is good: renew it, or make another one first";
    match revocation {
        Revocation::Revoked => Ok(()),
        Revocation::NoSuch => Err(Problem::not_found("token")),
        Revocation::LastOne => Err(Problem::new(ProblemKind::Conflict, words)),
    }
}

/// Somebody else may have ended the token between its check and its renewal.
fn renewed(renewed: Option<Renewed>) -> Result<(StatusCode, Json<NewToken>), Problem> {
    let gone = || Problem::new(ProblemKind::Unauthorized, "the token was revoked in the meantime");
    let Renewed { token, name } = renewed.ok_or_else(gone)?;
    Ok((StatusCode::CREATED, Json(NewToken::of(name, &token))))
}

impl NewToken {
    fn of(name: String, token: &ApiToken) -> NewToken {
        NewToken { id: token.id().to_owned(), name, token: token.reveal() }
    }
}

impl From<Vec<TokenRecord>> for TokenList {
    fn from(tokens: Vec<TokenRecord>) -> TokenList {
        TokenList { items: tokens.into_iter().map(TokenView::from).collect() }
    }
}

impl From<TokenRecord> for TokenView {
    fn from(token: TokenRecord) -> TokenView {
        let TokenRecord { id, name, created_at, revoked_at } = token;
        TokenView { id, name, created_at: rfc3339(created_at), revoked_at: revoked_at.map(rfc3339) }
    }
}
