//! The keys: from a file that only its owner can read, or given by whoever starts the server.
//!
//! A key file has one key a line, in base64; the first seals, all open. It has more than one line only while values are
//! sealed anew.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chacha20poly1305::aead::Generate;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{ID_BYTES, VaultError};
use crate::secret::Secret;

type Bytes = chacha20poly1305::Key;

/// Where the key comes from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A file, made with a random key if it is missing.
    File(PathBuf),
    /// Given, e.g. by the environment: 32 bytes in base64. The previous one opens what it sealed until all is sealed
    /// anew.
    Given {
        /// Seals and opens.
        current: Secret,
        /// Opens.
        previous: Option<Secret>,
    },
}

impl KeySource {
    /// The key file of a server's data directory.
    #[must_use]
    pub fn in_directory(data: &Path) -> KeySource {
        KeySource::File(data.join("key"))
    }
}

/// One key. Debug shows its id.
#[derive(Clone)]
pub(super) struct Key {
    id: [u8; ID_BYTES],
    bytes: Bytes,
}

/// The current key and those before it.
#[derive(Clone, Debug)]
pub(super) struct KeyRing {
    current: Key,
    older: Vec<Key>,
}

impl Key {
    fn new(bytes: Bytes) -> Key {
        let digest = Sha256::digest([b"key id ".as_slice(), &bytes].concat());
        let id = digest.first_chunk().copied().unwrap_or_default();
        Key { id, bytes }
    }

    fn parse(text: &str) -> Result<Key, VaultError> {
        let bytes = BASE64_STANDARD.decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let bytes =
            bytes.ok_or_else(|| VaultError::Key("expected 32 bytes in base64 (openssl rand -base64 32)".to_owned()))?;
        Ok(Key::new(bytes.into()))
    }

    pub(super) fn id(&self) -> &[u8; ID_BYTES] {
        &self.id
    }

    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

impl KeyRing {
    pub(super) fn open(source: &KeySource) -> Result<KeyRing, VaultError> {
        match source {
            KeySource::Given { current, previous } => Ok(KeyRing {
                current: Key::parse(current.expose())?,
                older: previous.iter().map(|key| Key::parse(key.expose())).collect::<Result<_, _>>()?,
            }),
            KeySource::File(path) => KeyRing::read_or_make(path),
        }
    }

    fn read_or_make(path: &Path) -> Result<KeyRing, VaultError> {
        let failed = |error: io::Error| VaultError::Key(format!("cannot use the key file {}: {error}", path.display()));
        if !path.exists() {
            let fresh = KeyRing { current: Key::new(Bytes::generate()), older: Vec::new() };
            match fresh.written_beside(path).map_err(failed)?.persist_noclobber(path) {
                Ok(_) => return Ok(fresh),
                // Another process was faster.
                Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(refused) => return Err(failed(refused.error)),
            }
        }
        let metadata = fs::metadata(path).map_err(failed)?;
        if metadata.mode() & 0o077 != 0 {
            let (path, mode) = (path.display(), metadata.mode() & 0o777);
            return Err(VaultError::Key(format!(
                "others can read the key file {path} (mode {mode:o}): type chmod 600 {path}"
            )));
        }
        let text = Secret::from(fs::read_to_string(path).map_err(failed)?);
        let mut keys = text.expose().lines().map(Key::parse).collect::<Result<Vec<_>, _>>()?.into_iter();
        let current = keys.next().ok_or_else(|| VaultError::Key(format!("{} holds no key", path.display())))?;
        Ok(KeyRing { current, older: keys.collect() })
    }

    pub(super) fn current(&self) -> &Key {
        &self.current
    }

    pub(super) fn find(&self, id: &[u8; ID_BYTES]) -> Option<&Key> {
        std::iter::once(&self.current).chain(&self.older).find(|key| key.id == *id)
    }

    pub(super) fn with_new_key(&self) -> KeyRing {
        let older = std::iter::once(self.current.clone()).chain(self.older.clone()).collect();
        KeyRing { current: Key::new(Bytes::generate()), older }
    }

    pub(super) fn only_current(&self) -> KeyRing {
        KeyRing { current: self.current.clone(), older: Vec::new() }
    }

    /// Replaces the key file in one step.
    pub(super) fn store(&self, path: &Path) -> Result<(), VaultError> {
        let stored = self.written_beside(path).and_then(|file| file.persist(path).map_err(|refused| refused.error));
        stored
            .map(drop)
            .map_err(|error| VaultError::Key(format!("cannot replace the key file {}: {error}", path.display())))
    }

    /// A new file, its owner's alone, in the directory of the key file.
    fn written_beside(&self, path: &Path) -> io::Result<NamedTempFile> {
        let mut file = NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
        file.write_all(self.to_text().as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file)
    }

    fn to_text(&self) -> String {
        let line = |key: &Key| BASE64_STANDARD.encode(key.bytes) + "\n";
        std::iter::once(&self.current).chain(&self.older).map(line).collect()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:02x?})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_file_is_made_once_and_its_owners_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let ring = KeyRing::read_or_make(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(KeyRing::read_or_make(&path).unwrap().current.id, ring.current.id);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "an unfinished file is left");
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused_with_the_command_that_mends_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        KeyRing::read_or_make(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = KeyRing::read_or_make(&path).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn many_processes_make_one_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let ids: Vec<_> = std::thread::scope(|threads| {
            let makers: Vec<_> = (0..8).map(|_| threads.spawn(|| KeyRing::read_or_make(&path))).collect();
            makers.into_iter().map(|maker| maker.join().unwrap().unwrap().current.id).collect()
        });
        let id = KeyRing::read_or_make(&path).unwrap().current.id;
        assert!(ids.iter().all(|other| *other == id));
    }
}
