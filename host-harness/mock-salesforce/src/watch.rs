//! Requests as they come, secrets included, for whoever must see them whole. The [ledger](crate::ledger) keeps none of it.

use std::fmt;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::request::Parts;

/// A request that has arrived.
#[derive(Debug)]
pub struct Arrival<'a> {
    /// Such as `POST`.
    pub method: &'a str,
    /// Still percent-encoded.
    pub path: &'a str,
    /// Still percent-encoded; empty when there was none.
    pub query: &'a str,
    /// All of them.
    pub headers: &'a HeaderMap,
    /// Empty when it was too large to be taken.
    pub body: &'a [u8],
}

/// Sees every request before it is answered.
pub(crate) struct Watcher(Box<dyn Fn(Arrival<'_>) + Send + Sync>);

impl Watcher {
    pub(crate) fn new(see: impl Fn(Arrival<'_>) + Send + Sync + 'static) -> Self {
        Self(Box::new(see))
    }

    pub(crate) fn see(&self, parts: &Parts, body: Option<&Bytes>) {
        self.0(Arrival {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            body: body.map_or(&[], |body| body),
        });
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Watcher")
    }
}
