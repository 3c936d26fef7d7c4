//! What is told of each exchange with the network when it has ended: to the embedder's observer, and in a span.
//!
//! Neither is told a path, a query, a header or a body: those hold Ids, personal data and tokens.

use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use tracing::Span;
use tracing::field::Empty;
use wasmtime_wasi_http::Error;

use super::origin::Origin;

/// Is told of each exchange of a runtime with the network when it has ended: of its components' requests, and of the host's
/// own. Clones tell the same one.
///
/// It runs where the exchange ends, on a thread that other executions need as well: it must not block. It counts, or
/// sends to a channel that has room. A panic in it ends nothing but this call of it. What it logs is in the span `exchange`,
/// and so in that of whoever made the call.
///
/// ```
/// use salesforce_runtime::RuntimeOptions;
/// use salesforce_runtime::egress::ExchangeObserver;
///
/// let observer = ExchangeObserver::new(|exchange| {
///     let failure = exchange.failure.map(|failure| failure.as_str());
///     println!("{} {} {:?} {failure:?} {:?}", exchange.method, exchange.origin, exchange.status, exchange.total);
/// });
/// let options = RuntimeOptions { exchange_observer: Some(observer), ..RuntimeOptions::default() };
/// # drop(options);
/// ```
#[derive(Clone)]
pub struct ExchangeObserver(Arc<dyn Fn(&ExchangeReport) + Send + Sync>);

/// One request and its answer, once the answer was read to its end, or nobody waits for it any more.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExchangeReport {
    /// The server: scheme, host and port. One of the execution's policy.
    pub origin: Origin,
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE`, or `OTHER`.
    pub method: &'static str,
    /// The answer's status; none if its head never came.
    pub status: Option<u16>,
    /// Why there is no whole answer; none if there is one, whatever its status.
    pub failure: Option<ExchangeFailure>,
    /// Whether the request went out on a connection that had served another; none if it never went out.
    pub reused: Option<bool>,
    /// From the beginning to a new connection: name, TCP and TLS. None if there was none.
    pub connect: Option<Duration>,
    /// From the beginning to the head of the answer.
    pub first_byte: Option<Duration>,
    /// From the beginning to the end.
    pub total: Duration,
    /// Bytes of the request's body; 0 if it never went out.
    pub bytes_sent: u64,
    /// Bytes of the answer's body, as far as it was read.
    pub bytes_received: u64,
}

/// Why an exchange did not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExchangeFailure {
    /// The name of the host has no address. Nothing was sent.
    NameNotResolved,
    /// The host has an address that may not be reached. Nothing was sent.
    AddressNotAllowed,
    /// There is no connection to the host. Nothing was sent.
    NotConnected,
    /// TLS failed, e.g. for the certificate. Nothing was sent.
    TlsFailed,
    /// No connection, no answer, no further piece of it, or of a request body that passes through, in time. `reused` and `status` say
    /// which.
    TimedOut,
    /// The connection ended before the answer did, or what came is not HTTP.
    Broken,
    /// The answer is larger than the runtime's limits allow.
    TooLarge,
    /// Whoever made the request did not give all of it, or did not wait for all of the answer: it was cancelled or ended, or wanted no
    /// more.
    Abandoned,
}

impl ExchangeObserver {
    /// Calls this closure.
    pub fn new(observe: impl Fn(&ExchangeReport) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observe))
    }

    fn tell(&self, report: &ExchangeReport) {
        // The panic hook has told of it. What was thrown may panic again when it is dropped.
        if let Err(thrown) = catch_unwind(AssertUnwindSafe(|| (self.0)(report))) {
            mem::forget(thrown);
        }
    }
}

impl fmt::Debug for ExchangeObserver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ExchangeObserver")
    }
}

impl ExchangeFailure {
    /// The name, for logs and the labels of metrics: `not-connected`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NameNotResolved => "name-not-resolved",
            Self::AddressNotAllowed => "address-not-allowed",
            Self::NotConnected => "not-connected",
            Self::TlsFailed => "tls-failed",
            Self::TimedOut => "timed-out",
            Self::Broken => "broken",
            Self::TooLarge => "too-large",
            Self::Abandoned => "abandoned",
        }
    }

    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::DnsError { .. } | Error::DnsTimeout => Self::NameNotResolved,
            Error::DestinationIpProhibited => Self::AddressNotAllowed,
            Error::ConnectionRefused => Self::NotConnected,
            Error::TlsCertificateError | Error::TlsProtocolError => Self::TlsFailed,
            Error::ConnectionTimeout | Error::ConnectionReadTimeout | Error::ConnectionWriteTimeout => Self::TimedOut,
            Error::HttpResponseHeaderSectionSize(_) | Error::HttpResponseBodySize(_) => Self::TooLarge,
            // The execution was over before anything left, or gave no whole body.
            Error::HttpRequestDenied | Error::HttpRequestBodySize(_) | Error::InternalError(_) => Self::Abandoned,
            _ => Self::Broken,
        }
    }
}

/// An exchange under way. It tells when it ends, at the latest when it is dropped.
pub(crate) struct Observed {
    observer: Option<ExchangeObserver>,
    span: Span,
    began: Instant,
    report: ExchangeReport,
    is_over: bool,
}

impl Observed {
    /// In a span of its own, below that of whoever calls.
    pub(crate) fn begin(observer: Option<ExchangeObserver>, origin: Origin, method: &Method) -> Self {
        let method = name_of(method);
        let span = tracing::debug_span!(
            "exchange",
            method,
            %origin,
            status = Empty,
            failure = Empty,
            reused = Empty,
            connect_us = Empty,
            first_byte_us = Empty,
            total_us = Empty,
            bytes_sent = Empty,
            bytes_received = Empty,
        );
        let report = ExchangeReport {
            origin,
            method,
            status: None,
            failure: Some(ExchangeFailure::Abandoned),
            reused: None,
            connect: None,
            first_byte: None,
            total: Duration::ZERO,
            bytes_sent: 0,
            bytes_received: 0,
        };
        Self { observer, span, began: Instant::now(), report, is_over: false }
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.report.origin
    }

    /// It has a connection, and may leave from now on.
    pub(crate) fn leaves(&mut self, is_reused: bool, bytes: u64) {
        self.report.reused = Some(is_reused);
        self.report.connect = (!is_reused).then(|| self.began.elapsed());
        self.report.bytes_sent = bytes;
    }

    /// So many bytes of a body that is streamed have left.
    pub(crate) fn sent(&mut self, bytes: u64) {
        self.report.bytes_sent = bytes;
    }

    /// It has not left after all.
    pub(crate) fn never_left(&mut self) {
        (self.report.reused, self.report.connect, self.report.bytes_sent) = (None, None, 0);
    }

    /// The head of the answer has come.
    pub(crate) fn answered(&mut self, status: StatusCode) {
        self.report.status = Some(status.as_u16());
        self.report.first_byte = Some(self.began.elapsed());
    }

    /// A piece of the answer's body has come.
    pub(crate) fn received(&mut self, bytes: usize) {
        self.report.bytes_received += bytes as u64;
    }

    /// The answer was read to its end.
    pub(crate) fn complete(&mut self) {
        self.end(None);
    }

    /// There is no whole answer.
    pub(crate) fn fail(&mut self, error: &Error) {
        self.end(Some(ExchangeFailure::of(error)));
    }

    fn end(&mut self, failure: Option<ExchangeFailure>) {
        if mem::replace(&mut self.is_over, true) {
            return;
        }
        self.report.failure = failure;
        self.report.total = self.began.elapsed();
        let span = mem::replace(&mut self.span, Span::none());
        record(&span, &self.report);
        span.in_scope(|| {
            match failure {
                None => tracing::debug!("request"),
                Some(_) => tracing::debug!("request failed"),
            }
            if let Some(observer) = &self.observer {
                observer.tell(&self.report);
            }
        });
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.end(Some(ExchangeFailure::Abandoned));
    }
}

fn record(span: &Span, report: &ExchangeReport) {
    let microseconds = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    span.record("status", report.status);
    span.record("failure", report.failure.map(ExchangeFailure::as_str));
    span.record("reused", report.reused);
    span.record("connect_us", report.connect.map(microseconds));
    span.record("first_byte_us", report.first_byte.map(microseconds));
    span.record("total_us", microseconds(report.total));
    span.record("bytes_sent", report.bytes_sent);
    span.record("bytes_received", report.bytes_received);
}

/// A component may call its method what it likes, and there is no end of names.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "OTHER",
    }
}
