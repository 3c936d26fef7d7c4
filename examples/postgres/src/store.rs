//! The store: one statement for each thing that it does.

use std::str::FromStr;
use std::sync::Arc;

use salesforce_connections::protocol::Ending;
use salesforce_connections::{ConnectionStore, EndReason, NewTokens, Settlement, Stored};
use salesforce_runtime::bindings::oauth::TokenSet;
use salesforce_runtime::egress::Origin;
use salesforce_runtime::secret::Secret;
use tokio_postgres::{Config, Row};

use crate::cipher::{Cipher, Place};
use crate::database::Database;
use crate::error::PostgresError;
use crate::lease::{Lease, Leases};

const CLIENT_SECRET: &str = "client_secret";
const ACCESS_TOKEN: &str = "access_token";
const REFRESH_TOKEN: &str = "refresh_token";

/// What a login brings: another revision, whatever was there.
const PUT: &str = "INSERT INTO salesforce_connection
    (id, login_url, client_id, client_secret, instance_url, access_token, refresh_token, api_version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (id) DO UPDATE SET login_url = EXCLUDED.login_url, client_id = EXCLUDED.client_id,
    client_secret = EXCLUDED.client_secret, instance_url = EXCLUDED.instance_url, access_token = EXCLUDED.access_token,
    refresh_token = EXCLUDED.refresh_token, api_version = EXCLUDED.api_version,
    revision = DEFAULT, refresh_begun = false, ended = NULL";

const LOAD: &str = "SELECT login_url, client_id, client_secret, instance_url, access_token, refresh_token, api_version,
    revision, refresh_begun, ended FROM salesforce_connection WHERE id = $1";

// The condition and the change are one statement: whoever comes second waits for the row, sees another revision, and changes
// no row.
const BEGIN: &str = "UPDATE salesforce_connection SET refresh_begun = true
    WHERE id = $1 AND revision = $2 AND ended IS NULL";

const TOKENS: &str = "UPDATE salesforce_connection SET instance_url = $3, access_token = $4,
    refresh_token = coalesce($5, refresh_token), revision = DEFAULT, refresh_begun = false
    WHERE id = $1 AND revision = $2 AND ended IS NULL";

const UNCHANGED: &str = "UPDATE salesforce_connection SET refresh_begun = false
    WHERE id = $1 AND revision = $2 AND ended IS NULL";

const ENDED: &str = "UPDATE salesforce_connection SET ended = $3, access_token = NULL, refresh_token = NULL,
    refresh_begun = false WHERE id = $1 AND revision = $2 AND ended IS NULL";

/// Connections in the table of [`SCHEMA`](crate::SCHEMA). Clones share one connection to the database; it is made when it is
/// first needed.
#[derive(Clone)]
pub struct PostgresStore {
    shared: Arc<Shared>,
    allow_loopback: bool,
}

struct Shared {
    database: Database,
    leases: Leases,
    cipher: Cipher,
}

impl PostgresStore {
    /// The table in this database. Its timeouts are the config's: give it a `connect_timeout` and a `tcp_user_timeout`.
    #[must_use]
    pub fn new(config: Config, cipher: Cipher) -> Self {
        let shared = Shared { database: Database::new(config), leases: Leases::default(), cipher };
        Self { shared: Arc::new(shared), allow_loopback: false }
    }

    /// Its connections may lead to a server on this machine, such as a mock. A row of the table cannot say so.
    #[must_use]
    pub fn allow_loopback(self) -> Self {
        Self { allow_loopback: true, ..self }
    }

    /// Stores what a login brought, in the place of what was there.
    ///
    /// # Errors
    /// The database fails.
    pub async fn put<R: Sync>(&self, id: &str, stored: &Stored<R>) -> Result<(), PostgresError> {
        let encrypted = |column, secret: &Secret| self.shared.cipher.encrypt(&Place { id, column }, secret);
        let client_secret = stored.client_secret.as_ref().map(|secret| encrypted(CLIENT_SECRET, secret)).transpose()?;
        let access_token = encrypted(ACCESS_TOKEN, &stored.access_token)?;
        let refresh_token = stored.refresh_token.as_ref().map(|token| encrypted(REFRESH_TOKEN, token)).transpose()?;
        let (login_url, instance_url) = (stored.login_url.to_string(), stored.instance_url.to_string());
        let client = self.shared.database.client().await?;
        client
            .execute(
                PUT,
                &[
                    &id,
                    &login_url,
                    &stored.client_id,
                    &client_secret,
                    &instance_url,
                    &access_token,
                    &refresh_token,
                    &stored.api_version,
                ],
            )
            .await?;
        Ok(())
    }

    async fn tokens(&self, id: &str, revision: i64, tokens: &TokenSet) -> Result<u64, PostgresError> {
        let encrypted =
            |column, token: &String| self.shared.cipher.encrypt(&Place { id, column }, &token.clone().into());
        let instance_url: Origin = tokens.instance_url.parse().map_err(|_| PostgresError::Address)?;
        let access_token = encrypted(ACCESS_TOKEN, &tokens.access_token)?;
        let refresh_token = tokens.refresh_token.as_ref().map(|token| encrypted(REFRESH_TOKEN, token)).transpose()?;
        let client = self.shared.database.client().await?;
        let address = instance_url.to_string();
        Ok(client.execute(TOKENS, &[&id, &revision, &address, &access_token, &refresh_token]).await?)
    }

    fn stored(&self, id: &str, row: &Row) -> Result<Stored<i64>, PostgresError> {
        if let Some(ended) = row.try_get("ended")? {
            return Err(PostgresError::Ended(ending(ended).ok_or(PostgresError::Foreign("ended"))?));
        }
        let decrypted = |column| {
            let encrypted: Option<&[u8]> = row.try_get(column)?;
            encrypted.map(|encrypted| self.shared.cipher.decrypt(&Place { id, column }, encrypted)).transpose()
        };
        Ok(Stored {
            login_url: parsed(row, "login_url")?,
            client_id: row.try_get("client_id")?,
            client_secret: decrypted(CLIENT_SECRET)?,
            instance_url: parsed(row, "instance_url")?,
            access_token: decrypted(ACCESS_TOKEN)?.ok_or(PostgresError::Foreign(ACCESS_TOKEN))?,
            refresh_token: decrypted(REFRESH_TOKEN)?,
            api_version: row.try_get("api_version")?,
            revision: row.try_get("revision")?,
            refresh_begun: row.try_get("refresh_begun")?,
            allow_loopback: self.allow_loopback,
        })
    }
}

impl ConnectionStore for PostgresStore {
    type Id = String;
    type Revision = i64;
    type Lease = Lease;
    type Error = PostgresError;

    async fn load(&self, id: &String) -> Result<Stored<i64>, PostgresError> {
        let row = self.shared.database.client().await?.query_opt(LOAD, &[id]).await?;
        self.stored(id, &row.ok_or(PostgresError::Unknown)?)
    }

    async fn lease(&self, id: &String) -> Result<Lease, PostgresError> {
        self.shared.leases.lease(&self.shared.database, id).await
    }

    async fn begin(&self, id: &String, revision: &i64) -> Result<bool, PostgresError> {
        let changed = self.shared.database.client().await?.execute(BEGIN, &[id, revision]).await?;
        Ok(changed == 1)
    }

    async fn settle(
        &self,
        id: &String,
        refreshed: &Stored<i64>,
        settlement: Settlement<'_>,
    ) -> Result<bool, PostgresError> {
        let (revision, client) = (refreshed.revision, self.shared.database.client().await?);
        let changed = match settlement {
            Settlement::Tokens(NewTokens(tokens)) => self.tokens(id, revision, tokens).await?,
            Settlement::Unchanged => client.execute(UNCHANGED, &[id, &revision]).await?,
            Settlement::Ended(EndReason { ending, .. }) => {
                client.execute(ENDED, &[id, &revision, &word(ending)]).await?
            }
        };
        // Committed but never heard of, it is given once more and finds another revision: whoever asked loads it then.
        Ok(changed == 1)
    }
}

fn parsed<T: FromStr>(row: &Row, column: &'static str) -> Result<T, PostgresError> {
    row.try_get::<_, &str>(column)?.parse().map_err(|_| PostgresError::Foreign(column))
}

fn word(ending: Ending) -> &'static str {
    match ending {
        Ending::Refused => "refused",
        Ending::AnswerLost => "answer-lost",
        Ending::NoRefreshToken => "no-refresh-token",
    }
}

fn ending(told: &str) -> Option<Ending> {
    [Ending::Refused, Ending::AnswerLost, Ending::NoRefreshToken].into_iter().find(|ending| word(*ending) == told)
}
