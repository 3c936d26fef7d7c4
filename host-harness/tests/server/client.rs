//! A client of the API.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Sends requests with one token, or with none.
#[derive(Clone)]
pub(crate) struct Client {
    hyper: Hyper<HttpConnector, Full<Bytes>>,
    url: String,
    token: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Client {
    pub(crate) fn new(url: &str, token: Option<&str>) -> Client {
        let hyper = Hyper::builder(TokioExecutor::new()).build_http();
        Client { hyper, url: url.to_owned(), token: token.map(str::to_owned) }
    }

    /// The token with which it sends everything.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, &[], Bytes::new()).await
    }

    /// POST without a body.
    pub(crate) async fn post(&self, path: &str) -> Reply {
        self.send(Method::POST, path, &[], Bytes::new()).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, &[("content-type", "application/json")], body.to_string().into()).await
    }

    pub(crate) async fn put_json(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::PUT, path, &[("content-type", "application/json")], body.to_string().into()).await
    }

    pub(crate) async fn patch_json(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::PATCH, path, &[("content-type", "application/json")], body.to_string().into()).await
    }

    /// Runs an action.
    pub(crate) async fn execute(&self, body: &Value) -> Reply {
        self.post_json("/v1/executions", body).await
    }

    /// Runs an action with an idempotency key.
    pub(crate) async fn execute_once(&self, key: &str, body: &Value) -> Reply {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        self.send(Method::POST, "/v1/executions", &headers, body.to_string().into()).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Bytes) -> Reply {
        Reply::whole(self.open(method, path, headers, body).await).await
    }

    /// The answer as soon as its head is here. `path` may be a whole URL.
    pub(crate) async fn open(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> http::Response<Incoming> {
        let url = if path.starts_with('/') { format!("{}{path}", self.url) } else { path.to_owned() };
        let mut request = Request::builder().method(method).uri(url);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.hyper.request(request.body(Full::new(body)).unwrap()).await.unwrap()
    }
}

impl Reply {
    async fn whole(response: http::Response<Incoming>) -> Reply {
        let (head, body) = response.into_parts();
        Reply { status: head.status, headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// JSON of an answer with this status.
    #[track_caller]
    pub(crate) fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The detail of a problem of this kind and status.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, kind: &str) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!((&body["type"], &body["status"]), (&format!("/problems#{kind}").into(), &status.into()), "{body}");
        body["detail"].as_str().unwrap().to_owned()
    }

    /// An execution that ended in this state.
    #[track_caller]
    pub(crate) fn ended(&self, state: &str) -> Value {
        let execution = self.json(200);
        assert_eq!(execution["state"], state, "{execution}");
        execution
    }
}
