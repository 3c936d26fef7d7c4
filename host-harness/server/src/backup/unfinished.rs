//! A directory that is being made: it has another name until it is whole, and is locked by who makes it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{ADMIN_TOKEN, BackupError, COMPONENTS, TENANT_TOKEN};

/// All that we ever put into one. A directory with anything else is somebody's own.
const OURS: [&str; 10] = [
    super::DATABASE,
    "harness.sqlite-journal",
    "harness.sqlite-wal",
    "harness.sqlite-shm",
    super::KEY,
    "key.new",
    ADMIN_TOKEN,
    TENANT_TOKEN,
    COMPONENTS,
    "manifest.json",
];

/// `NAME.unfinished`, its owner's alone. It goes with the value, unless that is [finished](Unfinished::finish).
#[derive(Debug)]
pub(super) struct Unfinished {
    path: PathBuf,
    whole: PathBuf,
    /// It goes with the value.
    is_ours: bool,
    /// Held until the end, so that what a killed program has left is told from what another one makes.
    _lock: File,
}

impl Unfinished {
    /// Begins a directory that will be `whole`, and removes what a killed program has left of one.
    pub(super) fn begin(whole: &Path) -> Result<Unfinished, BackupError> {
        let whole = std::path::absolute(whole).map_err(|error| BackupError::new(whole, error))?;
        let name = whole.file_name().ok_or_else(|| BackupError::new(&whole, "expected the path of a directory"))?;
        let path = whole.with_file_name([name, OsStr::new(".unfinished")].into_iter().collect::<OsString>());
        let failed = |error| BackupError::new(&path, error);
        let lock = loop {
            match DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
                _ => {}
            }
            if let Some(lock) = lock(&path)? {
                break lock;
            }
        };
        let mut unfinished = Unfinished { path: path.clone(), whole, is_ours: false, _lock: lock };
        unfinished.empty()?;
        fs::set_permissions(&path, Permissions::from_mode(0o700)).map_err(failed)?;
        unfinished.is_ours = true;
        Ok(unfinished)
    }

    /// Where something in it is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes a directory in it.
    pub(super) fn make_directory(&self, name: &str) -> Result<(), BackupError> {
        let path = self.path(name);
        DirBuilder::new().mode(0o700).create(&path).map_err(|error| BackupError::new(&path, error))
    }

    /// Removes what is in it.
    pub(super) fn empty(&self) -> Result<(), BackupError> {
        let failed = |error| BackupError::new(&self.path, error);
        let entries = fs::read_dir(&self.path).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(failed)?;
        if let Some(foreign) = entries.iter().find(|entry| OURS.iter().all(|name| entry.file_name() != *name)) {
            let words = format!("{:?} in it is not of a backup: move the directory away", foreign.file_name());
            return Err(BackupError::new(&self.path, words));
        }
        for entry in entries {
            let is_directory = entry.file_type().map_err(failed)?.is_dir();
            let removed = if is_directory { fs::remove_dir_all(entry.path()) } else { fs::remove_file(entry.path()) };
            removed.map_err(failed)?;
        }
        Ok(())
    }

    /// Gives it its name, once all of it is on the disk. What has the name already must be an empty directory.
    pub(super) fn finish(mut self) -> Result<(), BackupError> {
        let failed = |error| BackupError::new(&self.whole, error);
        for directory in [&self.path(COMPONENTS), &self.path] {
            sync(directory).map_err(failed)?;
        }
        fs::rename(&self.path, &self.whole).map_err(failed)?;
        let synced = sync(self.whole.parent().unwrap_or(Path::new("/"))).map_err(failed);
        self.is_ours = false;
        synced
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.is_ours {
            // The next one that has this name removes what stays.
            let _ = self.empty().map(|()| fs::remove_dir(&self.path));
        }
    }
}

/// Locks a directory; none if another one has its place now.
fn lock(path: &Path) -> Result<Option<File>, BackupError> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found.map_err(|error| BackupError::new(path, error))?,
    };
    if !found.is_dir() {
        return Err(BackupError::new(path, "it is no directory, and in the way: move it away"));
    }
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| BackupError::new(path, error))?,
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(BackupError::new(path, "another backup or restore is at it: wait until it has ended"));
        }
        Err(TryLockError::Error(error)) => return Err(BackupError::new(path, error)),
    }
    let inode = |found: &fs::Metadata| (found.dev(), found.ino());
    let locked = file.metadata().map_err(|error| BackupError::new(path, error))?;
    let is_there = fs::symlink_metadata(path).is_ok_and(|found| inode(&found) == inode(&locked));
    Ok(is_there.then_some(file))
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
