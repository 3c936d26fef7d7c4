//! One refresh at a time, over all processes of this user.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::{create_private, directory_of};

/// Holds the lock of a connection file until it is dropped, or the process ends.
///
/// The lock is an advisory one on a file beside it (`connection.json.lock`), because the connection file itself is
/// replaced by every store.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock. Whoever holds it makes one call with a deadline, so the wait ends.
    ///
    /// # Errors
    /// The lock file cannot be made, or the file system has no locks.
    pub async fn acquire(connection_file: &Path) -> io::Result<Lock> {
        let path = beside(connection_file, ".lock");
        tokio::task::spawn_blocking(move || Lock::take(&path)).await.map_err(io::Error::other)?
    }

    /// Another lock (`connection.json.change.lock`), from reading the file until it is replaced: a change sees the one before it,
    /// whoever has the first lock.
    pub(super) fn for_a_change(connection_file: &Path) -> io::Result<Lock> {
        Lock::take(&beside(connection_file, ".change.lock"))
    }

    fn take(path: &Path) -> io::Result<Lock> {
        create_private(directory_of(path))?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        file.lock()?;
        Ok(Lock { _file: file })
    }
}

fn beside(connection_file: &Path, ending: &str) -> PathBuf {
    let mut name = connection_file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_lock_is_free_again_after_its_holder() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("connection.json");
        let held = Lock::acquire(&path).await.unwrap();
        let other = File::open(beside(&path, ".lock")).unwrap();
        assert!(other.try_lock().is_err());
        drop(held);
        other.try_lock().unwrap();
    }
}
