//! Texts that must not be shown: newtype, fingerprint and comparison in constant time.

use std::fmt;

use ring::{digest, hmac};

/// A client secret or a token. Its `Debug` prints `[redacted]`; it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Whether `given` is this secret, in a time that says nothing about where they differ.
    #[must_use]
    pub fn matches(&self, given: &str) -> bool {
        // The tag of either text says nothing about its length or content, so ring may compare tags.
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"compare");
        let tag = hmac::sign(&key, self.0.as_bytes());
        hmac::verify(&key, given.as_bytes(), tag.as_ref()).is_ok()
    }

    /// The text itself, for where it has to go.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// The first 64 bits of a text's SHA-256, as `sha256:0123456789abcdef`: tells texts apart without showing them.
///
/// Tests use it to see in the [ledger](crate::ledger) whether two requests carried the same token.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let hex: String = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::from("hunter2")), "[redacted]");
    }

    #[test]
    fn only_the_same_text_matches() {
        let secret = Secret::from("hunter2");
        assert!(secret.matches("hunter2"));
        assert!(!secret.matches("hunter"));
        assert!(!secret.matches(""));
    }

    #[test]
    fn fingerprint_is_the_start_of_sha_256() {
        assert_eq!(fingerprint("abc"), "sha256:ba7816bf8f01cfea");
    }
}
