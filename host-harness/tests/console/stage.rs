//! A server with its console, an org beside it, and a browser that looks at them.

use bytes::Bytes;
use http::{HeaderName, Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use mock_salesforce::{DEMO_PASSWORD, MockSalesforce};
use salesforce_server::Server;
use serde_json::Value;
pub(crate) use support::org::USERNAME;

use crate::browser::Browser;

pub(crate) const CLIENT_ID: &str = "console-tests";
pub(crate) const CLIENT_SECRET: &str = "SENTINEL-client-secret";

pub(crate) struct Stage {
    pub(crate) browser: Browser,
    pub(crate) server: Server,
    pub(crate) mock: MockSalesforce,
    /// Of the tenant.
    pub(crate) token: String,
    pub(crate) admin_token: String,
    data: tempfile::TempDir,
}

impl Stage {
    /// Nobody is logged in yet.
    pub(crate) async fn start() -> Stage {
        let browser = Browser::start().await;
        let data = support::server::data_directory(env!("CARGO_TARGET_TMPDIR"));
        let options = support::server::options(env!("CARGO_BIN_EXE_harness"), data.path());
        let server = Server::start(options).await.unwrap();
        let app = support::org::app(CLIENT_ID, CLIENT_SECRET, server.callback_url());
        let mock = MockSalesforce::builder().connected_app(app).start().await.unwrap();
        let made = server.first_start().unwrap();
        let read = |path| std::fs::read_to_string(path).unwrap().trim().to_owned();
        let (token, admin_token) = (read(&made.tenant_token), read(&made.admin_token));
        Stage { browser, server, mock, token, admin_token, data }
    }

    /// Logged in, with an active connection whose page is shown.
    pub(crate) async fn connected(name: &str) -> Stage {
        let stage = Stage::start().await;
        stage.log_in().await;
        stage.set_up(name).await;
        stage.to_consent().await;
        stage.browser.press("Allow").await;
        stage.browser.see("Salesforce has allowed access: the connection is ready.").await;
        stage
    }

    /// Goes to a page of the server.
    pub(crate) async fn go(&self, path: &str) {
        self.browser.go(&format!("{}{path}", self.server.url())).await;
    }

    pub(crate) async fn log_in(&self) {
        self.log_in_with(&self.token).await;
    }

    pub(crate) async fn log_in_with(&self, token: &str) {
        self.go("/console/").await;
        self.browser.fill("Token", token).await;
        self.browser.press("Log in").await;
        self.browser.find("#overview").await;
    }

    /// Makes a connection to the org: its page has the link to Salesforce.
    pub(crate) async fn set_up(&self, name: &str) {
        self.go("/console/connections/new").await;
        self.fill_in_set_up(name).await;
        self.browser.press("Create and continue").await;
        self.browser.see("Continue to Salesforce").await;
    }

    pub(crate) async fn fill_in_set_up(&self, name: &str) {
        self.browser.fill("Name", name).await;
        self.browser.find("#environment-my-domain").await.click().await.unwrap();
        self.browser.fill("My Domain", self.mock.url()).await;
        self.browser.fill("Consumer key", CLIENT_ID).await;
        self.browser.fill("Consumer secret", CLIENT_SECRET).await;
        self.browser.find("#scope_id").await.click().await.unwrap();
    }

    /// From a connection's page through the login to where the user is asked.
    pub(crate) async fn to_consent(&self) {
        self.browser.follow("Continue to Salesforce").await;
        self.browser.fill("Username", USERNAME).await;
        self.browser.fill("Password", DEMO_PASSWORD).await;
        self.browser.press("Log In").await;
        self.browser.see("Allow Access?").await;
    }

    /// The form of an action in the playground.
    pub(crate) async fn playground(&self, action: &str) {
        self.go(&format!("/console/playground?action={action}")).await;
        self.script_has_taken_over().await;
    }

    /// Shows the form for another component.
    pub(crate) async fn choose_component(&self, name: &str) {
        self.browser.choose("Component", name).await;
        let chosen = format!("{}/console/playground", self.server.url());
        self.browser
            .wait("the component's form", async || Ok((self.browser.url().await == chosen).then_some(())))
            .await;
        self.script_has_taken_over().await;
    }

    /// It shows what works with it alone.
    async fn script_has_taken_over(&self) {
        self.browser.find(".with-script:not([hidden])").await;
    }

    /// Presses the form's button, and waits for the result.
    pub(crate) async fn run(&self, headline: &str) {
        self.browser.press("Run").await;
        self.browser.find("#playground-form button#run:not(:disabled)").await;
        self.browser.wait("the result", async || Ok(self.is_told(headline).await.then_some(()))).await;
    }

    async fn is_told(&self, headline: &str) -> bool {
        let script = "const told = document.getElementById('result-state'); return told ? told.textContent : ''";
        self.browser.evaluate(script).await == headline
    }

    /// The text of an element, shown or not.
    pub(crate) async fn text_of(&self, css: &str) -> String {
        let text = async || self.browser.find(css).await.prop("textContent").await;
        self.browser.wait(format!("the text of {css}"), text).await
    }

    /// A file for a test.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let path = self.data.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A request without the browser: its status and its text.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, &str)],
        body: impl Into<Bytes>,
    ) -> (u16, String) {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.server.url()));
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let client = Client::builder(TokioExecutor::new()).build_http();
        let request = request.body(Full::new(body.into())).unwrap();
        let (head, body) = client.request(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        (head.status.as_u16(), String::from_utf8(bytes).unwrap())
    }

    /// A request of a program to the API, which does it.
    pub(crate) async fn api(&self, token: &str, method: Method, path: &str, body: &Value) -> Value {
        let authorization = format!("Bearer {token}");
        let headers = [(header::AUTHORIZATION, authorization.as_str()), (header::CONTENT_TYPE, "application/json")];
        let (status, text) = self.send(method, path, &headers, body.to_string()).await;
        assert!(matches!(status, 200 | 201), "{status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Runs an action for the tenant, through the API.
    pub(crate) async fn execute(&self, body: &Value) -> Value {
        self.api(&self.token, Method::POST, "/v1/executions", body).await
    }

    /// What the browser gets where a link of the page leads.
    pub(crate) async fn download(&self, path: &str) -> String {
        let (status, text) = self.send(Method::GET, path, &[(header::COOKIE, &self.browser.cookies().await)], "").await;
        assert_eq!(status, 200, "{text}");
        text
    }

    /// No page so far had an error in the browser, nor anything that its policy forbids.
    pub(crate) async fn assert_quiet(&self) {
        assert_eq!(self.browser.errors().await, Vec::<String>::new());
    }
}
