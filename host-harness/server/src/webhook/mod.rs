//! A tenant's webhook: where this server tells a tenant what needs somebody, without being asked.
//!
//! ```text
//!  a connection needs its user ──┐ the same transaction                 each due event, signed
//!  an outcome is unknown ────────┼──────────────► outbox (the database) ───────► delivery ──► receiver
//!  an allowance is passed ───────┘                   ▲                             │
//!                                                    └── back-off, up to 8 times ──┘
//! ```
//!
//! The messages are those of Standard Webhooks (standardwebhooks.com): [`signature`]. What is told is what the database records, in
//! the transaction that records it, so a crash loses no event; one may arrive twice, with the same `webhook-id`. An event names
//! connections and executions, and has no record's data in it. Any process on the data directory delivers.

mod allowance;
mod attempt;
mod delivery;
mod event;
mod outbox;
mod pause;
mod signature;
mod store;

use std::sync::Arc;

use super::database::Database;
use super::metrics::Metrics;
use super::quiet::Quiet;
use super::vault::Vault;
pub(crate) use allowance::{Seen, note as note_allowance};
pub(crate) use attempt::{Attempted, TestRefused};
pub(super) use delivery::spawn;
pub(crate) use event::Event;
pub(crate) use outbox::put;
use salesforce_actions::bounded::Whole;
use salesforce_runtime::Runtime;
use salesforce_runtime::egress::{Endpoint, EndpointError};
use salesforce_runtime::secret::Secret;
pub(crate) use store::place;

/// Used percent of an allowance from which on its tenant is told, where it does not say.
pub(crate) const USUAL_PERCENT: u32 = 80;
/// Characters of a URL.
pub(crate) const LONGEST_URL: usize = 2_000;

/// The webhooks of a server.
#[derive(Clone)]
pub(crate) struct Webhooks {
    database: Database,
    vault: Arc<Vault>,
    runtime: Runtime,
    /// Whether receivers on loopback may be reached.
    loopback: bool,
    metrics: Arc<Metrics>,
    quiet: Arc<Quiet<&'static str>>,
}

/// A tenant's webhook without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Webhook {
    /// May hold a secret of the receiver's: shown to the tenant alone.
    pub(crate) url: Secret,
    /// Used percent of an org's daily API requests from which on the tenant is told.
    pub(crate) allowance_percent: u32,
    /// Events that wait to be delivered.
    pub(crate) waiting: u32,
    /// Events that were given up: after the last attempt, or because too many waited.
    pub(crate) dropped: u32,
    /// Since when nothing is sent, for the receiver said that it is gone.
    pub(crate) disabled_at: Option<i64>,
    pub(crate) last_attempt: Option<LastAttempt>,
    pub(crate) created_at: i64,
}

/// The last attempt to deliver something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastAttempt {
    pub(crate) at: i64,
    /// The event's type.
    pub(crate) event: String,
    /// Of the answer, if one came.
    pub(crate) status: Option<u16>,
    /// One of our own words for why it was not delivered.
    pub(crate) failure: Option<String>,
}

/// What is asked of a webhook.
#[derive(Debug)]
pub(crate) struct NewWebhook {
    pub(crate) url: WebhookUrl,
    /// None: the usual.
    pub(crate) allowance: Option<Percent>,
    /// Makes a new secret though the URL stays.
    pub(crate) new_secret: bool,
}

/// A URL that this server may post to.
#[derive(Debug)]
pub(crate) struct WebhookUrl(Secret);

/// Used percent of an org's daily API requests from which on a tenant is told.
pub(crate) type Percent = Whole<u32, 1, 100>;

/// What was expected of a URL.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UrlError {
    #[error("expected at most {LONGEST_URL} characters")]
    TooLong,
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
}

/// A webhook as it was set, this once with its secret if that is new.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) webhook: Webhook,
    pub(crate) secret: Option<Secret>,
}

impl Webhooks {
    pub(crate) fn new(
        database: Database,
        vault: Arc<Vault>,
        runtime: Runtime,
        loopback: bool,
        metrics: Arc<Metrics>,
    ) -> Webhooks {
        Webhooks { database, vault, runtime, loopback, metrics, quiet: Arc::default() }
    }

    /// Reads a URL as a tenant gives it.
    ///
    /// # Errors
    /// [`UrlError`], which never repeats it.
    pub(crate) fn url(&self, text: &str) -> Result<WebhookUrl, UrlError> {
        if text.len() > LONGEST_URL {
            return Err(UrlError::TooLong);
        }
        self.endpoint(text)?;
        Ok(WebhookUrl(Secret::from(text.to_owned())))
    }

    fn endpoint(&self, url: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::new(url, self.loopback)
    }
}
