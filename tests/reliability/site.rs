//! A data directory, the processes that serve it, an org, and a connection between them.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use mock_salesforce::MockSalesforce;
use salesforce_server::CONNECTION_PATH;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::Client;
use crate::org;
use crate::server::{PUBLIC_URL, Server};

/// Where everything is.
pub(crate) struct Site {
    harness: PathBuf,
    directory: TempDir,
    executions: u32,
    /// File descriptors of each process; none: as many as this one may have.
    descriptors: Option<u32>,
    pub(crate) mock: Arc<MockSalesforce>,
}

/// A user who has allowed access and is on the way back.
pub(crate) struct Waiting {
    callback: String,
    cookie: String,
}

impl Site {
    /// An empty data directory and a new org. Each process runs so many executions at once.
    pub(crate) async fn new(harness: &Path, executions: u32) -> Site {
        Site::in_directory(harness, executions, tempfile::tempdir().unwrap()).await
    }

    /// The same on a disk of its own.
    pub(crate) async fn on(harness: &Path, executions: u32, disk: &Path) -> Site {
        Site::in_directory(harness, executions, tempfile::tempdir_in(disk).unwrap()).await
    }

    async fn in_directory(harness: &Path, executions: u32, directory: TempDir) -> Site {
        let mock = Arc::new(org::start().await);
        Site { harness: harness.to_owned(), directory, executions, descriptors: None, mock }
    }

    /// The same with so many file descriptors for each process.
    pub(crate) fn with_descriptors(self, descriptors: u32) -> Site {
        Site { descriptors: Some(descriptors), ..self }
    }

    /// One more process.
    pub(crate) async fn serve(&self) -> Server {
        Server::start(&self.harness, &self.data(), self.executions, self.descriptors).await
    }

    /// The tenant that the first start made.
    pub(crate) fn tenant(&self, server: &Server) -> Client {
        self.client(server, "tenant-token")
    }

    pub(crate) fn administrator(&self, server: &Server) -> Client {
        self.client(server, "admin-token")
    }

    /// Another tenant, with these limits and the default ones.
    pub(crate) async fn new_tenant(&self, server: &Server, name: &str, limits: &Value) -> Client {
        let administrator = self.administrator(server);
        let tenant = administrator.post("/v1/tenants", &json!({"name": name, "limits": limits})).await;
        assert_eq!(tenant.status, 201, "{}", tenant.body);
        let id = tenant.body["id"].as_str().unwrap();
        let token = administrator.post(&format!("/v1/tenants/{id}/tokens"), &json!({"name": "reliability"})).await;
        Client::new(server.url(), token.body["token"].as_str().unwrap())
    }

    /// Makes a connection and lets a user allow it. Answers its id.
    pub(crate) async fn connect(&self, tenant: &Client) -> String {
        self.connect_as(tenant, "org").await
    }

    /// As [`Site::connect`], with a name.
    pub(crate) async fn connect_as(&self, tenant: &Client, name: &str) -> String {
        let made = tenant.post("/v1/connections", &org::new_connection(&self.mock, name)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let id = made.body["id"].as_str().unwrap().to_owned();
        self.authorize(tenant, &id).await;
        id
    }

    /// Lets the connection's user allow access, again if need be, as a browser would.
    pub(crate) async fn authorize(&self, tenant: &Client, connection: &str) {
        let waiting = self.begin(tenant, connection).await;
        assert_eq!(self.arrive(tenant, waiting).await, 200);
    }

    /// Leads the user to the org, where access is allowed.
    pub(crate) async fn begin(&self, tenant: &Client, connection: &str) -> Waiting {
        let begun = tenant.post(&format!("/v1/connections/{connection}/authorize"), &json!({})).await;
        assert_eq!(begun.status, 201, "{}", begun.body);
        let ticket = begun.body["url"].as_str().unwrap().strip_prefix(PUBLIC_URL).unwrap();
        let started = tenant.browse(ticket, None).await;
        let header = |name: &str| started.headers()[name].to_str().unwrap();
        let cookie = header("set-cookie").split(';').next().unwrap();
        let query = self.mock.allow(header("location"), "alind@example.org").unwrap();
        Waiting { callback: format!("{CONNECTION_PATH}?{query}"), cookie: cookie.to_owned() }
    }

    /// The user comes back from the org. Answers the status of the page.
    pub(crate) async fn arrive(&self, tenant: &Client, waiting: Waiting) -> u16 {
        tenant.browse(&waiting.callback, Some(&waiting.cookie)).await.status().as_u16()
    }

    /// `harness rotate-key`, which has just been started. Its log goes to that of the servers.
    pub(crate) fn rotation(&self) -> Child {
        let log = OpenOptions::new().create(true).append(true).open(self.data().with_file_name("server.log")).unwrap();
        let mut command = Command::new(&self.harness);
        command.args(["rotate-key", "--json", "--data"]).arg(self.data());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().expect("cannot start harness")
    }

    /// Replaces the limits of the tenant that the first start made.
    pub(crate) async fn limit(&self, server: &Server, limits: &Value) {
        let administrator = self.administrator(server);
        let tenants = administrator.get("/v1/tenants").await;
        let id = tenants.body["items"][0]["id"].as_str().unwrap();
        let limited = administrator.put(&format!("/v1/tenants/{id}"), limits).await;
        assert_eq!(limited.status, 200, "{}", limited.body);
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn client(&self, server: &Server, file: &str) -> Client {
        let token = std::fs::read_to_string(self.data().join(file)).unwrap();
        Client::new(server.url(), token.trim())
    }
}
