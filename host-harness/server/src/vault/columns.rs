//! The columns of encrypted values: all of them, since the key that encrypts can only change if no value is forgotten.
//!
//! [`guard`] puts two things on each column: an index over the key that encrypted a value, so that values of a key are found
//! and counted without reading all, and a trigger that refuses a new value which the encrypting key has not encrypted. So whatever
//! program or process writes, an old key's value cannot be committed once another key encrypts.

use rusqlite::{Connection, OptionalExtension, params};

use super::Vault;
use super::key::KeyId;
use crate::database::StoreError;
use crate::{components, connections, executions, webhook};

/// One column.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub(super) table: &'static str,
    pub(super) name: &'static str,
    /// An SQL expression of the row: what its place is called after.
    of: &'static str,
    /// What a value is encrypted for, from that.
    place: fn(&str) -> String,
}

/// Every `encrypted_*` column of the [schema](crate::schema).
pub(crate) const ENCRYPTED: &[Column] = &[
    Column {
        table: "connection",
        name: "encrypted_client_secret",
        of: "id",
        place: |id| connections::place("client_secret", id),
    },
    Column {
        table: "connection",
        name: "encrypted_access_token",
        of: "id",
        place: |id| connections::place("access_token", id),
    },
    Column {
        table: "connection",
        name: "encrypted_refresh_token",
        of: "id",
        place: |id| connections::place("refresh_token", id),
    },
    Column {
        table: "authorization",
        name: "encrypted_pending",
        of: "connection",
        place: |connection| connections::place("authorization", connection),
    },
    Column { table: "execution", name: "encrypted_result", of: "id", place: executions::place },
    Column { table: "execution", name: "encrypted_request", of: "id", place: executions::request_place },
    Column {
        table: "execution_piece",
        name: "encrypted_piece",
        of: "execution || '/' || what || '/' || number",
        place: executions::piece_place,
    },
    Column {
        table: "component",
        name: "encrypted_report",
        of: "tenant || '/' || digest",
        place: components::report_place,
    },
    Column { table: "webhook", name: "encrypted_url", of: "tenant", place: |tenant| webhook::place("url", tenant) },
    Column {
        table: "webhook",
        name: "encrypted_secret",
        of: "tenant",
        place: |tenant| webhook::place("secret", tenant),
    },
];

/// How far the re-encryption has come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursor {
    column: usize,
    row: i64,
}

/// Values of one transaction of a rotation: so many, or fewer if they are large.
const AT_ONCE: usize = 200;
const BYTES_AT_ONCE: usize = 4 << 20;

/// What became of some values.
#[derive(Debug, Default)]
pub(crate) struct Reencrypted {
    pub(crate) count: usize,
    /// Places of values that do not open.
    pub(crate) damaged: Vec<String>,
    /// Where to go on; none: all columns are done.
    pub(crate) next: Option<Cursor>,
}

/// Puts an index and triggers on each column that has none yet.
pub(crate) fn guard(connection: &Connection) -> Result<(), StoreError> {
    for Column { table, name, .. } in ENCRYPTED {
        let refuse = format!(
            "NEW.{name} IS NOT NULL AND substr(NEW.{name}, 1, 4) IS NOT
             (SELECT id FROM vault_key WHERE state = 'encrypting')
             BEGIN SELECT RAISE(ABORT, 'a value was encrypted with a key that does not encrypt now'); END"
        );
        connection.execute_batch(&format!(
            "CREATE INDEX IF NOT EXISTS {table}_{name}_key ON {table} (substr({name}, 1, 4)) WHERE {name} IS NOT NULL;
             CREATE TRIGGER IF NOT EXISTS {table}_{name}_inserted BEFORE INSERT ON {table} WHEN {refuse};
             CREATE TRIGGER IF NOT EXISTS {table}_{name}_updated BEFORE UPDATE OF {name} ON {table}
             WHEN NEW.{name} IS NOT OLD.{name} AND {refuse};"
        ))?;
    }
    Ok(())
}

/// Which keys have encrypted what is there.
pub(super) fn key_ids(connection: &Connection) -> Result<Vec<KeyId>, StoreError> {
    let mut ids = Vec::new();
    for Column { table, name, .. } in ENCRYPTED {
        let select = format!("SELECT DISTINCT substr({name}, 1, 4) FROM {table} WHERE {name} IS NOT NULL");
        let mut statement = connection.prepare(&select)?;
        for id in statement.query_map([], |row| row.get::<_, Vec<u8>>(0))? {
            let id = <[u8; 4]>::try_from(id?).map_err(|_| StoreError::Foreign("an encrypted value"))?;
            ids.push(KeyId(id));
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Opens one value of each column that the key with this id has encrypted.
pub(super) fn open_samples(connection: &Connection, vault: &Vault, id: KeyId) -> Result<(), StoreError> {
    for Column { table, name, of, place } in ENCRYPTED {
        let select = format!(
            "SELECT {of}, {name} FROM {table} WHERE {name} IS NOT NULL AND substr({name}, 1, 4) = ?1 ORDER BY rowid LIMIT 1"
        );
        let found: Option<(String, Vec<u8>)> =
            connection.query_row(&select, [id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        if let Some((of, encrypted)) = found {
            vault.decrypt(&place(&of), &encrypted)?;
        }
    }
    Ok(())
}

/// How many values a key has encrypted.
pub(super) fn count(connection: &Connection, id: KeyId) -> Result<i64, StoreError> {
    let mut all = 0;
    for Column { table, name, .. } in ENCRYPTED {
        let select = format!("SELECT count(*) FROM {table} WHERE {name} IS NOT NULL AND substr({name}, 1, 4) = ?1");
        all += connection.query_row(&select, [id.0], |row| row.get::<_, i64>(0))?;
    }
    Ok(all)
}

/// Re-encrypts values of the retiring keys, some at a time.
pub(crate) fn reencrypt(connection: &Connection, vault: &Vault, from: Cursor) -> Result<Reencrypted, StoreError> {
    let mut done = Reencrypted::default();
    let Some(Column { table, name, of, place }) = ENCRYPTED.get(from.column) else { return Ok(done) };
    let select = format!(
        "SELECT rowid FROM {table} WHERE {name} IS NOT NULL AND rowid > ?1 AND substr({name}, 1, 4) IN
         (SELECT id FROM vault_key WHERE state = 'retiring') ORDER BY rowid LIMIT {AT_ONCE}"
    );
    let mut statement = connection.prepare(&select)?;
    let rows = statement.query_map([from.row], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    let mut read = connection.prepare(&format!("SELECT {of}, {name} FROM {table} WHERE rowid = ?1"))?;
    let mut write = connection.prepare(&format!("UPDATE {table} SET {name} = ?2 WHERE rowid = ?1"))?;
    let mut bytes = 0;
    for row in rows {
        if bytes > BYTES_AT_ONCE {
            break;
        }
        let (of, encrypted): (String, Vec<u8>) = read.query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let place = place(&of);
        bytes += encrypted.len();
        done.next = Some(Cursor { row, ..from });
        match vault.decrypt(&place, &encrypted) {
            Ok(text) => {
                write.execute(params![row, vault.encrypt(connection, &place, &text)?])?;
                done.count += 1;
            }
            Err(_) => done.damaged.push(place),
        }
    }
    if done.next.is_none() && from.column + 1 < ENCRYPTED.len() {
        done.next = Some(Cursor { column: from.column + 1, row: 0 });
    }
    Ok(done)
}
