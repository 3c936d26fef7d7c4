//! One request and the head of its response, with the two timeouts before it and the proof of what was sent.
//!
//! Until a request is handed to hyper nothing of it can have left; from then on it may have, unless hyper hands the
//! request back: it does so only if it never began to write. Such a request is sent again if its connection was a
//! re-used one, which the other side may just have closed. So a request that may have been written is never sent twice.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as _;
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};
use wasmtime_wasi_http::Error;

use super::client::{Connecting, PooledClient};
use super::connection::{Connection, Sending};
use super::failure;
use super::journal::{Entries, Entry, Journal};
use super::observed::Observed;

/// A request on its way.
pub(crate) struct Exchange<'a> {
    client: &'a PooledClient,
    observed: &'a mut Observed,
    journal: Journal,
    entry: Entry,
    step: Step,
    timer: Pin<Box<Sleep>>,
    connect_deadline: Instant,
    first_byte_timeout: Duration,
}

enum Step {
    /// It needs a connection.
    Unsent(Request<Full<Bytes>>),
    /// It waits for a connection.
    Connecting(Request<Full<Bytes>>, Connecting),
    /// It may have left.
    Sent {
        sending: Sending,
        connection: Connection,
        is_reused: bool,
    },
    Finished,
}

impl<'a> Exchange<'a> {
    /// Nothing is sent until it is polled.
    pub(crate) fn new(
        client: &'a PooledClient,
        observed: &'a mut Observed,
        request: Request<Full<Bytes>>,
        (journal, entry): (Journal, Entry),
        connect_timeout: Duration,
        first_byte_timeout: Duration,
    ) -> Self {
        let connect_deadline = Instant::now() + connect_timeout;
        Self {
            client,
            observed,
            journal,
            entry,
            step: Step::Unsent(request),
            timer: Box::pin(sleep_until(connect_deadline)),
            connect_deadline,
            first_byte_timeout,
        }
    }

    fn advance(
        &mut self,
        entries: &mut Entries,
        context: &mut Context<'_>,
    ) -> Poll<Result<(Response<Incoming>, Connection), Error>> {
        loop {
            match mem::replace(&mut self.step, Step::Finished) {
                Step::Unsent(request) => match self.client.idle().take(self.observed.origin()) {
                    Some(connection) => self.send(request, connection, true, entries),
                    None => self.step = Step::Connecting(request, self.client.connect(self.observed.origin())),
                },
                Step::Connecting(request, mut connecting) => match connecting.as_mut().poll(context) {
                    Poll::Ready(Ok(connection)) => self.send(request, connection, false, entries),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(failure::unsent(&*error))),
                    Poll::Pending => {
                        self.step = Step::Connecting(request, connecting);
                        return self.time_out(context, Error::ConnectionTimeout);
                    }
                },
                Step::Sent { mut sending, mut connection, is_reused } => {
                    connection.drive(context);
                    match sending.as_mut().poll(context) {
                        Poll::Ready(Ok(response)) => {
                            entries.answered(self.entry, response.status());
                            self.observed.answered(response.status());
                            return Poll::Ready(Ok((response, connection)));
                        }
                        Poll::Ready(Err(mut error)) => match error.take_message() {
                            None => return Poll::Ready(Err(failure::may_have_left(error.error()))),
                            Some(request) => {
                                entries.never_left(self.entry);
                                self.observed.never_left();
                                if !is_reused {
                                    return Poll::Ready(Err(failure::unsent(error.error())));
                                }
                                self.timer.as_mut().reset(self.connect_deadline);
                                self.step = Step::Unsent(request);
                            }
                        },
                        Poll::Pending => {
                            self.step = Step::Sent { sending, connection, is_reused };
                            return self.time_out(context, Error::ConnectionReadTimeout);
                        }
                    }
                }
                Step::Finished => return Poll::Pending,
            }
        }
    }

    fn send(
        &mut self,
        request: Request<Full<Bytes>>,
        mut connection: Connection,
        is_reused: bool,
        entries: &mut Entries,
    ) {
        entries.leaves(self.entry);
        self.observed.leaves(is_reused, request.body().size_hint().lower());
        self.timer.as_mut().reset(Instant::now() + self.first_byte_timeout);
        self.step = Step::Sent { sending: connection.send(request), connection, is_reused };
    }

    fn time_out<T>(&mut self, context: &mut Context<'_>, error: Error) -> Poll<Result<T, Error>> {
        self.timer.as_mut().poll(context).map(|()| Err(error))
    }
}

impl Future for Exchange<'_> {
    type Output = Result<(Response<Incoming>, Connection), Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let journal = this.journal.clone();
        let mut entries = journal.lock();
        if entries.closed {
            return Poll::Ready(Err(Error::HttpRequestDenied)); // the execution is over: nobody reads this
        }
        this.advance(&mut entries, context)
    }
}
