//! Connected apps: who may ask for tokens, and under which rules.

use std::collections::HashMap;

use super::error::OAuthError;
use super::public_key::{PublicKey, PublicKeyError};
use super::scopes::Scopes;
use crate::secret::{Secret, fingerprint};

/// A connected app (or External Client App) as its set-up page describes it.
#[derive(Debug, Clone, Default)]
pub struct ConnectedApp {
    /// The consumer key.
    pub client_id: String,
    /// The consumer secret; none for a public client that cannot keep one.
    pub client_secret: Option<Secret>,
    /// Where authorization codes may be sent; compared letter by letter.
    pub callback_urls: Vec<String>,
    /// The scopes it may ask for, such as `api` and `refresh_token`.
    pub scopes: Vec<String>,
    /// Whether each refresh gives a new refresh token and ends the old one.
    pub rotate_refresh_tokens: bool,
    /// Whether an authorization request without a PKCE challenge is refused.
    pub require_pkce: bool,
    /// The user name that the client-credentials flow runs as; none: the flow is off.
    pub client_credentials_user: Option<String>,
    /// The RSA public key for the JWT bearer flow, in PEM (section `PUBLIC KEY`); none: the flow is off.
    /// With a key the app counts as approved by the administrator for every user.
    pub jwt_public_key_pem: Option<String>,
}

/// Why a connected app cannot be registered.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no client id.
    #[error("a connected app needs a client id that is not empty")]
    ClientId,
    /// The client id is in use.
    #[error("two connected apps have the client id {0}")]
    Twice(String),
    /// A scope the mock does not know.
    #[error(
        "the scopes of {0} must be some of api, refresh_token, offline_access, web, full, id, profile, email, chatter_api"
    )]
    Scopes(String),
    /// The public key cannot be read.
    #[error("the public key of {0} {1}")]
    PublicKey(String, PublicKeyError),
}

/// A registered app, its rules parsed.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) callback_urls: Vec<String>,
    pub(crate) scopes: Scopes,
    pub(crate) rotate_refresh_tokens: bool,
    pub(crate) require_pkce: bool,
    pub(crate) client_credentials_user: Option<String>,
    pub(crate) jwt_key: Option<PublicKey>,
    /// Fingerprints of assertions that count as signed with that key.
    pub(crate) trusted_assertions: Vec<String>,
}

impl App {
    /// The scopes asked for, or all of the app's when none were. Refuses those it does not have.
    pub(crate) fn grant_scopes(&self, asked: Option<&str>) -> Result<Scopes, OAuthError> {
        let Some(asked) = asked else { return Ok(self.scopes.clone()) };
        let asked = Scopes::parse(asked).ok_or(OAuthError::INVALID_SCOPE)?;
        if self.scopes.cover(&asked) { Ok(asked) } else { Err(OAuthError::INVALID_SCOPE) }
    }
}

/// All registered apps by their client id.
#[derive(Debug, Default)]
pub(crate) struct Apps(HashMap<String, App>);

impl Apps {
    pub(crate) fn register(&mut self, app: ConnectedApp) -> Result<(), AppError> {
        let client_id = app.client_id;
        if client_id.is_empty() {
            return Err(AppError::ClientId);
        }
        if self.0.contains_key(&client_id) {
            return Err(AppError::Twice(client_id));
        }
        let scopes = Scopes::parse(&app.scopes.join(" ")).ok_or_else(|| AppError::Scopes(client_id.clone()))?;
        let jwt_key = app.jwt_public_key_pem.map(|pem| PublicKey::from_pem(&pem)).transpose();
        let jwt_key = jwt_key.map_err(|error| AppError::PublicKey(client_id.clone(), error))?;
        let app = App {
            client_id: client_id.clone(),
            client_secret: app.client_secret,
            callback_urls: app.callback_urls,
            scopes,
            rotate_refresh_tokens: app.rotate_refresh_tokens,
            require_pkce: app.require_pkce,
            client_credentials_user: app.client_credentials_user,
            jwt_key,
            trusted_assertions: Vec::new(),
        };
        self.0.insert(client_id, app);
        Ok(())
    }

    pub(crate) fn find(&self, client_id: &str) -> Option<App> {
        self.0.get(client_id).cloned()
    }

    /// All of them, by client id.
    pub(crate) fn all(&self) -> Vec<App> {
        let mut apps: Vec<_> = self.0.values().cloned().collect();
        apps.sort_by(|one, other| one.client_id.cmp(&other.client_id));
        apps
    }

    pub(crate) fn trust_assertion(&mut self, client_id: &str, assertion: &str) -> bool {
        let app = self.0.get_mut(client_id);
        app.map(|app| app.trusted_assertions.push(fingerprint(assertion))).is_some()
    }

    pub(crate) fn set_rotation(&mut self, client_id: &str, on: bool) -> bool {
        let app = self.0.get_mut(client_id);
        app.map(|app| app.rotate_refresh_tokens = on).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(scopes: &[&str]) -> ConnectedApp {
        ConnectedApp {
            client_id: "key".to_owned(),
            scopes: scopes.iter().map(ToString::to_string).collect(),
            ..ConnectedApp::default()
        }
    }

    #[test]
    fn scopes_beyond_the_apps_own_are_refused() {
        let mut apps = Apps::default();
        apps.register(app(&["api", "refresh_token"])).unwrap();
        let app = apps.find("key").unwrap();
        assert_eq!(app.grant_scopes(None).unwrap().to_string(), "api refresh_token");
        assert_eq!(app.grant_scopes(Some("api")).unwrap().to_string(), "api");
        assert_eq!(app.grant_scopes(Some("full")), Err(OAuthError::INVALID_SCOPE));
    }

    #[test]
    fn unusable_apps_cannot_be_registered() {
        let mut apps = Apps::default();
        assert!(matches!(apps.register(ConnectedApp::default()), Err(AppError::ClientId)));
        assert!(matches!(apps.register(app(&["openid"])), Err(AppError::Scopes(_))));
        let broken = ConnectedApp { jwt_public_key_pem: Some("no key".to_owned()), ..app(&["api"]) };
        assert!(matches!(apps.register(broken), Err(AppError::PublicKey(..))));
        apps.register(app(&["api"])).unwrap();
        assert!(matches!(apps.register(app(&["api"])), Err(AppError::Twice(_))));
    }
}
