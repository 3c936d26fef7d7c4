//! The JWT bearer flow: an assertion signed with the key whose public half the app registered.
//!
//! Source: Salesforce help, "OAuth 2.0 JWT Bearer Flow"; RFC 7523; RFC 7515 section 5.2.

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;

use super::error::OAuthError;
use super::parameters::Parameters;
use super::token;
use super::tokens::Bearer;
use crate::secret::fingerprint;
use crate::state::{Mock, lock};

/// How far ahead an assertion may expire, in seconds.
const MAX_AHEAD: i64 = 180;
const INVALID: OAuthError = OAuthError::new("invalid_grant", "invalid assertion");

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

    fn verifies(&self, message: &str, signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0);
        key.verify(message.as_bytes(), signature).is_ok()
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
}

/// Exchanges an assertion for an access token; there is no refresh token.
pub(crate) fn exchange(mock: &Mock, form: &Parameters) -> Result<Response, OAuthError> {
    let assertion = form.require("assertion", "missing required parameter: assertion")?;
    let (signed, signature) = assertion.rsplit_once('.').ok_or(INVALID)?;
    let (header, claims) = signed.split_once('.').ok_or(INVALID)?;
    let header: Header = part(header)?;
    let claims: Claims = part(claims)?;
    let app = lock(&mock.oauth.apps).find(&claims.iss).ok_or(OAuthError::INVALID_CLIENT_ID)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| INVALID)?;
    let is_signed = app.jwt_key.as_ref().is_some_and(|key| key.verifies(signed, &signature))
        || app.trusted_assertions.contains(&fingerprint(assertion));
    if header.alg != "RS256" || !is_signed {
        return Err(INVALID);
    }
    check(&claims, &mock.url, mock.clock.now())?;
    let user = mock.user_named(&claims.sub);
    let user = user.ok_or(OAuthError::new("invalid_grant", "user hasn't approved this consumer"))?;
    let scopes = app.grant_scopes(form.get("scope"))?.without_refresh();
    let bearer = Bearer { client_id: app.client_id.clone(), user_id: user.id, scopes };
    let issued = lock(&mock.oauth.tokens).grant(bearer, mock.clock.now());
    Ok(token::tell(mock, &app, issued))
}

fn check(claims: &Claims, url: &str, now: Timestamp) -> Result<(), OAuthError> {
    let audiences = [url, "https://login.salesforce.com", "https://test.salesforce.com"];
    if !audiences.contains(&claims.aud.as_str()) {
        return Err(OAuthError::new("invalid_grant", "audience is invalid"));
    }
    let ahead = claims.exp.saturating_sub(now.as_second());
    if ahead <= 0 {
        return Err(OAuthError::new("invalid_grant", "assertion expired"));
    }
    if ahead > MAX_AHEAD {
        return Err(OAuthError::new("invalid_grant", "assertion expires more than 3 minutes ahead"));
    }
    Ok(())
}

fn part<T: for<'a> Deserialize<'a>>(encoded: &str) -> Result<T, OAuthError> {
    let json = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| INVALID)?;
    serde_json::from_slice(&json).map_err(|_| INVALID)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(aud: &str, exp: i64) -> Claims {
        Claims { iss: "key".to_owned(), sub: "user".to_owned(), aud: aud.to_owned(), exp }
    }

    #[test]
    fn an_assertion_lives_at_most_three_minutes() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let check = |aud, exp| check(&claims(aud, exp), "http://127.0.0.1:1", now);
        assert!(check("http://127.0.0.1:1", 1_000_180).is_ok());
        assert!(check("https://login.salesforce.com", 1_000_001).is_ok());
        assert!(check("https://login.salesforce.com", 1_000_181).is_err());
        assert!(check("https://login.salesforce.com", 1_000_000).is_err());
        assert!(check("https://example.com", 1_000_001).is_err());
    }

    #[test]
    fn only_rsa_public_keys_are_read() {
        assert_eq!(PublicKey::from_pem("nonsense").unwrap_err(), PublicKeyError::Pem);
        let ec = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n";
        assert_eq!(PublicKey::from_pem(ec).unwrap_err(), PublicKeyError::Kind);
    }
}
