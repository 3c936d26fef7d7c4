//! Connections in the database.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::login_host::AllowedApp;
use super::{
    ConnectionError, ConnectionKey, ConnectionRecord, ConnectionState, Connections, NewConnection, Refusal, Tokens,
    Usage,
};
use crate::database::StoreError;
use crate::vault::Vault;
use crate::webhook::{Event, Seen};
use crate::{clock, ids, tenants, webhook};
use salesforce_runtime::bindings::oauth::TokenSet;
use salesforce_runtime::bindings::types::ApiUsage;
use salesforce_runtime::egress::Origin;
use salesforce_runtime::secret::Secret;

/// What is shown of a connection: nothing that is encrypted.
const RECORD: &str = "id, tenant, name, state, reason, login_url, client_id,
                      encrypted_client_secret IS NOT NULL AS has_client_secret, api_version, requested_scopes, apex_rest,
                      instance_url, scopes, username, organization_id, generation, api_used, api_allowed, api_seen_at,
                      refusal, refused_at, created_at, updated_at";

impl Connections {
    /// Makes a connection that waits for its user.
    pub(crate) async fn create(&self, tenant: &str, new: NewConnection) -> Result<ConnectionRecord, ConnectionError> {
        self.login_hosts.allow(&new.login_url)?;
        let (id, tenant, vault) = (ids::new(), tenant.to_owned(), self.vault.clone());
        let created = self.database.write(move |connection| {
            let now = clock::now();
            let (has, allowed): (u32, u32) = connection.query_row(
                "SELECT (SELECT count(*) FROM connection WHERE tenant = ?1), connections FROM tenant WHERE id = ?1",
                [&tenant],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            if has >= allowed {
                return Ok(Err(ConnectionError::TooMany { allowed }));
            }
            let secret = new.client_secret.as_ref();
            let encrypt =
                |secret: &Secret| vault.encrypt(connection, &place("client_secret", &id), secret.expose().as_bytes());
            let secret = secret.map(encrypt).transpose()?;
            let inserted = connection.execute(
                "INSERT OR IGNORE INTO connection (id, tenant, name, state, login_url, client_id, encrypted_client_secret,
                 api_version, requested_scopes, apex_rest, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)",
                params![
                    id,
                    tenant,
                    new.name,
                    ConnectionState::Authorizing.as_str(),
                    new.login_url.to_string(),
                    new.client_id,
                    secret,
                    new.api_version,
                    new.scopes.join(" "),
                    new.apex_rest,
                    now
                ],
            )?;
            let created = if inserted == 1 { find(connection, &tenant, &id)? } else { None };
            Ok(created.ok_or(ConnectionError::NameTaken))
        });
        created.await?
    }

    /// A tenant's connections in the order in which they were made, after the one with this id.
    pub(crate) async fn list(
        &self,
        tenant: &str,
        after: Option<String>,
        limit: u32,
    ) -> Result<Vec<ConnectionRecord>, StoreError> {
        let tenant = tenant.to_owned();
        self.database
            .read(move |connection| {
                let mut statement = connection.prepare_cached(&format!(
                    "SELECT {RECORD} FROM connection WHERE tenant = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
                ))?;
                let rows =
                    statement.query_map(params![tenant, after.unwrap_or_default(), limit], |row| Ok(record(row)))?;
                rows.map(|row| row?).collect()
            })
            .await
    }

    /// Ids of a tenant's connections that have tokens, at most so many.
    pub(crate) async fn active(&self, tenant: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        let tenant = tenant.to_owned();
        self.database
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT id FROM connection WHERE tenant = ?1 AND state = ?2 ORDER BY id LIMIT ?3",
                )?;
                let active = ConnectionState::Active.as_str();
                let ids = statement.query_map(params![tenant, active, limit], |row| row.get(0))?;
                Ok(ids.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// One of a tenant's connections.
    pub(crate) async fn find(&self, tenant: &str, id: &str) -> Result<ConnectionRecord, ConnectionError> {
        let (tenant, id) = (tenant.to_owned(), id.to_owned());
        let found = self.database.read(move |connection| find(connection, &tenant, &id)).await?;
        found.ok_or(ConnectionError::NotFound)
    }

    /// Removes a connection, tokens and all. Its executions stay in the log.
    pub(crate) async fn delete(&self, tenant: &str, id: &str) -> Result<(), ConnectionError> {
        let (tenant, id) = (tenant.to_owned(), id.to_owned());
        let deleted = self.database.write(move |connection| {
            Ok(connection.execute("DELETE FROM connection WHERE tenant = ?1 AND id = ?2", [tenant, id])?)
        });
        if deleted.await? == 1 { Ok(()) } else { Err(ConnectionError::NotFound) }
    }

    /// Notes what Salesforce told of the org's API allowance.
    pub(crate) async fn note_usage(&self, id: &str, usage: ApiUsage) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.database
            .write(move |connection| {
                let ApiUsage { used, allowed } = usage;
                let noted = connection
                    .prepare_cached(
                        "UPDATE connection SET api_used = ?2, api_allowed = ?3, api_seen_at = ?4 WHERE id = ?1
                         RETURNING tenant, allowance_told",
                    )?
                    .query_row(params![id, used, allowed, clock::now()], |row| Ok((row.get(0)?, row.get(1)?)));
                let Some((tenant, told)): Option<(String, _)> = noted.optional()? else { return Ok(()) };
                webhook::note_allowance(connection, &tenant, &id, Seen { used, allowed, told })
            })
            .await
    }

    /// Notes whose connection it is.
    pub(super) async fn note_identity(
        &self,
        id: &str,
        username: Option<String>,
        organization_id: Option<String>,
    ) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.database
            .write(move |connection| {
                connection.execute(
                    "UPDATE connection SET username = ?2, organization_id = ?3 WHERE id = ?1",
                    params![id, username, organization_id],
                )?;
                Ok(())
            })
            .await
    }

    /// The tokens of a connection, if it is active.
    pub(crate) async fn tokens(&self, key: &ConnectionKey) -> Result<Tokens, ConnectionError> {
        let (vault, key, loopback) = (self.vault.clone(), key.clone(), self.loopback);
        let found = self.database.read(move |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {RECORD}, encrypted_client_secret, encrypted_access_token, encrypted_refresh_token, refresh_begun_at
                 FROM connection WHERE id = ?1 AND tenant = ?2"
            ))?;
            let row =
                statement.query_row([&key.id, &key.tenant], |row| Ok(tokens(row, &vault, loopback))).optional()?;
            row.transpose()
        });
        found.await?.ok_or(ConnectionError::NotFound)?
    }

    /// The same to begin something with: not if the tenant is suspended. What was begun may go on.
    pub(super) async fn tokens_to_begin(&self, key: &ConnectionKey) -> Result<Tokens, ConnectionError> {
        let tokens = self.tokens(key).await?;
        let tenant = key.tenant.clone();
        let suspended = self.database.read(move |connection| tenants::is_suspended(connection, &tenant)).await?;
        if suspended { Err(ConnectionError::Suspended) } else { Ok(tokens) }
    }

    /// Whether executions may call Apex REST with a connection, as its tenant has it now.
    pub(super) async fn admits_apex_rest(&self, key: &ConnectionKey) -> Result<bool, ConnectionError> {
        let key = key.clone();
        let found = self.database.read(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT apex_rest FROM connection WHERE id = ?1 AND tenant = ?2")?;
            Ok(statement.query_row([&key.id, &key.tenant], |row| row.get(0)).optional()?)
        });
        found.await?.ok_or(ConnectionError::NotFound)
    }

    /// Stores a token set that was given to `app`, whole or not at all, and makes the connection active. `refresh` is the
    /// generation that was refreshed; false if another token set was stored meanwhile, or the connection changed to another
    /// app, revoked or deleted.
    pub(super) async fn store_tokens(
        &self,
        id: &str,
        app: &AllowedApp,
        tokens: &TokenSet,
        refresh: Option<i64>,
    ) -> Result<bool, ConnectionError> {
        let instance_url: Result<Origin, _> = tokens.instance_url.parse();
        let instance_url = instance_url.map_err(|_| StoreError::Foreign("an org's address"))?;
        self.login_hosts.allow_org(&instance_url, &app.login)?;
        let instance_url = instance_url.to_string();
        let (login_url, client_id) = (app.login.url().to_string(), app.app.client_id.clone());
        let access_token = Secret::from(tokens.access_token.clone());
        let refresh_token = tokens.refresh_token.clone().map(Secret::from);
        let (vault, id, scopes) = (self.vault.clone(), id.to_owned(), tokens.scopes.join(" "));
        let stored = self.database.write(move |connection| {
            let encrypt =
                |kind, token: &Secret| vault.encrypt(connection, &place(kind, &id), token.expose().as_bytes());
            let access_token = encrypt("access_token", &access_token)?;
            let refresh_token = refresh_token.map(|token| encrypt("refresh_token", &token)).transpose()?;
            let updated = connection.execute(
                "UPDATE connection SET state = 'active', reason = NULL, instance_url = ?2, encrypted_access_token = ?3,
                 encrypted_refresh_token = CASE WHEN ?7 IS NULL THEN ?4 ELSE coalesce(?4, encrypted_refresh_token) END,
                 scopes = CASE WHEN ?5 = '' THEN scopes ELSE ?5 END,
                 generation = generation + 1, refresh_begun_at = NULL, updated_at = ?6,
                 refusal = CASE WHEN ?7 IS NULL THEN NULL ELSE refusal END,
                 refused_at = CASE WHEN ?7 IS NULL THEN NULL ELSE refused_at END
                 WHERE id = ?1 AND login_url = ?8 AND client_id = ?9
                 AND (?7 IS NULL OR (generation = ?7 AND state = 'active'))",
                params![
                    id,
                    instance_url,
                    access_token,
                    refresh_token,
                    scopes,
                    clock::now(),
                    refresh,
                    login_url,
                    client_id
                ],
            )?;
            Ok(updated == 1)
        });
        Ok(stored.await?)
    }

    /// Notes that a refresh of this generation is about to be sent.
    pub(super) async fn begin_refresh(&self, id: &str, generation: i64) -> Result<bool, StoreError> {
        self.mark_refresh(id, generation, Some(clock::now())).await
    }

    /// Notes that a refresh of this generation provably changed nothing.
    pub(super) async fn end_refresh(&self, id: &str, generation: i64) -> Result<bool, StoreError> {
        self.mark_refresh(id, generation, None).await
    }

    /// False, and nothing is changed, if it is no longer this generation.
    async fn mark_refresh(&self, id: &str, generation: i64, begun_at: Option<i64>) -> Result<bool, StoreError> {
        let id = id.to_owned();
        let marked = self.database.write(move |connection| {
            Ok(connection.execute(
                "UPDATE connection SET refresh_begun_at = ?3 WHERE id = ?1 AND generation = ?2 AND state = 'active'",
                params![id, generation, begun_at],
            )?)
        });
        Ok(marked.await? == 1)
    }

    /// Ends the use of a connection: its tokens are removed. With a generation, only if it is still that one: else false.
    pub(super) async fn end(
        &self,
        id: &str,
        state: ConnectionState,
        reason: Option<String>,
        generation: Option<i64>,
    ) -> Result<bool, StoreError> {
        let id = id.to_owned();
        let ended = self
            .database
            .write(move |connection| {
                let ended = connection.query_row(
                    "UPDATE connection SET state = ?2, reason = ?3, encrypted_access_token = NULL,
                     encrypted_refresh_token = NULL, refresh_begun_at = NULL, updated_at = ?4
                     WHERE id = ?1 AND (?5 IS NULL OR (generation = ?5 AND state = 'active')) RETURNING tenant",
                    params![id, state.as_str(), reason, clock::now(), generation],
                    |row| row.get::<_, String>(0),
                );
                let Some(tenant) = ended.optional()? else { return Ok(false) };
                if state == ConnectionState::NeedsReauthorization {
                    webhook::put(connection, &tenant, &Event::NeedsReauthorization { connection: &id })?;
                }
                Ok(true)
            })
            .await?;
        Ok(ended)
    }
}

/// What an encrypted value is encrypted for.
pub(crate) fn place(kind: &str, id: &str) -> String {
    format!("connection/{kind}/{id}")
}

pub(super) fn find(connection: &Connection, tenant: &str, id: &str) -> Result<Option<ConnectionRecord>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {RECORD} FROM connection WHERE tenant = ?1 AND id = ?2"))?;
    statement.query_row([tenant, id], |row| Ok(record(row))).optional()?.transpose()
}

fn record(row: &Row<'_>) -> Result<ConnectionRecord, StoreError> {
    let state: String = row.get("state")?;
    let words = |name: &str| -> Result<Vec<String>, StoreError> {
        Ok(row.get::<_, String>(name)?.split_whitespace().map(str::to_owned).collect())
    };
    let usage: (Option<u32>, Option<u32>, Option<i64>) =
        (row.get("api_used")?, row.get("api_allowed")?, row.get("api_seen_at")?);
    Ok(ConnectionRecord {
        id: row.get("id")?,
        tenant: row.get("tenant")?,
        name: row.get("name")?,
        state: ConnectionState::named(&state).ok_or(StoreError::Foreign("a connection's state"))?,
        reason: row.get("reason")?,
        refusal: match (row.get("refusal")?, row.get("refused_at")?) {
            (Some(reason), Some(at)) => Some(Refusal { reason, at }),
            _ => None,
        },
        login_url: row.get("login_url")?,
        client_id: row.get("client_id")?,
        has_client_secret: row.get("has_client_secret")?,
        api_version: row.get("api_version")?,
        requested_scopes: words("requested_scopes")?,
        apex_rest: row.get("apex_rest")?,
        instance_url: row.get("instance_url")?,
        scopes: words("scopes")?,
        username: row.get("username")?,
        organization_id: row.get("organization_id")?,
        generation: row.get("generation")?,
        usage: match usage {
            (Some(used), Some(allowed), Some(seen_at)) => Some(Usage { used, allowed, seen_at }),
            _ => None,
        },
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// The outer error is the database's, the inner one the connection's.
fn tokens(row: &Row<'_>, vault: &Vault, loopback: bool) -> Result<Result<Tokens, ConnectionError>, StoreError> {
    let record = record(row)?;
    let secret = |column: &str, kind: &str| -> Result<Option<Secret>, StoreError> {
        let encrypted: Option<Vec<u8>> = row.get(column)?;
        Ok(encrypted.map(|encrypted| vault.decrypt_secret(&place(kind, &record.id), &encrypted)).transpose()?)
    };
    let access_token = secret("encrypted_access_token", "access_token")?;
    let (Some(access_token), Some(instance_url), ConnectionState::Active) =
        (access_token, &record.instance_url, record.state)
    else {
        return Ok(Err(ConnectionError::NotActive { state: record.state, reason: record.reason }));
    };
    Ok(Ok(Tokens {
        revision: record.generation,
        login_url: record.login_url.parse().map_err(|_| StoreError::Foreign("an address"))?,
        client_secret: secret("encrypted_client_secret", "client_secret")?,
        instance_url: instance_url.parse().map_err(|_| StoreError::Foreign("an address"))?,
        access_token,
        refresh_token: secret("encrypted_refresh_token", "refresh_token")?,
        refresh_begun: row.get::<_, Option<i64>>("refresh_begun_at")?.is_some(),
        client_id: record.client_id,
        api_version: record.api_version,
        allow_loopback: loopback,
    }))
}
