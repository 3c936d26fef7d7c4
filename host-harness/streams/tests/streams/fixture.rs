//! One org, one user's session, one runtime: what every test begins with.

use std::fmt::Debug;
use std::path::Path;

use mock_salesforce::org::WriteOptions;
use mock_salesforce::wire::Wire;
use mock_salesforce::{Builder, ConnectedApp, Fault, Matcher, MockSalesforce};
use salesforce_runtime::bindings::types::{CallOptions, Connection, Error};
use salesforce_runtime::egress::{EgressLimits, EgressPolicy};
use salesforce_runtime::{ExecutionError, HostFailure, Limits, RuntimeOptions};
use salesforce_streams::bindings::{Query, Summary};
use salesforce_streams::{COMPONENT, Component, Execution, Reading, Records, Runtime};
use serde_json::{Map, json};
use tokio::sync::mpsc;

pub(crate) const DEFAULTS: CallOptions = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };
/// One attempt.
pub(crate) const ONCE: CallOptions = CallOptions { attempts: Some(1), ..DEFAULTS };
/// One attempt, for answers that never come. A page that comes has to be there by then.
pub(crate) const SHORT: CallOptions = CallOptions { deadline_ms: Some(2_000), ..ONCE };

/// Where queries begin, and where their further pages are.
pub(crate) const QUERY: &str = "/services/data/v67.0/query";
pub(crate) const FURTHER: &str = "/services/data/v67.0/query/";
/// A user of every mock.
const USERNAME: &str = "alind@example.org";
/// As many accounts as every mock has.
pub(crate) const ACCOUNTS: usize = 2086;
/// The org's administrator.
pub(crate) const ADMINISTRATOR: &str = "0055g0000000000AAA";

pub(crate) struct Fixture {
    pub(crate) mock: MockSalesforce,
    pub(crate) connection: Connection,
    component: Component,
    /// The path of each request, as it comes.
    arrivals: mpsc::UnboundedReceiver<String>,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::of(MockSalesforce::builder()).await
    }

    /// With a fault that the first request under this path meets.
    pub(crate) async fn meeting(path: &str, fault: Fault) -> Self {
        let fixture = Self::start().await;
        fixture.mock.push_fault(Matcher::under(path), fault);
        fixture
    }

    /// With a connection that leads to this server in place of the org.
    pub(crate) async fn at(wire: &Wire) -> Self {
        let mut fixture = Self::start().await;
        fixture.connection.instance_url = format!("http://{}", wire.address());
        fixture
    }

    pub(crate) async fn of(builder: Builder) -> Self {
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let builder = builder.watched(move |arrival| _ = arrived.send(arrival.path.to_owned()));
        let app = ConnectedApp {
            client_id: "test-app".to_owned(),
            scopes: vec!["api".to_owned()],
            ..ConnectedApp::default()
        };
        let mock = builder.connected_app(app).start().await.unwrap();
        let tokens = mock.issue_tokens("test-app", USERNAME).unwrap();
        let connection = Connection {
            instance_url: mock.url().to_owned(),
            access_token: tokens.access_token.expose().to_owned(),
            api_version: None,
        };
        // Calls of one instance share the requests that it may have open.
        let egress = EgressLimits { requests_at_once: 200, ..EgressLimits::default() };
        let options = RuntimeOptions {
            limits: Limits { egress, ..Limits::default() },
            code_cache: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled-streams")),
            ..RuntimeOptions::default()
        };
        let component = Runtime::new(options).unwrap().load(COMPONENT).unwrap();
        Self { mock, connection, component, arrivals }
    }

    /// A fresh instance that may reach the org and nothing else.
    pub(crate) fn execution(&self) -> Execution {
        let origin = self.connection.instance_url.parse().unwrap();
        self.component.execution(EgressPolicy::origins([origin]).allow_loopback())
    }

    /// The records of a query in an instance of their own.
    pub(crate) fn records(&self, query: Query, options: CallOptions) -> Records {
        self.execution().start().query_records(self.connection.clone(), query, options)
    }

    /// All of them, and how the stream ended.
    pub(crate) async fn read(&self, query: Query, options: CallOptions) -> (Vec<String>, Ended) {
        read(self.records(query, options)).await
    }

    /// How many requests have reached the mock.
    pub(crate) fn requests(&self) -> usize {
        self.mock.ledger().entries().count()
    }

    /// Waits until one more request has come: its path.
    pub(crate) async fn arrival(&mut self) -> String {
        self.arrivals.recv().await.unwrap()
    }

    /// Makes contacts with this last name.
    pub(crate) fn make_contacts(&self, last_name: &str, count: usize) {
        let options = WriteOptions::new(ADMINISTRATOR, "v67.0");
        self.mock.org(|org| {
            let contact = Map::from_iter([("LastName".to_owned(), json!(last_name))]);
            (0..count).for_each(|_| drop(org.create("Contact", &contact, &options).unwrap()));
        });
    }
}

pub(crate) type Ended = Result<Summary, ExecutionError>;

/// Reads a stream to its end.
pub(crate) async fn read(mut records: Records) -> (Vec<String>, Ended) {
    let mut all = Vec::new();
    while let Some(record) = records.next().await {
        all.push(record);
    }
    (all, records.finish().await)
}

/// All accounts, in pages of 500.
pub(crate) fn accounts() -> Query {
    Query { batch_size: Some(500), ..Query::from("SELECT Id, Name FROM Account") }
}

/// The same of bytes.
pub(crate) async fn read_bytes<S>(mut reading: Reading<u8, S>) -> (Vec<u8>, Result<S, ExecutionError>) {
    let mut all = Vec::new();
    while let Some(piece) = reading.next_piece().await {
        all.extend(piece);
    }
    (all, reading.finish().await)
}

/// The component's own error.
pub(crate) fn refused<S: Debug>(ended: Result<S, ExecutionError>) -> Error {
    match ended {
        Err(ExecutionError::Connector(error)) => error,
        other => panic!("expected an error of the component, found {other:?}"),
    }
}

/// The host's failure.
pub(crate) fn failed<S: Debug>(ended: Result<S, ExecutionError>) -> HostFailure {
    match ended {
        Err(ExecutionError::Host(failure)) => failure,
        other => panic!("expected a failure of the host, found {other:?}"),
    }
}
