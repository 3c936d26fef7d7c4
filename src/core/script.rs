//! A transport that plays a script, for the core's own tests.

use std::collections::VecDeque;

use super::http::{Failure, Method, Request, Response, Transport};

/// Answers in turn, and remembers what was asked.
pub(super) struct Script {
    answers: VecDeque<Result<Response, Failure>>,
    /// Method, URL and body of each request.
    pub(super) requests: Vec<(Method, String, String)>,
    /// Headers of each request.
    pub(super) headers: Vec<Vec<(&'static str, Vec<u8>)>>,
    /// Pauses that were made, in milliseconds.
    pub(super) pauses: Vec<u64>,
}

impl Script {
    pub(super) fn new<const N: usize>(answers: [Result<Response, Failure>; N]) -> Self {
        Self { answers: answers.into(), requests: Vec::new(), headers: Vec::new(), pauses: Vec::new() }
    }

    pub(super) fn sent(&self) -> usize {
        self.requests.len()
    }
}

impl Transport for Script {
    fn send(&mut self, request: &Request<'_>, _: u64) -> Result<Response, Failure> {
        let body = request.body.as_ref().map_or("".into(), |body| String::from_utf8_lossy(&body.bytes)).into_owned();
        self.requests.push((request.method, format!("{}{}", request.origin.url(), request.path_and_query), body));
        self.headers.push(request.headers());
        self.answers.pop_front().expect("the script has an answer for every request")
    }

    fn pause(&mut self, milliseconds: u64) -> bool {
        let fits = milliseconds < 30_000;
        if fits {
            self.pauses.push(milliseconds);
        }
        fits
    }

    fn random(&mut self) -> u64 {
        7
    }
}

/// A JSON answer with the headers Salesforce sends.
pub(super) fn answer(status: u16, body: &str) -> Response {
    let headers = vec![
        ("Content-Type".to_string(), b"application/json;charset=UTF-8".to_vec()),
        ("Sforce-Limit-Info".to_string(), b"api-usage=18/5000".to_vec()),
    ];
    Response { status, headers, body: body.as_bytes().to_vec() }
}
