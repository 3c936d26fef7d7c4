//! A connection in a file of its own, as `harness login` leaves it behind: where it is, who may read it, how it is
//! replaced, and the lock that all processes of this user share.

mod document;
mod lock;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use salesforce_runtime::secret::Secret;

use crate::protocol::Ending;
use crate::store::{ConnectionStore, EndReason, NewTokens, Settlement, Stored};
pub use document::{Document, Grant};
pub use lock::Lock;

/// More than any connection needs; a larger file is something else.
const MAXIMUM_BYTES: u64 = 1024 * 1024;

/// Where a connection is stored.
#[derive(Debug, Clone)]
pub struct ConnectionFile {
    path: PathBuf,
}

/// Why a connection file cannot be used. No message holds anything of what the file says.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// Nothing is there.
    #[error("there is no connection file at {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Others could have read the tokens.
    #[error("{} can be read by other users (mode {mode:03o}); a connection file holds tokens and must be yours alone", path.display())]
    ReadableByOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It does not say what a connection file says.
    #[error("{}, line {line}: {expected}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What was expected there. No value out of the file.
        expected: String,
    },
    /// What it says of a member cannot be used.
    #[error("{}: `{member}`: {problem}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The member, e.g. `instance_url`.
        member: &'static str,
        /// What was expected of it. No value out of the file.
        problem: String,
    },
    /// A directory, a device, or a file that is too large.
    #[error("{} is not a connection file: expected a regular file of at most 1 MiB", path.display())]
    NotAFile {
        /// What is there.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried, e.g. `write`.
        doing: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// Nothing says where the file is.
    #[error(
        "there is no place for a connection file: neither --connection, SALESFORCE_CONNECTION, XDG_CONFIG_HOME nor HOME is set"
    )]
    NoPlace,
}

impl ConnectionError {
    /// What the user can type or do about it.
    pub fn advice(&self) -> Option<String> {
        match self {
            ConnectionError::Missing { .. } => {
                Some("Run `harness login` to make one, or name another with --connection FILE.".to_owned())
            }
            ConnectionError::ReadableByOthers { path, .. } => Some(format!("Type: chmod 600 {}", shell_quoted(path))),
            ConnectionError::Malformed { .. } | ConnectionError::Unusable { .. } | ConnectionError::NotAFile { .. } => {
                Some("Correct the file, or run `harness login` to make a new one.".to_owned())
            }
            ConnectionError::NoPlace => Some("Name a file with --connection FILE.".to_owned()),
            ConnectionError::Io { .. } => None,
        }
    }
}

impl ConnectionFile {
    /// The file that was named, else `salesforce-harness/connection.json` under `$XDG_CONFIG_HOME` or `~/.config`
    /// (XDG Base Directory Specification: a relative `XDG_CONFIG_HOME` is ignored).
    ///
    /// # Errors
    /// `NoPlace`, if nothing says where.
    pub fn locate(named: Option<&Path>) -> Result<ConnectionFile, ConnectionError> {
        if let Some(path) = named {
            return Ok(ConnectionFile::at(path));
        }
        let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let config = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
        let path = config.ok_or(ConnectionError::NoPlace)?.join("salesforce-harness").join("connection.json");
        Ok(ConnectionFile { path })
    }

    /// The file at this path.
    pub fn at(path: &Path) -> ConnectionFile {
        ConnectionFile { path: path.to_owned() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it.
    ///
    /// # Errors
    /// It is missing, readable by others, or not what a connection file says.
    pub fn read(&self) -> Result<Document, ConnectionError> {
        let cannot_open = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => ConnectionError::Missing { path: self.path.clone() },
            _ => self.io("open", source),
        };
        // To open a named pipe would wait for somebody to write to it.
        let metadata = fs::metadata(&self.path).map_err(cannot_open)?;
        if !metadata.is_file() || metadata.len() > MAXIMUM_BYTES {
            return Err(ConnectionError::NotAFile { path: self.path.clone() });
        }
        let mut file = File::open(&self.path).map_err(cannot_open)?;
        let metadata = file.metadata().map_err(|source| self.io("read", source))?;
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::MetadataExt::mode(&metadata) & 0o777;
            if mode & 0o077 != 0 {
                return Err(ConnectionError::ReadableByOthers { path: self.path.clone(), mode });
            }
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(|source| self.io("read", source))?;
        Document::parse(&text).map_err(|(line, expected)| ConnectionError::Malformed {
            path: self.path.clone(),
            line,
            expected,
        })
    }

    /// Replaces it: other processes see the old file or the new one, whole, even if the machine stops in between.
    ///
    /// # Errors
    /// The directory or the file cannot be written; the old file is then untouched.
    pub fn write(&self, document: &Document) -> Result<(), ConnectionError> {
        let text = document.to_text().map_err(|error| self.io("write", error.into()))?;
        self.replace(text.as_bytes()).map_err(|source| self.io("write", source))
    }

    /// Deletes it.
    ///
    /// # Errors
    /// It cannot be deleted. That it is gone already is not an error.
    pub fn remove(&self) -> Result<(), ConnectionError> {
        match fs::remove_file(&self.path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(self.io("delete", source)),
            _ => Ok(()),
        }
    }

    fn replace(&self, contents: &[u8]) -> io::Result<()> {
        // Through a symbolic link to the file it names: replacing the link itself would leave two connections.
        let target = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let directory = directory_of(&target);
        create_private(directory)?;
        // Made with mode 0600 by tempfile.
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(contents)?;
        file.as_file().sync_all()?;
        file.persist(&target)?;
        // The rename itself lasts only once the directory is on disk.
        #[cfg(unix)]
        File::open(directory)?.sync_all()?;
        Ok(())
    }

    fn io(&self, doing: &'static str, source: io::Error) -> ConnectionError {
        ConnectionError::Io { path: self.path.clone(), doing, source }
    }
}

/// One file holds one connection, so there is nothing to choose by an id. Its access token is its revision.
impl ConnectionStore for ConnectionFile {
    type Id = ();
    type Revision = Secret;
    type Lease = Lock;
    type Error = ConnectionError;

    async fn load(&self, (): &()) -> Result<Stored<Secret>, ConnectionError> {
        Ok(self.read()?.stored())
    }

    async fn lease(&self, (): &()) -> Result<Lock, ConnectionError> {
        Lock::acquire(&self.path).await.map_err(|source| self.io("lock", source))
    }

    async fn begin(&self, (): &(), revision: &Secret) -> Result<bool, ConnectionError> {
        self.change(revision, |document| Ok(document.with_refresh_under_way(true)))
    }

    async fn settle(
        &self,
        (): &(),
        refreshed: &Stored<Secret>,
        settlement: Settlement<'_>,
    ) -> Result<bool, ConnectionError> {
        self.change(&refreshed.revision, |document| match settlement {
            Settlement::Tokens(NewTokens(tokens)) => document.refreshed(tokens),
            // The mark stays: the token is never sent again, and whoever looks next is told why.
            Settlement::Ended(EndReason { ending: Ending::AnswerLost, .. }) => {
                Ok(document.with_refresh_under_way(true))
            }
            Settlement::Unchanged | Settlement::Ended(..) => Ok(document.with_refresh_under_way(false)),
        })
    }
}

impl ConnectionFile {
    fn change(
        &self,
        revision: &Secret,
        change: impl FnOnce(Document) -> Result<Document, String>,
    ) -> Result<bool, ConnectionError> {
        let _lock = Lock::for_a_change(&self.path).map_err(|source| self.io("lock", source))?;
        let document = self.read()?;
        if document.access_token() != revision {
            return Ok(false);
        }
        let was_marked = document.stored().refresh_begun;
        let changed = change(document).map_err(|why| self.io("write", io::Error::other(why)))?;
        let is_same = changed.access_token() == revision && changed.stored().refresh_begun == was_marked;
        if !is_same {
            self.write(&changed)?;
        }
        Ok(true)
    }
}

/// The directory that a file is in.
pub(super) fn directory_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes a directory that is missing, for this user alone.
pub(super) fn create_private(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// The path as a POSIX shell takes it for one word.
fn shell_quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-+:@%".contains(character);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"version":1,"login_url":"https://login.salesforce.com","client_id":"app",
"instance_url":"https://example.my.salesforce.com","access_token":"t"}"#;

    fn file(name: &str) -> (tempfile::TempDir, ConnectionFile) {
        let directory = tempfile::tempdir().unwrap();
        let file = ConnectionFile::at(&directory.path().join(name));
        (directory, file)
    }

    #[test]
    #[cfg(unix)]
    fn a_written_file_is_its_owners_alone_and_so_is_its_directory() {
        use std::os::unix::fs::PermissionsExt;
        let (_directory, file) = file("deep/er/connection.json");
        file.write(&Document::parse(TEXT).unwrap()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(file.path()), 0o600);
        assert_eq!(mode(file.path().parent().unwrap()), 0o700);
        file.read().unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn a_file_that_others_may_read_is_refused_with_the_command_that_mends_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_directory, file) = file("it's here.json");
        file.write(&Document::parse(TEXT).unwrap()).unwrap();
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o640)).unwrap();
        let error = file.read().unwrap_err();
        assert!(matches!(error, ConnectionError::ReadableByOthers { mode: 0o640, .. }), "{error:?}");
        let advice = error.advice().unwrap();
        assert!(advice.starts_with("Type: chmod 600 '") && advice.contains(r"it'\''s here.json'"), "{advice}");
    }

    #[test]
    #[cfg(unix)]
    fn replacing_follows_a_symbolic_link() {
        let (directory, file) = file("connection.json");
        file.write(&Document::parse(TEXT).unwrap()).unwrap();
        let link = directory.path().join("link.json");
        std::os::unix::fs::symlink(file.path(), &link).unwrap();
        let linked = ConnectionFile::at(&link);
        linked.write(&Document::parse(&TEXT.replace("\"t\"", "\"new\"")).unwrap()).unwrap();
        assert_eq!(file.read().unwrap().access_token().expose(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn a_missing_file_and_a_directory_are_told_apart() {
        let (directory, file) = file("connection.json");
        assert!(matches!(file.read(), Err(ConnectionError::Missing { .. })));
        let directory = ConnectionFile::at(directory.path());
        assert!(matches!(directory.read(), Err(ConnectionError::NotAFile { .. })));
    }
}
