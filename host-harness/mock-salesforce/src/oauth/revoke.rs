//! Revocation and introspection: what becomes of a token, and what is known about it.
//!
//! Source: Salesforce help, "Revoke OAuth Tokens", "OAuth 2.0 Token Introspection"; RFC 7009; RFC 7662.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::OAuth;
use super::client_auth::authenticate;
use super::error::OAuthError;
use super::parameters::Parameters;
use super::tokens::Live;
use crate::answer;
use crate::lock::lock;
use crate::site::Site;

/// `POST /services/oauth2/revoke`. It needs no client authentication: who holds a token may end it.
pub(crate) async fn revoke(State(oauth): State<Arc<OAuth>>, form: Parameters) -> Result<StatusCode, OAuthError> {
    let hint = form.get("token_type_hint");
    if hint.is_some_and(|hint| !matches!(hint, "access_token" | "refresh_token")) {
        return Err(OAuthError::new("unsupported_token_type", "this token type is not supported"));
    }
    let token = form.require("token", "missing required parameter: token")?;
    lock(&oauth.tokens).revoke(token, oauth.site.now())?;
    Ok(StatusCode::OK)
}

/// `POST /services/oauth2/introspect`. An app learns only about its own tokens.
pub(crate) async fn introspect(
    State(oauth): State<Arc<OAuth>>,
    headers: HeaderMap,
    form: Parameters,
) -> Result<Response, OAuthError> {
    let app = authenticate(&oauth, &headers, &form)?;
    let token = form.require("token", "missing required parameter: token")?;
    let live = lock(&oauth.tokens).live(token, oauth.site.now());
    let body = match live.filter(|live| live.bearer.client_id == app.client_id) {
        Some(live) => describe(&oauth.site, &oauth.site.url_for(&headers), &live),
        None => json!({"active": false}),
    };
    Ok(answer::json(StatusCode::OK, &body).into_response())
}

fn describe(site: &Site, url: &str, live: &Live) -> Value {
    let mut body = json!({
        "active": true,
        "scope": live.bearer.scopes.to_string(),
        "client_id": live.bearer.client_id,
        "username": site.user(&live.bearer.user_id).map(|user| user.username),
        "sub": site.identity_url(url, &live.bearer.user_id),
        "token_type": live.token_type,
        "iat": live.issued.as_second(),
        "nbf": live.issued.as_second(),
    });
    if let (Some(expires), Some(body)) = (live.expires, body.as_object_mut()) {
        body.insert("exp".to_owned(), json!(expires.as_second()));
    }
    body
}
