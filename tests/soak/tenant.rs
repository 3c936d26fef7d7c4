//! A tenant: an org, a stored session, and the host's duty to refresh it once for all who find it expired.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use mock_salesforce::{ConnectedApp, MockSalesforce, fingerprint};
use salesforce_runtime::bindings::oauth::ConnectedApp as OAuthApp;
use salesforce_runtime::bindings::types::{CallOptions, Connection, ErrorKind, Outcome};
use salesforce_runtime::egress::EgressPolicy;
use salesforce_runtime::{Connector, Execution, ExecutionError};
use tokio::sync::RwLock;

pub(crate) const CLIENT_ID: &str = "soak";
const CLIENT_SECRET: &str = "soak-secret";

/// Every call has two seconds.
pub(crate) const OPTIONS: CallOptions =
    CallOptions { deadline_ms: Some(2_000), max_response_bytes: None, attempts: Some(3) };

pub(crate) struct Tenant {
    pub(crate) mock: MockSalesforce,
    pub(crate) username: &'static str,
    /// What is stored. Whoever refreshes holds the lock until the new tokens are in it.
    session: RwLock<Session>,
    /// Every access token that was ever stored, as the ledger shows them.
    fingerprints: Mutex<HashSet<String>>,
    pub(crate) refreshes: AtomicU64,
    /// Logins that a refresh with an unknown end made necessary.
    pub(crate) logins: AtomicU64,
}

#[derive(Clone)]
struct Session {
    access_token: String,
    refresh_token: String,
}

impl Tenant {
    pub(crate) async fn start(username: &'static str) -> Self {
        let app = ConnectedApp {
            client_id: CLIENT_ID.to_owned(),
            client_secret: Some(CLIENT_SECRET.into()),
            callback_urls: vec!["http://localhost/callback".to_owned()],
            scopes: ["api", "refresh_token", "id", "profile", "email"].map(str::to_owned).to_vec(),
            rotate_refresh_tokens: true,
            ..ConnectedApp::default()
        };
        let mock =
            MockSalesforce::builder().connected_app(app).daily_api_requests(u64::MAX >> 1).start().await.unwrap();
        let session = login(&mock, username);
        Self {
            mock,
            username,
            fingerprints: Mutex::new(HashSet::from([bearer(&session)])),
            session: RwLock::new(session),
            refreshes: AtomicU64::new(0),
            logins: AtomicU64::new(0),
        }
    }

    /// Makes one call, each time in a fresh instance. An expired session is refreshed and the call repeated, once; but
    /// not if an attempt within the call may have arrived, for a refusal of the repetition would then say too much.
    pub(crate) async fn call<T, F>(
        &self,
        connector: &Connector,
        action: impl Fn(Execution, Connection) -> F,
    ) -> Result<T, ExecutionError>
    where
        F: Future<Output = Result<T, ExecutionError>>,
    {
        let session = self.session.read().await.clone();
        match action(self.execution(connector), self.connection(&session)).await {
            Err(error) if error.kind() == Some(ErrorKind::SessionExpired) && error.outcome() == Outcome::Rejected => {}
            other => return other,
        }
        let session = self.refresh(connector, &session).await;
        action(self.execution(connector), self.connection(&session)).await
    }

    /// A fresh instance that may reach this tenant's org and nothing else.
    pub(crate) fn execution(&self, connector: &Connector) -> Execution {
        connector.execution(EgressPolicy::origins([self.mock.url().parse().unwrap()]).allow_loopback())
    }

    /// Whether this is the header of one of this tenant's own tokens.
    pub(crate) fn owns(&self, authorization: &str) -> bool {
        self.fingerprints.lock().unwrap().contains(authorization)
    }

    /// A copy of the connection that leads elsewhere.
    pub(crate) async fn connection_to(&self, origin: &str) -> Connection {
        Connection { instance_url: origin.to_owned(), ..self.connection(&*self.session.read().await) }
    }

    fn connection(&self, session: &Session) -> Connection {
        Connection {
            instance_url: self.mock.url().to_owned(),
            access_token: session.access_token.clone(),
            api_version: None,
        }
    }

    async fn refresh(&self, connector: &Connector, expired: &Session) -> Session {
        let mut stored = self.session.write().await;
        if stored.access_token != expired.access_token {
            return stored.clone();
        }
        self.refreshes.fetch_add(1, Ordering::Relaxed);
        let app = OAuthApp {
            login_url: self.mock.url().to_owned(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: Some(CLIENT_SECRET.to_owned()),
        };
        let refreshed = self.execution(connector).refresh(&app, &stored.refresh_token, OPTIONS).await;
        let session = match refreshed {
            Ok(tokens) => Session {
                access_token: tokens.access_token,
                refresh_token: tokens.refresh_token.unwrap_or_else(|| stored.refresh_token.clone()),
            },
            // Nothing happened: the next call may try again.
            Err(error) if error.outcome() == Outcome::NotSent => return stored.clone(),
            Err(error) if error.kind() == Some(ErrorKind::RateLimited) => return stored.clone(),
            // Nobody knows whether the token was rotated away: to send it again could end the grant. The user logs in.
            Err(_) => {
                self.logins.fetch_add(1, Ordering::Relaxed);
                login(&self.mock, self.username)
            }
        };
        self.fingerprints.lock().unwrap().insert(bearer(&session));
        *stored = session.clone();
        session
    }
}

fn login(mock: &MockSalesforce, username: &str) -> Session {
    let tokens = mock.issue_tokens(CLIENT_ID, username).unwrap();
    Session {
        access_token: tokens.access_token.expose().to_owned(),
        refresh_token: tokens.refresh_token.unwrap().expose().to_owned(),
    }
}

fn bearer(session: &Session) -> String {
    format!("Bearer {}", fingerprint(&session.access_token))
}
