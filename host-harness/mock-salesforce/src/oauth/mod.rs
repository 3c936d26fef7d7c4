//! OAuth 2.0 as Salesforce serves it: connected apps, the pages a user sees, tokens and what becomes of them.
//!
//! Not for what a token gives access to: that is [`rest`](crate::rest).

pub(crate) mod apps;
pub(crate) mod authorize;
pub(crate) mod browser;
mod client_auth;
pub(crate) mod codes;
mod discovery;
mod error;
mod identity;
mod jwt_bearer;
mod pages;
mod parameters;
mod password;
pub(crate) mod public_key;
pub(crate) mod refresh_gate;
mod revoke;
pub(crate) mod scopes;
pub(crate) mod shortcuts;
mod token;
pub(crate) mod tokens;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::routing::{get, post};

use crate::lock::lock;
use crate::site::Site;
use apps::Apps;
use browser::Browsers;
use codes::Codes;
use refresh_gate::RefreshGate;
use tokens::{Bearer, Issued, Tokens};

/// The password of every user of the mock. It protects nothing: the org's data are made up.
pub const DEMO_PASSWORD: &str = "mock-password-1";

/// What a user may append to the password, as from outside the org's trusted network.
pub const SECURITY_TOKEN: &str = "MockSecurityToken";

/// The state behind the endpoints. When two locks are needed at once, the one further up comes first.
#[derive(Debug)]
pub(crate) struct OAuth {
    pub(crate) site: Arc<Site>,
    pub(crate) apps: Mutex<Apps>,
    pub(crate) browsers: Mutex<Browsers>,
    pub(crate) codes: Mutex<Codes>,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) refreshes: RefreshGate,
}

impl OAuth {
    pub(crate) fn new(site: Arc<Site>, apps: Apps) -> Self {
        let tokens = Tokens::new(site.org().organization_id());
        Self {
            site,
            apps: Mutex::new(apps),
            browsers: Mutex::default(),
            codes: Mutex::default(),
            tokens: Mutex::new(tokens),
            refreshes: RefreshGate::new(),
        }
    }

    /// Makes a grant and its first tokens.
    pub(crate) fn grant(&self, bearer: Bearer) -> Issued {
        lock(&self.tokens).grant(bearer, self.site.now())
    }

    /// Gives sessions, codes and pages their full time from now on: the clock was set anew.
    pub(crate) fn renew(&self) {
        let now = self.site.now();
        lock(&self.browsers).renew(now);
        lock(&self.codes).renew(now);
        lock(&self.tokens).renew(now);
    }

    /// Whom a live access token speaks for, if that user can still log in; using it keeps it alive.
    pub(crate) fn bearer(&self, access_token: &str) -> Option<Bearer> {
        let bearer = lock(&self.tokens).bearer(access_token, self.site.now())?;
        self.site.org().is_active_user(&bearer.user_id).then_some(bearer)
    }
}

/// The OAuth endpoints and their pages.
pub(crate) fn routes(oauth: Arc<OAuth>) -> Router {
    Router::new()
        .route("/services/oauth2/authorize", get(authorize::authorize))
        .route(pages::LOGIN_PATH, post(authorize::login))
        .route(pages::CONSENT_PATH, get(authorize::consent).post(authorize::decide))
        .route("/services/oauth2/token", post(token::token).fallback(token::not_post))
        .route("/services/oauth2/revoke", post(revoke::revoke).fallback(token::not_post))
        .route("/services/oauth2/introspect", post(revoke::introspect).fallback(token::not_post))
        .route("/.well-known/openid-configuration", get(discovery::configuration))
        .route("/services/oauth2/userinfo", get(identity::user_info).post(identity::user_info))
        .route("/id/{organization}/{user}", get(identity::identity).post(identity::identity))
        .with_state(oauth)
}

/// The access token of a request: `Authorization: Bearer ...`, or `OAuth ...` as older clients have it.
pub(crate) fn access_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
    known.then(|| token.trim())
}
