//! A file that only grows: how far it is good is stored elsewhere, so that what a killed process wrote behind that can be cut off.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use super::failure::Failure;
use super::kept::{is_at, only_a_file};

/// An open file of results.
pub(crate) struct Appended {
    file: File,
    name: String,
    bytes: u64,
}

impl Appended {
    /// Makes the file if it is new: `written` is how many of its bytes are good.
    ///
    /// # Errors
    /// `Failure::Local`
    pub(crate) fn open(path: &Path, written: Option<u64>) -> Result<Appended, Failure> {
        let name = path.display().to_string();
        let mut options = File::options();
        options.create(written.is_none()).truncate(false).read(true).write(true);
        let file = only_a_file(path).and_then(|()| options.open(path));
        file.map(|file| Appended { file, name, bytes: written.unwrap_or_default() })
            .map_err(|error| Failure::Local(format!("cannot write {}: {error}", path.display())))
    }

    /// Refuses what others have written.
    ///
    /// # Errors
    /// `Failure::Local`
    pub(crate) fn check(&self, written: Option<u64>) -> Result<(), Failure> {
        let length = self.file.metadata().map_err(|error| self.wrong(&error))?.len();
        let told = match written {
            None if length > 0 => {
                format!("expected a new or an empty file, found {length} bytes; name another file, or remove this one")
            }
            Some(bytes) if length < bytes => {
                format!(
                    "expected the {bytes} bytes that were written, found {length}; name the file of the run that is gone on with"
                )
            }
            _ => return Ok(()),
        };
        Err(Failure::Local(format!("{}: {told}", self.name)))
    }

    /// Cuts what a process that was killed had written and not stored, and writes behind the rest.
    ///
    /// # Errors
    /// `Failure::Local`
    pub(crate) fn write(&mut self, text: &[u8]) -> Result<(), Failure> {
        let mut write = || {
            self.file.set_len(self.bytes)?;
            self.file.seek(SeekFrom::Start(self.bytes))?;
            self.file.write_all(text)?;
            self.file.sync_data()
        };
        write().map_err(|error| self.wrong(&error))?;
        self.bytes += u64::try_from(text.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// How many bytes are good.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether it is the file at this path, whatever that is called.
    pub(crate) fn is_at(&self, path: &Path) -> bool {
        is_at(&self.file, path)
    }

    fn wrong(&self, error: &io::Error) -> Failure {
        Failure::Local(format!("cannot write {}: {error}", self.name))
    }
}
