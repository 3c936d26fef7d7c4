//! The authorization-code flow, from a ticket to a token set (RFC 6749 section 4.1, RFC 7636).
//!
//! ```text
//! begin ──► ticket (a link) ──► start: cookie for this browser, on to Salesforce ──► login, consent
//!                                                                                       │
//!           connection is active ◄── complete: state and cookie match, code exchanged ◄─┘ callback
//! ```
//!
//! The cookie binds the callback to the browser that began: nobody can make another user's browser finish an
//! authorization of their own (RFC 6749 section 10.12). A ticket is good for one browser, a callback works once, and both
//! for a quarter of an hour.

use rusqlite::{OptionalExtension, params};

use super::store::{find, place};
use super::{ConnectionError, ConnectionRecord, ConnectionState, Connections, OAUTH_CALL, app};
use crate::bindings::oauth::{AuthorizationRequest, ConnectedApp, PendingAuthorization};
use crate::egress::{EgressPolicy, Origin};
use crate::secret::Secret;
use crate::server::database::StoreError;
use crate::server::{clock, random};

/// How long a ticket and its callback are good, in milliseconds.
const LIFETIME: i64 = 15 * 60 * 1000;

/// An authorization that can be started in a browser.
#[derive(Debug)]
pub(crate) struct Begun {
    /// Goes into the link that starts it.
    pub(crate) ticket: Secret,
    pub(crate) expires_at: i64,
}

/// Where to send the browser that started it.
#[derive(Debug)]
pub(crate) struct Started {
    /// Salesforce's authorization page.
    pub(crate) url: String,
    /// The value of the cookie that the callback must bring back.
    pub(crate) browser: Secret,
}

/// Where a callback has led.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) connection: ConnectionRecord,
    /// What was given to [`Connections::begin`].
    pub(crate) return_to: String,
}

/// What waits for a callback.
struct Waiting {
    id: String,
    tenant: String,
    login_url: Origin,
    app: ConnectedApp,
    pending: PendingAuthorization,
    return_to: String,
}

/// What of [`PendingAuthorization`] is sealed.
#[derive(serde::Serialize, serde::Deserialize)]
struct Pending {
    state: String,
    code_verifier: String,
}

impl Connections {
    /// Begins an authorization of a tenant's connection. Afterwards the browser is sent to `return_to`, a path of this
    /// server, or shown a plain page if that is empty.
    pub(crate) async fn begin(&self, tenant: &str, id: &str, return_to: &str) -> Result<Begun, ConnectionError> {
        let record = self.find(tenant, id).await?;
        let app = self.connected_app(&record).await?;
        let request = AuthorizationRequest {
            redirect_uri: self.callback_url.clone(),
            scopes: record.requested_scopes.clone(),
            prompt: None,
            login_hint: record.username.clone(),
        };
        // It sends nothing, so it may reach nothing.
        let execution = self.connector.execution(EgressPolicy::origins([]));
        let begun = execution.begin_authorization(&app, &request).await.map_err(ConnectionError::OAuth)?;
        let ticket = random::text();
        let (ticket_hash, state_hash) = (random::hash(ticket.expose()), random::hash(&begun.pending.state));
        let pending = Pending { state: begun.pending.state, code_verifier: begun.pending.code_verifier };
        let pending = serde_json::to_vec(&pending).map_err(|_| StoreError::Foreign("an authorization"))?;
        let (vault, id, return_to, now) = (self.vault.clone(), id.to_owned(), return_to.to_owned(), clock::now());
        let url = begun.url;
        self.database
            .write(move |connection| {
                connection.execute("DELETE FROM authorization WHERE created_at < ?1", [now - LIFETIME])?;
                let pending = vault.seal(connection, &place("authorization", &id), &pending)?;
                connection.execute(
                    "INSERT INTO authorization
                     (ticket_hash, state_hash, connection, url, sealed_pending, return_to, created_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    params![ticket_hash, state_hash, id, url, pending, return_to, now],
                )?;
                Ok(())
            })
            .await?;
        Ok(Begun { ticket, expires_at: now + LIFETIME })
    }

    /// A browser follows a ticket; `browser` is the cookie it has from an earlier one.
    pub(crate) async fn start(&self, ticket: &str, browser: Option<&str>) -> Result<Started, ConnectionError> {
        let ticket_hash = random::hash(ticket);
        let browser = browser.map_or_else(random::text, |text| Secret::from(text.to_owned()));
        let browser_hash = random::hash(browser.expose());
        let url: Option<String> = self
            .database
            .write(move |connection| {
                let url = connection
                    .query_row(
                        "UPDATE authorization SET browser_hash = ?2
                         WHERE ticket_hash = ?1 AND (browser_hash IS NULL OR browser_hash = ?2) AND created_at > ?3
                         RETURNING url",
                        params![ticket_hash, browser_hash, clock::now() - LIFETIME],
                        |row| row.get(0),
                    )
                    .optional()?;
                Ok(url)
            })
            .await?;
        Ok(Started { url: url.ok_or(ConnectionError::UnknownAuthorization)?, browser })
    }

    /// A browser comes back: `query` is the raw query of the callback URL, `browser` its cookie.
    ///
    /// Runs to its end even if the browser leaves: the code works once, and its tokens must be stored.
    pub(crate) async fn complete(&self, query: &str, browser: Option<&str>) -> Result<Arrival, ConnectionError> {
        let browser = browser.ok_or(ConnectionError::UnknownAuthorization)?;
        let state = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "state");
        let (_, state) = state.ok_or(ConnectionError::UnknownAuthorization)?;
        let waiting = self.take_waiting(random::hash(&state), random::hash(browser)).await?;
        let (this, query) = (self.clone(), query.to_owned());
        let completing = tokio::spawn(async move { this.exchange(waiting, &query).await });
        completing.await.map_err(|_| StoreError::Closed)?
    }

    async fn exchange(&self, waiting: Waiting, query: &str) -> Result<Arrival, ConnectionError> {
        let Waiting { id, tenant, login_url, app, pending, return_to } = waiting;
        let execution = self.connector.execution(self.policy([login_url.clone()]));
        let tokens = match execution.complete_authorization(&app, &pending, query, OAUTH_CALL).await {
            Ok(tokens) => tokens,
            Err(error) => {
                let error = ConnectionError::OAuth(error);
                self.note_refusal(&id, &error).await?;
                return Err(error);
            }
        };
        self.store_tokens(&id, &tokens, None).await?;
        tracing::info!(connection = id, "an authorization was completed and its tokens stored");
        self.learn_identity(&id).await;
        let connection = self.find(&tenant, &id).await?;
        Ok(Arrival { connection, return_to })
    }

    /// Whose connection it is, if the scopes tell. Nothing depends on it.
    async fn learn_identity(&self, id: &str) {
        let learn = async {
            let tokens = self.tokens(id).await?;
            let policy = self.policy([tokens.login_url.clone(), tokens.instance_url.clone()]);
            let execution = self.connector.execution(policy);
            let user = execution.user_info(&tokens.call(), OAUTH_CALL).await.map_err(ConnectionError::OAuth)?;
            Ok::<_, ConnectionError>(self.note_identity(id, user.username, Some(user.organization_id)).await?)
        };
        if let Err(error) = learn.await {
            tracing::debug!(connection = id, %error, "whose connection it is cannot be read");
        }
    }

    /// A connection that never had tokens keeps the reason why not.
    async fn note_refusal(&self, id: &str, error: &ConnectionError) -> Result<(), StoreError> {
        let (id, reason) = (id.to_owned(), error.to_string());
        self.database
            .write(move |connection| {
                connection.execute(
                    "UPDATE connection SET reason = ?2, updated_at = ?3 WHERE id = ?1 AND state = ?4",
                    params![id, reason, clock::now(), ConnectionState::Authorizing.as_str()],
                )?;
                Ok(())
            })
            .await
    }

    /// What this state and browser are waited for with; it waits no longer.
    async fn take_waiting(&self, state: [u8; 32], browser: [u8; 32]) -> Result<Waiting, ConnectionError> {
        let vault = self.vault.clone();
        let taken = self.database.write(move |connection| {
            let row: Option<(String, Vec<u8>, String)> = connection
                .query_row(
                    "DELETE FROM authorization WHERE state_hash = ?1 AND browser_hash = ?2 AND created_at > ?3
                     RETURNING connection, sealed_pending, return_to",
                    params![state, browser, clock::now() - LIFETIME],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()?;
            let Some((id, pending, return_to)) = row else { return Ok(None) };
            let pending = vault.open_bytes(&place("authorization", &id), &pending)?;
            let pending: Pending =
                serde_json::from_slice(&pending).map_err(|_| StoreError::Foreign("an authorization"))?;
            let (tenant, secret): (String, Option<Vec<u8>>) = connection.query_row(
                "SELECT tenant, sealed_client_secret FROM connection WHERE id = ?1",
                [&id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            let Some(record) = find(connection, &tenant, &id)? else { return Ok(None) };
            let secret = secret.map(|secret| vault.open_secret(&place("client_secret", &id), &secret)).transpose()?;
            Ok(Some((record, secret, pending, return_to)))
        });
        let (record, secret, pending, return_to) = taken.await?.ok_or(ConnectionError::UnknownAuthorization)?;
        let login_url: Origin = record.login_url.parse().map_err(|_| StoreError::Foreign("an address"))?;
        Ok(Waiting {
            app: app(&login_url, &record.client_id, secret.as_ref()),
            pending: PendingAuthorization {
                state: pending.state,
                code_verifier: pending.code_verifier,
                redirect_uri: self.callback_url.clone(),
            },
            login_url,
            id: record.id,
            tenant: record.tenant,
            return_to,
        })
    }

    async fn connected_app(&self, record: &ConnectionRecord) -> Result<ConnectedApp, ConnectionError> {
        let login_url = record.login_url.parse().map_err(|_| StoreError::Foreign("an address"))?;
        // Beginning an authorization needs no client secret.
        Ok(app(&login_url, &record.client_id, None))
    }
}
