//! One request and the head of its response, with the two timeouts before it and the proof of what was sent.
//!
//! hyper-util says when it has a connection (`capture_connection`), right before it hands the request to hyper. Until
//! then nothing of the request can have left; from then on it may have, unless hyper hands the request back: it does
//! so with a `canceled` error, and only if it never began to write. hyper-util repeats such a request if the
//! connection was a re-used one (`retry_canceled_requests`). So a request that may have been written is never sent twice.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::ResponseFuture;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use tokio::time::{Instant, Sleep, sleep};
use wasmtime_wasi_http::Error;

use super::client::PooledClient;
use super::failure;
use super::ledger::Ledger;
use super::resolver::Reach;

/// A request on its way.
pub(crate) struct Exchange {
    response: ResponseFuture,
    connection: CaptureConnection,
    ledger: Ledger,
    may_have_left: bool,
    timer: Pin<Box<Sleep>>,
    first_byte_timeout: Duration,
}

impl Exchange {
    /// Nothing is sent until it is polled.
    pub(crate) fn new(
        client: &PooledClient,
        reach: Reach,
        mut request: Request<Full<Bytes>>,
        ledger: Ledger,
        connect_timeout: Duration,
        first_byte_timeout: Duration,
    ) -> Self {
        let connection = capture_connection(&mut request);
        Self {
            response: client.request(reach, request),
            connection,
            ledger,
            may_have_left: false,
            timer: Box::pin(sleep(connect_timeout)),
            first_byte_timeout,
        }
    }
}

impl Future for Exchange {
    type Output = Result<Response<Incoming>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut ledger = this.ledger.lock();
        if ledger.closed {
            return Poll::Ready(Err(Error::HttpRequestDenied)); // the execution is over: nobody reads this
        }
        let polled = Pin::new(&mut this.response).poll(context);
        if !this.may_have_left && this.connection.connection_metadata().is_some() {
            this.may_have_left = true;
            ledger.may_have_left += 1;
            this.timer.as_mut().reset(Instant::now() + this.first_byte_timeout);
        }
        match polled {
            Poll::Ready(Ok(response)) => Poll::Ready(Ok(response)),
            Poll::Ready(Err(error)) => {
                let unsent = !this.may_have_left || failure::is_unsent(&error);
                if unsent && this.may_have_left {
                    ledger.may_have_left -= 1;
                }
                Poll::Ready(Err(if unsent { failure::unsent(&error) } else { failure::may_have_left(&error) }))
            }
            Poll::Pending => {
                ready!(this.timer.as_mut().poll(context));
                Poll::Ready(Err(if this.may_have_left {
                    Error::ConnectionReadTimeout
                } else {
                    Error::ConnectionTimeout
                }))
            }
        }
    }
}
