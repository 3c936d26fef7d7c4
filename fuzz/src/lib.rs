//! What the targets share: a transport that gives the answers it was given, and what holds of every error.

pub mod bulk;
pub mod csv_texts;

use std::collections::VecDeque;

use salesforce_connector::core::call_options::CallOptions;
use salesforce_connector::core::connection::Connection;
use salesforce_connector::core::error::Error;
use salesforce_connector::core::http::{Failure, Request, Response, Transport};
use salesforce_connector::core::secret::Secret;

/// Secrets that no error may hold.
pub const ACCESS_TOKEN: &str = "00D!SENTINEL-ACCESS-TOKEN";
pub const REFRESH_TOKEN: &str = "SENTINEL-REFRESH-TOKEN";
pub const CLIENT_SECRET: &str = "SENTINEL-CLIENT-SECRET";

/// Answers requests in turn, and remembers the body of every one.
pub struct Answers {
    answers: VecDeque<Response>,
    pub bodies: Vec<Vec<u8>>,
}

impl Answers {
    pub fn one(status: u16, body: &[u8]) -> Self {
        Self::new(status, [body])
    }

    pub fn new<'a>(status: u16, bodies: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let headers = vec![("content-type".to_owned(), b"application/json".to_vec())];
        let answers = bodies.into_iter().map(|body| Response { status, headers: headers.clone(), body: body.to_vec() });
        Self { answers: answers.collect(), bodies: Vec::new() }
    }

    /// Pages of a bulk query: CSV, `Sforce-NumberOfRecords`, `Sforce-Locator`.
    pub fn csv<'a>(pages: impl IntoIterator<Item = (&'a [u8], &'a str, &'a str)>) -> Self {
        let answers = pages.into_iter().map(|(body, count, locator)| {
            let headers =
                [("content-type", "text/csv"), ("sforce-numberofrecords", count), ("sforce-locator", locator)];
            let headers = headers.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).to_vec();
            Response { status: 200, headers, body: body.to_vec() }
        });
        Self { answers: answers.collect(), bodies: Vec::new() }
    }
}

impl Transport for Answers {
    fn send(&mut self, request: &Request<'_>, _: u64) -> Result<Response, Failure> {
        self.bodies.push(request.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default());
        self.answers.pop_front().ok_or(Failure::Unreachable)
    }

    fn pause(&mut self, _: u64) -> bool {
        false
    }

    fn random(&mut self) -> u64 {
        0
    }
}

/// One attempt.
pub fn once() -> CallOptions {
    CallOptions::parse(None, None, Some(1)).unwrap()
}

pub fn connection() -> Connection {
    Connection::parse("https://fuzz.my.salesforce.com", ACCESS_TOKEN, None).unwrap()
}

pub fn refresh_token() -> Secret {
    Secret::parse("refresh-token", REFRESH_TOKEN).unwrap()
}

/// What holds of every error, whatever a server sent: no secret of the request, no control character, no more than a
/// bounded text.
pub fn check_error(error: &Error, secrets: &[&str]) {
    let shown = format!("{error:?}");
    assert!(!secrets.iter().any(|secret| shown.contains(secret)), "{shown}");
    // Nor what is left of one where a text was cut.
    let is_cut = |secret: &&str| (6..secret.len()).any(|length| shown.contains(&format!("{}…", &secret[..length])));
    assert!(!secrets.iter().any(is_cut), "{shown}");
    check_text(&error.message, 2_500);
    for problem in &error.problems {
        check_text(&problem.code, 100);
        check_text(&problem.message.replace(['\n', '\t'], " "), 2_000);
        problem.fields.iter().for_each(|field| check_text(field, 300));
    }
}

fn check_text(text: &str, most: usize) {
    assert!(text.chars().count() <= most, "{} characters", text.chars().count());
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

/// The first byte of an input that is no text: what follows is not a body but what to make one of, which changes of single
/// bytes would hardly ever make.
pub const SHAPE: u8 = 0xff;

/// A status and a body: the first byte picks the status, and each `@` of the body is this secret of the request, which a
/// server may well repeat.
pub fn status_and_body<const N: usize>(data: &[u8], statuses: [u16; N], secret: &str) -> Option<(u16, Vec<u8>)> {
    let (first, body) = data.split_first()?;
    let status = statuses[usize::from(*first) % N];
    let body = body.iter().flat_map(|byte| if *byte == b'@' { secret.as_bytes().to_vec() } else { vec![*byte] });
    Some((status, body.collect()))
}
