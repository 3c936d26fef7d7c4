//! How far a command has come, in a file: held by one process at a time, and replaced as a whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::failure::Failure;
use super::input;

/// Bytes of such a file, and what an editor may add.
const LONGEST: u64 = 100_000;

/// A file that this process holds.
pub(crate) struct Kept {
    /// What errors call it, e.g. `the position`.
    name: &'static str,
    /// What to do if it says nothing of use.
    otherwise: String,
    file: PathBuf,
    lock_file: PathBuf,
    _lock: File,
}

impl Kept {
    /// Takes it for this process alone, by a lock on a file beside it. `command` is who else may have it, `otherwise` what to do if it
    /// says nothing of use.
    ///
    /// # Errors
    /// `Failure::Local`: another process has it, or the file beside it cannot be opened.
    pub(crate) fn hold(file: &Path, name: &'static str, command: &str, otherwise: &str) -> Result<Kept, Failure> {
        let lock_file = extended(file, "lock");
        let shown = lock_file.display();
        for path in [file, &lock_file] {
            let wrong = |error: io::Error| Failure::Local(format!("cannot open {}: {error}", path.display()));
            only_a_file(path).map_err(wrong)?;
        }
        loop {
            let lock = File::options().create(true).truncate(false).write(true).open(&lock_file);
            let lock = lock.map_err(|error| Failure::Local(format!("cannot open {shown}: {error}")))?;
            match lock.try_lock() {
                // Whoever had it before may have removed it.
                Ok(()) if !is_at(&lock, &lock_file) => {}
                Ok(()) => {
                    let (file, otherwise) = (file.to_owned(), otherwise.to_owned());
                    return Ok(Kept { name, otherwise, file, lock_file, _lock: lock });
                }
                Err(fs::TryLockError::WouldBlock) => {
                    let file = file.display();
                    let told = format!("another {command} has {name} {file}: end that one, or name another file");
                    return Err(Failure::Local(told));
                }
                Err(fs::TryLockError::Error(error)) => {
                    return Err(Failure::Local(format!("cannot lock {shown}: {error}")));
                }
            }
        }
    }

    /// Holds the state of what is done with a file: under the name that was given, else `FILE.extension`. None for what comes
    /// in a pipe, unless it is named.
    ///
    /// # Errors
    /// As [`Kept::hold`].
    pub(crate) fn beside(
        file: &Path,
        named: Option<&Path>,
        extension: &str,
        command: &str,
        otherwise: &str,
    ) -> Result<Option<Kept>, Failure> {
        let beside = || file.is_file().then(|| extended(file, extension));
        let path = named.map(Path::to_owned).or_else(beside);
        path.map(|path| Kept::hold(&path, "the state", command, otherwise)).transpose()
    }

    /// The file, and the one beside it.
    pub(crate) fn files(&self) -> [&Path; 2] {
        [&self.file, &self.lock_file]
    }

    /// What it says; none if it is not there yet.
    ///
    /// # Errors
    /// As [`Kept::wrong`].
    pub(crate) fn read(&self) -> Result<Option<String>, Failure> {
        match fs::metadata(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Ok(found) if found.len() > LONGEST => {
                return Err(self.wrong(&format_args!("expected at most {LONGEST} bytes")));
            }
            _ => {}
        }
        let bytes = input::text_bytes(&self.file).map_err(|error| self.wrong(&error))?;
        let text = String::from_utf8(bytes).map_err(|_| self.wrong(&"expected text"))?;
        Ok(Some(text.trim_end().to_owned()))
    }

    /// What it says is of no use.
    pub(crate) fn wrong(&self, error: &dyn std::fmt::Display) -> Failure {
        let Kept { name, otherwise, file, .. } = self;
        Failure::Local(format!("cannot read {name} {}: {error}; {otherwise}", file.display()))
    }

    /// What it says, read.
    ///
    /// # Errors
    /// It is damaged, or of something else.
    pub(crate) fn parse<T: DeserializeOwned>(&self, text: &str) -> Result<T, Failure> {
        serde_json::from_str(text).map_err(|_| self.wrong(&"it is damaged, or nothing that this program has written"))
    }

    /// Writes all of it or nothing: a file beside it takes its place.
    ///
    /// # Errors
    /// `Failure::Local`.
    pub(crate) fn store(&self, text: &str) -> Result<(), Failure> {
        let store = || {
            let file = fs::canonicalize(&self.file).unwrap_or_else(|_| self.file.clone());
            let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let mut new = tempfile::NamedTempFile::new_in(directory)?;
            writeln!(new, "{text}")?;
            new.as_file().sync_all()?;
            new.persist(&file)?;
            File::open(directory)?.sync_all()
        };
        store().map_err(|error: io::Error| {
            Failure::Local(format!("cannot write {} {}: {error}", self.name, self.file.display()))
        })
    }

    /// Removes what it says, if there is anything, for nothing has come of it.
    ///
    /// # Errors
    /// `Failure::Local`.
    pub(crate) fn forget(&self) -> Result<(), Failure> {
        removed(&self.file)
    }

    /// Removes it if it is there, for all is done.
    ///
    /// # Errors
    /// `Failure::Local`.
    pub(crate) fn remove(self) -> Result<(), Failure> {
        removed(&self.file)
    }
}

/// Without a file there is nothing to hold.
impl Drop for Kept {
    fn drop(&mut self) {
        if !self.file.exists() {
            // Whoever comes next can hold it as it is.
            let _ = removed(&self.lock_file);
        }
    }
}

/// Refuses what no position can be kept of, and pipes, of which opening one waits for whoever reads it.
///
/// # Errors
/// Something else than a file is there.
pub(crate) fn only_a_file(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(io::Error::other("expected a file, found a folder, a device or a pipe")),
        _ => Ok(()),
    }
}

/// `FILE.extension`, whatever FILE is called.
pub(crate) fn extended(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

fn removed(file: &Path) -> Result<(), Failure> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Failure::Local(format!("cannot remove {}: {error}", file.display())))
        }
        _ => Ok(()),
    }
}

/// Whether this is the file at this path.
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    let place = |found: fs::Metadata| (found.dev(), found.ino());
    file.metadata().map(place).ok() == fs::metadata(path).map(place).ok()
}
