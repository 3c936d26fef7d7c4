//! The signature of a message, as Standard Webhooks has it: HMAC-SHA256 over id, time and body.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::random;
use salesforce_runtime::secret::Secret;

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// What the server and the receiver sign and verify with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SigningSecret(Secret);

impl SigningSecret {
    /// 256 random bits.
    pub(super) fn make() -> SigningSecret {
        SigningSecret(Secret::from(format!("{PREFIX}{}", BASE64_STANDARD.encode(random::bytes()))))
    }

    /// As it was stored.
    pub(super) fn stored(text: Secret) -> SigningSecret {
        SigningSecret(text)
    }

    /// `whsec_` and base64: what the receiver is configured with.
    pub(super) fn text(&self) -> &Secret {
        &self.0
    }

    /// The header `webhook-signature`; none if the secret is not one. `timestamp` is in seconds.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &str) -> Option<String> {
        let key = BASE64_STANDARD.decode(self.0.expose().strip_prefix(PREFIX)?).ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body.as_bytes());
        Some(format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the specification's own libraries.
    #[test]
    fn the_known_message_has_the_known_signature() {
        let secret = SigningSecret::stored(Secret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()));
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn a_secret_has_256_bits_and_is_not_shown() {
        let (one, other) = (SigningSecret::make(), SigningSecret::make());
        assert_ne!(one, other);
        let text = one.text().expose();
        assert_eq!(BASE64_STANDARD.decode(text.strip_prefix("whsec_").unwrap()).unwrap().len(), 32);
        assert!(!format!("{one:?}").contains("whsec"));
        for odd in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_?"] {
            assert_eq!(SigningSecret::stored(Secret::from(odd.to_owned())).sign("a", 1, ""), None, "{odd}");
        }
    }
}
