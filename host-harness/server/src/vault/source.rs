//! Where the keys come from: a file that only its owner can read, or whoever starts the server.
//!
//! A key file has one key a line, in base64, and more than one line only while values are re-encrypted. The database says
//! which of them encrypts. It is written in a transaction of the database alone, so one process at a time writes it, and
//! replaced in one step: a process that is killed leaves at most [`UNFINISHED`], which the next writer or start removes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::VaultError;
use super::key::{CheckValue, Key};
use salesforce_runtime::secret::Secret;

/// Beside the key file, while that is replaced.
const UNFINISHED: &str = "key.new";
/// More is no key file.
const MOST_BYTES: u64 = 1 << 16;

/// Where the key comes from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A file, made with a random key if it is missing and nothing was encrypted yet.
    File(PathBuf),
    /// Given, e.g. by the environment: 32 bytes in base64. The previous one opens what it encrypted, and encrypts until
    /// [`rotate_key`](crate::rotate_key) has been told both.
    Given {
        /// Encrypts and opens.
        current: Secret,
        /// Opens.
        previous: Option<Secret>,
    },
}

/// What tells a changed key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

impl KeySource {
    /// The key file of a server's data directory.
    #[must_use]
    pub fn in_directory(data: &Path) -> KeySource {
        KeySource::File(data.join("key"))
    }

    /// The keys; none if the file is missing.
    pub(super) fn read(&self) -> Result<Option<Vec<Key>>, VaultError> {
        match self {
            KeySource::File(path) => read(path),
            KeySource::Given { current, previous } => {
                let given = std::iter::once(current).chain(previous);
                given.map(|key| Key::parse(key.expose())).collect::<Result<_, _>>().map(Some)
            }
        }
    }

    /// Whether there is a key, or none yet.
    pub(crate) fn check(&self) -> Result<(), VaultError> {
        self.read().map(drop)
    }

    /// What the source is, in words for an operator.
    pub(super) fn name(&self) -> String {
        match self {
            KeySource::File(path) => format!("the key file {}", path.display()),
            KeySource::Given { previous: None, .. } => "HARNESS_KEY".to_owned(),
            KeySource::Given { previous: Some(_), .. } => "HARNESS_KEY with HARNESS_PREVIOUS_KEY".to_owned(),
        }
    }

    /// Of the file as it is now; none if it is missing, or there is none.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        let KeySource::File(path) = self else { return None };
        let metadata = fs::metadata(path).ok()?;
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        Some(Stamp { inode: metadata.ino(), bytes: metadata.len(), changed })
    }

    /// Removes what a killed writer has left beside the key file. Only inside a transaction that writes: nobody else is
    /// writing the file then.
    pub(super) fn tidy(&self) -> Result<(), VaultError> {
        let KeySource::File(path) = self else { return Ok(()) };
        remove_unfinished(&real(path)).map_err(|error| failed(path, &error))
    }
}

/// Writes a key file, its owner's alone, in one step and onto the disk. Only inside a transaction that writes.
pub(super) fn write(path: &Path, keys: &[Key]) -> Result<(), VaultError> {
    let real = real(path);
    let writing = || {
        remove_unfinished(&real)?;
        let unfinished = real.with_file_name(UNFINISHED);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        let text: String = keys.iter().map(|key| key.to_text() + "\n").collect();
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, &real)?;
        File::open(real.parent().unwrap_or(Path::new("/")))?.sync_all()
    };
    writing().map_err(|error| failed(path, &error))
}

/// The keys of a file without those that have been retired.
pub(super) fn without(keys: &[Key], retired: &[CheckValue]) -> Vec<Key> {
    keys.iter().filter(|key| !retired.contains(key.check())).cloned().collect()
}

fn read(path: &Path) -> Result<Option<Vec<Key>>, VaultError> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found.map_err(|error| failed(path, &error))?,
    };
    if metadata.mode() & 0o077 != 0 {
        let (path, mode) = (path.display(), metadata.mode() & 0o777);
        return Err(VaultError::Key(format!(
            "others can read the key file {path} (mode {mode:o}): type chmod 600 {path}"
        )));
    }
    if metadata.len() > MOST_BYTES {
        return Err(VaultError::Key(format!("{} is no key file: it is too long", path.display())));
    }
    let text = Secret::from(fs::read_to_string(path).map_err(|error| failed(path, &error))?);
    let keys: Vec<_> = text.expose().lines().map(Key::parse).collect::<Result<_, _>>()?;
    if keys.is_empty() {
        return Err(VaultError::Key(format!("the key file {} is empty: put it back from a copy", path.display())));
    }
    Ok(Some(keys))
}

/// A link to a key file elsewhere stays one.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

/// Removes the file of a writer that was killed; of an earlier version, which gave it a name of its own, if it holds keys.
fn remove_unfinished(key_file: &Path) -> io::Result<()> {
    for entry in fs::read_dir(key_file.parent().unwrap_or(Path::new("/")))? {
        let entry = entry?;
        let name = entry.file_name();
        let is_earlier = || {
            let name = name.to_str().is_some_and(|name| name.starts_with(".tmp"));
            let metadata = entry.metadata().ok().filter(|found| name && found.is_file() && found.len() <= MOST_BYTES);
            metadata.and_then(|_| fs::read_to_string(entry.path()).ok()).map(Secret::from).is_some_and(|text| {
                let text = text.expose();
                !text.is_empty() && text.lines().all(|line| Key::parse(line).is_ok())
            })
        };
        if name == UNFINISHED || is_earlier() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn failed(path: &Path, error: &io::Error) -> VaultError {
    VaultError::Key(format!("cannot use the key file {}: {error}", path.display()))
}
