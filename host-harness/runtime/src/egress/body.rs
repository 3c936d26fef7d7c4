//! The body of a response, capped and timed.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep};
use wasmtime_wasi_http::Error;

use super::connection::Connection;
use super::failure;
use super::idle::IdleConnections;
use super::journal::Journal;
use super::observed::Observed;

/// Where a connection goes when its answer was read to the end, and who is told.
pub(crate) struct Lender {
    pub(crate) idle: Arc<IdleConnections>,
    pub(crate) observed: Observed,
}

/// A response body with a cap on its size and a timeout between its pieces. Dropped before its end, it closes its
/// connection.
pub(crate) struct ResponseBody {
    incoming: Incoming,
    /// None when it is given back.
    connection: Option<Connection>,
    lender: Lender,
    journal: Journal,
    left: u64,
    cap: u64,
    timeout: Duration,
    /// Runs only while the component waits: a component that is slow to read does not run into it.
    timer: Option<Pin<Box<Sleep>>>,
    /// The request of an execution is open as long as this is here.
    _permit: Option<OwnedSemaphorePermit>,
}

impl ResponseBody {
    /// # Errors
    ///
    /// `HttpResponseBodySize` if the Content-Length is over the cap already.
    pub(crate) fn new(
        incoming: Incoming,
        connection: Connection,
        mut lender: Lender,
        journal: Journal,
        cap: u64,
        timeout: Duration,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<Self, Error> {
        match incoming.size_hint().exact() {
            Some(size) if size > cap => {
                let error = Error::HttpResponseBodySize(Some(size));
                lender.observed.fail(&error);
                Err(error)
            }
            _ => {
                let connection = Some(connection);
                let mut body = Self {
                    incoming,
                    connection,
                    lender,
                    journal,
                    left: cap,
                    cap,
                    timeout,
                    timer: None,
                    _permit: permit,
                };
                if body.incoming.is_end_stream() {
                    body.give_back();
                    body.lender.observed.complete();
                }
                Ok(body)
            }
        }
    }

    /// What has come of the body, or what comes of reading on.
    fn poll_incoming(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        // hyper reads no more than it was asked for, and it is asked by this.
        let mut polled = Pin::new(&mut self.incoming).poll_frame(context);
        if polled.is_pending()
            && let Some(connection) = &mut self.connection
        {
            connection.drive(context);
            polled = Pin::new(&mut self.incoming).poll_frame(context);
        }
        if matches!(polled, Poll::Ready(None)) || self.incoming.is_end_stream() {
            self.give_back();
        }
        polled
    }

    /// As [`Body::poll_frame`], within the cap and the time.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match self.poll_incoming(context) {
            Poll::Ready(frame) => {
                self.timer = None;
                Poll::Ready(match frame {
                    Some(Ok(frame)) => {
                        let size = frame.data_ref().map_or(0, Bytes::len) as u64;
                        match self.left.checked_sub(size) {
                            Some(left) => {
                                self.left = left;
                                Some(Ok(frame))
                            }
                            None => Some(Err(Error::HttpResponseBodySize(Some(self.cap)))),
                        }
                    }
                    Some(Err(error)) => Some(Err(failure::may_have_left(&error))),
                    None => None,
                })
            }
            Poll::Pending => {
                let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(self.timeout)));
                ready!(timer.as_mut().poll(context));
                Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
            }
        }
    }

    fn give_back(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.lender.idle.keep(self.lender.observed.origin(), connection);
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = self.get_mut();
        let polled = this.poll_piece(context);
        let observed = &mut this.lender.observed;
        match &polled {
            Poll::Ready(Some(Err(error))) => {
                this.journal.lock().broke_off();
                observed.fail(error);
            }
            Poll::Ready(Some(Ok(frame))) => observed.received(frame.data_ref().map_or(0, Bytes::len)),
            Poll::Ready(None) | Poll::Pending => {}
        }
        // It was given back: there is no more to come.
        if this.connection.is_none() {
            observed.complete();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
