//! The plainest HTTP client there is: one connection per request, nothing followed, nothing retried.

use axum::body::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use mock_salesforce::MockSalesforce;
use serde_json::Value;
use tokio::net::TcpStream;

/// A request to be.
pub(crate) struct Call {
    request: http::request::Builder,
    body: Bytes,
    host: String,
    address: std::net::SocketAddr,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A request for a path and query of the mock.
pub(crate) fn call(mock: &MockSalesforce, method: &str, target: &str) -> Call {
    let request = Request::builder().method(method).uri(target);
    Call { request, body: Bytes::new(), host: mock.address().to_string(), address: mock.address() }
}

impl Call {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Says that the mock was reached by this name.
    pub(crate) fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into();
        self.header("content-type", "application/json")
    }

    pub(crate) fn raw(mut self, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        self.body = Bytes::copy_from_slice(body.as_ref());
        self.header("content-type", content_type)
    }

    pub(crate) fn form(self, parameters: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.raw("application/x-www-form-urlencoded", &body)
    }

    /// The answer, or why there was none.
    pub(crate) async fn attempt(self) -> Result<Answer, hyper::Error> {
        let stream = TcpStream::connect(self.address).await.expect("the mock listens");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(connection);
        let request = self.request.header("host", self.host).body(Full::new(self.body)).expect("a request");
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        driver.abort();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }

    pub(crate) async fn send(self) -> Answer {
        self.attempt().await.expect("an answer")
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The status and the `errorCode` of the REST API, or the `error` of OAuth.
    pub(crate) fn error(&self) -> (u16, String) {
        let body = self.json();
        let code = body[0]["errorCode"].as_str().or(body["error"].as_str());
        (self.status.as_u16(), code.unwrap_or_else(|| panic!("no error: {body}")).to_owned())
    }

    pub(crate) fn message(&self) -> String {
        let body = self.json();
        let message = body[0]["message"].as_str().or(body["error_description"].as_str());
        message.unwrap_or_else(|| panic!("no error: {body}")).to_owned()
    }

    /// The parameters of the URL that a redirect leads to.
    pub(crate) fn redirect_parameters(&self) -> Vec<(String, String)> {
        assert_eq!(self.status, 302, "{}", self.text());
        let (_, query) = self.header("location").split_once('?').expect("a query");
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    pub(crate) fn redirect_parameter(&self, name: &str) -> Option<String> {
        self.redirect_parameters().into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// Percent-encodes a value for a query.
pub(crate) fn encode(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}
