//! Actions as executions of the server.

use bytes::{Buf, BytesMut};
use http::header::{ACCEPT, HeaderName, HeaderValue};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use salesforce_actions::json::RemoteError;
use salesforce_actions::{Call as ActionCall, read_page};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Server;
use super::client::Call;
use super::failure::{ServerFailure, told};
use crate::cli::App;
use crate::cli::failure::{Effect, Failure};
use salesforce_runtime::bindings::soql::Page;

const PATH: &str = "/v1/executions";

#[derive(Serialize)]
struct Submit<'a> {
    connection: &'a str,
    action: &'a str,
    input: &'a RawValue,
    component: Option<String>,
    options: Options,
}

#[derive(Serialize)]
struct Options {
    deadline_ms: Option<u32>,
    max_response_bytes: Option<u64>,
    attempts: Option<u8>,
}

/// How an execution ended.
#[derive(Deserialize)]
struct Completion {
    id: String,
    state: String,
    error_kind: Option<String>,
    result: Option<Box<RawValue>>,
    error: Option<Box<RawValue>>,
}

/// The pages of a query, as they come.
pub(crate) struct PageStream<'a> {
    server: &'a Server,
    body: Incoming,
    /// What came and was not read.
    buffer: BytesMut,
}

/// What is not a page in a stream.
#[derive(Deserialize)]
struct Mark {
    execution: Option<String>,
    ended: Option<Tail>,
}

#[derive(Deserialize)]
struct Tail {
    state: String,
    error: Option<Box<RawValue>>,
}

impl Server {
    /// Runs an action. The same idempotency key again gives the recorded result, and nothing is sent.
    ///
    /// # Errors
    /// How the execution ended, or the problem that kept it from being begun.
    pub(crate) async fn execute(
        &self,
        app: &App,
        asked: &ActionCall,
        key: Option<&str>,
    ) -> Result<Box<RawValue>, Failure> {
        let effect = Effect::of(asked.action());
        let body = self.submission(app, asked).await?;
        let mut call = Call::post(PATH, body, effect);
        if let Some(key) = key {
            let key = HeaderValue::from_str(key)
                .map_err(|_| Failure::Usage("--idempotency-key: expected visible ASCII characters".to_owned()))?;
            call = call.header(HeaderName::from_static("idempotency-key"), key);
        }
        let answer = self.client.call(call).await.map_err(|failure| app.of_component(failure))?;
        let ended: Completion =
            serde_json::from_str(&answer.body).map_err(|error| self.client.strange(&error, effect))?;
        if answer.headers.contains_key("idempotency-replayed") {
            anstream::eprintln!("note: execution {} was run before with this key; nothing was sent now", ended.id);
        }
        self.result(ended, effect)
    }

    /// Runs an action that gives a page.
    ///
    /// # Errors
    /// As [`Server::execute`].
    pub(crate) async fn page(&self, app: &App, asked: &ActionCall, key: Option<&str>) -> Result<Page, Failure> {
        let result = self.execute(app, asked, key).await?;
        read_page(result.get()).map_err(|error| self.client.strange(&error, Effect::of(asked.action())))
    }

    /// Begins to stream all pages of a query.
    ///
    /// # Errors
    /// As [`Server::execute`].
    pub(crate) async fn pages(&self, app: &App, query: &ActionCall) -> Result<PageStream<'_>, Failure> {
        let body = self.submission(app, query).await?;
        let ndjson = HeaderValue::from_static("application/x-ndjson");
        let body = self.client.open(Call::post(PATH, body, Effect::Read).header(ACCEPT, ndjson)).await;
        let body = body.map_err(|failure| app.of_component(failure))?;
        Ok(PageStream { server: self, body, buffer: BytesMut::new() })
    }

    async fn submission(&self, app: &App, asked: &ActionCall) -> Result<Vec<u8>, Failure> {
        let input = serde_json::from_str(asked.input()).map_err(|error| Failure::Local(error.to_string()))?;
        let limits = app.call_options();
        let connection = self.connection().await?;
        let submit = Submit {
            component: app.named_component_digest()?,
            connection: &connection.id,
            action: &asked.action().name,
            input,
            options: Options {
                deadline_ms: limits.deadline_ms,
                max_response_bytes: limits.max_response_bytes,
                attempts: limits.attempts,
            },
        };
        serde_json::to_vec(&submit).map_err(|error| Failure::Local(error.to_string()))
    }

    fn result(&self, ended: Completion, effect: Effect) -> Result<Box<RawValue>, Failure> {
        match (ended.result, ended.error) {
            (Some(result), _) => Ok(result),
            (None, Some(error)) => Err(self.told(&error, effect)),
            (None, None) if ended.state == "succeeded" => Err(ServerFailure::no_longer_kept(&ended.id).into()),
            (None, None) => Err(ServerFailure::ended(&ended.state, ended.error_kind, effect).into()),
        }
    }

    fn told(&self, error: &RawValue, effect: Effect) -> Failure {
        match RemoteError::parse(error.get()) {
            Ok(error) => told(error, effect),
            Err(error) => self.client.strange(&error, effect),
        }
    }
}

impl PageStream<'_> {
    /// The next page; none after the last one.
    ///
    /// # Errors
    /// The query failed, or the stream broke off: what came until then is not the whole result.
    pub(crate) async fn next(&mut self) -> Result<Option<Page>, Failure> {
        loop {
            let line = self.line().await?;
            let client = &self.server.client;
            let mark: Mark = serde_json::from_slice(&line).map_err(|error| client.strange(&error, Effect::Read))?;
            match mark {
                Mark { ended: Some(Tail { error: Some(error), .. }), .. } => {
                    return Err(self.server.told(&error, Effect::Read));
                }
                Mark { ended: Some(Tail { state, .. }), .. } if state == "succeeded" => return Ok(None),
                Mark { ended: Some(Tail { state, .. }), .. } => {
                    return Err(ServerFailure::ended(&state, None, Effect::Read).into());
                }
                Mark { execution: Some(_), .. } => {}
                Mark { .. } => {
                    let text = String::from_utf8_lossy(&line);
                    return read_page(&text).map(Some).map_err(|error| client.strange(&error, Effect::Read));
                }
            }
        }
    }

    async fn line(&mut self) -> Result<BytesMut, Failure> {
        let mut searched = 0;
        loop {
            let unread = self.buffer.get(searched..).unwrap_or_default();
            if let Some(at) = unread.iter().position(|&byte| byte == b'\n') {
                let line = self.buffer.split_to(searched + at);
                self.buffer.advance(1);
                return Ok(line);
            }
            searched = self.buffer.len();
            let client = &self.server.client;
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.buffer.extend_from_slice(&data);
                    }
                }
                Some(Err(error)) => return Err(client.lost(&error, Effect::Read)),
                None => {
                    let reason = "the stream ended before its last line";
                    return Err(ServerFailure::lost(client.server(), reason, Effect::Read).into());
                }
            }
        }
    }
}
