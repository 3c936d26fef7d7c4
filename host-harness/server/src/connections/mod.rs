//! Connections: a connected app, an org, and the tokens between them.
//!
//! ```text
//!            create                callback                 session expired, refresh refused
//!  (nothing) ─────► authorizing ───────────► active ──────────────────────────► needs-reauthorization
//!                        ▲                     │ ▲ refreshed                            │
//!                        └──── authorize ──────┘ └──────────── callback ◄── authorize ──┘
//!                                              │ revoke
//!                                              ▼
//!                                           revoked ── authorize ──► …
//! ```
//!
//! Tokens and client secrets are encrypted. A token set is committed before anybody uses it, and refreshed by one at a time
//! ([`refresh`]). The component makes every request to Salesforce; nothing here speaks HTTP.

mod authorization;
mod draft;
#[cfg(test)]
mod kit;
mod lease;
mod login_host;
mod refresh;
mod revoke;
mod scopes;
mod session;
mod state;
mod store;
mod trace;
mod unstored;
mod update;

use std::path::PathBuf;
use std::sync::Arc;

use super::database::{Database, StoreError};
use super::metrics::Metrics;
use super::quiet::Quiet;
use super::vault::Vault;
pub(crate) use authorization::{BrowserCookies, COOKIES_LIVE, FailedAuthorization};
pub(crate) use draft::{Change, ChangeDraft, Draft, PRODUCTION, SANDBOX};
use lease::Leases;
use login_host::AllowedApp;
pub(crate) use login_host::LoginHosts;
pub use login_host::{LoginHost, LoginHostError};
use salesforce_actions::display;
use salesforce_connections::Stored;
use salesforce_runtime::bindings::oauth::ConnectedApp;
use salesforce_runtime::bindings::types::{CallOptions, Error, Problem};
use salesforce_runtime::egress::{EgressPolicy, LoginUrl, Origin, SealError};
use salesforce_runtime::names;
use salesforce_runtime::secret::Secret;
use salesforce_runtime::{Connector, ExecutionError};
pub(crate) use session::{CallError, CallSetting, Sealing};
pub(crate) use state::ConnectionState;
pub(crate) use store::place;
use unstored::Unstored;

/// The connections of a server.
#[derive(Clone)]
pub(crate) struct Connections {
    database: Database,
    vault: Arc<Vault>,
    connector: Connector,
    callback_url: String,
    loopback: bool,
    login_hosts: Arc<LoginHosts>,
    leases: Arc<Leases>,
    metrics: Arc<Metrics>,
    unstored: Arc<Unstored>,
    quiet: Arc<Quiet<&'static str>>,
}

/// What a connection needs from its server.
pub(crate) struct Dependencies {
    /// Where Salesforce sends browsers back to: the connection URL.
    pub(crate) callback_url: String,
    /// Whether orgs on loopback may be reached.
    pub(crate) loopback: bool,
    /// Where connections may log in.
    pub(crate) login_hosts: Arc<LoginHosts>,
    /// Directory for the locks of refreshes.
    pub(crate) locks: PathBuf,
    pub(crate) metrics: Arc<Metrics>,
}

/// A connection without its secrets.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionRecord {
    pub(crate) id: String,
    pub(crate) tenant: String,
    pub(crate) name: String,
    pub(crate) state: ConnectionState,
    /// Why it is in this state, where that is not plain.
    pub(crate) reason: Option<String>,
    /// The last authorization, if it failed.
    pub(crate) refusal: Option<Refusal>,
    pub(crate) login_url: String,
    pub(crate) client_id: String,
    pub(crate) has_client_secret: bool,
    pub(crate) api_version: Option<String>,
    pub(crate) requested_scopes: Vec<String>,
    /// Whether executions may call Apex REST with it.
    pub(crate) apex_rest: bool,
    pub(crate) instance_url: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) username: Option<String>,
    pub(crate) organization_id: Option<String>,
    /// How many token sets it has had.
    pub(crate) generation: i64,
    pub(crate) usage: Option<Usage>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// Why an authorization failed, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: String,
    pub(crate) at: i64,
}

/// Use of the org's daily API allowance, when it was last told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) used: u32,
    pub(crate) allowed: u32,
    pub(crate) seen_at: i64,
}

/// What is asked of a new connection.
#[derive(Debug)]
pub(crate) struct NewConnection {
    pub(crate) name: String,
    pub(crate) login_url: LoginUrl,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) api_version: Option<String>,
    /// Empty: `api` and `refresh_token`.
    pub(crate) scopes: Vec<String>,
    pub(crate) apex_rest: bool,
}

/// A tenant's connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConnectionKey {
    /// Whose it is.
    pub(crate) tenant: String,
    pub(crate) id: String,
}

/// A connection with its tokens, for the one call that needs them. Its revision is the generation.
pub(crate) type Tokens = Stored<i64>;

/// Why a connection cannot be used, or its life not be changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    /// The tenant has none of this id.
    #[error("there is no such connection")]
    NotFound,
    /// The tenant has one of this name.
    #[error("another connection has this name")]
    NameTaken,
    /// The tenant has as many as it may have.
    #[error("this tenant has {allowed} connections, which is its limit: delete one, or ask the operator for more")]
    TooMany { allowed: u32 },
    /// Its login URL cannot be changed while it has tokens.
    #[error(
        "login_url: this connection is active, and its tokens are of that login host: revoke it, then change the URL"
    )]
    StillConnected,
    /// The connection's secret would go with another app, or to another host.
    #[error(
        "client_secret: a secret belongs to its app: with a new client_id or login_url send the secret of that app, or \
         null if it has none"
    )]
    SecretOfAnotherApp,
    /// Its tenant begins nothing.
    #[error("the operator has suspended this tenant: nothing is started for it until it is resumed")]
    Suspended,
    /// It has no tokens, or they are no longer good.
    #[error("{}", not_usable(*.state, .reason.as_deref()))]
    NotActive { state: ConnectionState, reason: Option<String> },
    /// The server does not reach orgs on loopback.
    #[error(
        "this server does not connect to orgs on loopback: start it with --allow-loopback-orgs to try it with a mock"
    )]
    Loopback,
    /// The login host is neither Salesforce's nor listed by the operator.
    #[error("{0}")]
    LoginHost(String),
    /// Salesforce named an org that is not at Salesforce.
    #[error("the answer names an org that is not on a domain of Salesforce: its tokens were not kept")]
    OrgHost,
    /// The callback comes from another authorization server than the browser was sent to (RFC 9207).
    #[error(
        "the callback names another issuer than this connection's login URL, and its code was sent nowhere: begin again"
    )]
    OtherIssuer,
    /// Login URL or client id are no longer those that the authorization was begun with.
    #[error(
        "the login URL or the consumer key of this connection was changed after the authorization was begun: begin again"
    )]
    ChangedMeanwhile,
    /// Its tokens cannot be refreshed, and nothing is known against its session.
    #[error(
        "this connection has no refresh token: it works until its session ends, then its user has to allow access again"
    )]
    NoRefreshToken,
    /// Nobody knows what became of an earlier refresh, and the org cannot be asked.
    #[error(
        "an earlier refresh of this connection never finished, and its app cannot ask what became of it: refresh it once \
         more with `again`, which ends the connection if Salesforce had replaced its token, or have its user allow access \
         again"
    )]
    RefreshUnfinished,
    /// A refresh is under way elsewhere and takes too long.
    #[error("a refresh of this connection is under way and has not finished: try again in a few seconds")]
    RefreshUnderWay,
    /// This program panicked in the middle of a refresh.
    #[error(
        "a refresh of this connection failed inside the server, and its outcome is not known: send the same request again, and \
         Salesforce is asked first; the server's log has the reason"
    )]
    RefreshBroken,
    /// The org has given new tokens, and nobody uses them before they are stored.
    #[error(
        "new tokens of this connection cannot be stored yet, because the server's disk is not writable. They are kept: try \
         again later"
    )]
    TokensWait,
    /// The component's answer to a step of the authorization, or to a refresh.
    #[error("{}", told(.0))]
    OAuth(ExecutionError),
    /// The callback belongs to no authorization that this browser began here.
    #[error(
        "this callback belongs to no authorization that was begun in this browser, or to one that is over: begin again"
    )]
    UnknownAuthorization,
    /// A tenant's component must not see the token, and it cannot be hidden.
    #[error("the access token cannot be hidden from the component: {0}")]
    NotSealed(SealError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Connections {
    pub(crate) fn new(
        database: Database,
        vault: Arc<Vault>,
        connector: Connector,
        needed: Dependencies,
    ) -> Connections {
        let Dependencies { callback_url, loopback, login_hosts, locks, metrics } = needed;
        let leases = Arc::new(Leases::new(locks));
        Connections {
            database,
            vault,
            connector,
            callback_url,
            loopback,
            login_hosts,
            leases,
            metrics,
            unstored: Arc::default(),
            quiet: Arc::default(),
        }
    }

    /// The URL to register in the connected app.
    pub(crate) fn callback_url(&self) -> &str {
        &self.callback_url
    }

    /// Where a connection may reach: its login host and its org, once it has one.
    pub(crate) fn policy(&self, origins: impl IntoIterator<Item = Origin>) -> EgressPolicy {
        let policy = EgressPolicy::origins(origins);
        if self.loopback { policy.allow_loopback() } else { policy }
    }
}

impl Connections {
    /// The app that the tokens were given to.
    fn app_of(&self, tokens: &Tokens) -> Result<AllowedApp, ConnectionError> {
        self.allowed_app(&tokens.login_url, &tokens.client_id, tokens.client_secret.as_ref())
    }
}

fn app(login_url: &LoginUrl, client_id: &str, client_secret: Option<&Secret>) -> ConnectedApp {
    ConnectedApp {
        login_url: login_url.to_string(),
        client_id: client_id.to_owned(),
        client_secret: client_secret.map(|secret| secret.expose().to_owned()),
    }
}

/// Limits of a call of OAuth.
const OAUTH_CALL: CallOptions = CallOptions { deadline_ms: Some(30_000), max_response_bytes: None, attempts: None };

impl ConnectionError {
    /// A word for logs and metrics: one of few, and nobody's text.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            ConnectionError::NotFound => "not-found",
            ConnectionError::NameTaken => "name-taken",
            ConnectionError::TooMany { .. } => "too-many",
            ConnectionError::StillConnected => "still-connected",
            ConnectionError::SecretOfAnotherApp => "secret-of-another-app",
            ConnectionError::Suspended => "tenant-suspended",
            ConnectionError::NotActive { .. } => "not-active",
            ConnectionError::Loopback | ConnectionError::LoginHost(_) => "login-host",
            ConnectionError::OrgHost => "org-host",
            ConnectionError::OtherIssuer => "other-issuer",
            ConnectionError::ChangedMeanwhile => "changed-meanwhile",
            ConnectionError::NoRefreshToken => "no-refresh-token",
            ConnectionError::RefreshUnfinished => "refresh-unfinished",
            ConnectionError::RefreshUnderWay => "refresh-under-way",
            ConnectionError::RefreshBroken => "refresh-broken",
            ConnectionError::OAuth(error) => kind_of(error),
            ConnectionError::UnknownAuthorization => "unknown-authorization",
            ConnectionError::NotSealed(_) => "not-sealed",
            ConnectionError::TokensWait => "tokens-wait",
            ConnectionError::Store(_) => "store-failed",
        }
    }
}

fn kind_of(error: &ExecutionError) -> &'static str {
    error.kind().map_or("host-failed", names::error_kind)
}

/// Characters of an error that are kept.
const TOLD: usize = 1_000;

/// The error in one line, with Salesforce's own words.
fn told(error: &ExecutionError) -> String {
    let words = error.to_string();
    let told = match error {
        ExecutionError::Connector(Error { problems, .. }) => {
            let in_line = |problem: &Problem| {
                let words: Vec<_> = problem.message.split_whitespace().collect();
                (problem.code.clone(), display::line(&words.join(" ")))
            };
            let untold = problems.iter().map(in_line).filter(|(_, message)| !words.contains(message));
            let untold: Vec<_> = untold.map(|(code, message)| format!("{code}: {message}")).collect();
            let words = words.trim_end_matches("; see problems");
            if untold.is_empty() { words.to_owned() } else { format!("{words} ({})", untold.join("; ")) }
        }
        ExecutionError::Host(_) => words,
    };
    told.chars().take(TOLD).collect()
}

fn not_usable(state: ConnectionState, reason: Option<&str>) -> String {
    let words = match state {
        ConnectionState::Authorizing => "its user has not allowed access yet",
        ConnectionState::Active => "it has no tokens",
        ConnectionState::NeedsReauthorization => "its user has to allow access again",
        ConnectionState::Revoked => "it was revoked",
    };
    let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("this connection is {state}: {words}{reason}")
}
