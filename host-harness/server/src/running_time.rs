//! The time for which servers have run on a data directory, together: what is kept for a time is kept by this one.
//!
//! No clock that somebody can set tells how long ago something was. So one process at a time, the one that holds a lock,
//! adds what its monotonic clock has seen go by; the time while nobody ran counts for nothing. A clock that jumps, in
//! either direction, makes nothing older.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, params};

use super::database::{Database, StoreError};

const NAME: &str = "running-milliseconds";

/// Who adds the time, once it is this process's turn.
pub(super) struct Keeper {
    lock: PathBuf,
    turn: Option<(File, Instant)>,
}

impl Keeper {
    pub(super) fn new(lock: PathBuf) -> Keeper {
        Keeper { lock, turn: None }
    }

    /// Adds the time since the last call, if this process is the one that does.
    ///
    /// # Errors
    /// The database's; then the next call adds it.
    pub(super) async fn tick(&mut self, database: &Database) -> Result<(), StoreError> {
        let Some((_lock, since)) = &mut self.turn else {
            self.turn = lock(&self.lock).map(|lock| (lock, Instant::now()));
            return Ok(());
        };
        let now = Instant::now();
        let passed = now.duration_since(*since);
        database.write(move |connection| add(connection, passed)).await?;
        *since = now;
        Ok(())
    }
}

/// None while another process has it.
fn lock(path: &PathBuf) -> Option<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).ok()?;
    file.try_lock().ok().map(|()| file)
}

/// Milliseconds until now.
///
/// # Errors
/// The database's.
pub(super) fn now(connection: &Connection) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT CAST(value AS INTEGER) FROM setting WHERE name = ?1")?;
    Ok(statement.query_row([NAME], |row| row.get(0)).optional()?.unwrap_or_default())
}

fn add(connection: &Connection, passed: Duration) -> Result<(), StoreError> {
    let now = now(connection)?.saturating_add(i64::try_from(passed.as_millis()).unwrap_or_default());
    connection.execute(
        "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![NAME, now.to_string()],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn running(database: &Database) -> i64 {
        database.read(now).await.unwrap()
    }

    #[tokio::test]
    async fn s14_one_process_at_a_time_adds_what_it_has_seen_go_by() {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open(&directory.path().join("test.sqlite")).unwrap();
        let lock = directory.path().join("lock");
        let (mut first, mut second) = (Keeper::new(lock.clone()), Keeper::new(lock));
        first.tick(&database).await.unwrap();
        second.tick(&database).await.unwrap();
        assert!(first.turn.is_some() && second.turn.is_none());
        assert_eq!(running(&database).await, 0, "the first look has seen nothing go by");
        let hour = Duration::from_secs(3600);
        if let Some((_, since)) = &mut first.turn {
            *since -= hour;
        }
        first.tick(&database).await.unwrap();
        let seen = running(&database).await;
        assert!(seen >= 3_600_000, "{seen}");
        drop(first);
        second.tick(&database).await.unwrap();
        assert!(second.turn.is_some());
        assert_eq!(running(&database).await, seen, "what the second has not seen counts for nothing");
    }
}
