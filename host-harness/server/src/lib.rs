//! A small workflow runtime around the component, as a program would run it: `harness serve`.
//!
//! It owns the connection URL that users register in their connected app, keeps connections and refreshes their tokens,
//! runs actions for tenants as executions, takes their components, and shows it all in a console. State is one
//! SQLite database in a data directory, next to the key that encrypts what is secret in it; any number of processes may run
//! on the same directory.
//!
//! ```text
//! api ─────┐                    ┌─ connections ─── authorization, refresh, session
//! console ─┼── app ── services ─┼─ executions ──── admission, run, query_stream
//! sso ─────┘                    ├─ components ──── upload
//!                               └─ tenants ─────── tokens
//!                                        └────────────────── database, vault
//! ```

mod api;
mod app;
mod at_once;
mod backup;
mod clock;
mod components;
mod connections;
mod console;
mod database;
mod describe;
mod executions;
mod field;
mod ids;
mod listen;
mod local_path;
mod metrics;
mod options;
mod process;
mod quiet;
mod random;
mod rotation;
mod running_time;
mod sso;
mod tenants;
mod transit;
mod unread;
mod upkeep;
mod vault;
mod webhook;

use std::net::SocketAddr;

use app::App;
pub use backup::{Backup, BackupError, Restored, backup, restore};
pub use connections::{LoginHost, LoginHostError};
use listen::Listening;
pub use options::{ServerOptions, StartError, TlsFiles};
use tokio_util::task::AbortOnDropHandle;
pub use vault::KeySource;

/// The path of the connection URL, under which Salesforce sends browsers back.
pub const CONNECTION_PATH: &str = "/2017-09-01/integrations/salesforce/sso";

/// A running server. Dropping it ends it at once; [`Server::stop`] lets executions finish.
pub struct Server {
    app: App,
    listening: Listening,
    _upkeep: AbortOnDropHandle<()>,
    _keys: AbortOnDropHandle<()>,
    _webhooks: AbortOnDropHandle<()>,
    first_start: Option<FirstStart>,
}

/// What the first start in a data directory made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstStart {
    /// File with the administrator's token.
    pub admin_token: std::path::PathBuf,
    /// File with the token of the tenant `default`.
    pub tenant_token: std::path::PathBuf,
}

impl Server {
    /// Opens the data directory, compiles the connector, binds and serves. It answers when this returns.
    ///
    /// # Errors
    /// [`StartError`]: what was expected of an option, the directory, the address or a certificate.
    pub async fn start(options: ServerOptions) -> Result<Server, StartError> {
        let socket = listen::bind(&options)?;
        let address = socket.local_addr().map_err(|error| StartError::Listen(options.listen, error))?;
        let (app, first_start) = App::open(&options, address).await?;
        let data = options.data.clone();
        let router = axum::Router::new()
            .merge(api::router(&app))
            .merge(sso::router())
            .merge(console::router(&app))
            .layer(axum::middleware::from_fn(transit::hold))
            .layer(axum::middleware::from_fn(unread::close))
            .with_state(app.clone());
        let listening = listen::serve(socket, &options, router, app.metrics.clone())?;
        let upkeep = upkeep::spawn(&app, &data);
        let keys = vault::watch(app.vault.clone(), app.database.clone());
        let webhooks = webhook::spawn(&app.webhooks);
        Ok(Server { app, listening, _upkeep: upkeep, _keys: keys, _webhooks: webhooks, first_start })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// Where browsers and clients reach it: scheme, host and port, no trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        self.app.public_url()
    }

    /// The connection URL to register in connected apps.
    #[must_use]
    pub fn callback_url(&self) -> &str {
        self.app.connections.callback_url()
    }

    /// What was made if this was the first start in its directory.
    #[must_use]
    pub fn first_start(&self) -> Option<&FirstStart> {
        self.first_start.as_ref()
    }

    /// Takes no new executions, waits until those that run have ended and everything is recorded, and ends. What has not
    /// after `patience` is dropped, and told as unknown by the next process.
    pub async fn stop(self, patience: std::time::Duration) {
        let draining = async {
            self.app.executions.drain().await;
            self.app.connections.all_stored().await;
        };
        if tokio::time::timeout(patience, draining).await.is_err() {
            let (running, unrecorded) = (self.app.executions.running(), self.app.unrecorded());
            tracing::warn!(running, unrecorded, "not everything had ended when the server's patience did");
        }
        self.listening.stop(patience).await;
        // Whoever copies the directory now has everything in the main file.
        if let Err(error) = self.app.database.checkpoint().await {
            tracing::warn!(%error, "the write-ahead log could not be moved to the database");
        }
    }
}

/// Whether a server could start with these options, as far as can be told while nothing is changed: neither the database nor a port
/// is opened, so whether a key fits the data is not looked at.
///
/// # Errors
/// [`StartError`], as [`Server::start`].
pub fn check(options: &ServerOptions) -> Result<(), StartError> {
    listen::check(options)?;
    app::check_data(&options.data)?;
    Ok(options.key.check()?)
}

/// Encrypts everything in a data directory with a new key and forgets the old ones. Servers may run meanwhile: the new key
/// encrypts once each of them can open what it encrypts, which is waited for up to `patience`.
///
/// # Errors
/// [`StartError`], and nothing is lost: every process opens everything with the keys that it has, and the next call goes on
/// where this one ended.
pub async fn rotate_key(
    data: &std::path::Path,
    key: KeySource,
    patience: std::time::Duration,
) -> Result<usize, StartError> {
    rotation::rotate_key(data, key, patience).await
}
