//! What must not be readable in the database: sealed with XChaCha20-Poly1305 under a key that is not in it.
//!
//! A sealed value is `key id (4 bytes) ‖ nonce (24 bytes) ‖ ciphertext and tag`. Its place in the database (table, column,
//! row) is authenticated with it, so a value that somebody moved to another row does not open there. The nonce is random:
//! 192 bits are enough for that.

mod key_ring;

use std::sync::{PoisonError, RwLock};

use chacha20poly1305::aead::{Aead, Generate, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};

use crate::secret::Secret;
pub use key_ring::KeySource;
use key_ring::{Key, KeyRing};

const ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;

/// Seals and opens.
#[derive(Debug)]
pub(crate) struct Vault {
    source: KeySource,
    ring: RwLock<KeyRing>,
}

/// A key or a sealed value cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key is not there, or not a key.
    #[error("the key: {0}")]
    Key(String),
    /// No key of ours has sealed this.
    #[error(
        "a value in the database was sealed with a key that is not here: use the key that this directory was made with"
    )]
    UnknownKey,
    /// It was changed, or moved from another place.
    #[error("a sealed value in the database is damaged, or was moved")]
    Damaged,
}

impl Vault {
    /// Opens the keys; makes a key file if there is none and none was given.
    ///
    /// # Errors
    /// [`VaultError::Key`].
    pub(crate) fn open(source: KeySource) -> Result<Vault, VaultError> {
        let ring = KeyRing::open(&source)?;
        Ok(Vault { source, ring: RwLock::new(ring) })
    }

    /// Seals a text for its place, e.g. `connection/access_token/{id}`.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] if the cipher refuses, which it does for texts beyond 256 GB.
    pub(crate) fn seal(&self, place: &str, text: &[u8]) -> Result<Vec<u8>, VaultError> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let key = ring.current();
        let nonce = XNonce::generate();
        let ciphertext = cipher(key)
            .encrypt(&nonce, Payload { msg: text, aad: place.as_bytes() })
            .map_err(|_| VaultError::Damaged)?;
        Ok([key.id().as_slice(), nonce.as_slice(), &ciphertext].concat())
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// [`VaultError`].
    pub(crate) fn open_bytes(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (id, rest) = sealed.split_first_chunk::<ID_BYTES>().ok_or(VaultError::Damaged)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::Damaged)?;
        let key = self.key(id)?;
        cipher(&key)
            .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: place.as_bytes() })
            .map_err(|_| VaultError::Damaged)
    }

    /// As [`Vault::open_bytes`], for a text that must not be shown.
    ///
    /// # Errors
    /// [`VaultError`].
    pub(crate) fn open_secret(&self, place: &str, sealed: &[u8]) -> Result<Secret, VaultError> {
        let text = String::from_utf8(self.open_bytes(place, sealed)?).map_err(|_| VaultError::Damaged)?;
        Ok(Secret::from(text))
    }

    /// Whether a value is sealed with the current key.
    pub(crate) fn is_current(&self, sealed: &[u8]) -> bool {
        sealed.starts_with(self.ring.read().unwrap_or_else(PoisonError::into_inner).current().id())
    }

    /// Adds a new current key; what was sealed with the old ones still opens.
    ///
    /// # Errors
    /// [`VaultError::Key`], also if the key was given and not kept in a file: then a new one must be given.
    pub(crate) fn add_key(&self) -> Result<(), VaultError> {
        let KeySource::File(path) = &self.source else { return Ok(()) };
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        *ring = ring.with_new_key();
        ring.store(path)
    }

    /// Forgets all keys but the current one.
    ///
    /// # Errors
    /// [`VaultError::Key`].
    pub(crate) fn forget_old_keys(&self) -> Result<(), VaultError> {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        *ring = ring.only_current();
        match &self.source {
            KeySource::File(path) => ring.store(path),
            KeySource::Given { .. } => Ok(()),
        }
    }

    /// The key of this id. Another process may have added it to the file since we read that.
    fn key(&self, id: &[u8; ID_BYTES]) -> Result<Key, VaultError> {
        if let Some(key) = self.ring.read().unwrap_or_else(PoisonError::into_inner).find(id) {
            return Ok(key.clone());
        }
        let read_again = KeyRing::open(&self.source)?;
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        *ring = read_again;
        ring.find(id).cloned().ok_or(VaultError::UnknownKey)
    }
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> (tempfile::TempDir, Vault) {
        let directory = tempfile::tempdir().unwrap();
        let vault = Vault::open(KeySource::in_directory(directory.path())).unwrap();
        (directory, vault)
    }

    #[test]
    fn what_is_sealed_opens_at_its_place_only() {
        let (_directory, vault) = vault();
        let sealed = vault.seal("connection/1", b"sentinel-token").unwrap();
        assert!(!sealed.windows(8).any(|window| window == b"sentinel"));
        assert_eq!(vault.open_secret("connection/1", &sealed).unwrap().expose(), "sentinel-token");
        assert!(matches!(vault.open_secret("connection/2", &sealed), Err(VaultError::Damaged)));
        assert_ne!(sealed, vault.seal("connection/1", b"sentinel-token").unwrap());
    }

    #[test]
    fn a_changed_value_does_not_open() {
        let (_directory, vault) = vault();
        let sealed = vault.seal("place", b"text").unwrap();
        for place in ID_BYTES..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(matches!(vault.open_bytes("place", &changed), Err(VaultError::Damaged)));
        }
        for length in 0..sealed.len() {
            assert!(vault.open_bytes("place", &sealed[..length]).is_err());
        }
    }

    #[test]
    fn a_new_key_seals_and_the_old_one_opens_until_it_is_forgotten() {
        let (directory, vault) = vault();
        let old = vault.seal("place", b"text").unwrap();
        let other_process = Vault::open(KeySource::in_directory(directory.path())).unwrap();
        vault.add_key().unwrap();
        let new = vault.seal("place", b"text").unwrap();
        assert!(!vault.is_current(&old) && vault.is_current(&new));
        assert_eq!(vault.open_bytes("place", &old).unwrap(), b"text");
        assert_eq!(other_process.open_bytes("place", &new).unwrap(), b"text");
        vault.forget_old_keys().unwrap();
        assert!(matches!(vault.open_bytes("place", &old), Err(VaultError::UnknownKey)));
        let again = Vault::open(KeySource::in_directory(directory.path())).unwrap();
        assert_eq!(again.open_bytes("place", &new).unwrap(), b"text");
    }

    #[test]
    fn a_given_key_opens_what_the_previous_one_sealed() {
        let given = |current: &str, previous: Option<&str>| {
            let secret = |text: &str| Secret::from(text.to_owned());
            Vault::open(KeySource::Given { current: secret(current), previous: previous.map(secret) })
        };
        let (one, two) =
            ("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=");
        let sealed = given(one, None).unwrap().seal("place", b"text").unwrap();
        assert_eq!(given(two, Some(one)).unwrap().open_bytes("place", &sealed).unwrap(), b"text");
        assert!(matches!(given(two, None).unwrap().open_bytes("place", &sealed), Err(VaultError::UnknownKey)));
        let error = given("sentinel", None).unwrap_err().to_string();
        assert!(error.contains("32 bytes in base64") && !error.contains("sentinel"), "{error}");
    }
}
