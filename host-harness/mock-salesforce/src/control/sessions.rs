//! `/__mock/sessions` and what belongs to tokens: made without the pages of OAuth, ended, watched, held.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Steering;
use super::input::{Body, Path};
use super::problem::Problem;
use crate::lock::lock;
use crate::oauth::shortcuts::IssueError;

/// Who logs in, by which app.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSession {
    client_id: String,
    username: String,
}

/// Tokens as if the user had allowed the app all of its scopes.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct TokensView {
    access_token: String,
    /// Only when the app's scopes have `refresh_token` or `offline_access`.
    refresh_token: Option<String>,
}

/// An authorization, and who allows it.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Authorization {
    /// The URL that a browser would be sent to, with its query.
    url: String,
    username: String,
}

/// What a browser brings back.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Allowed {
    /// The query string of the callback URL, with the code.
    query: String,
}

/// What became of refresh tokens.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct RefreshTokens {
    /// How often one came back after rotation had replaced it, which ended its grant.
    came_back: u64,
}

/// Whether a refresh token is good.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Honoured {
    /// Whether it would be taken now.
    honoured: bool,
}

/// Whether refreshes are kept from finishing.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Refreshes {
    /// While they are, further ones with the same token are told "token request is already being processed".
    held: bool,
}

/// Makes tokens without the pages of OAuth
#[utoipa::path(post, path = "/__mock/sessions", tag = "sessions", operation_id = "create_session", request_body = NewSession,
    responses((status = 201, body = TokensView), (status = 400, body = Problem)))]
pub(super) async fn create(
    State(steering): State<Arc<Steering>>,
    Body(NewSession { client_id, username }): Body<NewSession>,
) -> Result<(StatusCode, Json<TokensView>), Problem> {
    let tokens = steering.oauth.issue_tokens(&client_id, &username).map_err(|error| match error {
        IssueError::App(id) => Problem::wrong("body.client_id", id, "a connected app: GET /__mock/apps lists them"),
        IssueError::User(name) => Problem::wrong("body.username", name, "a user: GET /__mock/users lists them"),
    })?;
    let view = TokensView {
        access_token: tokens.access_token.expose().to_owned(),
        refresh_token: tokens.refresh_token.map(|token| token.expose().to_owned()),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Ends all sessions: their access tokens answer 401 `INVALID_SESSION_ID`. Refresh tokens stay good
#[utoipa::path(delete, path = "/__mock/sessions", tag = "sessions", operation_id = "expire_sessions",
    responses((status = 204)))]
pub(super) async fn expire(State(steering): State<Arc<Steering>>) -> StatusCode {
    lock(&steering.oauth.tokens).expire_access_tokens();
    StatusCode::NO_CONTENT
}

/// Tells what a browser brings back to the callback URL if a user allows an authorization
#[utoipa::path(post, path = "/__mock/authorizations", tag = "sessions", operation_id = "allow", request_body = Authorization,
    responses((status = 201, body = Allowed), (status = 400, body = Problem)))]
pub(super) async fn allow(
    State(steering): State<Arc<Steering>>,
    Body(Authorization { url, username }): Body<Authorization>,
) -> Result<(StatusCode, Json<Allowed>), Problem> {
    let query = steering.oauth.allow(&url, &username);
    let query = query.map_err(|why| {
        Problem::wrong("body", format!("{url} by {username}"), format!("an authorization the org takes ({why})"))
    })?;
    Ok((StatusCode::CREATED, Json(Allowed { query })))
}

/// Tells what became of refresh tokens
#[utoipa::path(get, path = "/__mock/refresh-tokens", tag = "sessions", operation_id = "read_refresh_tokens",
    responses((status = 200, body = RefreshTokens)))]
pub(super) async fn refresh_tokens(State(steering): State<Arc<Steering>>) -> Json<RefreshTokens> {
    Json(RefreshTokens { came_back: lock(&steering.oauth.tokens).came_back() })
}

/// Tells whether the refresh token with this fingerprint would be taken now
#[utoipa::path(get, path = "/__mock/refresh-tokens/{fingerprint}", tag = "sessions", operation_id = "read_refresh_token",
    params(("fingerprint" = String, Path, description = "As the ledger has it: sha256: and 16 hexadecimal digits.")),
    responses((status = 200, body = Honoured), (status = 400, body = Problem)))]
pub(super) async fn refresh_token(
    State(steering): State<Arc<Steering>>,
    Path(fingerprint): Path<String>,
) -> Json<Honoured> {
    Json(Honoured { honoured: lock(&steering.oauth.tokens).honours(&fingerprint) })
}

/// Tells whether refreshes are kept from finishing
#[utoipa::path(get, path = "/__mock/refreshes", tag = "sessions", operation_id = "read_refreshes",
    responses((status = 200, body = Refreshes)))]
pub(super) async fn refreshes(State(steering): State<Arc<Steering>>) -> Json<Refreshes> {
    Json(Refreshes { held: lock(&steering.held_refreshes).is_some() })
}

/// Keeps refreshes from finishing, or lets them
#[utoipa::path(put, path = "/__mock/refreshes", tag = "sessions", operation_id = "hold_refreshes", request_body = Refreshes,
    responses((status = 200, body = Refreshes), (status = 400, body = Problem)))]
pub(super) async fn hold_refreshes(
    State(steering): State<Arc<Steering>>,
    Body(Refreshes { held }): Body<Refreshes>,
) -> Json<Refreshes> {
    let mut holding = lock(&steering.held_refreshes);
    if !held {
        holding.take();
    } else if holding.is_none() {
        *holding = Some(steering.oauth.refreshes.hold());
    }
    Json(Refreshes { held })
}
