//! Components in the database.

use rusqlite::{OptionalExtension, Row, params};

use super::{ComponentRecord, ComponentState, Components};
use crate::server::clock;
use crate::server::database::StoreError;
use crate::server::ids::ComponentDigest;
use crate::verify::Report;

impl Components {
    /// One of a tenant's components. A verification whose process died counts as none.
    pub(crate) async fn find(
        &self,
        tenant: &str,
        digest: &ComponentDigest,
    ) -> Result<Option<ComponentRecord>, StoreError> {
        let (tenant, digest, process) = (tenant.to_owned(), digest.to_string(), self.process.clone());
        self.database
            .read(move |connection| {
                let mut statement =
                    connection.prepare_cached("SELECT * FROM component WHERE tenant = ?1 AND digest = ?2")?;
                let found = statement
                    .query_row([tenant, digest], |row| {
                        Ok(record(row).and_then(|record| Ok((record, row.get::<_, String>("process")?))))
                    })
                    .optional()?
                    .transpose()?;
                Ok(found
                    .filter(|(record, by)| record.state != ComponentState::Verifying || process.is_alive(by))
                    .map(|(record, _)| record))
            })
            .await
    }

    /// A tenant's components, the latest first.
    pub(crate) async fn list(&self, tenant: &str) -> Result<Vec<ComponentRecord>, StoreError> {
        let tenant = tenant.to_owned();
        self.database
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT * FROM component WHERE tenant = ?1 ORDER BY uploaded_at DESC, digest LIMIT 1000",
                )?;
                let rows = statement.query_map([tenant], |row| Ok(record(row)))?;
                rows.map(|row| row?).collect()
            })
            .await
    }

    pub(super) async fn record_upload(
        &self,
        tenant: &str,
        digest: &ComponentDigest,
        name: &str,
        bytes: u64,
    ) -> Result<(), StoreError> {
        let (tenant, digest, name) = (tenant.to_owned(), digest.to_string(), name.to_owned());
        let process = self.process.id().to_owned();
        self.database
            .write(move |connection| {
                connection.execute(
                    "INSERT INTO component (tenant, digest, name, bytes, state, process, uploaded_at)
                     VALUES (?1, ?2, ?3, ?4, 'verifying', ?5, ?6)
                     ON CONFLICT (tenant, digest) DO UPDATE SET
                     name = excluded.name, state = 'verifying', process = excluded.process,
                     uploaded_at = excluded.uploaded_at",
                    params![tenant, digest, name, i64::try_from(bytes).unwrap_or(i64::MAX), process, clock::now()],
                )?;
                Ok(())
            })
            .await
    }

    pub(super) async fn record_report(
        &self,
        tenant: &str,
        digest: &ComponentDigest,
        report: &Report,
    ) -> Result<(), StoreError> {
        let state = if report.may_run { ComponentState::Accepted } else { ComponentState::Refused };
        let report = serde_json::to_string(report).map_err(|_| StoreError::Foreign("a report"))?;
        let (tenant, digest) = (tenant.to_owned(), digest.to_string());
        self.database
            .write(move |connection| {
                connection.execute(
                    "UPDATE component SET state = ?3, report = ?4 WHERE tenant = ?1 AND digest = ?2",
                    params![tenant, digest, state.as_str(), report],
                )?;
                Ok(())
            })
            .await
    }

    /// Forgets an upload. Its file stays if another tenant has uploaded the same; true if there was one.
    pub(crate) async fn delete(&self, tenant: &str, digest: &ComponentDigest) -> Result<bool, StoreError> {
        let (owner, name) = (tenant.to_owned(), digest.to_string());
        let (deleted, others): (usize, i64) = self
            .database
            .write(move |connection| {
                let deleted =
                    connection.execute("DELETE FROM component WHERE tenant = ?1 AND digest = ?2", [&owner, &name])?;
                let others =
                    connection
                        .query_row("SELECT count(*) FROM component WHERE digest = ?1", [&name], |row| row.get(0))?;
                Ok((deleted, others))
            })
            .await?;
        if others == 0 {
            self.forget_file(digest);
        }
        Ok(deleted == 1)
    }
}

fn record(row: &Row<'_>) -> Result<ComponentRecord, StoreError> {
    let state: String = row.get("state")?;
    let report: Option<String> = row.get("report")?;
    let report = report.map(|text| serde_json::from_str(&text)).transpose();
    Ok(ComponentRecord {
        digest: row.get("digest")?,
        name: row.get("name")?,
        bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
        state: ComponentState::named(&state).ok_or(StoreError::Foreign("a component's state"))?,
        report: report.map_err(|_| StoreError::Foreign("a report"))?,
        uploaded_at: row.get("uploaded_at")?,
    })
}
