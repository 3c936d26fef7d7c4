//! Tenants and tokens in the database.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Tenant, TenantLimits, TenantUsage};
use crate::database::{Database, StoreError};
use crate::{clock, ids};

/// The tenants of a server.
#[derive(Clone)]
pub(crate) struct Tenants {
    pub(super) database: Database,
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
        let NewTenant { name, limits } = new;
        let tenant =
            Tenant { id: ids::new(), name, limits, agents_write: false, suspended_at: None, created_at: clock::now() };
        let created = self
            .database
            .write(move |connection| {
                let inserted = connection.execute(
                    "INSERT OR IGNORE INTO tenant
                     (id, name, executions_at_once, executions_a_minute, memory_mib, seconds, result_kib, storage_mib,
                     kept_mib, connections, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                    params![
                        tenant.id,
                        tenant.name,
                        tenant.limits.executions_at_once,
                        tenant.limits.executions_a_minute,
                        tenant.limits.memory_mib,
                        tenant.limits.seconds,
                        tenant.limits.result_kib,
                        tenant.limits.storage_mib,
                        tenant.limits.kept_mib,
                        tenant.limits.connections,
                        tenant.created_at
                    ],
                )?;
                Ok((inserted == 1).then_some(tenant))
            })
            .await?;
        if let Some(tenant) = &created {
            tracing::warn!(tenant = tenant.id, "a tenant was made");
        }
        Ok(created)
    }

    /// Replaces a tenant's limits; none if there is no such tenant.
    pub(crate) async fn limit(&self, id: String, limits: TenantLimits) -> Result<Option<Tenant>, StoreError> {
        self.database
            .write(move |connection| {
                connection.execute(
                    "UPDATE tenant SET executions_at_once = ?2, executions_a_minute = ?3, memory_mib = ?4, seconds = ?5,
                     result_kib = ?6, storage_mib = ?7, kept_mib = ?8, connections = ?9 WHERE id = ?1",
                    params![
                        id,
                        limits.executions_at_once,
                        limits.executions_a_minute,
                        limits.memory_mib,
                        limits.seconds,
                        limits.result_kib,
                        limits.storage_mib,
                        limits.kept_mib,
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

    /// How much of its limits a tenant uses.
    pub(crate) async fn usage(&self, id: String) -> Result<TenantUsage, StoreError> {
        self.database
            .read(move |connection| {
                let usage = connection.query_row(
                    "SELECT (SELECT count(*) FROM connection WHERE tenant = ?1),
                     (SELECT count(*) FROM component WHERE tenant = ?1),
                     (SELECT coalesce(sum(bytes + compiled_bytes), 0) FROM component WHERE tenant = ?1),
                     (SELECT count(*) FROM execution WHERE tenant = ?1 AND state = 'running'),
                     (SELECT coalesce(sum(kept_bytes), 0) FROM tenant WHERE id = ?1)",
                    [id],
                    |row| {
                        Ok(TenantUsage {
                            connections: row.get(0)?,
                            components: row.get(1)?,
                            component_bytes: row.get::<_, i64>(2)?.unsigned_abs(),
                            executions_running: row.get(3)?,
                            kept_bytes: row.get::<_, i64>(4)?.unsigned_abs(),
                        })
                    },
                )?;
                Ok(usage)
            })
            .await
    }
}

pub(super) fn find(connection: &Connection, id: &str) -> Result<Option<Tenant>, StoreError> {
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
            kept_mib: row.get("kept_mib")?,
            connections: row.get("connections")?,
        },
        agents_write: row.get("agents_write")?,
        suspended_at: row.get("suspended_at")?,
        created_at: row.get("created_at")?,
    })
}
