//! The server's API over connections that are kept alive, as one principal.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// Speaks to one process with one token. Clones share its connections.
#[derive(Clone)]
pub(crate) struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    url: String,
    token: String,
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// It was recorded before; nothing was sent.
    pub(crate) replayed: bool,
    pub(crate) body: Value,
}

/// The server went away before it answered.
#[derive(Debug)]
pub(crate) struct Gone;

impl Client {
    pub(crate) fn new(url: &str, token: &str) -> Client {
        let http = Http::builder(TokioExecutor::new()).build_http();
        Client { http, url: url.to_owned(), token: token.to_owned() }
    }

    /// The same with connections of its own.
    pub(crate) fn anew(&self) -> Client {
        Client::new(&self.url, &self.token)
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    /// Uploads a component.
    pub(crate) async fn upload(&self, wasm: Vec<u8>) -> Answer {
        let request = Request::put(format!("{}/v1/components?name=reliability", self.url))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/wasm");
        let response = self.http.request(request.body(Full::new(wasm.into())).unwrap()).await;
        read(response.expect("the server is gone")).await.expect("the server is gone")
    }

    /// Runs an action, with an idempotency key if there is one.
    pub(crate) async fn execute(&self, submit: &Value, key: Option<&str>) -> Result<Answer, Gone> {
        let headers: Vec<_> = key.map(|key| ("idempotency-key", key)).into_iter().collect();
        read(self.send(Method::POST, "/v1/executions", &headers, Some(submit)).await?).await
    }

    /// Streams a query: the response as soon as it begins.
    pub(crate) async fn stream(&self, submit: &Value) -> Response<Incoming> {
        let headers = [("accept", "application/x-ndjson")];
        self.send(Method::POST, "/v1/executions", &headers, Some(submit)).await.expect("the server is gone")
    }

    /// A page for browsers, with the cookie that this browser has.
    pub(crate) async fn browse(&self, path: &str, cookie: Option<&str>) -> Response<Incoming> {
        let headers: Vec<_> = cookie.map(|cookie| ("cookie", cookie)).into_iter().collect();
        self.send(Method::GET, path, &headers, None).await.expect("the server is gone")
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let response = self.send(method, path, &[], body).await.expect("the server is gone");
        read(response).await.expect("the server is gone")
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Response<Incoming>, Gone> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Full::new(body.map(|body| Bytes::from(body.to_string())).unwrap_or_default());
        self.http.request(request.body(body).unwrap()).await.map_err(|_| Gone)
    }
}

impl Answer {
    /// `state` of the execution, if it is one.
    pub(crate) fn state(&self) -> &str {
        self.body["state"].as_str().unwrap_or("none")
    }

    pub(crate) fn succeeded(&self) -> bool {
        self.status == 200 && self.state() == "succeeded"
    }
}

/// A query for the body of `POST /v1/executions`.
pub(crate) fn query(connection: &str, soql: &str) -> Value {
    json!({"connection": connection, "action": "soql-query", "input": {"query": {"soql": soql}}})
}

async fn read(response: Response<Incoming>) -> Result<Answer, Gone> {
    let status = response.status().as_u16();
    let replayed = response.headers().contains_key("idempotency-replayed");
    let body = response.into_body().collect().await.map_err(|_| Gone)?.to_bytes();
    Ok(Answer { status, replayed, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}
