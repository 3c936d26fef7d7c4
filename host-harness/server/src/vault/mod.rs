//! What must not be readable in the database: encrypted with XChaCha20-Poly1305 under a key that is not in it.
//!
//! An encrypted value is `key id (4 bytes) ‖ nonce (24 bytes) ‖ ciphertext and tag`. Its place in the database (table, column,
//! row) is authenticated with it, so a value that somebody moved to another row does not open there. The nonce is random:
//! 192 bits are enough for that.
//!
//! The database knows its keys by check values ([`table`]) and says which one encrypts, so a value is encrypted inside of the
//! transaction that stores it. A start whose keys do not fit the database is refused ([`claim`]), and a running process
//! keeps the keys that it has, whatever happens to their file ([`watch`]).

mod claim;
mod columns;
mod key;
mod rotation;
mod source;
mod table;
mod watch;

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chacha20poly1305::aead::{Aead, Generate, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use rusqlite::Connection;

use super::database::{Database, StoreError};
use super::process::Process;
pub(crate) use columns::guard;
use key::{ID_BYTES, Key, KeyId};
pub(crate) use rotation::{Rotation, Step};
use salesforce_runtime::secret::Secret;
pub use source::KeySource;
pub(crate) use table::Holder;
pub(crate) use watch::{Trouble, watch};

const NONCE_BYTES: usize = 24;

/// Encrypts and opens.
#[derive(Debug)]
pub(crate) struct Vault {
    source: KeySource,
    /// The server's process, which says which keys it holds; none for an operator's command.
    process: Option<Arc<Process>>,
    /// Keys are added and never taken away: a value that was read before it was re-encrypted must open.
    ring: RwLock<Vec<Key>>,
    watched: Mutex<watch::Watched>,
}

/// One key, as long as it encrypts.
#[derive(Clone, Debug)]
pub(crate) struct Encryptor {
    id: KeyId,
    key: Key,
}

/// A key or an encrypted value cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key is not there, or not a key.
    #[error("the key: {0}")]
    Key(String),
    /// The keys are not those that the data is encrypted with. Nothing was changed.
    #[error("the key does not fit the data: {0}")]
    Unfit(String),
    /// No key of ours has encrypted this.
    #[error(
        "a value in the database was encrypted with a key that is not here: use the key that this directory was made with"
    )]
    UnknownKey,
    /// It was changed, or moved from another place.
    #[error("an encrypted value in the database is damaged, or was moved")]
    Damaged,
}

impl Vault {
    /// Opens the keys that fit the database. A key file is made if there is none and nothing was ever encrypted.
    ///
    /// # Errors
    /// [`VaultError::Key`], [`VaultError::Unfit`], or the database's.
    pub(crate) async fn open(
        source: KeySource,
        database: &Database,
        process: Option<Arc<Process>>,
    ) -> Result<Vault, StoreError> {
        let vault = Vault::without_keys(source, process);
        database
            .write(move |connection| {
                vault.claim(connection)?;
                Ok(vault)
            })
            .await
    }

    fn without_keys(source: KeySource, process: Option<Arc<Process>>) -> Vault {
        Vault { source, process, ring: RwLock::default(), watched: Mutex::default() }
    }

    /// Encrypts a text for its place, e.g. `connection/access_token/{id}`, with the key that encrypts now. `connection` is the
    /// transaction that stores the value: no other key can encrypt before it ends.
    ///
    /// # Errors
    /// [`VaultError::Unfit`] if this process lacks that key; the database's.
    pub(crate) fn encrypt(&self, connection: &Connection, place: &str, text: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(self.encryptor(connection)?.encrypt(place, text)?)
    }

    /// What encrypts now: to encrypt a long text before the transaction that stores it, which then asks whether it still
    /// [encrypts](Encryptor::encrypts).
    ///
    /// # Errors
    /// As [`Vault::encrypt`].
    pub(crate) fn encryptor(&self, connection: &Connection) -> Result<Encryptor, StoreError> {
        let (id, check) =
            table::encrypting(connection)?.ok_or(StoreError::Foreign("encrypted values without a key"))?;
        let key = self.key(|key| *key.check() == check)?.ok_or_else(|| self.lacks(id))?;
        Ok(Encryptor { id, key })
    }

    /// Opens what was encrypted for this place.
    ///
    /// # Errors
    /// [`VaultError`].
    pub(crate) fn decrypt(&self, place: &str, encrypted: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (id, rest) = encrypted.split_first_chunk::<ID_BYTES>().ok_or(VaultError::Damaged)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::Damaged)?;
        let key = self.key(|key| key.id() == KeyId(*id))?.ok_or(VaultError::UnknownKey)?;
        cipher(&key)
            .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: place.as_bytes() })
            .map_err(|_| VaultError::Damaged)
    }

    /// As [`Vault::decrypt`], for a text that must not be shown.
    ///
    /// # Errors
    /// [`VaultError`].
    pub(crate) fn decrypt_secret(&self, place: &str, encrypted: &[u8]) -> Result<Secret, VaultError> {
        let text = String::from_utf8(self.decrypt(place, encrypted)?).map_err(|_| VaultError::Damaged)?;
        Ok(Secret::from(text))
    }

    /// A key that is held, or that another process has added to the file since we read that.
    fn key(&self, wanted: impl Fn(&Key) -> bool) -> Result<Option<Key>, VaultError> {
        let held = self.ring.read().unwrap_or_else(PoisonError::into_inner).iter().find(|key| wanted(key)).cloned();
        if held.is_some() {
            return Ok(held);
        }
        let found = self.source.read()?.into_iter().flatten().find(wanted);
        if let Some(key) = &found {
            self.hold(key.clone());
        }
        Ok(found)
    }

    fn hold(&self, key: Key) {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        if ring.iter().all(|held| held.check() != key.check()) {
            ring.push(key);
        }
    }

    fn lacks(&self, id: KeyId) -> VaultError {
        VaultError::Unfit(format!(
            "this directory's data is encrypted with the key {id}, which {} is not",
            self.source.name()
        ))
    }
}

impl Encryptor {
    /// Encrypts a text for its place.
    ///
    /// # Errors
    /// [`VaultError::Damaged`]: it is longer than the cipher takes.
    pub(crate) fn encrypt(&self, place: &str, text: &[u8]) -> Result<Vec<u8>, VaultError> {
        let nonce = XNonce::generate();
        let ciphertext = cipher(&self.key)
            .encrypt(&nonce, Payload { msg: text, aad: place.as_bytes() })
            .map_err(|_| VaultError::Damaged)?;
        Ok([self.id.0.as_slice(), nonce.as_slice(), &ciphertext].concat())
    }

    /// Whether it is still the one that encrypts.
    pub(crate) fn encrypts(&self, connection: &Connection) -> Result<bool, StoreError> {
        Ok(table::encrypting(connection)?.is_some_and(|(_, check)| check == *self.key.check()))
    }
}

/// Whether these keys fit a database, which stays as it is. Keys that are retired go from a key file.
///
/// # Errors
/// As [`Vault::open`].
pub(crate) fn fits(source: KeySource, connection: &mut Connection) -> Result<(), StoreError> {
    Vault::without_keys(source, None).claim(&*connection.transaction()?)
}

/// Ids of the keys without which something in a database does not open.
///
/// # Errors
/// The database's.
pub(crate) fn needed_keys(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let known = table::all(connection)?;
    if known.is_empty() {
        return Ok(columns::key_ids(connection)?.iter().map(ToString::to_string).collect());
    }
    let is_needed =
        |key: &&table::KnownKey| matches!(key.state, table::KeyState::Encrypting | table::KeyState::Retiring);
    Ok(known.iter().filter(is_needed).map(|key| key.id.to_string()).collect())
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes())
}

#[cfg(test)]
mod tests;
