//! What the database knows of its keys, and which processes hold them.
//!
//! ```text
//!  (nothing) ──► opening ──► encrypting ──► retiring ──► retired ──► (nothing)
//!            made       every living     another       nothing encrypted   the key file
//!                       process has it   key encrypts  with it is left     is without it
//! ```
//!
//! One key encrypts at any moment, and every step is a transaction: whoever writes an encrypted value reads here, in the same
//! transaction, which key that is.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use super::VaultError;
use super::key::{CheckValue, Key, KeyId};
use crate::clock;
use crate::database::StoreError;
use crate::process::{self, Process};

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyState {
    /// Processes learn it; nothing is encrypted with it.
    Opening,
    /// What is encrypted, is encrypted with it.
    Encrypting,
    /// What it encrypted is being re-encrypted.
    Retiring,
    /// Nothing encrypted with it is left.
    Retired,
}

/// A key as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownKey {
    pub(super) id: KeyId,
    pub(super) check: CheckValue,
    pub(crate) state: KeyState,
}

/// A living process that does not hold a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    /// None: it has not said which keys it holds.
    pub(crate) pid: Option<u32>,
    /// It reads a key file, so it can still learn the key.
    pub(crate) learns: bool,
}

impl KeyState {
    const ALL: [KeyState; 4] = [KeyState::Opening, KeyState::Encrypting, KeyState::Retiring, KeyState::Retired];

    fn as_str(self) -> &'static str {
        match self {
            KeyState::Opening => "opening",
            KeyState::Encrypting => "encrypting",
            KeyState::Retiring => "retiring",
            KeyState::Retired => "retired",
        }
    }
}

/// All keys.
pub(super) fn all(connection: &Connection) -> Result<Vec<KnownKey>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, check_value, state FROM vault_key ORDER BY created_at")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))?;
    rows.map(|row| {
        let (id, check, state) = row?;
        let state = KeyState::ALL.into_iter().find(|known| known.as_str() == state);
        Ok(KnownKey { id: KeyId(id), check, state: state.ok_or(StoreError::Foreign("a key's state"))? })
    })
    .collect()
}

/// The key that encrypts; none before the first start has ended.
pub(super) fn encrypting(connection: &Connection) -> Result<Option<(KeyId, CheckValue)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, check_value FROM vault_key WHERE state = 'encrypting'")?;
    Ok(statement.query_row([], |row| Ok((KeyId(row.get(0)?), row.get(1)?))).optional()?)
}

pub(super) fn insert(connection: &Connection, key: &Key, state: KeyState) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO vault_key (id, check_value, state, created_at) VALUES (?1, ?2, ?3, ?4)",
        params![key.id().0, key.check(), state.as_str(), clock::now()],
    )?;
    Ok(())
}

pub(super) fn remove(connection: &Connection, state: KeyState) -> Result<(), StoreError> {
    connection.execute("DELETE FROM vault_key WHERE state = ?1", [state.as_str()])?;
    Ok(())
}

/// Every key in one state gets another.
pub(super) fn replace_state(connection: &Connection, from: KeyState, to: KeyState) -> Result<(), StoreError> {
    connection.execute("UPDATE vault_key SET state = ?2 WHERE state = ?1", [from.as_str(), to.as_str()])?;
    Ok(())
}

/// Notes which keys a process holds, and forgets processes that have ended.
pub(super) fn register(
    connection: &Connection,
    process: &Process,
    learns: bool,
    held: &[CheckValue],
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT process FROM vault_holder")?;
    let processes = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    for gone in processes.iter().filter(|id| !process.is_alive(id)) {
        connection.execute("DELETE FROM vault_holder WHERE process = ?1", [gone])?;
    }
    for check in held {
        connection.execute(
            "INSERT OR IGNORE INTO vault_holder (process, pid, learns, check_value) VALUES (?1, ?2, ?3, ?4)",
            params![process.id(), std::process::id(), learns, check],
        )?;
    }
    Ok(())
}

/// The living processes that do not hold a key, or have not said so. `processes` is where they are registered.
pub(super) fn without(
    connection: &Connection,
    check: &CheckValue,
    processes: &Path,
) -> Result<Vec<Holder>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT max(pid), max(learns), max(check_value = ?2) FROM vault_holder WHERE process = ?1")?;
    let mut late = Vec::new();
    let living = process::living(processes).map_err(|error| {
        VaultError::Key(format!("cannot see which servers run, in {}: {error}", processes.display()))
    })?;
    for id in living {
        let (pid, learns, holds): (Option<u32>, Option<bool>, Option<bool>) =
            statement.query_row(params![id, check], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        if holds != Some(true) {
            late.push(Holder { pid, learns: learns.unwrap_or(true) });
        }
    }
    Ok(late)
}
