//! What there is, counted: connections, components, and the room that they and the disk have.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::Mutex;

use super::Metrics;
use crate::components::ComponentState;
use crate::connections::ConnectionState;
use crate::database::{Database, StoreError};

/// Anybody who reaches the server may ask for its metrics: the tables are not read more often than this.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Counts when it is asked to.
pub(crate) struct Census {
    database: Database,
    /// The directory of the server, and its database.
    data: PathBuf,
    file: PathBuf,
    last: Mutex<Option<Instant>>,
}

/// What was counted.
pub(crate) struct Counts {
    pub(super) connections: Vec<(&'static str, i64)>,
    /// Active connections by the share of the allowance that is used.
    pub(super) allowance: Vec<(&'static str, i64)>,
    pub(super) components: Vec<(&'static str, i64)>,
    /// Events of webhooks.
    pub(super) outbox: i64,
    pub(super) database_bytes: i64,
    pub(super) disk_free_bytes: i64,
}

/// Shares of an allowance, in percent: the first that is more than what is used.
const SHARES: [(i64, &str); 4] = [(50, "below-50"), (80, "50-to-80"), (95, "80-to-95"), (i64::MAX, "95-or-more")];
const NOT_TOLD: &str = "unknown";

impl Census {
    pub(crate) fn new(database: Database, data: &Path, file: PathBuf) -> Census {
        Census { database, data: data.to_owned(), file, last: Mutex::new(None) }
    }

    /// Counts anew, unless that was done just now.
    ///
    /// # Errors
    /// [`StoreError`]: the metrics keep what they had.
    pub(crate) async fn take(&self, metrics: &Metrics) -> Result<(), StoreError> {
        let mut last = self.last.lock().await;
        if last.is_some_and(|last| last.elapsed() < AGAIN_AFTER) {
            return Ok(());
        }
        let (data, file) = (self.data.clone(), self.file.clone());
        let counts = self.database.read(move |connection| counts(connection, &data, &file)).await?;
        metrics.counted(&counts);
        *last = Some(Instant::now());
        Ok(())
    }
}

fn counts(connection: &Connection, data: &Path, file: &Path) -> Result<Counts, StoreError> {
    let by_state = |table: &str, states: &[&'static str]| {
        let mut statement = connection.prepare(&format!("SELECT state, count(*) FROM {table} GROUP BY state"))?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        let found = rows.collect::<Result<Vec<_>, _>>()?;
        let count = |state: &str| found.iter().find(|(name, _)| name == state).map_or(0, |(_, count)| *count);
        Ok::<_, StoreError>(states.iter().map(|state| (*state, count(state))).collect::<Vec<_>>())
    };
    Ok(Counts {
        connections: by_state("connection", &ConnectionState::ALL.map(ConnectionState::as_str))?,
        allowance: by_allowance(connection)?,
        components: by_state("component", &ComponentState::ALL.map(ComponentState::as_str))?,
        outbox: connection.query_row("SELECT count(*) FROM webhook_event", [], |row| row.get(0))?,
        database_bytes: bytes(file) + bytes(&file.with_extension("sqlite-wal")),
        disk_free_bytes: free(data),
    })
}

fn by_allowance(connection: &Connection) -> Result<Vec<(&'static str, i64)>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT CASE WHEN api_allowed > 0 THEN 100 * api_used / api_allowed END, count(*) FROM connection
         WHERE state = ?1 GROUP BY 1",
    )?;
    let rows = statement.query_map([ConnectionState::Active.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut counts: Vec<_> = SHARES.iter().map(|(_, name)| *name).chain([NOT_TOLD]).map(|name| (name, 0)).collect();
    for row in rows {
        let (percent, connections): (Option<i64>, i64) = row?;
        let share = percent.and_then(|percent| SHARES.iter().find(|(below, _)| percent < *below));
        let name = share.map_or(NOT_TOLD, |(_, name)| *name);
        if let Some((_, count)) = counts.iter_mut().find(|(known, _)| *known == name) {
            *count += connections;
        }
    }
    Ok(counts)
}

/// Bytes of a file; 0 if it is not there.
fn bytes(file: &Path) -> i64 {
    std::fs::metadata(file).map_or(0, |found| i64::try_from(found.len()).unwrap_or(i64::MAX))
}

/// Bytes that this user may still write.
fn free(directory: &Path) -> i64 {
    let free = rustix::fs::statvfs(directory).map_or(0, |found| found.f_bavail.saturating_mul(found.f_frsize));
    i64::try_from(free).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_active_connections_and_an_allowance_of_nothing_is_none() {
        let database = Connection::open_in_memory().unwrap();
        database.execute_batch("CREATE TABLE connection (state TEXT, api_used INTEGER, api_allowed INTEGER)").unwrap();
        for (state, used, allowed) in [
            ("active", Some(0), Some(100)),
            ("active", Some(49), Some(100)),
            ("active", Some(50), Some(100)),
            ("active", Some(94_999), Some(100_000)),
            ("active", Some(95), Some(100)),
            ("active", Some(300), Some(100)),
            ("active", Some(5), Some(0)),
            ("active", None, None),
            ("revoked", Some(99), Some(100)),
        ] {
            database.execute("INSERT INTO connection VALUES (?1, ?2, ?3)", (state, used, allowed)).unwrap();
        }
        let expected = [("below-50", 2), ("50-to-80", 1), ("80-to-95", 1), ("95-or-more", 2), ("unknown", 2)];
        assert_eq!(by_allowance(&database).unwrap(), expected);
    }
}
