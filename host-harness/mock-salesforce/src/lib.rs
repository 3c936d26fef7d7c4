//! A Salesforce org in memory behind real sockets: OAuth, REST and SOQL, for tests and demonstrations.
//!
//! [`MockSalesforce::builder`] starts one; it listens on loopback, in plain HTTP or in HTTPS with an authority made at
//! start, and stops when it is dropped. What clients did is in its [`ledger`], what it shall do wrong is queued as
//! [`fault`]s, and its [`org`] can be looked into and changed.
//!
//! A request passes through `server` (sockets), `pipeline` (ledger, faults, limits of size) and a router to
//! `oauth`, `rest` or `soap_login`. Each has a state of its own, over the one `site`: the org under its URL, with its clock.
//! Those turn HTTP into calls of [`org`] and [`soql`], which know nothing of HTTP.
//!
//! Other processes steer it over HTTP with the `control` plane, which is off unless it is asked for.
//!
//! Failures below HTTP are played by a server of its own, [`wire`]. Never for data that matter: everyone's password is [`DEMO_PASSWORD`].
//! docs/MOCK.md is its page for testers, with an example.

pub mod api_error;
pub mod fault;
pub mod ledger;
pub mod org;
pub mod soql;
pub mod wire;

mod answer;
mod clock;
mod control;
mod csv_quotes;
mod lock;
mod mock;
mod oauth;
mod pipeline;
mod plain_words;
mod public_url;
mod random;
mod redact;
mod rest;
mod secret;
mod server;
mod site;
mod soap_login;
mod sosl;
mod tls;
mod watch;

pub use api_error::ApiError;
pub use control::ControlPlane;
pub use fault::{Fault, Matcher};
pub use ledger::Ledger;
pub use mock::{Builder, MockSalesforce, StartError};
pub use oauth::apps::{AppError, ConnectedApp};
pub use oauth::public_key::PublicKeyError;
pub use oauth::refresh_gate::HeldRefreshes;
pub use oauth::shortcuts::{IssueError, Tokens};
pub use oauth::{DEMO_PASSWORD, SECURITY_TOKEN};
pub use public_url::{PublicUrl, PublicUrlError};
pub use rest::actions::{Action, ActionKind, ActionOutcome};
pub use rest::apex_rest::ApexResource;
pub use rest::locators::Paging;
pub use rest::quick_actions::QuickAction;
pub use rest::reports::Report;
pub use secret::{Secret, fingerprint};

pub use tls::{Authority, TlsError};
pub use watch::Arrival;

/// The example of the page for testers is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/MOCK.md")]
struct Page;
