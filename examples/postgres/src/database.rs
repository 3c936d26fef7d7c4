//! Connections to the database.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};

use crate::error::PostgresError;

/// For each connection. What is committed outlives the server's machine, and a machine of ours that dies without a word lets
/// go of its leases within a minute.
const SETTINGS: &str = "SET synchronous_commit = on;
                        SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3";

/// For those that hold a lease: it is waited for as long as it takes, and kept while nothing is asked.
const PATIENT: &str = "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_session_timeout = 0";

/// One connection for statements, which is made again once it is lost, and others as they are needed.
pub(crate) struct Database {
    config: Config,
    shared: Mutex<Option<Arc<Client>>>,
}

impl Database {
    pub(crate) fn new(mut config: Config) -> Self {
        let is_elsewhere = |host: &Host| matches!(host, Host::Tcp(_));
        if config.get_hosts().iter().any(is_elsewhere) || !config.get_hostaddrs().is_empty() {
            // Over a network only with TLS: put tokio-postgres-rustls in the place of `NoTls` below, which refuses now.
            config.ssl_mode(SslMode::Require);
        }
        Self { config, shared: Mutex::default() }
    }

    /// The connection for statements. Its users do not wait for each other: statements are sent one after another.
    pub(crate) async fn client(&self) -> Result<Arc<Client>, PostgresError> {
        let mut shared = self.shared.lock().await;
        if let Some(client) = shared.as_ref().filter(|client| !client.is_closed()) {
            return Ok(Arc::clone(client));
        }
        let client = Arc::new(self.connect(SETTINGS).await?);
        *shared = Some(Arc::clone(&client));
        Ok(client)
    }

    /// A connection of its own. The server ends it, with its locks, once this is dropped or the process dies.
    pub(crate) async fn patient_client(&self) -> Result<Client, PostgresError> {
        self.connect(&format!("{SETTINGS}; {PATIENT}")).await
    }

    async fn connect(&self, settings: &str) -> Result<Client, PostgresError> {
        let (client, connection) = self.config.connect(NoTls).await?;
        // It ends when the client is dropped, or the connection lost.
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "a connection to the database was lost");
            }
        });
        client.batch_execute(settings).await?;
        Ok(client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_socket_of_this_machine_goes_without_tls() {
        for (config, expected) in [
            ("host=/run/postgresql user=app", SslMode::Prefer),
            ("host=db.example.com user=app", SslMode::Require),
            ("host=/run/postgresql,db.example.com user=app sslmode=disable", SslMode::Require),
            ("hostaddr=192.0.2.1 user=app", SslMode::Require),
        ] {
            let database = Database::new(config.parse().unwrap());
            assert_eq!(database.config.get_ssl_mode(), expected, "{config}");
        }
    }
}
