//! Takes tokens, secrets, codes and passwords out of what the ledger keeps, leaving fingerprints.

use axum::http::{HeaderMap, header};

use crate::secret::fingerprint;

/// Parameters of forms and query strings whose values are secret.
const SECRET_PARAMETERS: [&str; 9] = [
    "access_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "password",
    "refresh_token",
    "token",
];

/// The headers in order, with lower-case names; of credentials only fingerprints.
pub(crate) fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            let value = if name == header::AUTHORIZATION || name == header::PROXY_AUTHORIZATION {
                credentials(&value)
            } else if name == header::COOKIE {
                fingerprint(&value)
            } else {
                value.into_owned()
            };
            (name.as_str().to_owned(), value)
        })
        .collect()
}

/// A form or query string with fingerprints in place of secret values. Everything else stays as it came.
pub(crate) fn parameters(encoded: &str) -> String {
    let parts = encoded.split('&').map(|part| match part.split_once('=') {
        Some((name, value)) if SECRET_PARAMETERS.contains(&name) => {
            let decoded: String =
                form_urlencoded::parse(format!("v={value}").as_bytes()).map(|(_, value)| value).collect();
            format!("{name}={}", fingerprint(&decoded))
        }
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("&")
}

/// `Bearer token` becomes `Bearer sha256:...`.
fn credentials(value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme, token)) => format!("{scheme} {}", fingerprint(token)),
        None => fingerprint(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_leave_and_the_rest_stays() {
        let kept = parameters("grant_type=authorization_code&code=aPrx%2B1&client_secret=hunter2&state=s+1");
        assert_eq!(
            kept,
            format!(
                "grant_type=authorization_code&code={}&client_secret={}&state=s+1",
                fingerprint("aPrx+1"),
                fingerprint("hunter2")
            )
        );
    }

    #[test]
    fn authorization_keeps_its_scheme() {
        let mut given = HeaderMap::new();
        given.insert("authorization", "Bearer 00D!secret".parse().unwrap());
        given.insert("cookie", "sid=secret".parse().unwrap());
        given.insert("accept", "*/*".parse().unwrap());
        let kept = headers(&given);
        assert!(kept.contains(&("authorization".to_owned(), format!("Bearer {}", fingerprint("00D!secret")))));
        assert!(kept.contains(&("accept".to_owned(), "*/*".to_owned())));
        assert!(!format!("{kept:?}").contains("secret"));
    }
}
