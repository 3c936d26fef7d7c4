//! One org, one user's session, one runtime: what every test begins with. What tests then call is in [`crate::calls`].

use std::path::Path;

use mock_salesforce::ledger::WriteKind;
use mock_salesforce::wire::Wire;
use mock_salesforce::{Builder, ConnectedApp, Fault, Matcher, MockSalesforce};
use salesforce_runtime::bindings::oauth::ConnectedApp as OAuthApp;
use salesforce_runtime::bindings::types::{Connection, Error, ErrorKind, Outcome};
use salesforce_runtime::egress::EgressPolicy;
use salesforce_runtime::{Connector, Execution, ExecutionError, Runtime, RuntimeOptions};
pub(crate) use support::org::USERNAME;

use crate::sentinel::{self, Sentinels};
use crate::told::Told;

pub(crate) const CLIENT_ID: &str = "test-app";
pub(crate) const CLIENT_SECRET: &str = "SENTINEL-CLIENT-SECRET";
pub(crate) const CALLBACK: &str = "https://workflow.example.com/2017-09-01/integrations/salesforce/sso";

/// Where queries begin; what stands below it are their further pages.
pub(crate) const QUERY: &str = "/services/data/v67.0/query";
/// Where accounts are made.
pub(crate) const ACCOUNTS: &str = "/services/data/v67.0/sobjects/Account";
/// Where tokens are made.
pub(crate) const TOKEN: &str = "/services/oauth2/token";

/// An org with a connected app and a user who has allowed it everything.
pub(crate) struct Fixture {
    pub(crate) mock: MockSalesforce,
    pub(crate) connection: Connection,
    pub(crate) refresh_token: String,
    pub(crate) sentinels: Sentinels,
    pub(crate) told: Told,
    connector: Connector,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::of(MockSalesforce::builder(), app()).await
    }

    /// With a fault that the first request under this path meets.
    pub(crate) async fn meeting(path: &str, fault: Fault) -> Self {
        let fixture = Self::start().await;
        fixture.fault(path, fault);
        fixture
    }

    /// With a connection that leads to this server in place of the org.
    pub(crate) async fn at(wire: &Wire) -> Self {
        let mut fixture = Self::start().await;
        fixture.connection.instance_url = format!("http://{}", wire.address());
        fixture
    }

    /// With another mock or another connected app, which has the client id of [`app`].
    pub(crate) async fn of(builder: Builder, app: ConnectedApp) -> Self {
        Self::within(builder, app, RuntimeOptions::default()).await
    }

    /// In another runtime.
    pub(crate) async fn within(builder: Builder, app: ConnectedApp, options: RuntimeOptions) -> Self {
        let sentinels = Sentinels::new();
        let mock = builder.connected_app(app).start().await.unwrap();
        let tokens = mock.issue_tokens(CLIENT_ID, USERNAME).unwrap();
        let connection = Connection {
            instance_url: mock.url().to_owned(),
            access_token: tokens.access_token.expose().to_owned(),
            api_version: None,
        };
        let options =
            RuntimeOptions { code_cache: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled")), ..options };
        let connector = crate::load(&Runtime::new(options).unwrap());
        let refresh_token = tokens.refresh_token.unwrap().expose().to_owned();
        sentinels.plant(&connection.access_token);
        sentinels.plant(&refresh_token);
        sentinels.plant_client(CLIENT_ID, CLIENT_SECRET);
        Self { mock, connection, refresh_token, sentinels, told: Told::default(), connector }
    }

    /// A fresh instance that may reach the login host and the org, and nothing else.
    pub(crate) fn execution(&self) -> Execution {
        let origins = [self.mock.url(), &self.connection.instance_url].map(|origin| origin.parse().unwrap());
        self.execution_with(EgressPolicy::origins(origins).allow_loopback())
    }

    /// A fresh instance that may reach the org of this connection and nothing else.
    pub(crate) fn execution_for(&self, connection: &Connection) -> Execution {
        let origin = connection.instance_url.parse().unwrap();
        self.execution_with(EgressPolicy::origins([origin]).allow_loopback())
    }

    pub(crate) fn execution_with(&self, policy: EgressPolicy) -> Execution {
        self.connector.execution(policy)
    }

    /// The next request under this path meets the fault.
    pub(crate) fn fault(&self, path: &str, fault: Fault) {
        self.mock.push_fault(Matcher::under(path), fault);
    }

    pub(crate) fn app(&self) -> OAuthApp {
        OAuthApp {
            login_url: self.mock.url().to_owned(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: Some(CLIENT_SECRET.to_owned()),
        }
    }

    /// How many requests have reached the mock.
    pub(crate) fn requests(&self) -> usize {
        self.mock.ledger().entries().count()
    }

    /// All writes so far: what was done to which record.
    pub(crate) fn writes(&self) -> Vec<(WriteKind, String)> {
        self.mock.ledger().writes().map(|write| (write.kind, write.id.clone())).collect()
    }

    /// A header of the latest request.
    pub(crate) fn sent_header(&self, name: &str) -> Option<String> {
        let ledger = self.mock.ledger();
        let headers = &ledger.entries().next_back()?.headers;
        headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

/// A test that has held so far holds only if no secret came out, and if the org did what callers were told.
impl Drop for Fixture {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.sentinels.assert_none_came_out();
            if self.connection.instance_url == self.mock.url() {
                self.told.assert_agrees_with(&self.mock.ledger());
            }
        }
    }
}

/// The connected app. Tests change what matters to them.
pub(crate) fn app() -> ConnectedApp {
    ConnectedApp {
        client_credentials_user: Some(USERNAME.to_owned()),
        ..support::org::app(CLIENT_ID, CLIENT_SECRET, CALLBACK)
    }
}

/// The component's own error.
pub(crate) fn refused<T>(result: Result<T, ExecutionError>) -> Error {
    if let Err(error) = &result {
        sentinel::emit(error);
        sentinel::emit_text(error);
    }
    match result {
        Err(ExecutionError::Connector(error)) => error,
        Err(ExecutionError::Host(failure)) => panic!("expected an error of the component, but the host: {failure:?}"),
        Ok(_) => panic!("expected an error of the component, but it succeeded"),
    }
}

/// Kind, outcome and whether to try again: what a caller decides by.
pub(crate) fn decision(error: &Error) -> (ErrorKind, Outcome, bool) {
    (error.kind, error.outcome, error.retryable)
}
