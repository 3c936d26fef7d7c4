//! One small HTTP client for the API of a server.

use std::error::Error;
use std::fmt::Display;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client as Pool, Error as SendError};
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use salesforce_runtime::egress::{Origin, tls_config};
use salesforce_runtime::secret::Secret;

use super::failure::{Problem, ServerFailure};
use crate::cli::failure::{Effect, Failure};
use crate::cli::interrupt::Write;

/// How long a connection may take to open. An answer takes as long as its execution.
const CONNECT: Duration = Duration::from_secs(10);

/// A client of one server, with one token at most.
pub(super) struct Client {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
    server: Origin,
    authorization: Option<HeaderValue>,
}

/// One request.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// Path and query.
    pub(super) path: &'a str,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// What it can do at Salesforce: that decides what a lost answer means.
    pub(super) effect: Effect,
}

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl<'a> Call<'a> {
    pub(super) fn get(path: &'a str) -> Call<'a> {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Call { method: Method::GET, path, headers, body, effect: Effect::Read }
    }

    /// With a JSON body, which may be empty.
    pub(super) fn post(path: &'a str, json: impl Into<Bytes>, effect: Effect) -> Call<'a> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        Call { method: Method::POST, path, headers, body: json.into(), effect }
    }

    /// With a JSON body that says what to change.
    pub(super) fn patch(path: &'a str, json: impl Into<Bytes>) -> Call<'a> {
        Call { method: Method::PATCH, ..Call::post(path, json, Effect::Read) }
    }

    /// With a JSON body that takes the place of what is there.
    pub(super) fn put(path: &'a str, json: impl Into<Bytes>) -> Call<'a> {
        Call { method: Method::PUT, ..Call::post(path, json, Effect::Read) }
    }

    pub(super) fn delete(path: &'a str) -> Call<'a> {
        Call { method: Method::DELETE, ..Call::get(path) }
    }

    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Call<'a> {
        self.headers.insert(name, value);
        self
    }
}

impl Client {
    /// As [`Client::without_token`], with a token.
    ///
    /// # Errors
    /// `Failure::Local`: a root, or the token, cannot be used.
    pub(super) fn new(
        server: Origin,
        token: &Secret,
        extra_roots: &[CertificateDer<'static>],
    ) -> Result<Client, Failure> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|_| Failure::Local("the token of the server holds characters that no token has".to_owned()))?;
        authorization.set_sensitive(true);
        Ok(Client { authorization: Some(authorization), ..Client::without_token(server, extra_roots)? })
    }

    /// A client that trusts Mozilla's roots and these.
    ///
    /// # Errors
    /// `Failure::Local`: a root cannot be used.
    pub(super) fn without_token(server: Origin, extra_roots: &[CertificateDer<'static>]) -> Result<Client, Failure> {
        let tls = tls_config(extra_roots)
            .map_err(|error| Failure::Local(format!("the certificates of --ca cannot be used: {error}")))?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false); // https too: the TLS connector around it decides
        tcp.set_connect_timeout(Some(CONNECT));
        // The address is an `Origin`, which is plain on loopback only.
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        let pool = Pool::builder(TokioExecutor::new()).build(connector.wrap_connector(tcp));
        Ok(Client { pool, server, authorization: None })
    }

    pub(super) fn server(&self) -> &Origin {
        &self.server
    }

    /// Sends a request and reads the answer, whatever its status.
    ///
    /// # Errors
    /// `Failure::Server`: no answer came.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Answer, Failure> {
        let effect = call.effect;
        let _write = (effect == Effect::Write).then(Write::begin);
        let (head, body) = self.begin(call).await?.into_parts();
        self.read(head.status, head.headers, body, effect).await
    }

    /// As [`Client::send`], for an answer that must be a success.
    ///
    /// # Errors
    /// The problem that the server told, or as [`Client::send`].
    pub(super) async fn call(&self, call: Call<'_>) -> Result<Answer, Failure> {
        let effect = call.effect;
        let answer = self.send(call).await?;
        if answer.status.is_success() { Ok(answer) } else { Err(self.refused(&answer, effect)) }
    }

    /// As [`Client::call`], with the answer's body still to come.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub(super) async fn open(&self, call: Call<'_>) -> Result<Incoming, Failure> {
        let effect = call.effect;
        let (head, body) = self.begin(call).await?.into_parts();
        if head.status.is_success() {
            return Ok(body);
        }
        let answer = self.read(head.status, head.headers, body, effect).await?;
        Err(self.refused(&answer, effect))
    }

    /// What an answer says that is no success.
    pub(super) fn refused(&self, answer: &Answer, effect: Effect) -> Failure {
        match Problem::parse(&answer.body) {
            Some(problem) => problem.into_failure(&answer.headers, effect),
            None => ServerFailure::no_server_of_ours(&self.server, answer.status, effect).into(),
        }
    }

    /// An answer that is not what this program knows.
    pub(super) fn strange(&self, why: &dyn Display, effect: Effect) -> Failure {
        ServerFailure::strange(&self.server, why, effect).into()
    }

    /// An answer that broke off.
    pub(super) fn lost(&self, error: &(dyn Error + 'static), effect: Effect) -> Failure {
        ServerFailure::lost(&self.server, &innermost(error), effect).into()
    }

    async fn begin(&self, call: Call<'_>) -> Result<Response<Incoming>, Failure> {
        let Call { method, path, headers, body, effect } = call;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = format!("{}{path}", self.server)
            .parse()
            .map_err(|error| Failure::Usage(format!("{path} is not a path at a server: {error}")))?;
        *request.headers_mut() = headers;
        let agent = concat!("harness/", env!("CARGO_PKG_VERSION"));
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(agent));
        request.headers_mut().extend(self.authorization.clone().map(|value| (AUTHORIZATION, value)));
        self.pool.request(request).await.map_err(|error: SendError| {
            if error.is_connect() {
                ServerFailure::not_there(&self.server, &innermost(&error)).into()
            } else {
                self.lost(&error, effect)
            }
        })
    }

    async fn read(
        &self,
        status: StatusCode,
        headers: HeaderMap,
        body: Incoming,
        effect: Effect,
    ) -> Result<Answer, Failure> {
        let body = body.collect().await.map_err(|error| self.lost(&error, effect))?.to_bytes();
        Ok(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

/// What is at the bottom of an error, e.g. `Connection refused (os error 111)`.
fn innermost(mut error: &(dyn Error + 'static)) -> String {
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
