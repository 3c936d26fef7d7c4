//! What reached the org: every request whole, and whether it holds a secret where none belongs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::AUTHORIZATION;
use mock_salesforce::Arrival;

use super::needles::{Hay, Kind, Needle};

/// Requests with credentials of an app, each with what else of secrets belongs there.
const OAUTH: &str = "/services/oauth2/";

/// Shared with the org. Clones share it too.
#[derive(Clone, Default)]
pub(super) struct Watch(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    needles: Vec<Needle>,
    client_id: String,
    requests: Vec<(String, String)>,
    leaks: Vec<String>,
}

impl Watch {
    pub(super) fn of(client_id: &str) -> Self {
        Self(Arc::new(Mutex::new(Seen { client_id: client_id.to_owned(), ..Seen::default() })))
    }

    /// Looks for it from now on.
    pub(super) fn keep(&self, needle: Needle) {
        self.lock().needles.push(needle);
    }

    pub(super) fn needles(&self) -> Vec<Needle> {
        self.lock().needles.clone()
    }

    /// How many requests came so far.
    pub(super) fn count(&self) -> usize {
        self.lock().requests.len()
    }

    /// Method and path of the requests after so many.
    pub(super) fn since(&self, count: usize) -> Vec<(String, String)> {
        self.lock().requests.get(count..).unwrap_or_default().to_vec()
    }

    /// Which requests held what.
    pub(super) fn leaks(&self) -> Vec<String> {
        self.lock().leaks.clone()
    }

    pub(super) fn see(&self, arrival: &Arrival<'_>) {
        let mut seen = self.lock();
        seen.requests.push((arrival.method.to_owned(), arrival.path.to_owned()));
        for (place, text) in seen.out_of_place(arrival) {
            let hay = Hay::new(&text);
            let found = seen.needles.iter().filter(|needle| needle.kind != Kind::Plant && needle.is_in(&hay));
            let found: Vec<_> =
                found.map(|needle| format!("{place} of a request held {}", needle.kind.name())).collect();
            for leak in found {
                if !seen.leaks.contains(&leak) {
                    seen.leaks.push(leak);
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// The parts of a request, without the secrets that are in their place.
    fn out_of_place(&self, arrival: &Arrival<'_>) -> Vec<(&'static str, Vec<u8>)> {
        let to_oauth = arrival.path.starts_with(OAUTH) && arrival.method == "POST";
        let mut parts =
            vec![("the path", arrival.path.as_bytes().to_vec()), ("the query", arrival.query.as_bytes().to_vec())];
        for (name, value) in arrival.headers {
            if !(name == AUTHORIZATION && self.is_in_place(value.as_bytes(), to_oauth)) {
                parts.push(("a header", [name.as_str().as_bytes(), b": ", value.as_bytes()].concat()));
            }
        }
        if !to_oauth {
            parts.push(("the body", arrival.body.to_vec()));
            return parts;
        }
        for (name, value) in form_urlencoded::parse(arrival.body) {
            let belongs = self.needles.iter().any(|needle| belongs(&name, needle.kind) && needle.text == value);
            if !belongs {
                parts.push(("the body", format!("{name}={value}").into_bytes()));
            }
        }
        parts
    }

    /// `Bearer` with an access token, and to the app's own endpoints `Basic` with its credentials.
    fn is_in_place(&self, value: &[u8], to_oauth: bool) -> bool {
        let is =
            |kind, text: &[u8]| self.needles.iter().any(|needle| needle.kind == kind && needle.text.as_bytes() == text);
        match (value.strip_prefix(b"Bearer "), value.strip_prefix(b"Basic ")) {
            (Some(token), _) => is(Kind::AccessToken, token),
            (_, Some(credentials)) if to_oauth => {
                let decoded = BASE64_STANDARD.decode(credentials).unwrap_or_default();
                let secret = decoded.strip_prefix(format!("{}:", self.client_id).as_bytes());
                secret.is_some_and(|secret| is(Kind::ClientSecret, secret))
            }
            _ => false,
        }
    }
}

/// The parameters of RFC 6749, 7009, 7523, 7636 and 7662 that hold secrets.
fn belongs(parameter: &str, kind: Kind) -> bool {
    match kind {
        Kind::ClientSecret => parameter == "client_secret",
        Kind::RefreshToken => parameter == "refresh_token" || parameter == "token",
        Kind::AccessToken => parameter == "token",
        Kind::Code => parameter == "code",
        Kind::Verifier => parameter == "code_verifier",
        Kind::Assertion => parameter == "assertion",
        Kind::Placeholder | Kind::Plant => false,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    const TOKEN: &str = "00D5g0000000001EAA!AQabcdefghijklmnopqrstuvwxyz0123456789";
    const SECRET: &str = "0123456789ABCDEF0123456789ABCDEF";

    fn leaks(path: &str, query: &str, headers: &[(&'static str, &str)], body: &str) -> Vec<String> {
        let watch = Watch::of("3MVG9key");
        watch.keep(Needle::new(Kind::AccessToken, TOKEN));
        watch.keep(Needle::new(Kind::ClientSecret, SECRET));
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        watch.see(&Arrival { method: "POST", path, query, headers: &headers, body: body.as_bytes() });
        watch.leaks()
    }

    #[test]
    fn a_secret_in_its_place_is_no_leak() {
        let bearer = format!("Bearer {TOKEN}");
        assert!(leaks("/services/data/v67.0/query", "q=x", &[("authorization", &bearer)], "").is_empty());
        let form = format!("client_id=3MVG9key&client_secret={SECRET}");
        assert!(leaks("/services/oauth2/token", "", &[], &form).is_empty());
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("3MVG9key:{SECRET}")));
        assert!(leaks("/services/oauth2/token", "", &[("authorization", &basic)], "").is_empty());
        assert!(
            leaks(
                "/services/oauth2/revoke",
                "",
                &[],
                "token=00D5g0000000001EAA%21AQabcdefghijklmnopqrstuvwxyz0123456789"
            )
            .is_empty()
        );
    }

    #[test]
    fn a_secret_anywhere_else_is_one() {
        let reversed: String = SECRET.chars().rev().collect();
        let (bearer, form) = (format!("Bearer {TOKEN}{TOKEN}"), format!("client_id={SECRET}"));
        for (leak, expected) in [
            (
                leaks("/services/data/v67.0/query", &format!("q={TOKEN}"), &[], ""),
                "the query of a request held the access token",
            ),
            (leaks(&format!("/services/data/{TOKEN}"), "", &[], ""), "the path of a request held the access token"),
            (leaks("/services/data", "", &[("x-a", TOKEN)], ""), "a header of a request held the access token"),
            (
                leaks("/services/data", "", &[("authorization", &bearer)], ""),
                "a header of a request held the access token",
            ),
            (
                leaks("/services/data", "", &[], &format!(r#"{{"Name":"{reversed}"}}"#)),
                "the body of a request held the client secret",
            ),
            (leaks("/services/oauth2/token", "", &[], &form), "the body of a request held the client secret"),
        ] {
            assert_eq!(leak, [expected]);
        }
    }
}
