//! `GET /.well-known/openid-configuration`: where the endpoints are.
//!
//! Source: OpenID Connect Discovery 1.0; Salesforce help, "OpenID Connect Discovery Endpoint".

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::OAuth;
use crate::answer;

/// The endpoints that the mock has, and no others.
pub(super) async fn configuration(State(oauth): State<Arc<OAuth>>, headers: HeaderMap) -> Response {
    let url = oauth.site.url_for(&headers);
    let endpoint = |name: &str| format!("{url}/services/oauth2/{name}");
    let body = json!({
        "issuer": url,
        "authorization_endpoint": endpoint("authorize"),
        "token_endpoint": endpoint("token"),
        "revocation_endpoint": endpoint("revoke"),
        "userinfo_endpoint": endpoint("userinfo"),
        "introspection_endpoint": endpoint("introspect"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    });
    answer::json(StatusCode::OK, &body)
}
