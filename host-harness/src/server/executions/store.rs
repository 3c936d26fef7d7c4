//! Executions in the database.

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use serde_json::value::RawValue;

use super::run::Ended;
use super::{Execution, ExecutionRecord, ExecutionState, Executions, Given, Request};
use crate::action::ActionName;
use crate::server::database::StoreError;
use crate::server::vault::Vault;
use crate::server::{clock, ids, running_time};

/// How long results are kept, and the log.
const RESULTS_KEPT: i64 = 24 * 60 * 60 * 1000;
const LOG_KEPT: i64 = 30 * RESULTS_KEPT;

/// Which executions of the log.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogFilter {
    /// Older than the one with this id.
    pub(crate) before: Option<String>,
    pub(crate) connection: Option<String>,
    pub(crate) state: Option<ExecutionState>,
    pub(crate) limit: u32,
}

/// What the database says to an execution that is about to begin.
pub(super) enum Recorded {
    /// It is new, and recorded as running under this id.
    New(String),
    /// There is one with its key.
    Before(Box<ExecutionRecord>, Vec<u8>),
}

impl Executions {
    /// Records that an execution begins, unless there is one with its key.
    pub(super) async fn record_begin(&self, tenant: &str, request: &Request) -> Result<Recorded, StoreError> {
        let (id, tenant, process) = (ids::new(), tenant.to_owned(), self.process.id().to_owned());
        let Request { connection: on, component, idempotency_key: key, digest, .. } = request.clone();
        let action = request.action.name();
        self.database
            .write(move |connection| {
                let inserted = connection
                    .prepare_cached(
                        "INSERT INTO execution (id, tenant, connection, component, action, idempotency_key,
                         request_digest, state, process, started_at, began_at_running)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'running', ?8, ?9, ?10)",
                    )?
                    .execute(params![
                        id,
                        tenant,
                        on,
                        component,
                        action.as_str(),
                        key,
                        digest,
                        process,
                        clock::now(),
                        running_time::now(connection)?
                    ]);
                match (inserted, key) {
                    (Ok(_), _) => Ok(Recorded::New(id)),
                    (Err(error), Some(key)) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                        let before = with_key(connection, &tenant, &key)?;
                        before
                            .map(|(record, digest)| Recorded::Before(record.into(), digest))
                            .ok_or_else(|| error.into())
                    }
                    (Err(error), _) => Err(error.into()),
                }
            })
            .await
    }

    /// The execution with this key, and the digest of its request.
    pub(super) async fn recorded(
        &self,
        tenant: &str,
        key: &str,
    ) -> Result<Option<(ExecutionRecord, Vec<u8>)>, StoreError> {
        let (tenant, key) = (tenant.to_owned(), key.to_owned());
        self.database.read(move |connection| with_key(connection, &tenant, &key)).await
    }

    /// Records how an execution ended. One that was declared unknown meanwhile becomes known again.
    pub(super) async fn record_end(&self, id: &str, ended: Ended) -> Result<(), StoreError> {
        let text = ended.given.as_ref().map(|given| match given {
            Given::Result(text) => format!("r{text}"),
            Given::Error(text) => format!("e{text}"),
        });
        let (vault, id) = (self.vault.clone(), id.to_owned());
        self.database
            .write(move |connection| {
                let seal = |text: String| vault.seal(connection, &place(&id), text.as_bytes());
                let sealed = text.map(seal).transpose()?;
                connection
                    .prepare_cached(
                        "UPDATE execution SET state = ?2, outcome = ?3, error_kind = ?4, finished_at = ?5,
                         duration_us = ?6, records = ?7, api_used = ?8, api_allowed = ?9, request_id = ?10,
                         sealed_result = ?11 WHERE id = ?1",
                    )?
                    .execute(params![
                        id,
                        ended.state.as_str(),
                        ended.outcome,
                        ended.error_kind,
                        clock::now(),
                        i64::try_from(ended.duration.as_micros()).unwrap_or(i64::MAX),
                        i64::try_from(ended.records).unwrap_or(i64::MAX),
                        ended.usage.map(|usage| usage.used),
                        ended.usage.map(|usage| usage.allowed),
                        ended.request_id,
                        sealed
                    ])?;
                Ok(())
            })
            .await
    }

    /// One of a tenant's executions.
    pub(crate) async fn find(&self, tenant: &str, id: &str) -> Result<Option<Execution>, StoreError> {
        let (tenant, id, vault) = (tenant.to_owned(), id.to_owned(), self.vault.clone());
        self.database
            .read(move |connection| {
                let mut statement =
                    connection.prepare_cached("SELECT * FROM execution WHERE tenant = ?1 AND id = ?2")?;
                let found = statement.query_row([tenant, id], |row| {
                    Ok(record(row).and_then(|record| {
                        let given = given(&vault, &record.id, row.get("sealed_result")?)?;
                        Ok(Execution { record, given, replayed: false })
                    }))
                });
                found.optional()?.transpose()
            })
            .await
    }

    /// A tenant's executions, newest first.
    pub(crate) async fn log(&self, tenant: &str, filter: LogFilter) -> Result<Vec<ExecutionRecord>, StoreError> {
        let tenant = tenant.to_owned();
        self.database
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT * FROM execution WHERE tenant = ?1 AND (?2 IS NULL OR id < ?2)
                     AND (?3 IS NULL OR connection = ?3) AND (?4 IS NULL OR state = ?4) ORDER BY id DESC LIMIT ?5",
                )?;
                let state = filter.state.map(ExecutionState::as_str);
                let rows = statement
                    .query_map(params![tenant, filter.before, filter.connection, state, filter.limit], |row| {
                        Ok(record(row))
                    })?;
                rows.map(|row| row?).collect()
            })
            .await
    }

    /// Declares executions unknown whose process died before it recorded how they ended. Answers how many.
    pub(crate) async fn declare_lost(&self) -> Result<usize, StoreError> {
        let process = self.process.clone();
        self.database
            .write(move |connection| {
                let mut statement =
                    connection.prepare("SELECT DISTINCT process FROM execution WHERE state = 'running'")?;
                let processes = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
                let mut lost = 0;
                for dead in processes.iter().filter(|id| !process.is_alive(id)) {
                    lost += connection.execute(
                        "UPDATE execution SET state = 'unknown', outcome = 'unknown', error_kind = 'host-died',
                         finished_at = ?2 WHERE state = 'running' AND process = ?1",
                        params![dead, clock::now()],
                    )?;
                }
                Ok(lost)
            })
            .await
    }

    /// Forgets results after a day and executions after a month, by the time for which servers have run.
    pub(crate) async fn prune(&self) -> Result<(), StoreError> {
        self.database
            .write(|connection| {
                let now = running_time::now(connection)?;
                connection.execute(
                    "UPDATE execution SET sealed_result = NULL WHERE sealed_result IS NOT NULL AND began_at_running < ?1",
                    [now - RESULTS_KEPT],
                )?;
                connection
                    .execute("DELETE FROM execution WHERE state != 'running' AND began_at_running < ?1", [now - LOG_KEPT])?;
                Ok(())
            })
            .await
    }
}

pub(crate) fn place(id: &str) -> String {
    format!("execution/result/{id}")
}

fn with_key(
    connection: &Connection,
    tenant: &str,
    key: &str,
) -> Result<Option<(ExecutionRecord, Vec<u8>)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT * FROM execution WHERE tenant = ?1 AND idempotency_key = ?2")?;
    let found = statement
        .query_row([tenant, key], |row| Ok(record(row).and_then(|record| Ok((record, row.get("request_digest")?)))));
    found.optional()?.transpose()
}

fn given(vault: &Vault, id: &str, sealed: Option<Vec<u8>>) -> Result<Option<Given>, StoreError> {
    let Some(sealed) = sealed else { return Ok(None) };
    let foreign = || StoreError::Foreign("an execution's result");
    let text = String::from_utf8(vault.open_bytes(&place(id), &sealed)?).map_err(|_| foreign())?;
    let json = |text: &str| RawValue::from_string(text.to_owned()).map_err(|_| foreign());
    match text.split_at_checked(1) {
        Some(("r", text)) => Ok(Some(Given::Result(json(text)?))),
        Some(("e", text)) => Ok(Some(Given::Error(json(text)?))),
        _ => Err(foreign()),
    }
}

fn record(row: &Row<'_>) -> Result<ExecutionRecord, StoreError> {
    let (action, state): (String, String) = (row.get("action")?, row.get("state")?);
    let usage: (Option<u32>, Option<u32>) = (row.get("api_used")?, row.get("api_allowed")?);
    Ok(ExecutionRecord {
        id: row.get("id")?,
        connection: row.get("connection")?,
        component: row.get("component")?,
        action: ActionName::named(&action).ok_or(StoreError::Foreign("an action"))?,
        idempotency_key: row.get("idempotency_key")?,
        state: ExecutionState::named(&state).ok_or(StoreError::Foreign("an execution's state"))?,
        outcome: row.get("outcome")?,
        error_kind: row.get("error_kind")?,
        started_at: row.get("started_at")?,
        duration_us: row.get("duration_us")?,
        records: row.get("records")?,
        api_usage: usage.0.zip(usage.1),
        request_id: row.get("request_id")?,
    })
}
