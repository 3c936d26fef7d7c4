//! Bulk executions in the database.

use rusqlite::{Connection, OptionalExtension, params};
use salesforce_actions::bulk::JobState;

use super::super::Executions;
use super::Bulk;
use super::job::{BulkJob, BulkKind};
use crate::database::StoreError;

impl Executions {
    /// Records that an execution, which is recorded as running, is a bulk execution.
    pub(super) async fn record_bulk(&self, id: &str, kind: BulkKind) -> Result<(), StoreError> {
        let id = id.to_owned();
        let insert = "INSERT INTO bulk (execution, kind, sent_all) VALUES (?1, ?2, ?3)";
        let recording = self.database.write(move |connection| {
            Ok(connection.execute(insert, params![id, kind.as_str(), kind == BulkKind::Query])?)
        });
        recording.await.map(drop)
    }

    /// Records a job, or how it stands now, and what the log says of its execution.
    pub(super) async fn record_job(&self, execution: &str, job: BulkJob) -> Result<(), StoreError> {
        let execution = execution.to_owned();
        self.database.write(move |connection| store_job(connection, &execution, &job)).await
    }

    /// Records that a job of a load has its data, and with the last of them that Salesforce has all.
    pub(super) async fn record_filled(&self, execution: &str, job: BulkJob, is_last: bool) -> Result<(), StoreError> {
        let execution = execution.to_owned();
        let recording = self.database.write(move |connection| {
            store_job(connection, &execution, &job)?;
            let all = "UPDATE bulk SET sent_all = ?2 WHERE execution = ?1";
            Ok(connection.prepare_cached(all)?.execute(params![execution, is_last])?)
        });
        recording.await.map(drop)
    }

    /// Forgets a job that has processed nothing: its data is missing.
    pub(super) async fn forget_job(&self, execution: &str, number: u32) -> Result<(), StoreError> {
        let execution = execution.to_owned();
        let forgetting = self.database.write(move |connection| {
            connection
                .prepare_cached("DELETE FROM bulk_job WHERE execution = ?1 AND number = ?2")?
                .execute(params![execution, number])?;
            let missing = "UPDATE bulk SET sent_all = 0 WHERE execution = ?1";
            Ok(connection.prepare_cached(missing)?.execute([execution])?)
        });
        forgetting.await.map(drop)
    }

    /// What is known of a bulk execution; none: it is another one.
    pub(crate) async fn bulk(&self, id: &str) -> Result<Option<Bulk>, StoreError> {
        Ok(self.bulk_to_follow(id).await?.map(|(bulk, _)| bulk))
    }

    /// The same, and whether Salesforce has all of the data.
    pub(super) async fn bulk_to_follow(&self, id: &str) -> Result<Option<(Bulk, bool)>, StoreError> {
        let id = id.to_owned();
        self.database.read(move |connection| bulk(connection, &id)).await
    }

    /// The running bulk executions that nobody follows, each with its tenant and the process that began it.
    pub(super) async fn bulk_without_owner(&self) -> Result<Vec<(String, String, String)>, StoreError> {
        let reading = self.database.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT tenant, id, process FROM execution JOIN bulk ON bulk.execution = execution.id WHERE state = 'running'",
            )?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(rows.collect::<Result<Vec<(String, String, String)>, _>>()?)
        });
        let mut rows = reading.await?;
        rows.retain(|(_, id, owner)| {
            let is_own = owner == self.process.id();
            !(is_own && (self.running.has(id) || self.unrecorded.has(id)) || !is_own && self.process.is_alive(owner))
        });
        Ok(rows)
    }

    /// Makes this process the owner of an execution, unless another one was faster.
    pub(super) async fn claim(&self, id: &str, before: &str) -> Result<bool, StoreError> {
        let (id, before, own) = (id.to_owned(), before.to_owned(), self.process.id().to_owned());
        let claim = "UPDATE execution SET process = ?3 WHERE id = ?1 AND process = ?2 AND state = 'running'";
        let claiming = self.database.write(move |connection| Ok(connection.execute(claim, [id, before, own])?));
        Ok(claiming.await? == 1)
    }
}

fn store_job(connection: &Connection, execution: &str, job: &BulkJob) -> Result<(), StoreError> {
    let store = "INSERT INTO bulk_job (execution, number, job, state, sent, processed, failed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (execution, number) DO UPDATE SET job = ?3, state = ?4, sent = ?5, processed = ?6, failed = ?7";
    let (state, [sent, processed, failed]) = (job.state.as_str(), [job.sent, job.processed, job.failed].map(whole));
    let values = params![execution, job.number, job.id, state, sent, processed, failed];
    connection.prepare_cached(store)?.execute(values)?;
    let records = "UPDATE execution SET records = (SELECT sum(max(processed - failed, 0)) FROM bulk_job
                   WHERE execution = ?1) WHERE id = ?1";
    connection.prepare_cached(records)?.execute([execution])?;
    Ok(())
}

fn bulk(connection: &Connection, id: &str) -> Result<Option<(Bulk, bool)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT kind, sent_all FROM bulk WHERE execution = ?1")?;
    let found = statement.query_row([id], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))).optional()?;
    let Some((kind, sent_all)) = found else { return Ok(None) };
    let kind = BulkKind::ALL.into_iter().find(|known| known.as_str() == kind);
    let kind = kind.ok_or(StoreError::Foreign("the kind of a bulk execution"))?;
    let mut statement = connection.prepare_cached(
        "SELECT number, job, state, sent, processed, failed FROM bulk_job WHERE execution = ?1 ORDER BY number",
    )?;
    let jobs = statement.query_map([id], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
    })?;
    let job = |(number, id, state, sent, processed, failed): (u32, String, String, i64, i64, i64)| {
        let state = JobState::ALL.into_iter().find(|known| known.as_str() == state);
        let state = state.ok_or(StoreError::Foreign("the state of a job"))?;
        let [sent, processed, failed] = [sent, processed, failed].map(|count| u64::try_from(count).unwrap_or_default());
        Ok(BulkJob { number, id, state, sent, processed, failed })
    };
    let jobs = jobs.map(|row| job(row?)).collect::<Result<Vec<_>, StoreError>>()?;
    Ok(Some((Bulk { kind, jobs }, sent_all)))
}

/// As SQLite has whole numbers.
fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
