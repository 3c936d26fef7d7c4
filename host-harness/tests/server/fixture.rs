//! A server, an org beside it, and a tenant with a connection.

use std::path::Path;
use std::time::Duration;

use mock_salesforce::{ConnectedApp, MockSalesforce};
use salesforce_server::{CONNECTION_PATH, Server, ServerOptions};
use serde_json::{Value, json};
pub(crate) use support::org::USERNAME;

use crate::browser::Browser;
use crate::client::Client;
use crate::log;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_harness");
pub(crate) const CLIENT_ID: &str = "server-test-app";
pub(crate) const CLIENT_SECRET: &str = "SENTINEL-client-secret";
/// An app that has no secret.
pub(crate) const PUBLIC_CLIENT_ID: &str = "server-test-public-app";
pub(crate) const TOKEN_PATH: &str = "/services/oauth2/token";
pub(crate) const QUERY_PATH: &str = "/services/data/v67.0/query";
pub(crate) const ACCOUNTS_PATH: &str = "/services/data/v67.0/sobjects/Account";
/// Long enough for a busy machine; only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server with an org, and the tenant `default`.
pub(crate) struct Fixture {
    pub(crate) server: Server,
    pub(crate) mock: MockSalesforce,
    pub(crate) tenant: Client,
    pub(crate) administrator: Client,
    pub(crate) data: tempfile::TempDir,
}

/// One whose tenant has a connection.
pub(crate) struct Connected {
    pub(crate) fixture: Fixture,
    /// Its id.
    pub(crate) connection: String,
}

impl Fixture {
    pub(crate) async fn start() -> Fixture {
        Fixture::with(|_| {}).await
    }

    /// With other options than those of [`options`].
    pub(crate) async fn with(change: impl FnOnce(&mut ServerOptions)) -> Fixture {
        log::keep();
        let data = data_directory();
        let mut options = options(data.path());
        change(&mut options);
        let server = Server::start(options).await.unwrap();
        let made = server.first_start().unwrap();
        let read = |path: &Path| std::fs::read_to_string(path).unwrap().trim().to_owned();
        let (tenant, administrator) = (read(&made.tenant_token), read(&made.admin_token));
        let app = support::org::app(CLIENT_ID, CLIENT_SECRET, server.callback_url());
        Fixture {
            mock: {
                let public =
                    ConnectedApp { client_id: PUBLIC_CLIENT_ID.to_owned(), client_secret: None, ..app.clone() };
                MockSalesforce::builder().connected_app(app).connected_app(public).start().await.unwrap()
            },
            tenant: Client::new(server.url(), Some(&tenant)),
            administrator: Client::new(server.url(), Some(&administrator)),
            server,
            data,
        }
    }

    /// Another server on the same data.
    pub(crate) async fn another(&self) -> (Server, Client) {
        self.another_with(|_| {}).await
    }

    /// The same with other options.
    pub(crate) async fn another_with(&self, change: impl FnOnce(&mut ServerOptions)) -> (Server, Client) {
        let mut options = options(self.data.path());
        change(&mut options);
        let server = Server::start(options).await.unwrap();
        let client = Client::new(server.url(), Some(&self.tenant_token()));
        (server, client)
    }

    pub(crate) fn tenant_token(&self) -> String {
        std::fs::read_to_string(self.data.path().join("tenant-token")).unwrap().trim().to_owned()
    }

    /// Another tenant with these limits, by a client with its token.
    pub(crate) async fn new_tenant(&self, name: &str, limits: &Value) -> Client {
        let tenant = self.administrator.post_json("/v1/tenants", &json!({"name": name, "limits": limits})).await;
        let path = format!("/v1/tenants/{}/tokens", tenant.json(201)["id"].as_str().unwrap());
        let token = self.administrator.post_json(&path, &json!({"name": "test"})).await.json(201);
        Client::new(self.server.url(), token["token"].as_str())
    }

    /// What a new connection to the org is made of.
    pub(crate) fn connection(&self, name: &str) -> Value {
        json!({
            "name": name,
            "login_url": self.mock.url(),
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scopes": ["api", "refresh_token", "id"],
        })
    }

    /// Makes a connection that waits for its user.
    pub(crate) async fn create(&self, client: &Client, name: &str) -> String {
        let created = client.post_json("/v1/connections", &self.connection(name)).await.json(201);
        created["id"].as_str().unwrap().to_owned()
    }

    /// The link that begins an authorization.
    pub(crate) async fn authorize(&self, client: &Client, connection: &str) -> String {
        let begun = client.post(&format!("/v1/connections/{connection}/authorize")).await.json(201);
        begun["url"].as_str().unwrap().to_owned()
    }

    /// Where Salesforce sends a browser back to whose user allows what this page asks for.
    pub(crate) fn allowed(&self, location: &str) -> String {
        format!("{}?{}", self.server.callback_url(), self.mock.allow(location, USERNAME).unwrap())
    }

    /// Leads a connection's user through the authorization.
    pub(crate) async fn allow(&self, client: &Client, connection: &str) {
        let mut browser = Browser::new(self.server.url());
        let location = browser.begin(&self.authorize(client, connection).await).await;
        let page = browser.get(&self.allowed(&location)).await;
        assert_eq!(page.status, 200, "{page:?}");
    }

    /// A new active connection of a tenant.
    pub(crate) async fn connect(&self, client: &Client, name: &str) -> String {
        let connection = self.create(client, name).await;
        self.allow(client, &connection).await;
        connection
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.mock.ledger().token_requests("refresh_token")
    }
}

impl Connected {
    pub(crate) async fn start() -> Connected {
        Connected::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut ServerOptions)) -> Connected {
        let fixture = Fixture::with(change).await;
        let connection = fixture.connect(&fixture.tenant, "org").await;
        Connected { fixture, connection }
    }

    /// A request to run an action.
    pub(crate) fn action(&self, action: &str, input: Value) -> Value {
        json!({"connection": self.connection, "action": action, "input": input})
    }

    pub(crate) fn query(&self, soql: &str) -> Value {
        self.action("soql-query", json!({"query": {"soql": soql}}))
    }

    pub(crate) fn count(&self) -> Value {
        self.query("SELECT COUNT() FROM Account")
    }

    pub(crate) fn create_account(&self, name: &str) -> Value {
        self.action(
            "create-or-update-record",
            json!({"object": "Account", "target": "create", "fields": {"Name": name}}),
        )
    }

    /// The connection as the API shows it.
    pub(crate) async fn shown(&self) -> Value {
        self.tenant.get(&format!("/v1/connections/{}", self.connection)).await.json(200)
    }

    /// Tokens of one use only, seen as their fingerprints in all token requests, are used once.
    #[track_caller]
    pub(crate) fn no_refresh_token_was_used_twice(&self) {
        let ledger = self.mock.ledger();
        let mut used: Vec<String> = ledger
            .entries()
            .filter(|entry| entry.path == TOKEN_PATH)
            .filter_map(|entry| parameter(entry.body.as_deref()?, "refresh_token"))
            .collect();
        let all = used.len();
        used.sort();
        used.dedup();
        assert!(all > 0 && used.len() == all, "{all} refreshes with {} tokens", used.len());
    }
}

impl std::ops::Deref for Connected {
    type Target = Fixture;

    fn deref(&self) -> &Fixture {
        &self.fixture
    }
}

/// Plain HTTP on a free port of loopback, with orgs on loopback.
pub(crate) fn options(data: &Path) -> ServerOptions {
    support::server::options(PROGRAM, data)
}

/// A directory for a server's data, which shares compiled code with those of other tests.
pub(crate) fn data_directory() -> tempfile::TempDir {
    support::server::data_directory(env!("CARGO_TARGET_TMPDIR"))
}

/// A value of a form or query.
pub(crate) fn parameter(form: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(form.as_bytes()).find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

/// The path of the connection URL with a query.
pub(crate) fn callback(query: &str) -> String {
    format!("{CONNECTION_PATH}?{query}")
}

/// Waits for something that happens elsewhere.
pub(crate) async fn until<F: Future<Output = bool>>(condition: impl Fn() -> F) {
    let looking = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("it never happened");
}
