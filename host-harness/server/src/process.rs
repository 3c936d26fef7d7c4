//! Which processes of this server live: each holds the lock of a file of its own until it ends, however it ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::ids::ProcessId;

/// Where the processes of a data directory are registered.
pub(crate) fn directory(data: &Path) -> PathBuf {
    data.join("processes")
}

/// All living processes that are registered in a directory.
pub(crate) fn living(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut living = Vec::new();
    for entry in entries {
        let entry = entry?;
        // Shared, so that two who look at a dead process at the same moment do not take each other for it.
        let locked = File::open(entry.path()).map(|file| file.try_lock_shared());
        if matches!(locked, Ok(Err(TryLockError::WouldBlock))) {
            living.extend(entry.file_name().to_str().map(str::to_owned));
        }
    }
    Ok(living)
}

/// This process, alive as long as the value is.
#[derive(Debug)]
pub(crate) struct Process {
    id: ProcessId,
    directory: PathBuf,
    _lock: File,
}

impl Process {
    /// Registers this process in a directory.
    ///
    /// # Errors
    /// The directory cannot be written to, or has no locks.
    pub(crate) fn register(directory: &Path) -> io::Result<Process> {
        fs::create_dir_all(directory)?;
        loop {
            let id = ProcessId::new();
            let path = directory.join(id.as_str());
            let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path)?;
            file.lock()?;
            // Before it was locked, whoever collects may have taken it for a dead one's.
            if path.exists() {
                return Ok(Process { id, directory: directory.to_owned(), _lock: file });
            }
        }
    }

    /// Removes the files of dead processes. Answers how many.
    pub(crate) fn collect_dead(&self) -> usize {
        let Ok(entries) = fs::read_dir(&self.directory) else { return 0 };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|name| !self.is_alive(name)).filter(|name| !self.directory.join(name).exists()).count()
    }

    /// Its name in the database.
    pub(crate) fn id(&self) -> &str {
        self.id.as_str()
    }

    /// Whether the process of this name, on this machine, is alive. A dead one's file is removed.
    pub(crate) fn is_alive(&self, id: &str) -> bool {
        if id == self.id.as_str() {
            return true;
        }
        let Ok(id) = id.parse::<ProcessId>() else { return false };
        let path = self.directory.join(id.as_str());
        let Ok(file) = File::open(&path) else { return false };
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => true,
            Ok(()) | Err(TryLockError::Error(_)) => {
                let _gone = fs::remove_file(path);
                false
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _gone = fs::remove_file(self.directory.join(self.id.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_alive_until_it_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let watcher = Process::register(directory.path()).unwrap();
        let other = Process::register(directory.path()).unwrap();
        let id = other.id().to_owned();
        assert!(watcher.is_alive(&id) && watcher.is_alive(watcher.id()));
        drop(other);
        assert!(!watcher.is_alive(&id) && !watcher.is_alive("never"));
        let outside = directory.path().join("outside");
        fs::write(&outside, "").unwrap();
        assert!(!watcher.is_alive(outside.to_str().unwrap()) && !watcher.is_alive("./outside"));
        assert!(outside.exists(), "what is no process was removed");
    }
}
