//! Who is told: a receiver of webhooks on loopback, which answers as it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use http_body_util::BodyExt;
use serde_json::Value;
use tokio_util::task::AbortOnDropHandle;

use crate::fixture::until;

/// How a message is answered.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Status(u16),
    /// 307 to this URL.
    Redirect(String),
    /// Not at all.
    Silence,
}

/// A message as it came.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) path: String,
    headers: HeaderMap,
    pub(crate) body: String,
}

/// Takes messages, and answers 204 where it is told nothing else. It ends with the value.
pub(crate) struct Receiver {
    pub(crate) url: String,
    seen: Arc<Seen>,
    _serving: AbortOnDropHandle<()>,
}

#[derive(Default)]
struct Seen {
    messages: Mutex<Vec<Message>>,
    answers: Mutex<VecDeque<Answer>>,
}

impl Receiver {
    /// Answers with these, one after the other.
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Receiver {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        lock(&seen.answers).extend(answers);
        let router = Router::new().fallback(take).with_state(seen.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Receiver { url, seen, _serving: AbortOnDropHandle::new(serving) }
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        lock(&self.seen.messages).clone()
    }

    /// Waits until so many have come.
    pub(crate) async fn received(&self, count: usize) -> Vec<Message> {
        until(async || self.messages().len() >= count).await;
        let messages = self.messages();
        assert_eq!(messages.len(), count, "{messages:?}");
        messages
    }
}

impl Message {
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// What it says, once it is known to be signed with this secret: computed here with another library than the server's.
    #[track_caller]
    pub(crate) fn verified(&self, secret: &str) -> Value {
        let (id, timestamp) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let signed = format!("{id}.{timestamp}.{}", self.body);
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
        let signature = self.header("webhook-signature").strip_prefix("v1,").unwrap();
        ring::hmac::verify(&key, signed.as_bytes(), &BASE64_STANDARD.decode(signature).unwrap()).unwrap();
        let seconds: i64 = timestamp.parse().unwrap();
        assert!((jiff::Timestamp::now().as_second() - seconds).abs() < 300, "{timestamp}");
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_str(&self.body).unwrap()
    }
}

async fn take(State(seen): State<Arc<Seen>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let path = head.uri.path_and_query().unwrap().to_string();
    lock(&seen.messages).push(Message { path, headers: head.headers, body });
    let answer = lock(&seen.answers).pop_front().unwrap_or(Answer::Status(204));
    match answer {
        Answer::Status(status) => Response::builder().status(status).body(Body::empty()).unwrap(),
        Answer::Redirect(to) => Response::builder().status(307).header("location", to).body(Body::empty()).unwrap(),
        Answer::Silence => std::future::pending().await,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
