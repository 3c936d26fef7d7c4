//! A sealed token: the component works with a placeholder, and the egress puts the token in its place.
//!
//! The token leaves in one header, to one origin, below one path; see [`Seal`]. It does not come back either: an answer
//! that holds it is not passed on ([`super::echo`]), and requests ask for nothing that would hide it from the search.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{
    ACCEPT_CHARSET, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, HeaderName, IF_RANGE, RANGE, TE,
    TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode_str;
use ring::rand::{SecureRandom, SystemRandom};
use wasmtime_wasi_http::Error;

use super::echo::{self, Mark};
use super::policy::Origin;
use super::request::bearer;
use crate::secret::Secret;

/// Where a sealed token may go: the REST API, and not OAuth, SOAP, Apex REST or the pages that make a session of it.
const BELOW: &str = "/services/data/";

/// With them an answer could hold the token in a form that the search does not find: compressed, in another encoding,
/// or cut in two.
const HIDING: [HeaderName; 5] = [ACCEPT_ENCODING, ACCEPT_CHARSET, TE, RANGE, IF_RANGE];

/// An access token that a component may use and does not see.
///
/// Pass [`Seal::placeholder`] as the connection's access token, and the seal to
/// [`EgressPolicy::sealing`](super::EgressPolicy::sealing). Then, in that execution,
///
/// - the token takes the placeholder's place in the header `Authorization: Bearer <placeholder>`, on requests to the
///   seal's origin, and nowhere else;
/// - requests to that origin are refused unless their path is below `/services/data/`, however it is spelt;
/// - no answer is passed on that holds the token, or as much of it as matters.
#[derive(Clone, Debug)]
pub struct Seal {
    placeholder: String,
    token: Secret,
    origin: Origin,
    mark: Arc<Mark>,
}

/// A token cannot be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// It cannot stand in a header, or is too short to be searched for.
    #[error(
        "expected an access token of visible ASCII, with at least {} characters after any organization Id",
        Mark::LEAST
    )]
    Token,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes for a placeholder")]
    Random,
}

impl Seal {
    /// Seals a token that is good for this origin, behind a new random placeholder.
    ///
    /// # Errors
    ///
    /// [`SealError`].
    pub fn new(token: Secret, origin: Origin) -> Result<Self, SealError> {
        let is_visible = token.expose().bytes().all(|byte| byte.is_ascii_graphic());
        let mark = Mark::of(token.expose()).filter(|_| is_visible).ok_or(SealError::Token)?;
        let mut random = [0; 30];
        SystemRandom::new().fill(&mut random).map_err(|_| SealError::Random)?;
        let placeholder = format!("sealed!{}", URL_SAFE_NO_PAD.encode(random));
        Ok(Self { placeholder, token, origin, mark: Arc::new(mark) })
    }

    /// What stands for the token: `sealed!` and 40 characters. Worth nothing outside an execution with this seal.
    #[must_use]
    pub fn placeholder(&self) -> &str {
        &self.placeholder
    }

    pub(crate) fn mark(&self) -> Arc<Mark> {
        self.mark.clone()
    }

    /// False if this request may not be made in a sealed execution.
    pub(crate) fn admits(&self, origin: &Origin, path: &str) -> bool {
        *origin != self.origin || (path.starts_with(BELOW) && !climbs(path))
    }

    /// Makes a request, admitted before, ready to go out.
    pub(crate) fn open(&self, origin: &Origin, headers: &mut HeaderMap) -> Result<(), Error> {
        for name in &HIDING {
            headers.remove(name);
        }
        let mut credentials = headers.get_all(AUTHORIZATION).iter();
        let is_placeholder = |value: &HeaderValue| {
            value.as_bytes().strip_prefix(b"Bearer ").is_some_and(|rest| rest == self.placeholder.as_bytes())
        };
        let is_sealed = credentials.next().is_some_and(is_placeholder) && credentials.next().is_none();
        if is_sealed && *origin == self.origin {
            headers.insert(AUTHORIZATION, bearer(&self.token).map_err(|_| Error::HttpRequestDenied)?);
        }
        Ok(())
    }

    /// Refuses an answer whose headers hold the token, or whose body cannot be searched for it.
    ///
    /// # Errors
    ///
    /// None of the codes that promise that nothing was sent.
    pub(crate) fn inspect(&self, headers: &HeaderMap) -> Result<(), Error> {
        if headers.iter().any(|(name, value)| self.mark.is_in_header(name, value)) {
            return Err(echo::refusal());
        }
        let is = |name: HeaderName, plain: &[&str]| {
            headers.get_all(name).iter().all(|value| {
                plain.iter().any(|plain| value.as_bytes().trim_ascii().eq_ignore_ascii_case(plain.as_bytes()))
            })
        };
        if is(CONTENT_ENCODING, &["identity", ""]) && is(TRANSFER_ENCODING, &["chunked", "identity"]) {
            Ok(())
        } else {
            Err(Error::HttpResponseContentCoding(None))
        }
    }
}

/// True if a server could read the path as one that goes up: a dot segment, percent-encoded, set apart by an
/// encoded slash or a backslash, with parameters (`..;x`) or blanks. What is encoded more than twice counts as one.
fn climbs(path: &str) -> bool {
    let mut path = path.to_owned();
    for _ in 0..3 {
        let segment = |part: &str| {
            let name = part.split(';').next().unwrap_or_default();
            matches!(name.trim_matches(|blank: char| blank.is_whitespace() || blank.is_control()), "." | "..")
        };
        if path.split(['/', '\\']).any(segment) {
            return true;
        }
        let Ok(decoded) = percent_decode_str(&path).decode_utf8() else { return true };
        if decoded == path {
            return false;
        }
        path = decoded.into_owned();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "00D5g000004XyzA!AQ0AQSENTINEL.abcdefghijklmnopqrstuvwxyz0123456789";

    fn seal() -> Seal {
        Seal::new(Secret::from(TOKEN.to_owned()), origin("https://example.my.salesforce.com")).unwrap()
    }

    fn origin(text: &str) -> Origin {
        text.parse().unwrap()
    }

    fn opened(origin_text: &str, headers: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        let seal = seal();
        for (name, value) in headers {
            map.append(*name, value.replace("PLACEHOLDER", seal.placeholder()).parse().unwrap());
        }
        seal.open(&origin(origin_text), &mut map).unwrap();
        map
    }

    #[test]
    fn a_placeholder_looks_like_a_token_and_no_two_are_the_same() {
        let (one, other) = (seal(), seal());
        assert_ne!(one.placeholder(), other.placeholder());
        let random = one.placeholder().strip_prefix("sealed!").unwrap();
        assert_eq!(random.len(), 40);
        assert!(random.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{random}");
    }

    #[test]
    fn debug_shows_nothing_of_the_token() {
        let policy = super::super::EgressPolicy::default().sealing(seal());
        let shown = format!("{policy:?} {policy:#?} {:?}", seal().mark());
        assert!(shown.contains("[redacted]"), "{shown}");
        assert!(!shown.contains("SENTINEL"), "{shown}");
        let bytes = format!("{:?}", &TOKEN.as_bytes()[16..22]);
        assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
        let header = opened("https://example.my.salesforce.com", &[("authorization", "Bearer PLACEHOLDER")]);
        assert!(!format!("{header:?}").contains("SENTINEL"), "{header:?}");
    }

    #[test]
    fn a_token_that_cannot_be_sent_or_searched_for_is_refused() {
        for token in
            ["", "short", "00D5g000004XyzA!short", "with a space in the middle of it", "line\nbreak-in-the-token"]
        {
            let result = Seal::new(Secret::from(token.to_owned()), origin("https://example.com"));
            assert!(matches!(result, Err(SealError::Token)), "{token:?}");
        }
        let said = SealError::Token.to_string();
        assert!(said.contains("at least 16 characters"), "{said}");
    }

    #[test]
    fn only_the_bearer_header_to_the_seals_origin_is_opened() {
        let home = "https://example.my.salesforce.com";
        let headers = opened(home, &[("authorization", "Bearer PLACEHOLDER"), ("x-other", "Bearer PLACEHOLDER")]);
        assert_eq!(headers["authorization"], format!("Bearer {TOKEN}"));
        assert!(headers["x-other"].as_bytes().starts_with(b"Bearer sealed!"));
        for (origin, value) in [
            (home, "bearer PLACEHOLDER"),
            (home, "Bearer  PLACEHOLDER"),
            (home, "Bearer PLACEHOLDERx"),
            (home, "Basic PLACEHOLDER"),
            (home, "PLACEHOLDER"),
            ("https://example.my.salesforce.com:8443", "Bearer PLACEHOLDER"),
            ("https://other.my.salesforce.com", "Bearer PLACEHOLDER"),
        ] {
            let headers = opened(origin, &[("authorization", value)]);
            assert!(headers["authorization"].to_str().unwrap().contains("sealed!"), "{origin} {value}");
        }
        let two = opened(home, &[("authorization", "Bearer PLACEHOLDER"), ("authorization", "Bearer x")]);
        assert!(!format!("{:?}", two.get_all("authorization").iter().collect::<Vec<_>>()).contains("Sensitive"));
    }

    #[test]
    fn what_would_hide_the_token_in_an_answer_is_not_asked_for() {
        let names = ["accept-encoding", "accept-charset", "te", "range", "if-range"];
        let mut asked = names.map(|name| (name, "x")).to_vec();
        asked.push(("accept", "application/json"));
        for origin in ["https://example.my.salesforce.com", "https://other.example"] {
            let headers = opened(origin, &asked);
            assert_eq!(headers.keys().collect::<Vec<_>>(), ["accept"]);
        }
    }

    #[test]
    fn paths_below_the_data_api_are_admitted_and_no_others() {
        let (seal, home) = (seal(), origin("https://example.my.salesforce.com"));
        for path in [
            "/services/data/v67.0/query",
            "/services/data/v67.0/sobjects/Account/Ext__c/a%2Fb.c",
            "/services/data/v67.0/sobjects/Account/Ext__c/100%2525",
            "/services/data/v67.0/sobjects/Account/Ext__c/..a/...",
        ] {
            assert!(seal.admits(&home, path), "{path}");
        }
        for path in [
            "/",
            "/services/data",
            "/services/oauth2/userinfo",
            "/services/Soap/u/67.0",
            "/services/apexrest/x",
            "/secur/frontdoor.jsp",
            "//services/data/v67.0",
            "/Services/Data/v67.0",
            "/services/data/../oauth2/token",
            "/services/data/./x",
            "/services/data/v67.0/..",
            "/services/data/%2e%2e/oauth2/token",
            "/services/data/.%2E/oauth2/token",
            "/services/data/%252e%252e/oauth2/token",
            "/services/data/%25252e%25252e/oauth2/token",
            "/services/data/v67.0/..%2f..%2Foauth2/token",
            "/services/data/..\\oauth2",
            "/services/data/..%5coauth2",
            "/services/data/..;/oauth2/token",
            "/services/data/..%3bx/oauth2/token",
            "/services/data/..%00/oauth2/token",
            "/services/data/..%20/oauth2/token",
            "/services/data/%c0%ae%c0%ae/oauth2/token",
        ] {
            assert!(!seal.admits(&home, path), "{path}");
            assert!(seal.admits(&origin("https://other.example"), path), "{path}");
        }
    }

    #[test]
    fn an_answer_whose_headers_hold_the_token_or_whose_body_is_coded_is_refused() {
        let inspect = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            seal().inspect(&headers)
        };
        let secret = TOKEN.split_once('!').unwrap().1;
        for value in [TOKEN.to_owned(), format!("x={secret}; y"), format!("/?sid=00D5g000004XyzA%21{secret}")] {
            let refused = inspect("location", &value);
            assert!(matches!(refused, Err(Error::InternalError(Some(_)))), "{refused:?}");
        }
        for (name, value) in
            [("content-encoding", "gzip"), ("content-encoding", "identity, br"), ("transfer-encoding", "gzip, chunked")]
        {
            let refused = inspect(name, value);
            assert!(matches!(refused, Err(Error::HttpResponseContentCoding(None))), "{refused:?}");
        }
        for (name, value) in [
            ("content-encoding", "Identity"),
            ("transfer-encoding", "chunked"),
            ("location", "/?sid=00D5g000004XyzA!AQ0AQ"),
        ] {
            inspect(name, value).unwrap();
        }
    }
}
