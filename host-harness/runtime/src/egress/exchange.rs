//! One request and the head of its response, with the two timeouts before it and the proof of what was sent.
//!
//! Until a request is handed to hyper nothing of it can have left; from then on it may have, unless hyper hands the
//! request back: it does so only if it never began to write. Such a request is sent again if its connection was a
//! re-used one, which the other side may just have closed. So a request that may have been written is never sent twice.
//! Nothing was taken of the body of a request that is handed back, so that holds for a streamed one too.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};
use wasmtime_wasi_http::Error;

use super::client::{Connecting, PooledClient};
use super::connection::{Connection, Sending};
use super::failure;
use super::journal::{Entries, Entry, Journal};
use super::limits::EgressLimits;
use super::observed::Observed;
use super::request_body::RequestBody;
use super::streamed_body::{Awaits, Passage, Progress};

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
    /// Of a streamed body, and what was last seen of it.
    passage: Option<(Arc<Passage>, Progress)>,
    write_timeout: Duration,
    body_timeout: Duration,
}

enum Step {
    /// It needs a connection.
    Unsent(Request<RequestBody>),
    /// It waits for a connection.
    Connecting(Request<RequestBody>, Connecting),
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
        request: Request<RequestBody>,
        (journal, entry): (Journal, Entry),
        (connect_timeout, first_byte_timeout): (Duration, Duration),
        limits: &EgressLimits,
    ) -> Self {
        let connect_deadline = Instant::now() + connect_timeout;
        Self {
            client,
            observed,
            journal,
            entry,
            passage: request.body().passage().map(|passage| (passage, Progress::default())),
            step: Step::Unsent(request),
            timer: Box::pin(sleep_until(connect_deadline)),
            connect_deadline,
            first_byte_timeout,
            write_timeout: limits.write_timeout,
            body_timeout: limits.body_timeout,
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
                            if let Some((passage, _)) = &self.passage {
                                passage.answered();
                                self.observed.sent(passage.progress().bytes);
                            }
                            entries.answered(self.entry, response.status());
                            self.observed.answered(response.status());
                            return Poll::Ready(Ok((response, connection)));
                        }
                        Poll::Ready(Err(mut error)) => match error.take_message() {
                            None => {
                                let broke_off = self.passage.as_ref().and_then(|(passage, _)| passage.take_failure());
                                let error = broke_off.unwrap_or_else(|| failure::may_have_left(error.error()));
                                return Poll::Ready(Err(error));
                            }
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
                            let error = self.follow_body();
                            return self.time_out(context, error);
                        }
                    }
                }
                Step::Finished => return Poll::Pending,
            }
        }
    }

    fn send(
        &mut self,
        request: Request<RequestBody>,
        mut connection: Connection,
        is_reused: bool,
        entries: &mut Entries,
    ) {
        entries.leaves(self.entry);
        self.observed.leaves(is_reused, request.body().size_hint().lower());
        let timeout = if self.passage.is_some() { self.write_timeout } else { self.first_byte_timeout };
        self.timer.as_mut().reset(Instant::now() + timeout);
        self.step = Step::Sent { sending: connection.send(request), connection, is_reused };
    }

    /// Gives a streamed body that has moved its time anew: what it means if that passes.
    fn follow_body(&mut self) -> Error {
        let Some((passage, seen)) = &mut self.passage else { return Error::ConnectionReadTimeout };
        let progress = passage.progress();
        if *seen != progress {
            *seen = progress;
            self.observed.sent(progress.bytes);
            let timeout = match progress.awaits {
                Awaits::Socket => self.write_timeout,
                Awaits::Component => self.body_timeout,
                Awaits::Answer => self.first_byte_timeout,
            };
            self.timer.as_mut().reset(Instant::now() + timeout);
        }
        match progress.awaits {
            Awaits::Socket | Awaits::Component => Error::ConnectionWriteTimeout,
            Awaits::Answer => Error::ConnectionReadTimeout,
        }
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
