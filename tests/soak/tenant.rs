//! A tenant: an org, and a session that is stored and healed as every host does it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use mock_salesforce::{MockSalesforce, fingerprint};
use salesforce_connections::{
    ConnectionStore as _, HealingError, MemoryError, MemoryStore, Observer, Session, SessionError, Stored,
};
use salesforce_runtime::bindings::types::{CallOptions, Connection};
use salesforce_runtime::secret::Secret;
use salesforce_runtime::{Connector, Execution, ExecutionError};

pub(crate) const CLIENT_ID: &str = "soak";
const CLIENT_SECRET: &str = "soak-secret";

/// Every call has two seconds.
pub(crate) const OPTIONS: CallOptions =
    CallOptions { deadline_ms: Some(2_000), max_response_bytes: None, attempts: Some(3) };

pub(crate) struct Tenant {
    pub(crate) mock: MockSalesforce,
    pub(crate) username: &'static str,
    store: MemoryStore,
    /// The name of its one connection.
    id: String,
    /// One user logs in at a time.
    logging_in: tokio::sync::Mutex<()>,
    /// Every access token that was ever handed out, as the ledger shows them.
    fingerprints: Mutex<HashSet<String>>,
    pub(crate) refreshes: Arc<Counter>,
    /// Logins that a refresh with an unknown end made necessary.
    pub(crate) logins: AtomicU64,
}

/// Counts refreshes that brought tokens.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Observer<String> for Counter {
    fn refreshed(&self, _id: &String, _rotated: bool) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Counter {
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Tenant {
    pub(crate) async fn start(username: &'static str) -> Self {
        let app = support::org::app(CLIENT_ID, CLIENT_SECRET, "http://localhost/callback");
        let mock =
            MockSalesforce::builder().connected_app(app).daily_api_requests(u64::MAX >> 1).start().await.unwrap();
        let tenant = Self {
            mock,
            username,
            store: MemoryStore::default(),
            id: username.to_owned(),
            logging_in: tokio::sync::Mutex::default(),
            fingerprints: Mutex::default(),
            refreshes: Arc::default(),
            logins: AtomicU64::new(0),
        };
        tenant.store.put(&tenant.id, tenant.login());
        tenant
    }

    /// Makes one call, each time in a fresh instance. An expired session is refreshed and the call repeated, once. Where
    /// the connection needs its user, the user logs in, and the call is made.
    pub(crate) async fn call<T, F>(
        &self,
        connector: &Connector,
        action: impl Fn(Execution, Connection) -> F,
    ) -> Result<T, ExecutionError>
    where
        F: Future<Output = Result<T, ExecutionError>>,
    {
        let session = Session::new(connector.clone(), self.store.clone(), OPTIONS).observed(self.refreshes.clone());
        let handed_out = |execution, connection: Connection| {
            self.fingerprints.lock().unwrap().insert(bearer(&connection.access_token));
            action(execution, connection)
        };
        loop {
            match session.call(&self.id, &handed_out).await {
                Ok(answer) => return Ok(answer),
                Err(SessionError::Call(error)) => return Err(error),
                Err(SessionError::Store(MemoryError::Ended(_))) => self.log_in_again().await,
                Err(SessionError::NotHealed(refused, why)) => match *why {
                    HealingError::Refused(_)
                    | HealingError::AnswerLost
                    | HealingError::Store(MemoryError::Ended(_)) => {
                        self.log_in_again().await;
                    }
                    // Nothing happened: the next call may try again.
                    HealingError::Refresh(_) | HealingError::Busy => return Err(refused),
                    why => panic!("the session was not healed: {why}"),
                },
                Err(SessionError::Store(error)) => panic!("the store failed: {error}"),
            }
        }
    }

    async fn log_in_again(&self) {
        let _turn = self.logging_in.lock().await;
        if self.store.load(&self.id).await.is_err() {
            self.logins.fetch_add(1, Ordering::Relaxed);
            self.store.put(&self.id, self.login());
        }
    }

    /// Whether this is the header of one of this tenant's own tokens.
    pub(crate) fn owns(&self, authorization: &str) -> bool {
        self.fingerprints.lock().unwrap().contains(authorization)
    }

    /// A copy of the connection that leads elsewhere.
    pub(crate) async fn connection_to(&self, origin: &str) -> Connection {
        let token = self.store.load(&self.id).await.map(|stored| stored.access_token.expose().to_owned());
        Connection {
            instance_url: origin.to_owned(),
            access_token: token.unwrap_or_else(|_| "ended".to_owned()),
            api_version: None,
        }
    }

    /// What a login leaves behind.
    fn login(&self) -> Stored<()> {
        let tokens = self.mock.issue_tokens(CLIENT_ID, self.username).unwrap();
        Stored {
            login_url: self.mock.url().parse().unwrap(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: Some(Secret::from(CLIENT_SECRET.to_owned())),
            instance_url: self.mock.url().parse().unwrap(),
            access_token: Secret::from(tokens.access_token.expose().to_owned()),
            refresh_token: tokens.refresh_token.map(|token| Secret::from(token.expose().to_owned())),
            api_version: None,
            revision: (),
            refresh_begun: false,
            allow_loopback: true,
        }
    }
}

fn bearer(access_token: &str) -> String {
    format!("Bearer {}", fingerprint(access_token))
}
