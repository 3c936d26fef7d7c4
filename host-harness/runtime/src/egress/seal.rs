//! A sealed token: the component works with a placeholder, and the egress puts the token in its place.
//!
//! The token leaves in one header, to one origin, below one path and to user info; see [`Seal`]. It does not come back either: an answer
//! that holds it is not passed on ([`super::echo`]), and requests ask for nothing that would hide it from the search.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, request};
use ring::rand::{SecureRandom, SystemRandom};
use wasmtime_wasi_http::Error;

use super::bearer::bearer;
use super::origin::Origin;
use super::runs::{Mark, RUN};
use super::{sealed_request, sealed_target};
use crate::secret::Secret;

/// An access token that a component may use and does not see.
///
/// Pass [`Seal::placeholder`] as the connection's access token, and the seal to
/// [`EgressPolicy::sealing`](super::EgressPolicy::sealing). Then, in that execution,
///
/// - the token takes the placeholder's place in the header `Authorization: Bearer <placeholder>`, on requests to the
///   seal's origin, and nowhere else;
/// - requests to that origin are refused unless their path is below `/services/data/`, in one spelling, or they read
///   `/services/oauth2/userinfo`, or their path is below `/services/apexrest/`, in one spelling, and
///   [`Seal::admitting_apex_rest`] says so;
/// - requests have the methods and headers of Salesforce's REST API and no others, and no credentials but the placeholder;
/// - no answer is passed on that holds 16 characters of the token's secret part in a row, or that cannot be searched for them:
///   compressed, of a type that is no text, or not UTF-8.
#[derive(Clone, Debug)]
pub struct Seal {
    placeholder: String,
    token: Secret,
    origin: Origin,
    mark: Arc<Mark>,
    apex_rest: bool,
}

/// A token cannot be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// It cannot stand in a header, or is too short to be searched for.
    #[error(
        "expected an access token of letters, digits and !-._~+/=, with at least {} characters after any organization Id",
        RUN
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
        // An opaque token begins with its organization's Id and `!`; a JWT with what it says, and ends with a signature.
        let whole = token.expose();
        let secret = whole.rsplit_once('!').or_else(|| whole.rsplit_once('.')).map_or(whole, |(_, secret)| secret);
        let is_visible = whole.bytes().all(|byte| byte.is_ascii_graphic());
        let mark = Mark::of(secret).filter(|_| is_visible).ok_or(SealError::Token)?;
        let mut random = [0; 30];
        SystemRandom::new().fill(&mut random).map_err(|_| SealError::Random)?;
        let placeholder = format!("sealed!{}", URL_SAFE_NO_PAD.encode(random));
        Ok(Self { placeholder, token, origin, mark: Arc::new(mark), apex_rest: false })
    }

    /// Also lets the token go below `/services/apexrest/`, to what the org's own classes serve. A class does what its author
    /// wrote, and answers what it likes: allow it for connections whose org wants it.
    #[must_use]
    pub fn admitting_apex_rest(self) -> Self {
        Self { apex_rest: true, ..self }
    }

    /// What stands for the token: `sealed!` and 40 characters. Worth nothing outside an execution with this seal.
    #[must_use]
    pub fn placeholder(&self) -> &str {
        &self.placeholder
    }

    pub(crate) fn is_for(&self, origin: &Origin) -> bool {
        *origin == self.origin
    }

    pub(crate) fn mark(&self) -> Arc<Mark> {
        self.mark.clone()
    }

    /// False if this request may not be made in a sealed execution.
    pub(crate) fn admits(&self, origin: &Origin, head: &request::Parts) -> bool {
        sealed_request::admits(head, &format!("Bearer {}", self.placeholder))
            && (*origin != self.origin
                || sealed_target::admits_target(&head.method, head.uri.path(), head.uri.query())
                || self.apex_rest && sealed_target::admits_apex_rest(head.uri.path(), head.uri.query()))
    }

    /// Makes a request, admitted before, ready to go out.
    pub(crate) fn open(&self, origin: &Origin, headers: &mut HeaderMap) -> Result<(), Error> {
        sealed_request::leave_out(headers);
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
    fn what_only_asks_for_a_form_of_the_answer_is_left_out() {
        let names = ["accept-encoding", "accept-charset", "te", "range", "if-range"];
        let mut asked = names.map(|name| (name, "x")).to_vec();
        asked.push(("accept", "application/json"));
        for origin in ["https://example.my.salesforce.com", "https://other.example"] {
            let headers = opened(origin, &asked);
            assert_eq!(headers.keys().collect::<Vec<_>>(), ["accept"]);
        }
    }

    #[test]
    fn s10_apex_rest_is_admitted_at_the_org_alone_and_only_where_the_seal_says_so() {
        let (home, other) = ("https://example.my.salesforce.com", "https://other.my.salesforce.com");
        for (seal, admitted) in [(seal(), false), (seal().admitting_apex_rest(), true)] {
            let admits = |to: &str, method: &str, path: &str| {
                let bearer = format!("Bearer {}", seal.placeholder());
                let request = http::Request::builder().method(method).uri(path).header("authorization", bearer);
                seal.admits(&origin(to), &request.body(()).unwrap().into_parts().0)
            };
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                assert_eq!(admits(home, method, "/services/apexrest/orders/v1.0/7?a=b"), admitted, "{method}");
                assert!(!admits(home, method, "/services/apexrest/orders/../x"));
                assert!(!admits(home, method, "/services/oauth2/token"));
                assert!(admits(home, method, "/services/data/v67.0/query"));
            }
            assert!(admits(other, "GET", "/services/apexrest/orders"), "it gets no token");
        }
    }

    #[test]
    fn s10_paths_are_the_data_apis_and_user_info_at_the_org_and_headers_are_listed_everywhere() {
        let seal = seal();
        let admits = |to: &str, path: &str, header: (&str, &str)| {
            let request = http::Request::get(path).header(header.0, header.1).body(()).unwrap();
            seal.admits(&origin(to), &request.into_parts().0)
        };
        let (home, other) = ("https://example.my.salesforce.com", "https://other.example");
        let (query, credentials) = ("/services/data/v67.0/query?q=x", format!("Bearer {}", seal.placeholder()));
        for (to, path, header, admitted) in [
            (home, query, ("authorization", credentials.as_str()), true),
            (home, "/services/oauth2/userinfo", ("authorization", credentials.as_str()), true),
            (home, "/services/oauth2/introspect", ("accept", "application/json"), false),
            (other, "/services/oauth2/introspect", ("accept", "application/json"), true),
            (home, query, ("x-http-method-override", "DELETE"), false),
            (other, query, ("x-http-method-override", "DELETE"), false),
            (home, query, ("authorization", "Bearer 00D!another"), false),
        ] {
            assert_eq!(admits(to, path, header), admitted, "{to}{path} {header:?}");
        }
    }
}
