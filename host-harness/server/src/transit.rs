//! Requests of tenants on their way through the server: how many a second, and how many at once.
//!
//! ```text
//! authenticated ──► its turn (so many a second) ──► one of so many at once ──► handler ──► answer ──► written, or given up
//!                                                   └──────────────── held until then ────────────────┘
//! ```
//!
//! Who asks too often waits in line, before anything of the request is read. A request that does not end and an answer that
//! nobody reads hold memory, so each counts until it is over.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http_body::{Frame, SizeHint};

use super::at_once::{AtOnce, One};
use super::tenants::Tenant;

/// Beside those of executions that run or wait: what else a tenant's programs and browsers ask.
const OTHERS: u32 = 16;
/// Requests a second at least.
const SLOWEST: u32 = 20;

/// Bytes of an answer that a connection takes at a time.
const PIECE: usize = 64 << 10;

/// The requests of all tenants.
#[derive(Debug, Default)]
pub(crate) struct Transit {
    at_once: Arc<AtOnce>,
    lines: Mutex<HashMap<String, Arc<Line>>>,
}

/// Where a tenant's requests wait: one looks at the limiter, the others wait behind it.
#[derive(Debug)]
struct Line {
    a_second: u32,
    limiter: DefaultDirectRateLimiter,
    first: tokio::sync::Mutex<()>,
}

/// The tenant has as many requests in transit as it may.
#[derive(Debug)]
pub(crate) struct TooMany {
    pub(crate) at_once: u32,
}

/// What is held until the answer was written.
#[derive(Clone, Default)]
struct Held(Arc<Mutex<Vec<One>>>);

impl Transit {
    /// Lets a request of this tenant in, once it is its turn.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) async fn admit(&self, tenant: &Tenant, request: &Extensions) -> Result<(), TooMany> {
        self.line(tenant).turn().await;
        let at_once = tenant.limits.executions_at_once.saturating_mul(2).saturating_add(OTHERS);
        let one = self.at_once.one_more(&tenant.id, at_once).ok_or(TooMany { at_once })?;
        if let Some(held) = request.get::<Held>() {
            held.0.lock().unwrap_or_else(PoisonError::into_inner).push(one);
        }
        Ok(())
    }

    fn line(&self, tenant: &Tenant) -> Arc<Line> {
        // Twice as many as executions.
        let a_second = (tenant.limits.executions_a_minute / 30).max(SLOWEST);
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        match lines.get(&tenant.id) {
            Some(line) if line.a_second == a_second => Arc::clone(line),
            _ => {
                let line = Arc::new(Line::new(a_second));
                lines.insert(tenant.id.clone(), Arc::clone(&line));
                line
            }
        }
    }
}

impl Line {
    fn new(a_second: u32) -> Line {
        let quota = Quota::per_second(NonZeroU32::new(a_second).unwrap_or(NonZeroU32::MIN));
        Line { a_second, limiter: RateLimiter::direct(quota), first: tokio::sync::Mutex::default() }
    }

    async fn turn(&self) {
        let _first = self.first.lock().await;
        while let Err(not_until) = self.limiter.check() {
            tokio::time::sleep(not_until.wait_time_from(DefaultClock::default().now())).await;
        }
    }
}

/// Keeps what a request holds until its answer is over.
pub(super) async fn hold(mut request: Request, next: Next) -> Response {
    let held = Held::default();
    request.extensions_mut().insert(held.clone());
    next.run(request).await.map(|body| Body::new(Holding { body, rest: Bytes::new(), _held: held }))
}

/// A body in pieces: a connection takes as many as it can write, and of a whole one it would take all.
struct Holding {
    body: Body,
    /// Of the frame that is being handed on.
    rest: Bytes,
    _held: Held,
}

impl http_body::Body for Holding {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => frame,
                end => return Poll::Ready(end),
            };
            match frame.into_data() {
                Ok(data) => self.rest = data,
                Err(others) => return Poll::Ready(Some(Ok(others))),
            }
        }
        let piece = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, others) = (self.rest.len() as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(others.lower().saturating_add(rest));
        if let Some(upper) = others.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenants::TenantLimits;

    #[tokio::test]
    async fn s09_a_request_counts_until_what_it_holds_is_dropped() {
        let limits = TenantLimits { executions_at_once: 1, ..TenantLimits::default() };
        let tenant = |id: &str| Tenant::of_test(id, limits);
        let transit = Transit::default();
        let mut requests = Vec::new();
        for _ in 0..2 + OTHERS {
            let mut request = Extensions::new();
            request.insert(Held::default());
            transit.admit(&tenant("a"), &request).await.unwrap();
            requests.push(request);
        }
        let refused = transit.admit(&tenant("a"), &Extensions::new()).await;
        assert!(matches!(refused, Err(TooMany { at_once: 18 })));
        transit.admit(&tenant("b"), &Extensions::new()).await.unwrap();
        requests.pop();
        transit.admit(&tenant("a"), &Extensions::new()).await.unwrap();
    }
}
