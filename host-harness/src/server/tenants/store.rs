//! Tenants and tokens in the database.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{ApiToken, Principal, Tenant, TenantLimits, TokenRecord};
use crate::server::database::{Database, StoreError};
use crate::server::{clock, ids};

/// The tenants of a server.
#[derive(Clone)]
pub(crate) struct Tenants {
    database: Database,
}

/// What is asked of a new tenant.
#[derive(Debug)]
pub(crate) struct NewTenant {
    pub(crate) name: String,
    pub(crate) limits: TenantLimits,
}

impl Tenants {
    pub(crate) fn new(database: Database) -> Tenants {
        Tenants { database }
    }

    /// Makes a tenant; none if there is one of this name.
    pub(crate) async fn create(&self, new: NewTenant) -> Result<Option<Tenant>, StoreError> {
        let tenant = Tenant { id: ids::new(), name: new.name, limits: new.limits, created_at: clock::now() };
        self.database
            .write(move |connection| {
                let inserted = connection.execute(
                    "INSERT OR IGNORE INTO tenant
                     (id, name, executions_at_once, executions_a_minute, memory_mib, seconds, result_kib, storage_mib,
                     connections, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                    params![
                        tenant.id,
                        tenant.name,
                        tenant.limits.executions_at_once,
                        tenant.limits.executions_a_minute,
                        tenant.limits.memory_mib,
                        tenant.limits.seconds,
                        tenant.limits.result_kib,
                        tenant.limits.storage_mib,
                        tenant.limits.connections,
                        tenant.created_at
                    ],
                )?;
                Ok((inserted == 1).then_some(tenant))
            })
            .await
    }

    /// Replaces a tenant's limits; none if there is no such tenant.
    pub(crate) async fn limit(&self, id: String, limits: TenantLimits) -> Result<Option<Tenant>, StoreError> {
        self.database
            .write(move |connection| {
                connection.execute(
                    "UPDATE tenant SET executions_at_once = ?2, executions_a_minute = ?3, memory_mib = ?4, seconds = ?5,
                     result_kib = ?6, storage_mib = ?7, connections = ?8 WHERE id = ?1",
                    params![
                        id,
                        limits.executions_at_once,
                        limits.executions_a_minute,
                        limits.memory_mib,
                        limits.seconds,
                        limits.result_kib,
                        limits.storage_mib,
                        limits.connections
                    ],
                )?;
                find(connection, &id)
            })
            .await
    }

    /// The tenants in the order in which they were made, after the one with this id.
    pub(crate) async fn list(&self, after: Option<String>, limit: u32) -> Result<Vec<Tenant>, StoreError> {
        self.database
            .read(move |connection| {
                let mut statement =
                    connection.prepare_cached("SELECT * FROM tenant WHERE id > ?1 ORDER BY id LIMIT ?2")?;
                let tenants = statement.query_map(params![after.unwrap_or_default(), limit], tenant)?;
                Ok(tenants.collect::<Result<_, _>>()?)
            })
            .await
    }

    pub(crate) async fn find(&self, id: String) -> Result<Option<Tenant>, StoreError> {
        self.database.read(move |connection| find(connection, &id)).await
    }

    /// Makes a token: of a tenant, or an administrator's. Its text is shown this once.
    pub(crate) async fn create_token(&self, tenant: Option<String>, name: String) -> Result<ApiToken, StoreError> {
        let token = ApiToken::generate();
        self.database
            .write(move |connection| {
                connection.execute(
                    "INSERT INTO api_token (id, tenant, name, hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![token.id(), tenant, name, token.hash(), clock::now()],
                )?;
                Ok(token)
            })
            .await
    }

    /// A tenant's tokens, without their texts.
    pub(crate) async fn tokens(&self, tenant: String) -> Result<Vec<TokenRecord>, StoreError> {
        self.database
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT id, name, created_at, revoked_at FROM api_token WHERE tenant = ?1 ORDER BY id",
                )?;
                let tokens = statement.query_map([tenant], |row| {
                    Ok(TokenRecord {
                        id: row.get(0)?,
                        name: row.get(1)?,
                        created_at: row.get(2)?,
                        revoked_at: row.get(3)?,
                    })
                })?;
                Ok(tokens.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// Ends a tenant's token, and the console sessions that it opened. False if there is no such token.
    pub(crate) async fn revoke_token(&self, tenant: String, id: String) -> Result<bool, StoreError> {
        self.database
            .write(move |connection| {
                let revoked = connection.execute(
                    "UPDATE api_token SET revoked_at = coalesce(revoked_at, ?3) WHERE id = ?1 AND tenant = ?2",
                    params![id, tenant, clock::now()],
                )?;
                connection.execute("DELETE FROM console_session WHERE token = ?1", [id])?;
                Ok(revoked == 1)
            })
            .await
    }

    /// Whose token this is; none if it is nobody's or was revoked.
    pub(crate) async fn authenticate(&self, token: ApiToken) -> Result<Option<Principal>, StoreError> {
        self.database
            .read(move |connection| {
                let kept: Option<(Vec<u8>, Option<String>)> = connection
                    .prepare_cached("SELECT hash, tenant FROM api_token WHERE id = ?1 AND revoked_at IS NULL")?
                    .query_row([token.id()], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                let Some((hash, tenant)) = kept else { return Ok(None) };
                if !token.is_kept_as(&hash) {
                    return Ok(None);
                }
                match tenant {
                    None => Ok(Some(Principal::Administrator)),
                    Some(id) => Ok(find(connection, &id)?.map(Principal::Tenant)),
                }
            })
            .await
    }
}

fn find(connection: &Connection, id: &str) -> Result<Option<Tenant>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT * FROM tenant WHERE id = ?1")?;
    Ok(statement.query_row([id], tenant).optional()?)
}

fn tenant(row: &Row<'_>) -> rusqlite::Result<Tenant> {
    Ok(Tenant {
        id: row.get("id")?,
        name: row.get("name")?,
        limits: TenantLimits {
            executions_at_once: row.get("executions_at_once")?,
            executions_a_minute: row.get("executions_a_minute")?,
            memory_mib: row.get("memory_mib")?,
            seconds: row.get("seconds")?,
            result_kib: row.get("result_kib")?,
            storage_mib: row.get("storage_mib")?,
            connections: row.get("connections")?,
        },
        created_at: row.get("created_at")?,
    })
}
