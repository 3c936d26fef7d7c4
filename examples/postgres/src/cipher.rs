//! What is encrypted before it goes to the database.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use salesforce_runtime::secret::Secret;

use crate::error::PostgresError;

/// The key that the secrets of the table are encrypted with (AES-256-GCM, a random nonce before each text).
///
/// Changing the key is not part of this example. It needs a column that names each row's key.
pub struct Cipher(Option<LessSafeKey>);

impl Cipher {
    /// With 32 random bytes, from a secret manager.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        // None for a key of another length alone.
        Self(UnboundKey::new(&AES_256_GCM, key).ok().map(LessSafeKey::new))
    }

    /// Encrypts a secret for its place: elsewhere it does not open, so that nobody can move a token to another row.
    pub(crate) fn encrypt(&self, place: &Place<'_>, secret: &Secret) -> Result<Vec<u8>, PostgresError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| PostgresError::Randomness)?;
        let mut encrypted = secret.expose().as_bytes().to_vec();
        let key = self.0.as_ref().ok_or(PostgresError::Decryption(place.column))?;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place.told(), &mut encrypted)
            .map_err(|_| PostgresError::Decryption(place.column))?;
        Ok([&nonce, &*encrypted].concat())
    }

    /// Opens what was encrypted for this place.
    pub(crate) fn decrypt(&self, place: &Place<'_>, encrypted: &[u8]) -> Result<Secret, PostgresError> {
        let opened = || {
            let (nonce, encrypted) = encrypted.split_first_chunk::<NONCE_LEN>()?;
            let mut text = encrypted.to_vec();
            let length = self.0.as_ref()?.open_in_place(Nonce::assume_unique_for_key(*nonce), place.told(), &mut text);
            let length = length.ok()?.len();
            text.truncate(length);
            String::from_utf8(text).ok()
        };
        opened().map(Secret::from).ok_or(PostgresError::Decryption(place.column))
    }
}

/// Where an encrypted text stands.
pub(crate) struct Place<'a> {
    pub(crate) id: &'a str,
    pub(crate) column: &'static str,
}

impl Place<'_> {
    fn told(&self) -> Aad<String> {
        Aad::from(format!("{}/{}", self.column, self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: Place<'_> = Place { id: "acme", column: "access_token" };

    #[test]
    fn what_is_encrypted_shows_nothing_and_opens_in_its_place_alone() {
        let (cipher, token) = (Cipher::new(&[7; 32]), Secret::from("a-token".to_owned()));
        let encrypted = cipher.encrypt(&ACME, &token).unwrap();
        assert!(!encrypted.windows(7).any(|bytes| bytes == b"a-token"));
        assert!(encrypted != cipher.encrypt(&ACME, &token).unwrap(), "each has a nonce of its own");
        assert!(cipher.decrypt(&ACME, &encrypted).unwrap() == token);

        for elsewhere in [Place { id: "other", ..ACME }, Place { column: "refresh_token", ..ACME }] {
            assert!(cipher.decrypt(&elsewhere, &encrypted).is_err(), "{}/{}", elsewhere.id, elsewhere.column);
        }
        assert!(Cipher::new(&[8; 32]).decrypt(&ACME, &encrypted).is_err(), "another key");
        for short in [&encrypted[..20], &[]] {
            assert!(matches!(cipher.decrypt(&ACME, short), Err(PostgresError::Decryption("access_token"))));
        }
    }
}
