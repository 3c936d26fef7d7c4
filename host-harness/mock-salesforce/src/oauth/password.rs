//! Users who show their password: to the token endpoint, and to the SOAP API's `login()`.
//!
//! Source: Salesforce help, "OAuth 2.0 Username-Password Flow for Special Scenarios".

use axum::http::HeaderMap;

use super::apps::App;
use super::client_auth::authenticate;
use super::error::OAuthError;
use super::parameters::Parameters;
use super::tokens::{Bearer, Issued};
use super::{DEMO_PASSWORD, OAuth, SECURITY_TOKEN};
use crate::org::User;

impl OAuth {
    /// The user with this name and password, which the security token may follow.
    pub(crate) fn user_with_password(&self, username: &str, password: &str) -> Option<User> {
        let rest = password.strip_prefix(DEMO_PASSWORD);
        self.site.user_named(username).filter(|_| matches!(rest, Some("" | SECURITY_TOKEN)))
    }
}

/// Gives an access token for a password, and never a refresh token.
pub(super) fn exchange(oauth: &OAuth, headers: &HeaderMap, form: &Parameters) -> Result<(App, Issued), OAuthError> {
    let app = authenticate(oauth, headers, form)?;
    let username = form.require("username", "missing required parameter: username")?;
    let password = form.require("password", "missing required parameter: password")?;
    let user = oauth.user_with_password(username, password);
    let user = user.ok_or(OAuthError::new("invalid_grant", "authentication failure"))?;
    let scopes = app.grant_scopes(form.get("scope"))?.without_refresh();
    let issued = oauth.grant(Bearer { client_id: app.client_id.clone(), user_id: user.id, scopes });
    Ok((app, issued))
}
