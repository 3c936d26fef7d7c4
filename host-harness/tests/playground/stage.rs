//! A server, an org beside it with a connection, and somebody who is logged in to the console.

use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use mock_salesforce::MockSalesforce;
use salesforce_server::Server;
use serde_json::{Value, json};

const CLIENT_ID: &str = "playground-test-app";
const CLIENT_SECRET: &str = "SENTINEL-client-secret";

pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) mock: MockSalesforce,
    pub(crate) connection: String,
    pub(crate) token: String,
    client: Client<HttpConnector, Full<Bytes>>,
    /// Of the console.
    cookie: String,
    csrf: String,
    pub(crate) data: tempfile::TempDir,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        serde_json::from_str(&self.text).unwrap()
    }

    /// The text of the element with this id, its tags left out.
    pub(crate) fn element(&self, id: &str) -> String {
        let start = self.text.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in {}", self.text));
        let rest = &self.text[start..];
        let rest = &rest[rest.find('>').unwrap() + 1..];
        let end =
            ["</p>", "</h2>", "</dd>", "</pre>", "</table>"].iter().filter_map(|end| rest.find(end)).min().unwrap();
        let mut text = String::new();
        let mut is_tag = false;
        for character in rest[..end].chars() {
            match character {
                '<' => is_tag = true,
                '>' => is_tag = false,
                other if !is_tag => text.push(other),
                _ => {}
            }
        }
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }

    /// The value of the button or field with this id.
    pub(crate) fn value(&self, id: &str) -> String {
        let start = self.text.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in {}", self.text));
        let tag = &self.text[start..start + self.text[start..].find('>').unwrap()];
        tag.split(" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
}

impl Stage {
    pub(crate) async fn start() -> Stage {
        let data = support::server::data_directory(env!("CARGO_TARGET_TMPDIR"));
        let options = support::server::options(env!("CARGO_BIN_EXE_harness"), data.path());
        let server = Server::start(options).await.unwrap();
        let app = support::org::app(CLIENT_ID, CLIENT_SECRET, server.callback_url());
        let mock = MockSalesforce::builder().connected_app(app).start().await.unwrap();
        let token = std::fs::read_to_string(&server.first_start().unwrap().tenant_token).unwrap().trim().to_owned();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let (connection, cookie, csrf) = Default::default();
        let mut stage = Stage { server, mock, connection, token, client, cookie, csrf, data };
        stage.log_in().await;
        stage.connect().await;
        stage
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    /// The same with more headers.
    pub(crate) async fn get_with(&self, path: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
        self.send(Method::GET, path, &[&[(header::COOKIE, self.cookie.as_str())], headers].concat(), String::new())
            .await
    }

    /// Sends the playground's form: these fields, the connection and the CSRF token.
    pub(crate) async fn run(&self, fields: &[(&str, &str)]) -> Answer {
        let own = [("csrf", self.csrf.as_str()), ("connection", &self.connection)];
        self.post("/console/playground", &[&own, fields].concat()).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers =
            [(header::COOKIE, self.cookie.as_str()), (header::CONTENT_TYPE, "application/x-www-form-urlencoded")];
        self.send(Method::POST, path, &headers, body).await
    }

    /// A request to the API.
    pub(crate) async fn api(&self, path: &str, body: Value) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        let headers = [(header::AUTHORIZATION, authorization.as_str()), (header::CONTENT_TYPE, "application/json")];
        self.send(Method::POST, path, &headers, body.to_string()).await
    }

    /// The same with an idempotency key.
    pub(crate) async fn api_with_key(&self, path: &str, body: &str, key: &str) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        let key_header = header::HeaderName::from_static("idempotency-key");
        let headers = [
            (header::AUTHORIZATION, authorization.as_str()),
            (header::CONTENT_TYPE, "application/json"),
            (key_header, key),
        ];
        self.send(Method::POST, path, &headers, body.to_owned()).await
    }

    async fn log_in(&mut self) {
        let answer = self.post("/console/login", &[("token", &self.token), ("next", "")]).await;
        let cookie = answer.headers.get(header::SET_COOKIE).unwrap_or_else(|| panic!("{answer:?}"));
        self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        let page = self.get("/console/playground").await;
        self.csrf = page.text.split("data-csrf=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    }

    async fn connect(&mut self) {
        let new = json!({"name": "<b>org</b>", "login_url": self.mock.url(), "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET, "scopes": ["api", "refresh_token", "id"]});
        let created: Value = serde_json::from_str(&self.api("/v1/connections", new).await.text).unwrap();
        self.connection = created["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/connections/{}/authorize", self.connection);
        let begun: Value = serde_json::from_str(&self.api(&path, json!({})).await.text).unwrap();
        let start = begun["url"].as_str().unwrap().strip_prefix(self.server.url()).unwrap().to_owned();
        let started = self.send(Method::GET, &start, &[], String::new()).await;
        let of = |name| started.headers.get(name).unwrap().to_str().unwrap().to_owned();
        let cookie: String = of(header::SET_COOKIE).split(';').next().unwrap().to_owned();
        let query = self.mock.allow(&of(header::LOCATION), "alind@example.org").unwrap();
        let callback = self.server.callback_url().strip_prefix(self.server.url()).unwrap();
        let headers = [(header::COOKIE, cookie.as_str())];
        let done = self.send(Method::GET, &format!("{callback}?{query}"), &headers, String::new()).await;
        assert_eq!(done.status, 200, "{done:?}");
    }

    async fn send(&self, method: Method, path: &str, headers: &[(header::HeaderName, &str)], body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.server.url()));
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let (head, body) = self.client.request(request).await.unwrap().into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer { status: head.status.as_u16(), headers: head.headers, text }
    }
}
