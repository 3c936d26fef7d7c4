//! Answers as Salesforce frames them: chunked JSON, HTML, and the headers that every answer carries.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::Full;
use hyper::body::Frame;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde::Serialize;

use crate::ledger::Write;
use crate::{ApiError, random};

/// What a request changed, carried from its handler to the ledger as an extension of the response.
#[derive(Debug, Clone)]
pub(crate) struct Writes(pub(crate) Vec<Write>);

/// A JSON answer. It is chunked, as Salesforce's are, so a client cannot rely on Content-Length.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => json_bytes(status, bytes),
        // Only a map with keys that are no strings cannot be written; the mock makes none.
        Err(error) => ApiError::new(500, "UNKNOWN_EXCEPTION", error.to_string()).into_response(),
    }
}

/// A JSON answer from its text.
pub(crate) fn json_bytes(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::new(Chunked(Full::from(bytes))));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    response
}

/// An HTML page.
pub(crate) fn html(status: StatusCode, page: impl Into<String>) -> Response {
    let content_type = [(header::CONTENT_TYPE, "text/html; charset=UTF-8")];
    (status, content_type, page.into()).into_response()
}

/// An answer without a body.
pub(crate) fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        json_bytes(status, self.body().to_string().into_bytes())
    }
}

/// Adds the headers that every answer of Salesforce carries.
pub(crate) fn decorate(response: &mut Response, now: Timestamp) {
    let headers = response.headers_mut();
    if let Ok(date) = DateTimePrinter::new().timestamp_to_rfc9110_string(&now)
        && let Ok(date) = HeaderValue::from_str(&date)
    {
        headers.insert(header::DATE, date);
    }
    if let Ok(id) = HeaderValue::from_str(&random::hex128()) {
        headers.insert("x-sfdc-request-id", id);
    }
    let browser = format!("BrowserId={}; path=/; Max-Age=31536000", random::base62(22));
    let cookies = [
        "CookieConsentPolicy=0:1; path=/; Max-Age=31536000",
        "LSKey-c$CookieConsentPolicy=0:1; path=/; Max-Age=31536000",
        &browser,
    ];
    for cookie in cookies {
        if let Ok(cookie) = HeaderValue::from_str(cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    for (name, value) in [
        (header::VARY, "Accept-Encoding"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache,must-revalidate,max-age=0,no-store,private"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// A body that does not tell its length beforehand, so HTTP/1.1 has to chunk it.
struct Chunked(Full<Bytes>);

impl hyper::body::Body for Chunked {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }
}
