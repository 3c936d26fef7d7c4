//! `/__mock/apps`: connected apps.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Steering;
use super::input::{Body, Path};
use super::problem::Problem;
use crate::lock::lock;
use crate::oauth::apps::{App, AppError, ConnectedApp};

const MOST: usize = 1_000;

/// A connected app.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewApp {
    /// The consumer key.
    client_id: String,
    /// The consumer secret; a public client, if left out.
    client_secret: Option<String>,
    /// Where authorization codes may be sent; compared letter by letter.
    #[serde(default)]
    callback_urls: Vec<String>,
    /// The scopes it may ask for, such as `api` and `refresh_token`.
    scopes: Vec<String>,
    /// Whether each refresh gives a new refresh token and ends the old one; not, if left out.
    #[serde(default)]
    rotate_refresh_tokens: bool,
    /// Whether an authorization request without a PKCE challenge is refused; not, if left out.
    #[serde(default)]
    require_pkce: bool,
    /// The user name that the client-credentials flow runs as; the flow is off, if left out.
    client_credentials_user: Option<String>,
    /// The RSA public key for the JWT bearer flow, in PEM; the flow is off, if left out.
    jwt_public_key_pem: Option<String>,
}

/// A connected app without its secret.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct AppView {
    client_id: String,
    callback_urls: Vec<String>,
    rotate_refresh_tokens: bool,
    require_pkce: bool,
    client_credentials_user: Option<String>,
}

/// All connected apps.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct AppList {
    apps: Vec<AppView>,
}

/// What shall be otherwise about an app.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeApp {
    /// Whether each refresh gives a new refresh token and ends the old one.
    rotate_refresh_tokens: bool,
}

/// An assertion of the JWT bearer flow.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Assertion {
    /// The whole JWT.
    assertion: String,
}

/// Tells which connected apps there are
#[utoipa::path(get, path = "/__mock/apps", tag = "apps", operation_id = "list_apps",
    responses((status = 200, body = AppList)))]
pub(super) async fn list(State(steering): State<Arc<Steering>>) -> Json<AppList> {
    let apps = lock(&steering.oauth.apps).all();
    Json(AppList { apps: apps.into_iter().map(AppView::from).collect() })
}

/// Registers a connected app
#[utoipa::path(post, path = "/__mock/apps", tag = "apps", operation_id = "create_app", request_body = NewApp,
    responses((status = 201), (status = 400, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn create(
    State(steering): State<Arc<Steering>>,
    Body(new): Body<NewApp>,
) -> Result<StatusCode, Problem> {
    let mut apps = lock(&steering.oauth.apps);
    if apps.all().len() >= MOST {
        return Err(Problem::conflict("body", "one app more", format!("at most {MOST}")));
    }
    let app = ConnectedApp {
        client_id: new.client_id,
        client_secret: new.client_secret.map(Into::into),
        callback_urls: new.callback_urls,
        scopes: new.scopes,
        rotate_refresh_tokens: new.rotate_refresh_tokens,
        require_pkce: new.require_pkce,
        client_credentials_user: new.client_credentials_user,
        jwt_public_key_pem: new.jwt_public_key_pem,
    };
    let scopes = app.scopes.join(" ");
    apps.register(app).map_err(|error| match &error {
        AppError::ClientId => Problem::wrong("body.client_id", "\"\"", error.to_string()),
        AppError::Twice(id) => Problem::conflict("body.client_id", id, "a client id that no app has"),
        AppError::Scopes(_) => Problem::wrong("body.scopes", scopes, error.to_string()),
        AppError::PublicKey(..) => Problem::wrong("body.jwt_public_key_pem", "another text", error.to_string()),
    })?;
    Ok(StatusCode::CREATED)
}

/// Switches the rotation of an app's refresh tokens on or off
#[utoipa::path(patch, path = "/__mock/apps/{client_id}", tag = "apps", operation_id = "change_app", request_body = ChangeApp,
    params(("client_id" = String, Path, description = "The consumer key.")),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn change(
    State(steering): State<Arc<Steering>>,
    Path(client_id): Path<String>,
    Body(ChangeApp { rotate_refresh_tokens }): Body<ChangeApp>,
) -> Result<StatusCode, Problem> {
    known(&client_id, lock(&steering.oauth.apps).set_rotation(&client_id, rotate_refresh_tokens))
}

/// Takes an assertion of the JWT bearer flow as if the app's key had signed it. Its claims must hold all the same
#[utoipa::path(post, path = "/__mock/apps/{client_id}/assertions", tag = "apps", operation_id = "trust_assertion",
    params(("client_id" = String, Path, description = "The consumer key.")), request_body = Assertion,
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn trust_assertion(
    State(steering): State<Arc<Steering>>,
    Path(client_id): Path<String>,
    Body(Assertion { assertion }): Body<Assertion>,
) -> Result<StatusCode, Problem> {
    known(&client_id, lock(&steering.oauth.apps).trust_assertion(&client_id, &assertion))
}

fn known(client_id: &str, is_known: bool) -> Result<StatusCode, Problem> {
    if is_known {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("path.client_id", client_id, "a connected app: GET /__mock/apps lists them"))
    }
}

impl From<App> for AppView {
    fn from(app: App) -> Self {
        Self {
            client_id: app.client_id,
            callback_urls: app.callback_urls,
            rotate_refresh_tokens: app.rotate_refresh_tokens,
            require_pkce: app.require_pkce,
            client_credentials_user: app.client_credentials_user,
        }
    }
}
