//! Texts that nobody guesses.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chacha20poly1305::aead::Generate;
use sha2::{Digest, Sha256};

use salesforce_runtime::secret::Secret;

/// 256 random bits of the operating system, in 43 characters.
pub(crate) fn text() -> Secret {
    Secret::from(BASE64_URL_SAFE_NO_PAD.encode(bytes()))
}

/// 256 random bits of the operating system.
pub(crate) fn bytes() -> [u8; 32] {
    chacha20poly1305::Key::generate().into()
}

/// What is kept of such a text, to know it again.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}
