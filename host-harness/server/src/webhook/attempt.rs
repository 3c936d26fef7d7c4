//! One attempt to deliver a message: signed, sent once, and what came of it recorded.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use rusqlite::{Connection, OptionalExtension, params};

use super::outbox::{self, Came, Settled, Turn, Waiting};
use super::signature::SigningSecret;
use super::{Event, Webhooks, place};
use crate::database::StoreError;
use crate::{clock, ids, random};

/// The whole attempt: name, connection, TLS, request and the head of the answer.
const WITHIN: Duration = Duration::from_secs(10);
/// Between two tests of a tenant, in milliseconds.
const BETWEEN_TESTS: i64 = 5_000;
const AGENT: &str = concat!("salesforce-harness/", env!("CARGO_PKG_VERSION"));

/// What came of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempted {
    /// Of the answer, if one came.
    pub(crate) status: Option<u16>,
    /// Why it was not delivered; none: it was.
    pub(crate) failure: Option<&'static str>,
}

/// A test was not sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TestRefused {
    #[error("this tenant has no webhook: set one first")]
    NoWebhook,
    #[error("the receiver has answered 410 Gone, and nothing is sent to it: set the webhook again")]
    Disabled,
    #[error("a message is being sent to this webhook, or a test was a moment ago: test it again in a few seconds")]
    Busy,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Webhooks {
    /// Sends a message of the type `webhook.test`, once, and says what came of it.
    ///
    /// # Errors
    /// [`TestRefused`]: nothing was sent.
    pub(crate) async fn test(&self, tenant: &str) -> Result<Attempted, TestRefused> {
        let of = tenant.to_owned();
        let taken = self.database.write(move |connection| take_test(connection, &of)).await?;
        let (turn, now) = taken?;
        let event = Waiting {
            number: None,
            id: ids::new(),
            kind: Event::Test.kind().to_owned(),
            body: Event::Test.body(now)?,
            attempts: 0,
        };
        // It is settled even if whoever asked has left.
        let this = self.clone();
        let attempt = tokio::spawn(async move { this.attempt(turn, event).await });
        let came = attempt.await.map_err(|_| StoreError::Closed)?;
        Ok(Attempted { status: came.status, failure: came.failure })
    }

    /// Delivers an event in its tenant's turn, which ends with it.
    pub(super) async fn attempt(&self, turn: Turn, event: Waiting) -> Came {
        let came = self.send(&turn, &event).await;
        let (tenant, id, kind) = (turn.tenant.clone(), event.id.clone(), event.kind.clone());
        let [random, ..] = random::bytes();
        let settling = self.database.write(move |connection| outbox::settle(connection, &turn, &event, came, random));
        match settling.await {
            Ok(settled) => {
                self.metrics.webhook(settled.as_str());
                let Came { status, failure } = came;
                match settled {
                    Settled::Delivered => tracing::debug!(tenant, event = id, kind, "a webhook was delivered"),
                    Settled::Failed => tracing::info!(tenant, event = id, kind, status, failure, "a webhook failed"),
                    Settled::GivenUp => {
                        tracing::warn!(tenant, event = id, kind, status, failure, "a webhook failed for the last time");
                    }
                    Settled::Gone => {
                        tracing::warn!(tenant, event = id, kind, "a webhook's receiver is gone: nothing is sent there");
                    }
                }
            }
            // Its turn ends by itself, and it is sent once more, under the same id.
            Err(error) => tracing::error!(tenant, event = id, %error, "what came of a webhook was not recorded"),
        }
        came
    }

    async fn send(&self, turn: &Turn, event: &Waiting) -> Came {
        let open = |kind, encrypted: &[u8]| self.vault.decrypt_secret(&place(kind, &turn.tenant), encrypted);
        let (url, secret) = match (open("url", &turn.encrypted_url), open("secret", &turn.encrypted_secret)) {
            (Ok(url), Ok(secret)) => (url, SigningSecret::stored(secret)),
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(tenant = turn.tenant, %error, "a webhook cannot be read: set it again");
                return Came::failed("not-readable");
            }
        };
        // A server that was started without --allow-loopback-orgs meanwhile, say.
        let Ok(endpoint) = self.endpoint(url.expose()) else { return Came::failed("address-not-allowed") };
        let Some(headers) = headers(&secret, event, clock::now() / 1000) else { return Came::failed("not-readable") };
        match self.runtime.post(&endpoint, headers, Bytes::from(event.body.clone()), WITHIN).await {
            Ok(status) => Came::answered(status.as_u16()),
            Err(failure) => Came::failed(failure.as_str()),
        }
    }
}

fn take_test(connection: &Connection, tenant: &str) -> Result<Result<(Turn, i64), TestRefused>, StoreError> {
    let now = clock::now();
    let found = "SELECT disabled_at IS NOT NULL, coalesce(abs(?2 - tested_at) < ?3, 0) FROM webhook WHERE tenant = ?1";
    let found = connection.query_row(found, params![tenant, now, BETWEEN_TESTS], |row| Ok((row.get(0)?, row.get(1)?)));
    match found.optional()? {
        None => return Ok(Err(TestRefused::NoWebhook)),
        Some((true, _)) => return Ok(Err(TestRefused::Disabled)),
        Some((_, true)) => return Ok(Err(TestRefused::Busy)),
        Some((false, false)) => {}
    }
    let Some(turn) = outbox::take_turn(connection, tenant, now)? else { return Ok(Err(TestRefused::Busy)) };
    connection.execute("UPDATE webhook SET tested_at = ?2 WHERE tenant = ?1", params![tenant, now])?;
    Ok(Ok((turn, now)))
}

/// What a receiver verifies the message with, and knows it again by.
fn headers(secret: &SigningSecret, event: &Waiting, timestamp: i64) -> Option<HeaderMap> {
    let signature = HeaderValue::from_str(&secret.sign(&event.id, timestamp, &event.body)?).ok()?;
    Some(HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (USER_AGENT, HeaderValue::from_static(AGENT)),
        (HeaderName::from_static("webhook-id"), HeaderValue::from_str(&event.id).ok()?),
        (HeaderName::from_static("webhook-timestamp"), HeaderValue::from(timestamp)),
        (HeaderName::from_static("webhook-signature"), signature),
    ]))
}
