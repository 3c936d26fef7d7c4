//! Where the database is: the file that is open has to be the one that its path leads to.
//!
//! Whoever moves, replaces or deletes it under a running server would have that server write where nobody looks again.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The file that was opened.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    file: (u64, u64),
}

impl Place {
    /// Of the file that was just opened.
    pub(super) fn of(path: &Path) -> io::Result<Place> {
        Ok(Place { path: path.to_owned(), file: file_at(path)? })
    }

    /// # Errors
    /// In words: the path leads to another file, or to none.
    pub(super) fn still_leads_here(&self) -> Result<(), String> {
        match file_at(&self.path) {
            Ok(file) if file == self.file => Ok(()),
            _ => Err(format!(
                "{} is not the file any more that this server has opened: it was moved, replaced or removed; put it back, or \
                 stop the server and start it again",
                self.path.display()
            )),
        }
    }
}

/// Its device and its number there.
fn file_at(path: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(path).map(|found| (found.dev(), found.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_moved_replaced_or_removed_is_another() {
        let directory = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (directory.path().join("a"), directory.path().join("b"));
        fs::write(&path, "x").unwrap();
        let place = Place::of(&path).unwrap();
        assert!(place.still_leads_here().is_ok());
        fs::rename(&path, &elsewhere).unwrap();
        assert!(place.still_leads_here().unwrap_err().contains("moved"));
        fs::write(&path, "x").unwrap();
        assert!(place.still_leads_here().is_err());
        fs::rename(&elsewhere, &path).unwrap();
        assert!(place.still_leads_here().is_ok());
    }
}
