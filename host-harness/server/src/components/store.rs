//! Components in the database.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::files::Part;
use super::{ComponentRecord, ComponentState, Components, UploadError};
use crate::clock;
use crate::database::StoreError;
use crate::ids::ComponentDigest;
use crate::tenants::Tenant;
use salesforce_verify::Report;

/// Components that a tenant may have.
const MOST: u64 = 200;
/// Refused ones whose report is kept.
const MOST_REFUSED: u64 = 20;

/// What came of an upload's beginning.
pub(super) enum Begun {
    /// To be verified; the number tells it from a later upload of the same bytes.
    New(i64),
    /// It is there.
    Before,
    Refused(UploadError),
}

/// What came of a verification.
pub(super) enum Reported {
    Kept,
    /// It was deleted meanwhile.
    Gone,
    Refused(UploadError),
}

impl Components {
    /// One of a tenant's components, with its report. A verification whose process died counts as none.
    pub(crate) async fn find(
        &self,
        tenant: &str,
        digest: &ComponentDigest,
    ) -> Result<Option<ComponentRecord>, StoreError> {
        self.record_of(tenant, digest, true).await
    }

    /// As [`Components::find`], without its report.
    pub(super) async fn entry(
        &self,
        tenant: &str,
        digest: &ComponentDigest,
    ) -> Result<Option<ComponentRecord>, StoreError> {
        self.record_of(tenant, digest, false).await
    }

    async fn record_of(
        &self,
        tenant: &str,
        digest: &ComponentDigest,
        with_report: bool,
    ) -> Result<Option<ComponentRecord>, StoreError> {
        let (this, tenant, digest) = (self.clone(), tenant.to_owned(), digest.clone());
        self.database
            .read(move |connection| {
                let found = row(connection, &tenant, &digest)?.filter(|found| this.is_owned(found));
                let Some((record, _)) = found else { return Ok(None) };
                let report = if with_report { this.report(connection, &tenant, &digest)? } else { None };
                Ok(Some(this.with_its_file(ComponentRecord { report, ..record })))
            })
            .await
    }

    /// A tenant's components without their reports, the latest first.
    pub(crate) async fn list(&self, tenant: &str) -> Result<Vec<ComponentRecord>, StoreError> {
        let (this, tenant) = (self.clone(), tenant.to_owned());
        self.database
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT digest, name, bytes, state, process, uploaded_at FROM component
                     WHERE tenant = ?1 ORDER BY uploaded_at DESC, digest LIMIT 1000",
                )?;
                let rows = statement.query_map([tenant], |row| Ok(record(row)))?;
                let rows = rows.map(|row| row?).collect::<Result<Vec<_>, StoreError>>()?;
                let owned = rows.into_iter().filter(|found| this.is_owned(found));
                Ok(owned.map(|(record, _)| this.with_its_file(record)).collect())
            })
            .await
    }

    /// Records an upload and puts its bytes in their place, unless it is there or is one too many.
    pub(super) async fn record_upload(
        &self,
        tenant: &Tenant,
        digest: &ComponentDigest,
        name: &str,
        (bytes, part): (u64, Part),
    ) -> Result<Begun, StoreError> {
        let (this, tenant, digest, name) = (self.clone(), tenant.clone(), digest.clone(), name.to_owned());
        self.database
            .write(move |connection| {
                let begun = match row(connection, &tenant.id, &digest)?.filter(|found| this.is_owned(found)) {
                    Some((record, _)) if record.state == ComponentState::Refused => return Ok(Begun::Before),
                    Some(_) => Begun::Before,
                    None => match over_quota(connection, &tenant, &digest, bytes)? {
                        Some(refused) => return Ok(Begun::Refused(refused)),
                        None => Begun::New(clock::now()),
                    },
                };
                if let Err(error) = this.files.place(part, &digest) {
                    return Ok(Begun::Refused(UploadError::Keep(error)));
                }
                // The bytes are everybody's who has uploaded them.
                connection.execute(
                    "UPDATE component SET state = 'accepted' WHERE digest = ?1 AND state = 'damaged'",
                    [digest.as_str()],
                )?;
                if let Begun::New(now) = begun {
                    connection.execute(
                        "INSERT INTO component (tenant, digest, name, bytes, state, process, uploaded_at)
                         VALUES (?1, ?2, ?3, ?4, 'verifying', ?5, ?6)
                         ON CONFLICT (tenant, digest) DO UPDATE SET
                         name = excluded.name, state = 'verifying', process = excluded.process, encrypted_report = NULL,
                         uploaded_at = excluded.uploaded_at",
                        params![tenant.id, digest.as_str(), name, signed(bytes), this.process.id(), now],
                    )?;
                }
                Ok(begun)
            })
            .await
    }

    /// Calls a tenant's component something else.
    pub(super) async fn rename(&self, tenant: &str, digest: &str, name: &str) -> Result<(), StoreError> {
        let (tenant, digest, name) = (tenant.to_owned(), digest.to_owned(), name.to_owned());
        let rename = "UPDATE component SET name = ?3 WHERE tenant = ?1 AND digest = ?2";
        self.database.write(move |connection| Ok(connection.execute(rename, [tenant, digest, name]).map(|_| ())?)).await
    }

    /// Records what a verification has found, unless the component was deleted meanwhile. Where it may run, its code
    /// counts: one that is an upload of this tenant and too much goes again.
    pub(super) async fn record_report(
        &self,
        tenant: &str,
        digest: &ComponentDigest,
        report: &Report,
        upload_of: Option<&Tenant>,
    ) -> Result<Reported, StoreError> {
        let state = if report.may_run { ComponentState::Accepted } else { ComponentState::Refused };
        let report = serde_json::to_vec(report).map_err(|_| StoreError::Foreign("a report"))?;
        let vault = self.vault.clone();
        let (tenant, digest, upload_of) = (tenant.to_owned(), digest.clone(), upload_of.cloned());
        let code = self.runtime.code_path(&digest.bytes()).filter(|_| state == ComponentState::Accepted);
        let code = code.and_then(|path| std::fs::metadata(path).ok()).map_or(0, |code| code.len());
        self.database
            .write(move |connection| {
                let Some((record, _)) = row(connection, &tenant, &digest)? else { return Ok(Reported::Gone) };
                if let Some(tenant) = upload_of.filter(|_| state == ComponentState::Accepted)
                    && let Some(refused) = over_quota(connection, &tenant, &digest, record.bytes.saturating_add(code))?
                {
                    delete(connection, &tenant.id, &digest)?;
                    return Ok(Reported::Refused(refused));
                }
                let report = vault.encrypt(connection, &report_place(&report_of(&tenant, &digest)), &report)?;
                connection.execute(
                    "UPDATE component SET state = ?3, encrypted_report = ?4, compiled_bytes = ?5 WHERE tenant = ?1 AND digest = ?2",
                    params![tenant, digest.as_str(), state.as_str(), report, signed(code)],
                )?;
                connection.execute(
                    "DELETE FROM component WHERE tenant = ?1 AND state = 'refused' AND digest != ?2 AND rowid NOT IN
                     (SELECT rowid FROM component WHERE tenant = ?1 AND state = 'refused' ORDER BY rowid DESC LIMIT ?3)",
                    params![tenant, digest.as_str(), signed(MOST_REFUSED)],
                )?;
                Ok(Reported::Kept)
            })
            .await
    }

    /// Notes that the bytes of a component are missing or damaged, if they still are. Until they are uploaded again, all
    /// its tenants are told.
    pub(super) async fn note_damage(&self, digest: &ComponentDigest) -> Result<(), StoreError> {
        let (this, digest) = (self.clone(), digest.clone());
        self.database
            .write(move |connection| {
                if !matches!(this.files.read(&digest), Ok(Some(_))) {
                    let damage = "UPDATE component SET state = 'damaged' WHERE digest = ?1 AND state = 'accepted'";
                    connection.execute(damage, [digest.as_str()])?;
                }
                Ok(())
            })
            .await
    }

    /// Forgets an upload, and its bytes and code if nobody else has uploaded the same; true if there was one. Runs to its
    /// end even if the caller is dropped.
    pub(crate) async fn delete(&self, tenant: &str, digest: &ComponentDigest) -> Result<bool, StoreError> {
        let (this, tenant, digest) = (self.clone(), tenant.to_owned(), digest.clone());
        let deleting = tokio::spawn(async move {
            let name = digest.clone();
            let deleted = this.database.write(move |connection| delete(connection, &tenant, &name)).await?;
            if deleted {
                this.sweep_or_say(&digest).await;
            }
            Ok(deleted)
        });
        deleting.await.map_err(|_| StoreError::Closed)?
    }

    /// Forgets an upload that could not be verified, unless there has been a later one.
    pub(super) async fn forget_upload(
        &self,
        tenant: &str,
        digest: &ComponentDigest,
        uploaded_at: i64,
    ) -> Result<(), StoreError> {
        let (tenant, name) = (tenant.to_owned(), digest.clone());
        self.database
            .write(move |connection| {
                connection.execute(
                    "DELETE FROM component WHERE tenant = ?1 AND digest = ?2 AND uploaded_at = ?3 AND state = 'verifying'",
                    params![tenant, name.as_str(), uploaded_at],
                )?;
                Ok(())
            })
            .await?;
        self.sweep_or_say(digest).await;
        Ok(())
    }

    /// Forgets uploads whose process died before it had verified them.
    pub(super) async fn forget_unfinished(&self) -> Result<(), StoreError> {
        let process = self.process.clone();
        self.database
            .write(move |connection| {
                let mut statement =
                    connection.prepare("SELECT DISTINCT process FROM component WHERE state = 'verifying'")?;
                let owners = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
                for dead in owners.iter().filter(|owner| !process.is_alive(owner)) {
                    connection.execute("DELETE FROM component WHERE state = 'verifying' AND process = ?1", [dead])?;
                }
                Ok(())
            })
            .await
    }

    /// What stays is collected in the next round of the upkeep.
    pub(super) async fn sweep_or_say(&self, digest: &ComponentDigest) {
        if let Err(error) = self.sweep(digest).await {
            tracing::warn!(component = %digest, %error, "what nobody refers to could not be removed yet");
        }
    }

    /// The report of a component's last verification; a damaged one has it still.
    fn report(
        &self,
        connection: &Connection,
        tenant: &str,
        digest: &ComponentDigest,
    ) -> Result<Option<Report>, StoreError> {
        let mut statement =
            connection.prepare_cached("SELECT encrypted_report FROM component WHERE tenant = ?1 AND digest = ?2")?;
        let encrypted: Option<Vec<u8>> =
            statement.query_row([tenant, digest.as_str()], |row| row.get(0)).optional()?.flatten();
        let Some(encrypted) = encrypted else { return Ok(None) };
        let text = self.vault.decrypt(&report_place(&report_of(tenant, digest)), &encrypted)?;
        serde_json::from_slice(&text).map(Some).map_err(|_| StoreError::Foreign("a report"))
    }

    /// Whether somebody is at it, if it is being verified.
    fn is_owned(&self, (record, by): &(ComponentRecord, String)) -> bool {
        record.state != ComponentState::Verifying || self.process.is_alive(by)
    }

    /// As it is with the file that it has now.
    fn with_its_file(&self, record: ComponentRecord) -> ComponentRecord {
        let is_there = record.digest.parse().is_ok_and(|digest| self.files.is_there(&digest, record.bytes));
        match record.state {
            ComponentState::Accepted if !is_there => ComponentRecord { state: ComponentState::Damaged, ..record },
            _ => record,
        }
    }
}

/// What a report is encrypted for, by `tenant/digest`.
pub(crate) fn report_place(of: &str) -> String {
    format!("component/report/{of}")
}

fn report_of(tenant: &str, digest: &ComponentDigest) -> String {
    format!("{tenant}/{}", digest.as_str())
}

fn row(
    connection: &Connection,
    tenant: &str,
    digest: &ComponentDigest,
) -> Result<Option<(ComponentRecord, String)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT * FROM component WHERE tenant = ?1 AND digest = ?2")?;
    statement.query_row([tenant, digest.as_str()], |row| Ok(record(row))).optional()?.transpose()
}

fn delete(connection: &Connection, tenant: &str, digest: &ComponentDigest) -> Result<bool, StoreError> {
    let delete = "DELETE FROM component WHERE tenant = ?1 AND digest = ?2";
    Ok(connection.execute(delete, [tenant, digest.as_str()])? == 1)
}

/// What keeps a tenant from having a component of this many bytes and code.
fn over_quota(
    connection: &Connection,
    tenant: &Tenant,
    digest: &ComponentDigest,
    needed: u64,
) -> Result<Option<UploadError>, StoreError> {
    let (count, used): (i64, i64) = connection.query_row(
        "SELECT count(*), COALESCE(sum(bytes + compiled_bytes), 0) FROM component
         WHERE tenant = ?1 AND digest != ?2 AND state != 'refused'",
        [&tenant.id, digest.as_str()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let (used, allowed) = (used.unsigned_abs(), tenant.limits.storage_bytes());
    Ok(if count.unsigned_abs() >= MOST {
        Some(UploadError::TooManyKept { allowed: MOST })
    } else if used.saturating_add(needed) > allowed {
        Some(UploadError::Full { needed, used, allowed })
    } else {
        None
    })
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A component, and the process that verifies or verified it.
fn record(row: &Row<'_>) -> Result<(ComponentRecord, String), StoreError> {
    let state: String = row.get("state")?;
    let record = ComponentRecord {
        digest: row.get("digest")?,
        name: row.get("name")?,
        bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
        state: ComponentState::named(&state).ok_or(StoreError::Foreign("a component's state"))?,
        report: None,
        uploaded_at: row.get("uploaded_at")?,
    };
    Ok((record, row.get("process")?))
}
