//! The assertion of the JWT bearer flow (RFC 7523): signed here, so the private key never enters the sandbox.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde::Serialize;

use crate::cli::input;

/// How long an assertion is good. Salesforce takes at most 180 seconds; the rest is for clocks that differ.
const LIFETIME_SECONDS: u64 = 120;

/// Who asks, for whom, and where.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Claims<'a> {
    /// The client id.
    #[serde(rename = "iss")]
    pub(crate) issuer: &'a str,
    /// The user name.
    #[serde(rename = "sub")]
    pub(crate) subject: &'a str,
    /// The login host.
    #[serde(rename = "aud")]
    pub(crate) audience: &'a str,
}

#[derive(Serialize)]
struct Expiring<'a> {
    #[serde(flatten)]
    claims: Claims<'a>,
    exp: u64,
}

/// An RSA key that signs assertions.
#[derive(Debug)]
pub(crate) struct SigningKey(RsaKeyPair);

impl SigningKey {
    /// Reads a private key in PEM form, PKCS #8 (`PRIVATE KEY`) or PKCS #1 (`RSA PRIVATE KEY`).
    ///
    /// # Errors
    /// What was expected of the file; nothing of what it holds.
    pub(crate) fn read(path: &Path) -> Result<SigningKey, String> {
        let pem =
            input::text_bytes(path).map_err(|error| format!("cannot read the key {}: {error}", path.display()))?;
        let wrong = |why: &dyn std::fmt::Display| {
            format!("{}: expected an RSA private key of 2048 to 4096 bits in PEM form: {why}", path.display())
        };
        let key = match PrivateKeyDer::from_pem_slice(&pem).map_err(|error| wrong(&error))? {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(wrong(&"this is a key of another kind")),
        };
        key.map(SigningKey).map_err(|error| wrong(&error))
    }

    /// A signed assertion that is good from now.
    ///
    /// # Errors
    /// The system has no random bytes to blind the signature with.
    pub(crate) fn assertion(&self, claims: Claims<'_>) -> Result<String, String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let claims = serde_json::to_string(&Expiring { claims, exp: now + LIFETIME_SECONDS })
            .map_err(|error| error.to_string())?;
        let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let signed = format!("{}.{}", part(br#"{"alg":"RS256","typ":"JWT"}"#), part(claims.as_bytes()));
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| "the assertion cannot be signed: the system gave no random bytes".to_owned())?;
        Ok(format!("{signed}.{}", part(&signature)))
    }
}
