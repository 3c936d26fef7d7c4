//! Why the database did not do something.

use crate::vault::VaultError;

/// The database cannot be used, or holds what it must not.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite's own words.
    #[error("the database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The directory is of a later version of this program.
    #[error("the database has version {found}, and this program knows up to {known}: use the newer program")]
    Newer {
        /// Of the database.
        found: i64,
        /// Of this program.
        known: i64,
    },
    /// Nothing was written: the disk is full or read-only, or another process holds the database.
    #[error("the database takes no writes: {0}")]
    Unwritable(String),
    /// An encrypted value cannot be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A value is not what this program writes there.
    #[error("the database holds {0} that this program did not write")]
    Foreign(&'static str),
    /// There is no file where it was opened a moment ago.
    #[error("the database's file: {0}")]
    File(#[from] std::io::Error),
    /// The writer has ended.
    #[error("the database is closed")]
    Closed,
}

impl StoreError {
    /// Whether the data directory is the trouble, and not what it holds: the same again may succeed later.
    pub(crate) fn is_of_storage(&self) -> bool {
        use rusqlite::ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, ReadOnly, SystemIoFailure};
        match self {
            StoreError::Unwritable(_) => true,
            StoreError::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(CannotOpen | DatabaseBusy | DatabaseLocked | DiskFull | ReadOnly | SystemIoFailure)
            ),
            _ => false,
        }
    }
}
