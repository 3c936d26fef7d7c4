//! The authorization-code flow, from a ticket to a token set (RFC 6749 section 4.1, RFC 7636).
//!
//! ```text
//! begin ──► ticket (a link) ──► start: cookie for this browser, on to Salesforce ──► login, consent
//!                                                                                       │
//!           connection is active ◄── complete: state and cookie match, code exchanged ◄─┘ callback
//! ```
//!
//! The cookie binds the callback to the browser that began: nobody can make another user's browser finish an
//! authorization of their own (RFC 6749 section 10.12). Each authorization has a cookie of its own, whose value is made here: so
//! several can wait in one browser, and a value that somebody planted is of no use. A ticket is good for one browser, a
//! callback works once, and both for a quarter of an hour: one that says it begins later than now was made by a clock that
//! was wrong, and is over.
//!
//! A code and its verifier go to the login host whose page the browser was sent to, or nowhere (RFC 9700 section 4.4): an
//! authorization is bound to the login URL and the client id that it was begun with, and a callback that names its issuer
//! (RFC 9207) must name that one.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension, params};

use super::login_host::AllowedApp;
use super::store::{find, place};
use super::trace::CONNECTED;
use super::{ConnectionError, ConnectionKey, ConnectionRecord, Connections, OAUTH_CALL};
use crate::database::StoreError;
use crate::vault::Vault;
use crate::{clock, random, tenants};
use salesforce_runtime::bindings::oauth::{AuthorizationRequest, PendingAuthorization};
use salesforce_runtime::egress::LoginUrl;
use salesforce_runtime::secret::Secret;

/// How long a ticket and its callback are good, in milliseconds.
const LIFETIME: i64 = 15 * 60 * 1000;
/// How long a browser keeps its cookie, in seconds.
pub(crate) const COOKIES_LIVE: i64 = LIFETIME / 1000;
/// Authorizations of one connection that wait at once; the oldest make room.
const MOST_WAITING: u32 = 100;

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
    /// The cookie that the callback must bring back.
    pub(crate) cookie: BrowserCookie,
}

/// A cookie that binds one authorization to the browser that began it.
#[derive(Debug)]
pub(crate) struct BrowserCookie {
    /// What tells it from those of other authorizations.
    pub(crate) key: String,
    pub(crate) value: Secret,
}

/// The cookies of that kind that a browser has, by their keys.
#[derive(Debug, Default)]
pub(crate) struct BrowserCookies(pub(crate) HashMap<String, Secret>);

/// Where a callback has led.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) connection: ConnectionRecord,
    /// What was given to [`Connections::begin`].
    pub(crate) return_to: String,
}

/// A callback that did not connect anything.
#[derive(Debug)]
pub(crate) struct FailedAuthorization {
    pub(crate) error: ConnectionError,
    /// The connection, and what was given to [`Connections::begin`]; none: the callback belongs to no authorization.
    pub(crate) begun: Option<(String, String)>,
}

/// What waits for a callback.
struct Waiting {
    id: String,
    tenant: String,
    /// The app that it was begun with, unless it may not be used any more.
    app: Result<AllowedApp, ConnectionError>,
    pending: PendingAuthorization,
    return_to: String,
    begun_at: i64,
}

/// What of an authorization is encrypted.
#[derive(serde::Serialize, serde::Deserialize)]
struct Pending {
    state: String,
    code_verifier: String,
    /// What it was begun with. Empty if an earlier version began it: then it fits no connection.
    #[serde(default)]
    login_url: String,
    #[serde(default)]
    client_id: String,
}

/// What a callback takes out of the database.
struct Taken {
    record: ConnectionRecord,
    client_secret: Option<Secret>,
    pending: Pending,
    return_to: String,
    begun_at: i64,
}

impl Connections {
    /// Begins an authorization of a tenant's connection. Afterwards the browser is sent to `return_to`, a path of this
    /// server, or shown a plain page if that is empty.
    pub(crate) async fn begin(&self, tenant: &str, id: &str, return_to: &str) -> Result<Begun, ConnectionError> {
        let record = self.find(tenant, id).await?;
        // Beginning an authorization needs no client secret.
        let app = self.allowed_app(&login_url(&record)?, &record.client_id, None)?;
        let request = AuthorizationRequest {
            redirect_uri: self.callback_url.clone(),
            scopes: record.requested_scopes.clone(),
            prompt: None,
            login_hint: record.username.clone(),
        };
        let begun = self.offline().begin_authorization(&app.app, &request).await.map_err(ConnectionError::OAuth)?;
        let ticket = random::text();
        let (ticket_hash, state_hash) = (random::hash(ticket.expose()), random::hash(&begun.pending.state));
        let pending = Pending {
            state: begun.pending.state,
            code_verifier: begun.pending.code_verifier,
            login_url: record.login_url,
            client_id: record.client_id,
        };
        let pending = serde_json::to_vec(&pending).map_err(|_| StoreError::Foreign("an authorization"))?;
        let (vault, id, return_to, now) = (self.vault.clone(), id.to_owned(), return_to.to_owned(), clock::now());
        let url = begun.url;
        self.database
            .write(move |connection| {
                connection.execute(
                    "DELETE FROM authorization WHERE created_at NOT BETWEEN ?1 AND ?2",
                    [now - LIFETIME, now + clock::SKEW],
                )?;
                let pending = vault.encrypt(connection, &place("authorization", &id), &pending)?;
                connection.execute(
                    "DELETE FROM authorization WHERE connection = ?1 AND ticket_hash NOT IN (SELECT ticket_hash
                     FROM authorization WHERE connection = ?1 ORDER BY rowid DESC LIMIT ?2)",
                    params![id, MOST_WAITING - 1],
                )?;
                connection.execute(
                    "INSERT INTO authorization
                     (ticket_hash, state_hash, connection, url, encrypted_pending, return_to, created_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    params![ticket_hash, state_hash, id, url, pending, return_to, now],
                )?;
                Ok(())
            })
            .await?;
        Ok(Begun { ticket, expires_at: now + LIFETIME })
    }

    /// A browser follows a ticket, for the first time or again.
    pub(crate) async fn start(&self, ticket: &str, cookies: BrowserCookies) -> Result<Started, ConnectionError> {
        let ticket = random::hash(ticket);
        let started = self.database.write(move |connection| start(connection, ticket, &cookies)).await?;
        started.ok_or_else(|| {
            self.authorization_unknown();
            ConnectionError::UnknownAuthorization
        })
    }

    /// A browser comes back: `query` is the raw query of the callback URL.
    ///
    /// Runs to its end even if the browser leaves: the code works once, and its tokens must be stored.
    pub(crate) async fn complete(&self, query: &str, cookies: &BrowserCookies) -> Result<Arrival, FailedAuthorization> {
        let waiting = match self.waiting_for(query, cookies).await {
            Ok(Some(waiting)) => waiting,
            Ok(None) => {
                self.authorization_unknown();
                return Err(ConnectionError::UnknownAuthorization.into());
            }
            Err(error) => return Err(ConnectionError::from(error).into()),
        };
        let begun = Some((waiting.id.clone(), waiting.return_to.clone()));
        let (this, query, connection) = (self.clone(), query.to_owned(), waiting.id.clone());
        let completing = tokio::spawn(async move {
            let (tenant, id, begun_at) = (waiting.tenant.clone(), waiting.id.clone(), waiting.begun_at);
            match this.exchange(waiting, &query).await {
                Ok(arrival) => Ok(arrival),
                Err(error) => {
                    this.authorization_failed(&tenant, &id, &error, begun_at).await?;
                    Err(error)
                }
            }
        });
        let completed = async { completing.await.unwrap_or(Err(ConnectionError::Store(StoreError::Closed))) };
        self.or_waiting(&connection, completed).await.map_err(|error| FailedAuthorization { error, begun })
    }

    async fn exchange(&self, waiting: Waiting, query: &str) -> Result<Arrival, ConnectionError> {
        let Waiting { id, tenant, app, pending, return_to, begun_at } = waiting;
        let app = app?;
        if !is_issued_by(query, app.login.url()) {
            return Err(ConnectionError::OtherIssuer);
        }
        let completing = self.at_login(&app).complete_authorization(&app.app, &pending, query, OAUTH_CALL);
        let tokens = completing.await.map_err(ConnectionError::OAuth)?;
        if !self.store_at_last(&id, &app, &tokens, None).await? {
            return Err(ConnectionError::ChangedMeanwhile);
        }
        self.authorization_ended(&tenant, &id, CONNECTED, begun_at);
        let key = ConnectionKey { tenant, id };
        self.learn_identity(&key).await;
        let connection = self.find(&key.tenant, &key.id).await?;
        Ok(Arrival { connection, return_to })
    }

    /// Whose connection it is, if the scopes tell. Nothing depends on it.
    async fn learn_identity(&self, key: &ConnectionKey) {
        let learn = async {
            let tokens = self.tokens(key).await?;
            let policy = self.policy([tokens.login_url.origin().clone(), tokens.instance_url.clone()]);
            let execution = self.connector.execution(policy);
            let user = execution.user_info(&tokens.connection(), OAUTH_CALL).await.map_err(ConnectionError::OAuth)?;
            Ok::<_, ConnectionError>(self.note_identity(&key.id, user.username, Some(user.organization_id)).await?)
        };
        if let Err(error) = learn.await {
            tracing::debug!(connection = key.id, kind = error.kind(), "whose connection it is cannot be read");
        }
    }

    /// Takes the authorization that a callback belongs to out of the database: there is no second one.
    async fn waiting_for(&self, query: &str, cookies: &BrowserCookies) -> Result<Option<Waiting>, StoreError> {
        let Some(state) = only(query, "state") else { return Ok(None) };
        let state = random::hash(&state);
        let Some(browser) = cookies.0.get(&cookie_key(&state)) else { return Ok(None) };
        let (vault, browser) = (self.vault.clone(), random::hash(browser.expose()));
        let taken = self.database.write(move |connection| take(connection, &vault, state, browser)).await?;
        let Some(Taken { record, client_secret, pending, return_to, begun_at }) = taken else { return Ok(None) };
        let app = if pending.login_url == record.login_url && pending.client_id == record.client_id {
            self.allowed_app(&login_url(&record)?, &record.client_id, client_secret.as_ref())
        } else {
            Err(ConnectionError::ChangedMeanwhile)
        };
        let pending = PendingAuthorization {
            state: pending.state,
            code_verifier: pending.code_verifier,
            redirect_uri: self.callback_url.clone(),
        };
        Ok(Some(Waiting { app, pending, id: record.id, tenant: record.tenant, return_to, begun_at }))
    }
}

/// A cookie that is new, or the one that the browser was given when it followed this ticket before. None: the ticket is
/// unknown, over, or another browser's.
fn start(connection: &Connection, ticket: [u8; 32], cookies: &BrowserCookies) -> Result<Option<Started>, StoreError> {
    type Row = ([u8; 32], Option<[u8; 32]>, String);
    let now = clock::now();
    let found: Option<Row> = connection
        .query_row(
            "SELECT state_hash, browser_hash, url FROM authorization
             JOIN connection ON connection.id = authorization.connection JOIN tenant ON tenant.id = connection.tenant
             WHERE ticket_hash = ?1 AND authorization.created_at BETWEEN ?2 AND ?3 AND suspended_at IS NULL",
            params![ticket, now - LIFETIME, now + clock::SKEW],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let Some((state, browser, url)) = found else { return Ok(None) };
    let key = cookie_key(&state);
    let value = match browser {
        None => {
            let minted = random::text();
            connection.execute(
                "UPDATE authorization SET browser_hash = ?2 WHERE ticket_hash = ?1",
                params![ticket, random::hash(minted.expose())],
            )?;
            Some(minted)
        }
        Some(hash) => cookies.0.get(&key).filter(|value| random::hash(value.expose()) == hash).cloned(),
    };
    Ok(value.map(|value| Started { url, cookie: BrowserCookie { key, value } }))
}

fn take(
    connection: &Connection,
    vault: &Vault,
    state: [u8; 32],
    browser: [u8; 32],
) -> Result<Option<Taken>, StoreError> {
    let now = clock::now();
    let row: Option<(String, Vec<u8>, String, i64)> = connection
        .query_row(
            "DELETE FROM authorization WHERE state_hash = ?1 AND browser_hash = ?2 AND created_at BETWEEN ?3 AND ?4
             RETURNING connection, encrypted_pending, return_to, created_at",
            params![state, browser, now - LIFETIME, now + clock::SKEW],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .optional()?;
    let Some((id, pending, return_to, begun_at)) = row else { return Ok(None) };
    let pending = vault.decrypt(&place("authorization", &id), &pending)?;
    let pending = serde_json::from_slice(&pending).map_err(|_| StoreError::Foreign("an authorization"))?;
    let (tenant, secret): (String, Option<Vec<u8>>) =
        connection.query_row("SELECT tenant, encrypted_client_secret FROM connection WHERE id = ?1", [&id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if tenants::is_suspended(connection, &tenant)? {
        return Ok(None);
    }
    let Some(record) = find(connection, &tenant, &id)? else { return Ok(None) };
    let secret = secret.map(|secret| vault.decrypt_secret(&place("client_secret", &id), &secret)).transpose()?;
    Ok(Some(Taken { record, client_secret: secret, pending, return_to, begun_at }))
}

fn login_url(record: &ConnectionRecord) -> Result<LoginUrl, StoreError> {
    record.login_url.parse().map_err(|_| StoreError::Foreign("an address"))
}

/// What tells the cookie of an authorization from others. It gives away nothing: the state has 256 random bits.
fn cookie_key(state_hash: &[u8; 32]) -> String {
    let (key, _) = state_hash.split_at(12);
    BASE64_URL_SAFE_NO_PAD.encode(key)
}

/// The value of a parameter that comes once.
fn only(query: &str, name: &str) -> Option<String> {
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(found, _)| found == name);
    let value = values.next()?.1.into_owned();
    values.next().is_none().then_some(value)
}

/// Whether a callback names this issuer, or none: Salesforce does not say so of itself yet (RFC 9207 section 2.4).
fn is_issued_by(query: &str, login_url: &LoginUrl) -> bool {
    let names_one = form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "iss");
    let issuer = only(query, "iss").and_then(|issuer| issuer.parse::<LoginUrl>().ok());
    // A site may be named with its path or by its host.
    let is_ours = |issuer: &LoginUrl| issuer == login_url || issuer.to_string() == login_url.origin().to_string();
    !names_one || issuer.as_ref().is_some_and(is_ours)
}

impl From<ConnectionError> for FailedAuthorization {
    fn from(error: ConnectionError) -> FailedAuthorization {
        FailedAuthorization { error, begun: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s12_an_issuer_that_is_named_is_the_login_host_and_is_named_once() {
        let login_url = "https://login.salesforce.com".parse().unwrap();
        for query in
            ["", "code=c&state=s", "iss=https%3A%2F%2Flogin.salesforce.com", "iss=https://login.salesforce.com/"]
        {
            assert!(is_issued_by(query, &login_url), "{query}");
        }
        let site = "https://acme.my.site.com/partners".parse().unwrap();
        for query in ["", "iss=https://acme.my.site.com/partners", "iss=https://acme.my.site.com"] {
            assert!(is_issued_by(query, &site), "{query}");
        }
        assert!(!is_issued_by("iss=https://acme.my.site.com/customers", &site));
        for query in [
            "iss=",
            "iss=login.salesforce.com",
            "iss=https://test.salesforce.com",
            "iss=https://login.salesforce.com.evil.example",
            "iss=https://login.salesforce.com/path",
            "iss=https://login.salesforce.com&iss=https://login.salesforce.com",
            "iss=https://login.salesforce.com&iss=https://evil.example",
            "%69ss=https://evil.example",
        ] {
            assert!(!is_issued_by(query, &login_url), "{query}");
        }
    }
}
