//! The token endpoint: one grant type each for codes, refreshes, client credentials, JWTs and passwords.
//!
//! Source: Salesforce help, "OAuth Authorization Flows"; RFC 6749 sections 4.1.3, 4.4, 6; RFC 7523 section 2.1.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde::Serialize;

use super::OAuth;
use super::apps::App;
use super::client_auth::authenticate;
use super::codes::Refused;
use super::error::OAuthError;
use super::jwt_bearer;
use super::parameters::Parameters;
use super::password;
use super::tokens::{Bearer, GrantId, Issued};
use crate::lock::lock;
use crate::secret::Secret;
use crate::{answer, random};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// How long a refresh takes. Another with the same token that arrives meanwhile is refused, as in a real org.
const REFRESH_TIME: Duration = Duration::from_millis(5);

/// The token endpoint's answer. There is no `expires_in`: Salesforce sends none.
#[derive(Serialize)]
struct TokenAnswer {
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    signature: String,
    scope: String,
    instance_url: String,
    id: String,
    token_type: &'static str,
    issued_at: String,
}

/// `POST /services/oauth2/token`.
pub(crate) async fn token(State(oauth): State<Arc<OAuth>>, headers: HeaderMap, form: Parameters) -> Response {
    let issued = match form.get("grant_type") {
        Some("authorization_code") => authorization_code(&oauth, &headers, &form),
        Some("refresh_token") => refresh(&oauth, &headers, &form).await,
        Some("client_credentials") => client_credentials(&oauth, &headers, &form),
        Some(JWT_BEARER) => jwt_bearer::exchange(&oauth, &form),
        Some("password") => password::exchange(&oauth, &headers, &form),
        _ => Err(OAuthError::new("unsupported_grant_type", "grant type not supported")),
    };
    match issued {
        Ok((app, issued)) => tell(&oauth, &headers, &app, issued),
        Err(error) => error.into_response(),
    }
}

/// Any other method on an endpoint that wants POST.
pub(crate) async fn not_post() -> OAuthError {
    OAuthError::NOT_POST
}

/// Tokens as the endpoint tells them, signed with the app's secret.
fn tell(oauth: &OAuth, headers: &HeaderMap, app: &App, issued: Issued) -> Response {
    let instance_url = oauth.site.url_for(headers);
    let id = oauth.site.identity_url(&instance_url, &issued.bearer.user_id);
    let issued_at = oauth.site.now().as_millisecond().to_string();
    // A public client does not know its secret, so it cannot check the signature either.
    let unknown = || Secret::from(random::base62(64));
    let secret = app.client_secret.clone().unwrap_or_else(unknown);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let signature = hmac::sign(&key, format!("{id}{issued_at}").as_bytes());
    let body = TokenAnswer {
        access_token: issued.access_token,
        refresh_token: issued.refresh_token,
        signature: STANDARD.encode(signature),
        scope: issued.bearer.scopes.to_string(),
        instance_url,
        id,
        token_type: "Bearer",
        issued_at,
    };
    answer::json(StatusCode::OK, &body)
}

fn authorization_code(oauth: &OAuth, headers: &HeaderMap, form: &Parameters) -> Result<(App, Issued), OAuthError> {
    let app = authenticate(oauth, headers, form)?;
    let code = form.require("code", "missing required parameter: code")?;
    let now = oauth.site.now();
    let mut codes = lock(&oauth.codes);
    let redeemed = codes.redeem(code, &app.client_id, form.get("redirect_uri"), form.get("code_verifier"), now);
    let allowed = redeemed.map_err(|refused| match refused {
        Refused::Error(error) => error,
        Refused::Replayed(gave) => {
            if let Some(grant) = gave {
                lock(&oauth.tokens).revoke_grant(grant);
            }
            OAuthError::EXPIRED_CODE
        }
    })?;
    let bearer = Bearer { client_id: allowed.client_id, user_id: allowed.user_id, scopes: allowed.scopes };
    let issued = oauth.grant(bearer);
    codes.gave(code, issued.grant);
    drop(codes);
    Ok((app, issued))
}

async fn refresh(oauth: &OAuth, headers: &HeaderMap, form: &Parameters) -> Result<(App, Issued), OAuthError> {
    let app = authenticate(oauth, headers, form)?;
    let token = form.require("refresh_token", "missing required parameter: refresh_token")?;
    let grant = lock(&oauth.tokens).start_refresh(token, &app.client_id)?;
    let running = RunningRefresh { oauth, grant };
    tokio::time::sleep(REFRESH_TIME).await;
    oauth.refreshes.pass().await;
    let issued = lock(&oauth.tokens).finish_refresh(grant, app.rotate_refresh_tokens, oauth.site.now())?;
    // Finished: another refresh may have started since, and must not be let go of.
    std::mem::forget(running);
    Ok((app, issued))
}

/// Lets go of the grant also when the client leaves in the middle and the request is dropped.
struct RunningRefresh<'a> {
    oauth: &'a OAuth,
    grant: GrantId,
}

impl Drop for RunningRefresh<'_> {
    fn drop(&mut self) {
        lock(&self.oauth.tokens).abandon_refresh(self.grant);
    }
}

fn client_credentials(oauth: &OAuth, headers: &HeaderMap, form: &Parameters) -> Result<(App, Issued), OAuthError> {
    let app = authenticate(oauth, headers, form)?;
    if app.client_secret.is_none() {
        return Err(OAuthError::INVALID_CLIENT);
    }
    let user = app.client_credentials_user.as_deref().and_then(|username| oauth.site.user_named(username));
    let user = user.ok_or(OAuthError::new("invalid_grant", "no client credentials user enabled"))?;
    let scopes = app.grant_scopes(form.get("scope"))?.without_refresh();
    let bearer = Bearer { client_id: app.client_id.clone(), user_id: user.id, scopes };
    let issued = oauth.grant(bearer);
    Ok((app, issued))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_documentation_has_every_grant_type() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/MOCK.md")).unwrap();
        for name in ["authorization_code", "refresh_token", "client_credentials", super::JWT_BEARER, "password"] {
            assert!(page.contains(&format!("| `{name}` |")), "{name}");
        }
    }
}
