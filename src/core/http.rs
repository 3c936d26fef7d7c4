//! The seam to the network: one request out, one response or one failure back.

use std::borrow::Cow;

use super::connection::Connection;
use super::encoding::form;
use super::error::{Error, ErrorKind, Outcome, Result};
use super::origin::{LoginUrl, Origin};
use super::secret::Secret;

const JSON: &str = "application/json";

/// How a request travels, and the passing of time. The component implements it over WASI HTTP; tests with a script.
pub trait Transport {
    /// Sends a request and reads the whole answer, within the call's deadline. Redirects are not followed.
    fn send(&mut self, request: &Request<'_>, max_response_bytes: u64) -> Result<Response, Failure>;

    /// Waits. False, at once, if the deadline would pass meanwhile.
    fn pause(&mut self, milliseconds: u64) -> bool;

    /// Random bits, to spread repeated requests in time.
    fn random(&mut self) -> u64;
}

/// HTTP methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the methods of RFC 9110 and RFC 5789")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// A request body.
pub struct Body {
    /// Value of `Content-Type`.
    pub content_type: Cow<'static, str>,
    /// The exact bytes.
    pub bytes: Vec<u8>,
}

/// How long a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyLength {
    /// All of it is in the request.
    Whole,
    /// So many bytes, which a shell sends piece by piece.
    Told(u64),
    /// Nobody knows before it was sent: a shell sends it piece by piece, or the host replaces placeholders in it.
    Unknown,
}

/// A request to Salesforce. No `Debug`: its path, headers and body hold people's data and secrets.
pub struct Request<'a> {
    /// Method.
    pub method: Method,
    /// Where it goes.
    pub origin: &'a Origin,
    /// Path and query, encoded.
    pub path_and_query: String,
    /// Value of `Accept`.
    pub accept: &'static str,
    /// Headers beside those that [`Request::headers`] adds, names in lower case.
    pub extra_headers: Vec<(&'static str, String)>,
    /// The access token.
    pub bearer: Option<&'a Secret>,
    /// The body.
    pub body: Option<Body>,
    /// All secrets in it, so that an error can be cleared of a server's echo.
    pub secrets: Vec<&'a Secret>,
    /// How long the body is.
    pub body_length: BodyLength,
}

impl<'a> Request<'a> {
    /// Salesforce's limit on a URI alone, and on URI and headers together.
    /// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm> (414, 431)
    const MOST_BYTES: usize = 16_384;
    /// What a host adds: `Host`, `Content-Length`, perhaps a trace header.
    const ROOM_FOR_HOST: usize = 512;

    /// A read of the REST API: `path` follows `/services/data/vNN.N`.
    pub fn get(connection: &'a Connection, path: &str) -> Self {
        Self {
            method: Method::Get,
            origin: &connection.instance,
            path_and_query: connection.path(path),
            accept: JSON,
            extra_headers: Vec::new(),
            bearer: Some(&connection.access_token),
            body: None,
            secrets: vec![&connection.access_token],
            body_length: BodyLength::Whole,
        }
    }

    /// A write to the REST API with a JSON body.
    pub fn write(connection: &'a Connection, method: Method, path: &str, json: impl Into<Vec<u8>>) -> Self {
        let body = Body { content_type: JSON.into(), bytes: json.into() };
        Self::send_body(connection, method, path, body)
    }

    /// A write to the REST API with any body.
    pub fn send_body(connection: &'a Connection, method: Method, path: &str, body: Body) -> Self {
        Self { method, body: Some(body), ..Self::get(connection, path) }
    }

    /// A delete in the REST API. It has no body.
    pub fn delete(connection: &'a Connection, path: &str) -> Self {
        Self { method: Method::Delete, ..Self::get(connection, path) }
    }

    /// A POST of a form to an OAuth endpoint. The values that are secrets are named a second time in `secrets`.
    pub fn form(login: &'a LoginUrl, endpoint: &str, pairs: &[(&str, &str)], secrets: Vec<&'a Secret>) -> Self {
        Self {
            method: Method::Post,
            origin: login,
            path_and_query: login.path_to(endpoint),
            accept: JSON,
            extra_headers: Vec::new(),
            bearer: None,
            body: Some(Body {
                content_type: "application/x-www-form-urlencoded".into(),
                bytes: form(pairs).into_bytes(),
            }),
            secrets,
            body_length: BodyLength::Whole,
        }
    }

    /// All headers, but for those that a host adds.
    pub fn headers(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut headers = vec![
            ("accept", self.accept.into()),
            // Without it any encoding would be acceptable (RFC 9110 section 12.5.3).
            ("accept-encoding", b"identity".to_vec()),
            ("user-agent", concat!("salesforce-connector/", env!("CARGO_PKG_VERSION")).into()),
        ];
        if let Some(token) = self.bearer {
            headers.push(("authorization", ["Bearer ", token.expose()].concat().into_bytes()));
        }
        if let Some(body) = &self.body {
            headers.push(("content-type", body.content_type.as_bytes().to_vec()));
            let length = match self.body_length {
                BodyLength::Whole => Some(body.bytes.len() as u64),
                BodyLength::Told(length) => Some(length),
                BodyLength::Unknown => None,
            };
            if let Some(length) = length {
                headers.push(("content-length", length.to_string().into_bytes()));
            }
        } else if self.method != Method::Get {
            // Without it hosts send a body of unknown length, in chunks, though it is empty.
            headers.push(("content-length", b"0".into()));
        }
        headers.extend(self.extra_headers.iter().map(|(name, value)| (*name, value.as_bytes().to_vec())));
        headers
    }

    /// Refuses what Salesforce would answer with 414 or 431, before anything is sent.
    pub(super) fn check_size(&self) -> Result<()> {
        let uri = self.origin.url().len() + self.path_and_query.len();
        let headers: usize = self.headers().iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        let bytes = uri + headers + Self::ROOM_FOR_HOST;
        if bytes <= Self::MOST_BYTES {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::RequestTooLarge,
            Outcome::NotSent,
            format!(
                "the request has {bytes} bytes of address and headers, Salesforce accepts {}: ask for fewer fields, or \
                 bind a shorter list and query in several parts",
                Self::MOST_BYTES
            ),
        ))
    }
}

/// A whole response. No `Debug`: its body holds people's data and secrets.
pub struct Response {
    /// Status.
    pub status: u16,
    /// Headers as they came.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, decoded from any transfer coding.
    pub body: Vec<u8>,
}

impl Response {
    /// The header of that name, if it is ASCII. Of several that contradict each other there is none. `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values =
            self.headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let value = values.next()?;
        if values.any(|other| other != value) {
            return None;
        }
        std::str::from_utf8(value).ok().filter(|value| value.is_ascii())
    }
}

/// Why there is no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No connection could be made.
    Unreachable,
    /// No trustworthy TLS connection could be made.
    Insecure,
    /// The host does not let the component go there.
    Denied,
    /// The connection broke, or the answer was not HTTP, after the request may have left.
    Interrupted,
    /// The host's own timeout fired after the request may have left.
    HostTimeout,
    /// The call's deadline passed.
    DeadlineExceeded {
        /// Whether the request may have left before.
        sent: bool,
    },
    /// Body or headers are larger than allowed.
    ResponseTooLarge,
    /// The host takes no request body of this size. What it may have sent of it lacks its end, which its length tells.
    RequestTooLarge,
}

impl From<Failure> for Box<Error> {
    fn from(failure: Failure) -> Self {
        use ErrorKind::*;
        let (kind, outcome, retryable, message) = match failure {
            Failure::Unreachable => {
                (Unreachable, Outcome::NotSent, true, "no connection to Salesforce could be made; try again later")
            }
            Failure::Insecure => (
                Insecure,
                Outcome::NotSent,
                false,
                "no secure connection could be made: the certificate is not trusted or the port does not speak TLS; \
                 check the address",
            ),
            Failure::Denied => (
                DeniedByHost,
                Outcome::NotSent,
                false,
                "the host's egress policy does not allow this address; ask whoever runs the host",
            ),
            Failure::Interrupted => {
                (Interrupted, Outcome::Unknown, true, "the connection broke before a whole answer came")
            }
            Failure::HostTimeout => (Timeout, Outcome::Unknown, true, "no answer came in the host's time"),
            Failure::DeadlineExceeded { sent: true } => {
                (Timeout, Outcome::Unknown, true, "the deadline passed before a whole answer came")
            }
            Failure::DeadlineExceeded { sent: false } => {
                (Timeout, Outcome::NotSent, true, "the deadline passed before anything was sent")
            }
            Failure::ResponseTooLarge => (
                ResponseTooLarge,
                Outcome::Unknown,
                false,
                "the response is larger than max-response-bytes or the host allows; raise the limit or ask for less",
            ),
            Failure::RequestTooLarge => (
                RequestTooLarge,
                Outcome::NotSent,
                false,
                "the request has more bytes than the host sends at once; send less in one call",
            ),
        };
        let mut error = Error::new(kind, outcome, message);
        error.retryable = retryable;
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Connection {
        Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap()
    }

    #[test]
    fn headers_are_exact() {
        let connection = connection();
        let request = Request::write(&connection, Method::Post, "/sobjects/Account", r#"{"Name":"Ä"}"#);
        let headers: Vec<_> = request.headers();
        let header = |name| headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.as_slice());
        assert_eq!(header("authorization"), Some(&b"Bearer 00D!TOKEN"[..]));
        assert_eq!(header("content-length"), Some(&b"13"[..]));
        assert_eq!(header("content-type"), Some(&b"application/json"[..]));
        assert_eq!(request.path_and_query, "/services/data/v67.0/sobjects/Account");
    }

    #[test]
    fn only_a_delete_says_that_it_has_no_body() {
        let connection = connection();
        for (request, length) in [
            (Request::get(&connection, "/sobjects/Account/1"), None),
            (Request::delete(&connection, "/sobjects/Account/1"), Some(&b"0"[..])),
        ] {
            let headers = request.headers();
            let header = |name| headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.as_slice());
            assert_eq!((header("content-length"), header("content-type")), (length, None));
            assert_eq!(header("authorization"), Some(&b"Bearer 00D!TOKEN"[..]));
            assert!(request.body.is_none());
        }
    }

    #[test]
    fn a_request_that_salesforce_would_turn_away_is_refused_before_sending() {
        let connection = connection();
        assert!(Request::get(&connection, &"x".repeat(15_000)).check_size().is_ok());
        let error = Request::get(&connection, &"x".repeat(16_000)).check_size().unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::RequestTooLarge, Outcome::NotSent));
        assert!(error.message.contains("16384"), "{}", error.message);
    }

    #[test]
    fn headers_that_contradict_each_other_are_none() {
        let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
        let headers =
            vec![header("A", "1"), header("a", "1"), header("b", "1"), header("B", "2"), header("c", "\u{e9}")];
        let response = Response { status: 200, headers, body: Vec::new() };
        assert_eq!(["a", "b", "c", "d"].map(|name| response.header(name)), [Some("1"), None, None, None]);
    }

    #[test]
    fn only_what_provably_never_left_is_not_sent() {
        for (failure, outcome) in [
            (Failure::Unreachable, Outcome::NotSent),
            (Failure::Insecure, Outcome::NotSent),
            (Failure::Denied, Outcome::NotSent),
            (Failure::DeadlineExceeded { sent: false }, Outcome::NotSent),
            (Failure::RequestTooLarge, Outcome::NotSent),
            (Failure::Interrupted, Outcome::Unknown),
            (Failure::HostTimeout, Outcome::Unknown),
            (Failure::DeadlineExceeded { sent: true }, Outcome::Unknown),
            (Failure::ResponseTooLarge, Outcome::Unknown),
        ] {
            assert_eq!(Box::<Error>::from(failure).outcome, outcome, "{failure:?}");
        }
    }
}
