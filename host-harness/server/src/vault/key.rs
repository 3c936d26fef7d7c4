//! One key: 32 bytes, the id that values encrypted with it begin with, and the check value by which a database knows it.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chacha20poly1305::aead::Generate;
use sha2::{Digest, Sha256};

use super::VaultError;

pub(super) const ID_BYTES: usize = 4;

type Bytes = chacha20poly1305::Key;

/// Which key: the first bytes of each value that it encrypted. Shown to operators; it says nothing about the key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyId(pub(super) [u8; ID_BYTES]);

/// A digest of a key. The database keeps it, to tell its own keys from others.
pub(super) type CheckValue = [u8; 32];

/// One key. Debug shows its id.
#[derive(Clone)]
pub(super) struct Key {
    id: KeyId,
    check: CheckValue,
    bytes: Bytes,
}

impl Key {
    pub(super) fn generate() -> Key {
        Key::new(Bytes::generate())
    }

    /// From base64.
    pub(super) fn parse(text: &str) -> Result<Key, VaultError> {
        let bytes = BASE64_STANDARD.decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let bytes =
            bytes.ok_or_else(|| VaultError::Key("expected 32 bytes in base64 (openssl rand -base64 32)".to_owned()))?;
        Ok(Key::new(bytes.into()))
    }

    /// In base64: the key itself.
    pub(super) fn to_text(&self) -> String {
        BASE64_STANDARD.encode(self.bytes)
    }

    pub(super) fn id(&self) -> KeyId {
        self.id
    }

    pub(super) fn check(&self) -> &CheckValue {
        &self.check
    }

    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    fn new(bytes: Bytes) -> Key {
        let digest = |purpose: &[u8]| -> CheckValue { Sha256::digest([purpose, &bytes].concat()).into() };
        let id = digest(b"key id ").first_chunk().copied().unwrap_or_default();
        Key { id: KeyId(id), check: digest(b"key check "), bytes }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
