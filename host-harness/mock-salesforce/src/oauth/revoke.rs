//! Revocation and introspection: what becomes of a token, and what is known about it.
//!
//! Source: Salesforce help, "Revoke OAuth Tokens", "OAuth 2.0 Token Introspection"; RFC 7009; RFC 7662.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::client_auth::authenticate;
use super::error::OAuthError;
use super::parameters::Parameters;
use super::tokens::Live;
use crate::answer;
use crate::state::{Mock, lock};

/// `POST /services/oauth2/revoke`. It needs no client authentication: who holds a token may end it.
pub(crate) async fn revoke(State(mock): State<Arc<Mock>>, form: Parameters) -> Result<StatusCode, OAuthError> {
    let hint = form.get("token_type_hint");
    if hint.is_some_and(|hint| !matches!(hint, "access_token" | "refresh_token")) {
        return Err(OAuthError::new("unsupported_token_type", "this token type is not supported"));
    }
    let token = form.require("token", "missing required parameter: token")?;
    lock(&mock.oauth.tokens).revoke(token, mock.clock.now())?;
    Ok(StatusCode::OK)
}

/// `POST /services/oauth2/introspect`. An app learns only about its own tokens.
pub(crate) async fn introspect(
    State(mock): State<Arc<Mock>>,
    headers: HeaderMap,
    form: Parameters,
) -> Result<Response, OAuthError> {
    let app = authenticate(&mock, &headers, &form)?;
    let token = form.require("token", "missing required parameter: token")?;
    let live = lock(&mock.oauth.tokens).live(token, mock.clock.now());
    let body = match live.filter(|live| live.bearer.client_id == app.client_id) {
        Some(live) => describe(&mock, &live),
        None => json!({"active": false}),
    };
    Ok(answer::json(StatusCode::OK, &body).into_response())
}

fn describe(mock: &Mock, live: &Live) -> Value {
    let mut body = json!({
        "active": true,
        "scope": live.bearer.scopes.to_string(),
        "client_id": live.bearer.client_id,
        "username": mock.user(&live.bearer.user_id).map(|user| user.username),
        "sub": mock.identity_url(&live.bearer.user_id),
        "token_type": live.token_type,
        "iat": live.issued.as_second(),
        "nbf": live.issued.as_second(),
    });
    if let (Some(expires), Some(body)) = (live.expires, body.as_object_mut()) {
        body.insert("exp".to_owned(), json!(expires.as_second()));
    }
    body
}
