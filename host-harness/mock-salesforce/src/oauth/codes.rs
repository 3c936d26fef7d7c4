//! Authorization codes: they live 15 minutes, work once, and only for the request they were made for.
//!
//! Source: Salesforce help, "OAuth 2.0 Web Server Flow"; RFC 6749 sections 4.1.2 and 10.5; RFC 7636.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use ring::digest;

use super::error::OAuthError;
use super::scopes::Scopes;
use super::tokens::GrantId;
use crate::random;
use crate::secret::Secret;

const LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// What a user has allowed.
#[derive(Debug, Clone)]
pub(crate) struct Allowed {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Scopes,
    pub(crate) user_id: String,
    pub(crate) challenge: Option<Challenge>,
}

/// A PKCE challenge: base64url(SHA-256(verifier)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Challenge(String);

impl Challenge {
    /// 43 characters of base64url, the length of a SHA-256.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == digest::SHA256_OUTPUT_LEN).then(|| Self(text.to_owned()))
    }

    /// RFC 7636 ends a verifier at 128 characters. Salesforce asks for the base64url of 128 random bytes, which has 171:
    /// jsforce sends that, so there is no bound above but that of the request.
    fn answered_by(&self, verifier: &str) -> bool {
        let well_formed = verifier.len() >= 43
            && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        let digest = digest::digest(&digest::SHA256, verifier.as_bytes());
        well_formed && Secret::from(self.0.as_str()).matches(&URL_SAFE_NO_PAD.encode(digest))
    }
}

/// Why a code was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// As the token endpoint tells it.
    Error(OAuthError),
    /// It was used before. What it gave then must be revoked, for one of its two users has stolen it.
    Replayed(Option<GrantId>),
}

/// All codes that are not forgotten yet.
#[derive(Debug, Default)]
pub(crate) struct Codes(HashMap<String, Code>);

#[derive(Debug)]
struct Code {
    allowed: Allowed,
    expires: Timestamp,
    used: Option<Use>,
}

#[derive(Debug)]
struct Use {
    gave: Option<GrantId>,
}

impl Codes {
    /// Makes a code. Forgets those that expired long ago.
    pub(crate) fn issue(&mut self, allowed: Allowed, now: Timestamp) -> String {
        self.0.retain(|_, code| now.duration_since(code.expires) < LIFETIME);
        let code = format!("aPrx{}", random::base62(76));
        let expires = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
        self.0.insert(code.clone(), Code { allowed, expires, used: None });
        code
    }

    /// Takes a code, once.
    pub(crate) fn redeem(
        &mut self,
        code: &str,
        client_id: &str,
        redirect_uri: Option<&str>,
        verifier: Option<&str>,
        now: Timestamp,
    ) -> Result<Allowed, Refused> {
        let refused = |code, description| Err(Refused::Error(OAuthError::new(code, description)));
        let Some(code) = self.0.get_mut(code) else {
            return refused("invalid_grant", "invalid authorization code");
        };
        if code.allowed.client_id != client_id {
            return refused("invalid_grant", "invalid authorization code");
        }
        if let Some(used) = &code.used {
            return Err(Refused::Replayed(used.gave));
        }
        if now >= code.expires {
            return Err(Refused::Error(OAuthError::EXPIRED_CODE));
        }
        if redirect_uri != Some(&code.allowed.redirect_uri) {
            return refused("redirect_uri_mismatch", "redirect_uri must match configuration");
        }
        match (&code.allowed.challenge, verifier) {
            (Some(_), None) => return refused("invalid_grant", "missing code verifier"),
            (Some(challenge), Some(verifier)) if !challenge.answered_by(verifier) => {
                return refused("invalid_request", "invalid code verifier");
            }
            (None, Some(_)) => return refused("invalid_request", "code verifier without a code challenge"),
            (Some(_), Some(_)) | (None, None) => {}
        }
        code.used = Some(Use { gave: None });
        Ok(code.allowed.clone())
    }

    /// Gives all codes their full time from now on.
    pub(crate) fn renew(&mut self, now: Timestamp) {
        let expires = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
        self.0.values_mut().for_each(|code| code.expires = expires);
    }

    /// Remembers what a code gave, so that a replay can take it back.
    pub(crate) fn gave(&mut self, code: &str, grant: GrantId) {
        if let Some(code) = self.0.get_mut(code) {
            code.used = Some(Use { gave: Some(grant) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const CALLBACK: Option<&str> = Some("http://localhost/callback");

    fn now() -> Timestamp {
        "2026-06-15T12:00:00Z".parse().unwrap()
    }

    fn issue(challenge: Option<&str>) -> (Codes, String) {
        let mut codes = Codes::default();
        let allowed = Allowed {
            client_id: "key".to_owned(),
            redirect_uri: "http://localhost/callback".to_owned(),
            scopes: Scopes::parse("api").unwrap(),
            user_id: "005".to_owned(),
            challenge: challenge.map(|text| Challenge::parse(text).unwrap()),
        };
        let code = codes.issue(allowed, now());
        (codes, code)
    }

    fn error(result: Result<Allowed, Refused>) -> &'static str {
        match result.unwrap_err() {
            Refused::Error(error) => error.code,
            Refused::Replayed(_) => "replayed",
        }
    }

    #[test]
    fn the_verifier_of_rfc_7636_fits_its_challenge() {
        let (mut codes, code) = issue(Some(CHALLENGE));
        assert!(codes.redeem(&code, "key", CALLBACK, Some(VERIFIER), now()).is_ok());
    }

    #[test]
    fn a_verifier_of_128_random_bytes_in_base64url_is_taken() {
        let verifier = "x".repeat(171);
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
        let (mut codes, code) = issue(Some(&challenge));
        assert!(codes.redeem(&code, "key", CALLBACK, Some(&verifier), now()).is_ok());
    }

    #[test]
    fn a_missing_verifier_and_a_wrong_one_are_told_apart() {
        let (mut codes, code) = issue(Some(CHALLENGE));
        assert_eq!(error(codes.redeem(&code, "key", CALLBACK, None, now())), "invalid_grant");
        let wrong = "x".repeat(43);
        assert_eq!(error(codes.redeem(&code, "key", CALLBACK, Some(&wrong), now())), "invalid_request");
        assert_eq!(error(codes.redeem(&code, "key", CALLBACK, Some("short"), now())), "invalid_request");
    }

    #[test]
    fn a_code_belongs_to_its_client_and_callback() {
        let (mut codes, code) = issue(None);
        assert_eq!(error(codes.redeem(&code, "other", CALLBACK, None, now())), "invalid_grant");
        let other = Some("http://localhost/callback/");
        assert_eq!(error(codes.redeem(&code, "key", other, None, now())), "redirect_uri_mismatch");
        assert_eq!(error(codes.redeem(&code, "key", None, None, now())), "redirect_uri_mismatch");
    }

    #[test]
    fn a_code_works_once_and_for_15_minutes() {
        let (mut codes, code) = issue(None);
        let late = now() + LIFETIME;
        assert_eq!(error(codes.redeem(&code, "key", CALLBACK, None, late)), "invalid_grant");
        assert!(codes.redeem(&code, "key", CALLBACK, None, late - SignedDuration::from_secs(1)).is_ok());
        assert_eq!(error(codes.redeem(&code, "key", CALLBACK, None, now())), "replayed");
    }

    #[test]
    fn only_a_sha_256_is_a_challenge() {
        assert!(Challenge::parse("short").is_none());
        assert!(Challenge::parse(&"=".repeat(43)).is_none());
        assert!(Challenge::parse(CHALLENGE).is_some());
    }
}
