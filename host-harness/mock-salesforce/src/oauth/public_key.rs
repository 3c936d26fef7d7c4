//! The public half of an app's key.

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;

/// An RSA public key, in DER as PKCS #1 has it (`RSAPublicKey`).
#[derive(Debug, Clone)]
pub(crate) struct PublicKey(Vec<u8>);

/// Why a public key cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// No PEM section of a public key.
    #[error("must be PEM with a section PUBLIC KEY")]
    Pem,
    /// Another kind of key.
    #[error("must be an RSA key of 2,048 to 8,192 bits")]
    Kind,
}

impl PublicKey {
    /// Reads the PEM section `PUBLIC KEY` (RFC 5280, `SubjectPublicKeyInfo`).
    pub(crate) fn from_pem(pem: &str) -> Result<Self, PublicKeyError> {
        // SEQUENCE of two-byte length, the algorithm, then BIT STRING of two-byte length without unused bits. Any
        // RSA key of 2,048 bits or more looks like this, and nothing else does.
        const ALGORITHM: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).map_err(|_| PublicKeyError::Pem)?;
        let key = der.strip_prefix(b"\x30\x82").and_then(|rest| rest.get(2..)?.strip_prefix(ALGORITHM));
        let key = key.and_then(|rest| rest.strip_prefix(b"\x03\x82")?.get(2..)?.strip_prefix(b"\0"));
        key.map(|key| Self(key.to_vec())).ok_or(PublicKeyError::Kind)
    }

    /// Whether the key's other half made this signature, RS256 as RFC 7518 names it.
    pub(crate) fn verifies(&self, message: &str, signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0);
        key.verify(message.as_bytes(), signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rsa_public_keys_are_read() {
        assert_eq!(PublicKey::from_pem("nonsense").unwrap_err(), PublicKeyError::Pem);
        let ec = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n";
        assert_eq!(PublicKey::from_pem(ec).unwrap_err(), PublicKeyError::Kind);
    }
}
