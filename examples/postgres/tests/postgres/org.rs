//! A Salesforce in memory, with a connection whose session has expired.

use example_postgres_store::{PostgresError, PostgresStore};
use mock_salesforce::{Arrival, ConnectedApp, MockSalesforce};
use salesforce_connections::{Session, SessionError, Stored};
use salesforce_runtime::bindings::soql::{Page, Query};
use salesforce_runtime::bindings::types::CallOptions;
use salesforce_runtime::secret::Secret;
use salesforce_runtime::{Connector, Runtime, RuntimeOptions, component};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const CLIENT_ID: &str = "postgres-store";
const CLIENT_SECRET: &str = "postgres-store-secret";
const USERNAME: &str = "alind@example.org";
const TOKEN_PATH: &str = "/services/oauth2/token";
const OPTIONS: CallOptions = CallOptions { deadline_ms: Some(30_000), max_response_bytes: None, attempts: None };

pub(crate) struct Org {
    pub(crate) mock: MockSalesforce,
    /// The paths of requests, as they arrive.
    arriving: UnboundedReceiver<String>,
}

impl Org {
    /// An org that replaces refresh tokens when they are used.
    pub(crate) async fn start() -> Self {
        let app = ConnectedApp {
            client_id: CLIENT_ID.to_owned(),
            client_secret: Some(CLIENT_SECRET.into()),
            callback_urls: vec!["http://localhost/callback".to_owned()],
            scopes: ["api", "refresh_token"].map(str::to_owned).to_vec(),
            rotate_refresh_tokens: true,
            ..ConnectedApp::default()
        };
        let (arrived, arriving) = unbounded_channel();
        let see = move |arrival: Arrival<'_>| drop(arrived.send(arrival.path.to_owned()));
        let mock = MockSalesforce::builder().connected_app(app).watched(see).start().await.unwrap();
        Self { mock, arriving }
    }

    /// What a login brought, some time ago: the session has expired since.
    pub(crate) fn expired(&self) -> Stored<()> {
        let tokens = self.mock.issue_tokens(CLIENT_ID, USERNAME).unwrap();
        self.mock.expire_access_tokens();
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

    /// Waits for so many calls, and so many token requests.
    pub(crate) async fn arrived(&mut self, calls: usize, refreshes: usize) {
        let (mut called, mut refreshed) = (0, 0);
        while called < calls || refreshed < refreshes {
            let path = self.arriving.recv().await.unwrap();
            if path == TOKEN_PATH { refreshed += 1 } else { called += 1 }
        }
        assert_eq!((called, refreshed), (calls, refreshes));
    }

    /// How many refreshes were sent, none of which used a token that had been replaced.
    pub(crate) fn refreshes(&self) -> usize {
        assert_eq!(self.mock.refresh_tokens_that_came_back(), 0);
        self.mock.ledger().token_requests("refresh_token")
    }
}

/// The connector.
pub(crate) fn connector() -> Connector {
    Runtime::new(RuntimeOptions::default()).unwrap().load(component::CONNECTOR).unwrap()
}

pub(crate) fn session(connector: &Connector, store: PostgresStore) -> Session<PostgresStore> {
    Session::new(connector.clone(), store, OPTIONS)
}

pub(crate) async fn query(session: &Session<PostgresStore>, id: &String) -> Result<Page, SessionError<PostgresError>> {
    let query = Query {
        soql: "SELECT Name FROM Account LIMIT 1".to_owned(),
        parameters: Vec::new(),
        include_deleted: false,
        batch_size: None,
        max_records: None,
    };
    session.call(id, async |execution, connection| execution.soql_query(&connection, &query, OPTIONS).await).await
}
