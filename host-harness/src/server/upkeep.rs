//! What happens without being asked: executions of dead processes are declared unknown, old results are forgotten. And
//! what an operator asks for: a new key.

use std::path::Path;
use std::time::Duration;

use rusqlite::params;
use tokio_util::task::AbortOnDropHandle;

use super::app::App;
use super::database::{Database, StoreError};
use super::options::StartError;
use super::vault::{KeySource, Vault};
use super::{connections, executions};

const LOOK_FOR_LOST: Duration = Duration::from_secs(15);
/// Looks between two rounds of forgetting.
const LOOKS_A_ROUND: u32 = 240;
/// Sealed values in one transaction of a rotation.
const AT_ONCE: usize = 200;

/// Begins the upkeep; it ends with the value.
pub(super) fn spawn(app: &App) -> AbortOnDropHandle<()> {
    let executions = app.executions.clone();
    AbortOnDropHandle::new(tokio::spawn(async move {
        for look in 0_u32.. {
            if look % LOOKS_A_ROUND == 0
                && let Err(error) = executions.prune().await
            {
                tracing::error!(%error, "old results could not be forgotten");
            }
            match executions.declare_lost().await {
                Ok(0) => {}
                Ok(lost) => tracing::warn!(lost, "executions of a process that died are unknown now"),
                Err(error) => tracing::error!(%error, "lost executions could not be looked for"),
            }
            tokio::time::sleep(LOOK_FOR_LOST).await;
        }
    }))
}

/// A column of sealed values: table, column, key column, and the kind of their place.
type Column = (&'static str, &'static str, &'static str, fn(&str) -> String);

const SEALED: [Column; 4] = [
    ("connection", "sealed_client_secret", "id", |id| connections::place("client_secret", id)),
    ("connection", "sealed_access_token", "id", |id| connections::place("access_token", id)),
    ("connection", "sealed_refresh_token", "id", |id| connections::place("refresh_token", id)),
    ("execution", "sealed_result", "id", executions::place),
];

/// Seals everything anew. Answers how many values.
pub(super) async fn rotate_key(data: &Path, key: KeySource) -> Result<usize, StartError> {
    let path = data.join("harness.sqlite");
    if !path.exists() {
        return Err(StartError::Data {
            path: data.to_owned(),
            reason: "there is no database in it: name the directory that `harness serve --data` was given".to_owned(),
        });
    }
    let database = Database::open(&path)?;
    let vault = std::sync::Arc::new(Vault::open(key)?);
    vault.add_key()?;
    // Authorizations live for minutes: those that wait are begun again.
    database.write(|connection| Ok(connection.execute("DELETE FROM authorization", [])?)).await?;
    let mut resealed = 0;
    for column in SEALED {
        let mut after = String::new();
        loop {
            let (vault, from) = (vault.clone(), after.clone());
            let (count, last) = database.write(move |connection| reseal(connection, &vault, column, &from)).await?;
            resealed += count;
            match last {
                Some(last) => after = last,
                None => break,
            }
        }
    }
    vault.forget_old_keys()?;
    Ok(resealed)
}

/// Seals the values of a column anew whose key is behind `after`, some at a time. Answers how many, and the last key.
fn reseal(
    connection: &rusqlite::Connection,
    vault: &Vault,
    (table, column, key, place): Column,
    after: &str,
) -> Result<(usize, Option<String>), StoreError> {
    let select = format!(
        "SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL AND {key} > ?1 ORDER BY {key} LIMIT {AT_ONCE}"
    );
    let mut statement = connection.prepare(&select)?;
    let rows = statement.query_map([after], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows = rows.collect::<Result<Vec<(String, Vec<u8>)>, _>>()?;
    let last = rows.last().map(|(key, _)| key.clone());
    let mut resealed = 0;
    for (id, sealed) in rows {
        if vault.is_current(&sealed) {
            continue;
        }
        let anew = vault.seal(&place(&id), &vault.open_bytes(&place(&id), &sealed)?)?;
        connection.execute(&format!("UPDATE {table} SET {column} = ?2 WHERE {key} = ?1"), params![id, anew])?;
        resealed += 1;
    }
    Ok((resealed, last))
}
