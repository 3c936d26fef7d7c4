//! Which app is calling: client id and secret from the form or from HTTP Basic.
//!
//! Source: RFC 6749 section 2.3.1; Salesforce help, "OAuth 2.0 Error Codes".

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::OAuth;
use super::apps::App;
use super::error::OAuthError;
use super::parameters::Parameters;
use crate::lock::lock;

/// The app that proves to be itself. A confidential one has to show its secret, a public one must not have any.
pub(crate) fn authenticate(oauth: &OAuth, headers: &HeaderMap, form: &Parameters) -> Result<App, OAuthError> {
    let (client_id, secret) = credentials(headers, form)?;
    let app = lock(&oauth.apps).find(&client_id).ok_or(OAuthError::INVALID_CLIENT_ID)?;
    let proven = match (&app.client_secret, &secret) {
        (Some(secret), Some(given)) => secret.matches(given),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if proven { Ok(app) } else { Err(OAuthError::INVALID_CLIENT) }
}

fn credentials(headers: &HeaderMap, form: &Parameters) -> Result<(String, Option<String>), OAuthError> {
    let in_form = form.get("client_id");
    match headers.get(header::AUTHORIZATION) {
        Some(value) => {
            let value = value.to_str().map_err(|_| OAuthError::INVALID_CLIENT)?;
            let (client_id, secret) = basic(value).ok_or(OAuthError::INVALID_CLIENT)?;
            if in_form.is_some_and(|other| other != client_id) || form.get("client_secret").is_some() {
                return Err(OAuthError::new("invalid_request", "client credentials given twice"));
            }
            Ok((client_id, Some(secret).filter(|secret| !secret.is_empty())))
        }
        None => {
            let client_id = in_form.ok_or(OAuthError::INVALID_CLIENT_ID)?;
            Ok((client_id.to_owned(), form.get("client_secret").map(str::to_owned)))
        }
    }
}

/// Reads `Basic base64(id:secret)`; id and secret are form-encoded in it.
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client_id, secret) = text.split_once(':')?;
    Some((form_decode(client_id), form_decode(secret)))
}

fn form_decode(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_form_encoded_inside() {
        let value = format!("basic {}", STANDARD.encode("key:a%3Ab%2B"));
        assert_eq!(basic(&value), Some(("key".to_owned(), "a:b+".to_owned())));
        assert_eq!(basic("Bearer abc"), None);
        assert_eq!(basic("Basic !!!"), None);
    }
}
