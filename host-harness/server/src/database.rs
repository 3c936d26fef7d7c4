//! SQLite, for many tasks and for several processes: one thread that writes, readers beside it.
//!
//! Write-ahead log with `synchronous=FULL`: what [`Database::write`] has answered survives a power cut. The writer takes
//! all work that waits into one transaction, each piece in a savepoint of its own, so that a hundred executions share
//! one flush of the disk and a piece that fails undoes itself alone. Long work comes in pieces that take turns among tenants
//! ([`Database::write_in_turn`]), each in a transaction of its own: nobody waits for more than one of them.

mod error;
mod place;
pub(super) mod schema;
mod turns;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::clock;
use super::quiet::Quiet;
pub(crate) use error::StoreError;
use place::Place;
use turns::Turns;
use writer::{Message, Work, Writer, Writes, answering};

/// Its name in the data directory.
pub(super) const FILE: &str = "harness.sqlite";
/// How long a process waits for another that writes.
const BUSY: Duration = Duration::from_secs(20);
/// How long a check of writes believes the last commit, and how long it waits for one of its own.
const BELIEVED: Duration = Duration::from_secs(5);
const CHECK_PATIENCE: Duration = Duration::from_secs(5);
/// How long a check counts, and how much it writes.
const CHECKED: Duration = Duration::from_secs(1);
const CHECK_BYTES: usize = 64 << 10;

/// The database of a server. Clones share it; the writer ends with the last one.
#[derive(Clone)]
pub(crate) struct Database {
    writer: mpsc::Sender<Message>,
    turns: Arc<Mutex<Turns<Work>>>,
    writes: Arc<Mutex<Writes>>,
    /// What the last check of writes has found.
    checking: Arc<tokio::sync::Mutex<Option<Checked>>>,
    readers: Arc<Readers>,
}

/// When it was checked, and what was found.
type Checked = (Instant, Result<(), String>);

struct Readers {
    path: std::path::PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Database {
    /// Opens the database, makes it if it is missing, and brings it up to date.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn open(path: &Path) -> Result<Database, StoreError> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // What is deleted or replaced is overwritten: an old token must not be found in the file's free pages.
        connection.pragma_update(None, "secure_delete", true)?;
        schema::migrate(&mut connection)?;
        let (writer, messages) = mpsc::channel();
        let (turns, writes) = (Arc::default(), Arc::default());
        let place = Place::of(path)?;
        std::thread::Builder::new()
            .name("database".to_owned())
            .spawn({
                let (turns, writes) = (Arc::clone(&turns), Arc::clone(&writes));
                let mut writer = Writer { connection, place, writes, quiet: Quiet::default() };
                move || writer.write_until_closed(&messages, &turns)
            })
            .map_err(|_| StoreError::Closed)?;
        let readers = Readers { path: path.to_owned(), idle: Mutex::default() };
        Ok(Database { writer, turns, writes, checking: Arc::default(), readers: Arc::new(readers) })
    }

    /// Does the work in a transaction and answers once it is on the disk. An error undoes all of it.
    ///
    /// # Errors
    /// The work's own, or the database's.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (work, answered) = answering(work);
        self.writer.send(Message::Work(work)).map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// As [`Database::write`], for one piece of what is long: pieces take turns among tenants.
    ///
    /// # Errors
    /// The work's own, or the database's.
    pub(crate) async fn write_in_turn<T: Send + 'static>(
        &self,
        tenant: &str,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (work, answered) = answering(work);
        lock(&self.turns).push(tenant, work);
        self.writer.send(Message::Turn).map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Does something beside the database while nobody changes it, in this process or in another. The work sees what is
    /// committed; what it writes to the database is undone.
    ///
    /// # Errors
    /// The work's own, or the database's.
    pub(crate) async fn hold_still<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(&self.readers);
        let holding = tokio::task::spawn_blocking(move || {
            let mut connection = readers.open(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            work(&transaction)
        });
        holding.await.map_err(|_| StoreError::Closed)?
    }

    /// Moves what is in the write-ahead log to the main file, as far as nobody reads from it.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn checkpoint(&self) -> Result<(), StoreError> {
        let readers = Arc::clone(&self.readers);
        let moving = tokio::task::spawn_blocking(move || {
            let connection = readers.open(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            Ok(())
        });
        moving.await.map_err(|_| StoreError::Closed)?
    }

    /// Whether it takes writes: one was committed just now, or is. Once one was refused, only one as long as those of
    /// executions shows that there is room again. However many ask, it is tried once a second.
    ///
    /// # Errors
    /// [`StoreError::Unwritable`], also if that takes long.
    pub(crate) async fn check_writes(&self) -> Result<(), StoreError> {
        let writes = *lock(&self.writes);
        if !writes.refused && writes.committed_at.is_some_and(|at| at.elapsed() < BELIEVED) {
            return Ok(());
        }
        let mut checking = self.checking.lock().await;
        let found = match &*checking {
            // Nobody has written since, which might have been the first time that there was room.
            Some((at, found)) if at.elapsed() < CHECKED && writes.committed_at.is_none_or(|then| then < *at) => {
                found.clone()
            }
            _ => {
                let found = self.try_to_write().await;
                *checking = Some((Instant::now(), found.clone()));
                found
            }
        };
        found.map_err(StoreError::Unwritable)
    }

    async fn try_to_write(&self) -> Result<(), String> {
        let mark = self.write(|connection| {
            let mark = format!("{}{}", clock::now(), " ".repeat(CHECK_BYTES));
            connection.execute("INSERT OR REPLACE INTO setting (name, value) VALUES ('written_at', ?1)", [mark])?;
            Ok(())
        });
        match tokio::time::timeout(CHECK_PATIENCE, mark).await {
            Ok(Ok(())) => {
                lock(&self.writes).refused = false;
                Ok(())
            }
            Ok(Err(StoreError::Unwritable(words))) => Err(words),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("a write took longer than {CHECK_PATIENCE:?}")),
        }
    }

    /// Reads, with everything in it that a finished [`Database::write`] stored.
    ///
    /// # Errors
    /// The work's own, or the database's.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(&self.readers);
        let reading = tokio::task::spawn_blocking(move || {
            let connection = readers.take()?;
            let result = work(&connection);
            readers.give_back(connection);
            result
        });
        reading.await.map_err(|_| StoreError::Closed)?
    }
}

impl Readers {
    fn take(&self) -> Result<Connection, StoreError> {
        let idle = lock(&self.idle).pop();
        if let Some(connection) = idle {
            return Ok(connection);
        }
        self.open(OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    fn open(&self, access: OpenFlags) -> Result<Connection, StoreError> {
        let connection = Connection::open_with_flags(&self.path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(BUSY)?;
        Ok(connection)
    }

    fn give_back(&self, connection: Connection) {
        lock(&self.idle).push(connection);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> (tempfile::TempDir, Database) {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open(&directory.path().join("test.sqlite")).unwrap();
        (directory, database)
    }

    fn insert(name: &'static str) -> impl FnOnce(&Connection) -> Result<(), StoreError> {
        move |connection| {
            connection.execute("INSERT INTO setting (name, value) VALUES (?1, 'x')", [name])?;
            if name == "bad" { Err(StoreError::Foreign("a bad name")) } else { Ok(()) }
        }
    }

    #[tokio::test]
    async fn a_piece_that_fails_undoes_itself_alone() {
        let (_directory, database) = database();
        let all = ["a", "bad", "b"].map(|name| database.write(insert(name)));
        let [a, bad, b] = all;
        let (a, bad, b) = tokio::join!(a, bad, b);
        assert!(a.is_ok() && bad.is_err() && b.is_ok());
        let names = database
            .read(|connection| {
                let mut statement = connection.prepare("SELECT name FROM setting ORDER BY name")?;
                let names = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
                Ok(names)
            })
            .await
            .unwrap();
        assert_eq!(names, ["a", "b"]);
    }

    #[tokio::test]
    async fn pieces_are_written_whoever_else_writes() {
        let (_directory, database) = database();
        let pieces = ["a", "bad", "b"].map(|name| database.write_in_turn(name, insert(name)));
        let [a, bad, b] = pieces;
        let (a, bad, b, c) = tokio::join!(a, bad, b, database.write(insert("c")));
        assert!(a.is_ok() && bad.is_err() && b.is_ok() && c.is_ok());
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let (_directory, database) = database();
        assert!(database.read(insert("a")).await.is_err());
    }

    #[tokio::test]
    async fn a_database_of_a_later_program_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("test.sqlite");
        drop(Database::open(&path).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 9999).unwrap();
        let error = Database::open(&path).err().unwrap();
        assert!(matches!(error, StoreError::Newer { found: 9999, .. }), "{error}");
    }
}
