//! The JWT bearer flow: an assertion signed with the key whose public half the app registered.
//!
//! Source: Salesforce help, "OAuth 2.0 JWT Bearer Flow"; RFC 7523; RFC 7515 section 5.2.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;

use super::OAuth;
use super::apps::App;
use super::error::OAuthError;
use super::parameters::Parameters;
use super::tokens::{Bearer, Issued};
use crate::lock::lock;
use crate::secret::fingerprint;

/// How far ahead an assertion may expire, in seconds.
const MAX_AHEAD: i64 = 180;
const INVALID: OAuthError = OAuthError::new("invalid_grant", "invalid assertion");

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
pub(crate) fn exchange(oauth: &OAuth, form: &Parameters) -> Result<(App, Issued), OAuthError> {
    let assertion = form.require("assertion", "missing required parameter: assertion")?;
    let (signed, signature) = assertion.rsplit_once('.').ok_or(INVALID)?;
    let (header, claims) = signed.split_once('.').ok_or(INVALID)?;
    let header: Header = part(header)?;
    let claims: Claims = part(claims)?;
    let app = lock(&oauth.apps).find(&claims.iss).ok_or(OAuthError::INVALID_CLIENT_ID)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| INVALID)?;
    let is_signed = app.jwt_key.as_ref().is_some_and(|key| key.verifies(signed, &signature))
        || app.trusted_assertions.contains(&fingerprint(assertion));
    if header.alg != "RS256" || !is_signed {
        return Err(INVALID);
    }
    check(&claims, &oauth.site.url, oauth.site.now())?;
    let user = oauth.site.user_named(&claims.sub);
    let user = user.ok_or(OAuthError::new("invalid_grant", "user hasn't approved this consumer"))?;
    let scopes = app.grant_scopes(form.get("scope"))?.without_refresh();
    let bearer = Bearer { client_id: app.client_id.clone(), user_id: user.id, scopes };
    let issued = oauth.grant(bearer);
    Ok((app, issued))
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
}
