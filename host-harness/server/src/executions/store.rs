//! Executions in the database.

use std::collections::HashMap;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use serde_json::value::RawValue;

use super::kept::{Encrypted, KEPT, What, forget_oldest, patiently, place, request_place, split};
use super::unrecorded::End;
use super::{Execution, ExecutionRecord, ExecutionResult, ExecutionState, Executions, Request};
use crate::database::StoreError;
use crate::vault::Vault;
use crate::webhook::Event;
use crate::{clock, running_time, webhook};

/// How long the log is kept, in milliseconds.
const LOG_KEPT: i64 = 30 * KEPT;
/// The error of an execution whose process died.
const HOST_DIED: &str = "host-died";
/// Executions that leave the log in one transaction.
const AT_ONCE: u32 = 500;

/// What the log shows of an execution: nothing that is encrypted or long.
pub(super) const RECORD: &str = "id, connection, component, action, idempotency_key, state, outcome, error_kind, started_at, \
                      duration_us, records, api_used, api_allowed";

/// What the database says to an execution that is about to begin.
pub(super) enum Recorded {
    /// It is new, and recorded as running.
    New(Box<ExecutionRecord>),
    /// There is one with its key.
    Before(Box<ExecutionRecord>, Vec<u8>),
}

impl Executions {
    /// Records that an execution begins under this id, and what was asked, unless there is one with its key.
    pub(super) async fn record_begin(&self, id: &str, tenant: &str, request: &Request) -> Result<Recorded, StoreError> {
        let begun = ExecutionRecord {
            id: id.to_owned(),
            connection: request.connection.clone(),
            component: request.component.clone(),
            action: request.call.action().name.clone(),
            idempotency_key: request.idempotency_key.as_ref().map(|key| key.as_str().to_owned()),
            state: ExecutionState::Running,
            outcome: None,
            error_kind: None,
            started_at: clock::now(),
            duration_us: None,
            records: 0,
            api_usage: None,
        };
        let (first, pieces) = split(request.call.input().as_bytes());
        self.keep_pieces(tenant, id, What::Request, pieces).await?;
        let (vault, first, kept) = (self.vault.clone(), first.to_vec(), kept_bytes(request.call.input().len()));
        let (tenant, process, digest) = (tenant.to_owned(), self.process.id().to_owned(), request.digest);
        self.database
            .write(move |connection| {
                let encrypted = vault.encrypt(connection, &request_place(&begun.id), &first)?;
                let inserted = connection
                    .prepare_cached(
                        "INSERT INTO execution (id, tenant, connection, component, action, idempotency_key,
                         request_digest, encrypted_request, state, process, started_at, began_at_running,
                         kept_bytes)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'running', ?9, ?10, ?11, ?12)",
                    )?
                    .execute(params![
                        begun.id,
                        tenant,
                        begun.connection,
                        begun.component,
                        begun.action,
                        begun.idempotency_key,
                        digest,
                        encrypted,
                        process,
                        begun.started_at,
                        running_time::now(connection)?,
                        kept
                    ]);
                match (inserted, &begun.idempotency_key) {
                    (Ok(_), _) => Ok(Recorded::New(begun.into())),
                    (Err(error), Some(key)) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                        let before = with_key(connection, &tenant, key)?;
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

    /// Records how an execution ended; again changes nothing. One that was declared unknown meanwhile becomes known again.
    pub(super) async fn record_end(&self, end: &End) -> Result<(), StoreError> {
        let End { tenant, begun, ended, input } = end;
        let (mut first, mut kept) = (None, input.len());
        if let Some(given) = &ended.given {
            let (kind, text) = match given {
                ExecutionResult::Value(text) => (b"r", text.get()),
                ExecutionResult::Error(text) => (b"e", text.get()),
            };
            let (start, pieces) = split(text.as_bytes());
            self.keep_pieces(tenant, &begun.id, What::Result, pieces).await?;
            first = Some([kind, start].concat());
            kept += text.len();
        }
        let (vault, id, kept) = (self.vault.clone(), begun.id.clone(), kept_bytes(kept));
        let (state, outcome, error_kind, usage) = (ended.state, ended.outcome, ended.error_kind, ended.usage);
        let (finished_at, duration, records) = (ended.finished_at, ended.duration_us(), ended.records_in_log());
        let recording = self.database.write(move |connection| {
            let encrypt = |first: Vec<u8>| vault.encrypt(connection, &place(&id), &first);
            let encrypted = first.map(encrypt).transpose()?;
            if state == ExecutionState::Unknown {
                tell_unknown(connection, &id, error_kind)?;
            }
            connection
                .prepare_cached(
                    "UPDATE execution SET state = ?2, outcome = ?3, error_kind = ?4, finished_at = ?5,
                         duration_us = ?6, records = ?7, api_used = ?8, api_allowed = ?9, encrypted_result = ?10,
                         kept_bytes = ?11 WHERE id = ?1",
                )?
                .execute(params![
                    id,
                    state.as_str(),
                    outcome,
                    error_kind,
                    finished_at,
                    duration,
                    records,
                    usage.map(|usage| usage.used),
                    usage.map(|usage| usage.allowed),
                    encrypted,
                    kept
                ])?;
            forget_oldest(connection, &id)
        });
        self.remove_pieces(tenant, patiently(recording).await?);
        Ok(())
    }

    /// One of a tenant's executions.
    pub(crate) async fn find(&self, tenant: &str, id: &str) -> Result<Option<Execution>, StoreError> {
        let (owner, name, vault) = (tenant.to_owned(), id.to_owned(), self.vault.clone());
        let found = self.database.read(move |connection| {
            // What is in the row and what is beside it are of the same moment.
            let connection = connection.unchecked_transaction()?;
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {RECORD}, encrypted_result, encrypted_request FROM execution WHERE tenant = ?1 AND id = ?2"
            ))?;
            let found = statement.query_row([owner, name], |row| {
                Ok(record(row).and_then(|record| {
                    let encrypted = |what, first| Encrypted::read(&connection, &record.id, what, first);
                    let result = encrypted(What::Result, row.get("encrypted_result")?)?;
                    let request = encrypted(What::Request, row.get("encrypted_request")?)?;
                    Ok((record, result, request))
                }))
            });
            found.optional()?.transpose()
        });
        let Some((record, result, request)) = found.await? else { return Ok(None) };
        if record.state == ExecutionState::Running
            && let Some(told) = self.unrecorded.told(tenant, id)
        {
            return Ok(Some(told));
        }
        let bytes = [&result, &request].into_iter().flatten().map(Encrypted::len).sum();
        let opening = self.compute(tenant, bytes, move || {
            let given = given(&vault, &record.id, result)?;
            let request = asked(&vault, &record.id, request)?;
            Ok(Execution { record, given, request, replayed: false })
        });
        opening.await?.map(Some)
    }

    /// Declares executions unknown that nobody will record any more: their process died, or their task in this one did. A bulk
    /// execution is not lost: another process takes it over.
    /// Answers how many.
    pub(crate) async fn declare_lost(&self) -> Result<usize, StoreError> {
        let (process, running, unrecorded) = (self.process.clone(), self.running.clone(), self.unrecorded.clone());
        self.database
            .write(move |connection| {
                let mut statement = connection.prepare(
                    "SELECT id, process FROM execution WHERE state = 'running'
                     AND NOT EXISTS (SELECT 1 FROM bulk WHERE execution = id)",
                )?;
                let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                let rows = rows.collect::<Result<Vec<(String, String)>, _>>()?;
                let mut alive = HashMap::new();
                let mut lost = 0;
                for (id, owner) in rows {
                    let has_owner = if owner == process.id() {
                        running.has(&id) || unrecorded.has(&id)
                    } else {
                        *alive.entry(owner).or_insert_with_key(|owner| process.is_alive(owner))
                    };
                    if !has_owner {
                        tell_unknown(connection, &id, Some(HOST_DIED))?;
                        lost += connection.execute(
                            "UPDATE execution SET state = 'unknown', outcome = 'unknown', error_kind = ?3,
                             finished_at = ?2 WHERE state = 'running' AND id = ?1",
                            params![id, clock::now(), HOST_DIED],
                        )?;
                    }
                }
                Ok(lost)
            })
            .await
    }

    /// Forgets results and requests after a day, and executions after a month, by the time for which servers have run.
    pub(crate) async fn prune(&self) -> Result<(), StoreError> {
        self.forget_old().await?;
        loop {
            let deleted = self.database.write(|connection| {
                let delete = format!(
                    "DELETE FROM execution WHERE rowid IN (SELECT rowid FROM execution WHERE state != 'running'
                     AND began_at_running < ?1 LIMIT {AT_ONCE})"
                );
                Ok(connection.execute(&delete, [running_time::now(connection)? - LOG_KEPT])?)
            });
            if deleted.await? == 0 {
                return Ok(());
            }
        }
    }
}

/// Its tenant is told once, as it ceases to run: `connection` is the transaction that records that its outcome is unknown.
fn tell_unknown(connection: &Connection, id: &str, error_kind: Option<&str>) -> Result<(), StoreError> {
    let running = "SELECT tenant, connection, action FROM execution WHERE id = ?1 AND state = 'running'";
    let running = connection
        .prepare_cached(running)?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((tenant, of, action)): Option<(String, String, String)> = running else { return Ok(()) };
    let event = Event::OutcomeUnknown { execution: id, connection: &of, action: &action, error_kind };
    webhook::put(connection, &tenant, &event)
}

fn kept_bytes(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn with_key(
    connection: &Connection,
    tenant: &str,
    key: &str,
) -> Result<Option<(ExecutionRecord, Vec<u8>)>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {RECORD}, request_digest FROM execution WHERE tenant = ?1 AND idempotency_key = ?2"
    ))?;
    let found = statement
        .query_row([tenant, key], |row| Ok(record(row).and_then(|record| Ok((record, row.get("request_digest")?)))));
    found.optional()?.transpose()
}

fn given(vault: &Vault, id: &str, encrypted: Option<Encrypted>) -> Result<Option<ExecutionResult>, StoreError> {
    let Some(encrypted) = encrypted else { return Ok(None) };
    let foreign = || StoreError::Foreign("an execution's result");
    let mut text = String::from_utf8(encrypted.open(vault, id, What::Result)?).map_err(|_| foreign())?;
    let given = match text.as_bytes().first() {
        Some(b'r') => ExecutionResult::Value,
        Some(b'e') => ExecutionResult::Error,
        _ => return Err(foreign()),
    };
    text.remove(0);
    RawValue::from_string(text).map(|json| Some(given(json))).map_err(|_| foreign())
}

fn asked(vault: &Vault, id: &str, encrypted: Option<Encrypted>) -> Result<Option<Box<RawValue>>, StoreError> {
    let Some(encrypted) = encrypted else { return Ok(None) };
    let foreign = || StoreError::Foreign("what an execution was asked");
    let text = String::from_utf8(encrypted.open(vault, id, What::Request)?).map_err(|_| foreign())?;
    RawValue::from_string(text).map(Some).map_err(|_| foreign())
}

pub(super) fn record(row: &Row<'_>) -> Result<ExecutionRecord, StoreError> {
    let (action, state): (String, String) = (row.get("action")?, row.get("state")?);
    let usage: (Option<u32>, Option<u32>) = (row.get("api_used")?, row.get("api_allowed")?);
    Ok(ExecutionRecord {
        id: row.get("id")?,
        connection: row.get("connection")?,
        component: row.get("component")?,
        action,
        idempotency_key: row.get("idempotency_key")?,
        state: ExecutionState::named(&state).ok_or(StoreError::Foreign("an execution's state"))?,
        outcome: row.get("outcome")?,
        error_kind: row.get("error_kind")?,
        started_at: row.get("started_at")?,
        duration_us: row.get("duration_us")?,
        records: row.get("records")?,
        api_usage: usage.0.zip(usage.1),
    })
}
