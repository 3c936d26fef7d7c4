//! Errors of the OAuth endpoints, which are objects and not arrays. Not for the REST API's.
//!
//! Source: Salesforce help, "OAuth 2.0 Error Codes"; RFC 6749 section 5.2.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::answer;

/// `{"error": ..., "error_description": ...}`, with status 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub(crate) struct OAuthError {
    pub(crate) code: &'static str,
    pub(crate) description: &'static str,
}

impl OAuthError {
    pub(crate) const INVALID_CLIENT_ID: Self = Self::new("invalid_client_id", "client identifier invalid");
    pub(crate) const INVALID_CLIENT: Self = Self::new("invalid_client", "invalid client credentials");
    pub(crate) const INVALID_SCOPE: Self =
        Self::new("invalid_scope", "the requested scope is invalid, unknown, or malformed");
    pub(crate) const EXPIRED_TOKEN: Self = Self::new("invalid_grant", "expired access/refresh token");
    pub(crate) const EXPIRED_CODE: Self = Self::new("invalid_grant", "expired authorization code");
    pub(crate) const BUSY: Self = Self::new("invalid_grant", "token request is already being processed");
    pub(crate) const NOT_POST: Self = Self::new("invalid_request", "must use HTTP POST");

    pub(crate) const fn new(code: &'static str, description: &'static str) -> Self {
        Self { code, description }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json!({"error": self.code, "error_description": self.description});
        answer::json(StatusCode::BAD_REQUEST, &body)
    }
}
