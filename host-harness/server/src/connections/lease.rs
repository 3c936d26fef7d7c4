//! The right to change a connection's tokens: one has it at a time, over all executions and all processes on the same
//! database. A lock in this process, then a lock file for all processes.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OwnedMutexGuard;

use super::{ConnectionError, Connections};
use crate::database::StoreError;
use crate::ids::ConnectionId;

/// Who may change which connection.
#[derive(Debug)]
pub(super) struct Leases {
    directory: PathBuf,
    turns: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

/// The right to change one connection. It ends with the value, or with the process.
pub(crate) struct Lease {
    _among_processes: File,
    _in_this_process: OwnedMutexGuard<()>,
}

impl Connections {
    /// Removes the locks of connections that are no more, while the database is held still. Answers how many.
    pub(crate) async fn collect_locks(&self) -> Result<usize, StoreError> {
        let directory = self.leases.directory.clone();
        self.database
            .hold_still(move |database| {
                let mut statement = database.prepare("SELECT id FROM connection")?;
                let kept = statement.query_map([], |row| row.get(0))?.collect::<Result<HashSet<String>, _>>()?;
                let Ok(entries) = fs::read_dir(directory) else { return Ok(0) };
                let gone = entries
                    .flatten()
                    .filter(|entry| entry.file_name().to_str().is_none_or(|name| !kept.contains(name)));
                Ok(gone.filter(|entry| fs::remove_file(entry.path()).is_ok()).count())
            })
            .await
    }

    /// Waits for the right to change a connection's tokens.
    pub(super) async fn lease_of(&self, id: &str) -> Result<Lease, ConnectionError> {
        self.leases.take(id).await.map_err(|error| {
            tracing::error!(%error, "the lock of a refresh cannot be used");
            ConnectionError::RefreshUnderWay
        })
    }
}

impl Leases {
    pub(super) fn new(directory: PathBuf) -> Leases {
        Leases { directory, turns: Mutex::default() }
    }

    async fn take(&self, id: &str) -> io::Result<Lease> {
        let in_this_process = self.in_this_process(id).lock_owned().await;
        let name: ConnectionId = id.parse().map_err(io::Error::other)?;
        let (directory, path) = (self.directory.clone(), self.directory.join(name.as_str()));
        let locking = tokio::task::spawn_blocking(move || {
            fs::create_dir_all(directory)?;
            let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
            file.lock()?;
            Ok::<_, io::Error>(file)
        });
        let among_processes = locking.await.map_err(io::Error::other)??;
        Ok(Lease { _among_processes: among_processes, _in_this_process: in_this_process })
    }

    fn in_this_process(&self, id: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(id).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(tokio::sync::Mutex::new(()));
        turns.insert(id.to_owned(), Arc::downgrade(&turn));
        turn
    }
}
