//! Why the store cannot do something.

use salesforce_connections::protocol::Ending;

/// Why a connection cannot be read or changed. No message holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// There is none of this id.
    #[error("there is no such connection")]
    Unknown,
    /// It needs its user, who logs in again.
    #[error("the connection needs its user again")]
    Ended(Ending),
    /// The database cannot be reached, or refuses. Nothing is known to be committed; it may be tried again.
    #[error("the database failed: {0}")]
    Database(#[from] tokio_postgres::Error),
    /// The column was encrypted with another key, or for another row.
    #[error("the column {0} cannot be decrypted with this key")]
    Decryption(&'static str),
    /// The column holds what this store would not have written.
    #[error("the column {0} does not hold what it should")]
    Foreign(&'static str),
    /// The org has told an address that is none. Nothing is committed.
    #[error("the org's address is none: expected one such as `https://example.my.salesforce.com`")]
    Address,
    /// The system has no randomness to encrypt with. Nothing is committed.
    #[error("the system gives no random bytes")]
    Randomness,
}
