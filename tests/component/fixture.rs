//! One org, one user's session, one runtime: what every test begins with.

use std::path::Path;

use host_harness::bindings::oauth::ConnectedApp as OAuthApp;
use host_harness::bindings::records::{ExternalId, SaveOptions, Target, Upsert};
use host_harness::bindings::soql::{Argument, Parameter, Query, Value};
use host_harness::bindings::types::{CallOptions, Connection, Error, ErrorKind, Outcome};
use host_harness::component;
use host_harness::egress::EgressPolicy;
use host_harness::runtime::{Connector, Execution, ExecutionError, Runtime, RuntimeOptions};
use mock_salesforce::{ConnectedApp, Fault, Matcher, MockSalesforce};

pub(crate) const CLIENT_ID: &str = "test-app";
pub(crate) const CLIENT_SECRET: &str = "SENTINEL-CLIENT-SECRET";
pub(crate) const CALLBACK: &str = "https://workflow.example.com/2017-09-01/integrations/salesforce/sso";
pub(crate) const USERNAME: &str = "alind@example.org";

/// The attempts and the deadline that callers get who ask for nothing else.
pub(crate) const DEFAULTS: CallOptions = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };

/// One attempt.
pub(crate) const ONCE: CallOptions = CallOptions { attempts: Some(1), ..DEFAULTS };

/// An org with a connected app and a user who has allowed it everything.
pub(crate) struct Fixture {
    pub(crate) mock: MockSalesforce,
    pub(crate) connection: Connection,
    pub(crate) refresh_token: String,
    connector: Connector,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        let app = ConnectedApp {
            client_id: CLIENT_ID.to_owned(),
            client_secret: Some(CLIENT_SECRET.into()),
            callback_urls: vec![CALLBACK.to_owned()],
            scopes: ["api", "refresh_token", "id", "profile", "email"].map(str::to_owned).to_vec(),
            rotate_refresh_tokens: true,
            client_credentials_user: Some(USERNAME.to_owned()),
            ..ConnectedApp::default()
        };
        let mock = MockSalesforce::builder().connected_app(app).start().await.unwrap();
        let tokens = mock.issue_tokens(CLIENT_ID, USERNAME).unwrap();
        let connection = Connection {
            instance_url: mock.url().to_owned(),
            access_token: tokens.access_token.expose().to_owned(),
            api_version: None,
        };
        let options = RuntimeOptions {
            code_cache: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled")),
            ..RuntimeOptions::default()
        };
        let connector = Runtime::new(options).unwrap().load(component::CONNECTOR).unwrap();
        Self { mock, connection, refresh_token: tokens.refresh_token.unwrap().expose().to_owned(), connector }
    }

    /// A fresh instance that may reach the org and nothing else.
    pub(crate) fn execution(&self) -> Execution {
        let origin = self.mock.url().parse().unwrap();
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

    /// The first column of a query's rows, as text.
    pub(crate) async fn names(&self, query: &Query) -> Vec<String> {
        let page = self.execution().soql_query(&self.connection, query, DEFAULTS).await.unwrap();
        let rows: Vec<serde_json::Value> = serde_json::from_str(&page.records).unwrap();
        assert_eq!(rows.len() as u64, page.total_size);
        rows.iter().map(|row| row["Name"].as_str().unwrap().to_owned()).collect()
    }
}

/// The component's own error.
pub(crate) fn refused<T>(result: Result<T, ExecutionError>) -> Error {
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

pub(crate) fn query(soql: &str) -> Query {
    Query { soql: soql.to_owned(), parameters: Vec::new(), include_deleted: false, batch_size: None, max_records: None }
}

pub(crate) fn bound(soql: &str, parameters: &[(&str, Argument)]) -> Query {
    let parameters = parameters
        .iter()
        .map(|(name, argument)| Parameter { name: (*name).to_owned(), argument: argument.clone() })
        .collect();
    Query { parameters, ..query(soql) }
}

pub(crate) fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

pub(crate) fn external_id(field: &str, value: &str) -> ExternalId {
    ExternalId { field: field.to_owned(), value: value.to_owned() }
}

pub(crate) fn upsert(field: &str, value: &str, update_only: bool) -> Target {
    Target::Upsert(Upsert { external_id: external_id(field, value), update_only })
}

/// Salesforce's own defaults.
pub(crate) const PLAIN: SaveOptions =
    SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None };
