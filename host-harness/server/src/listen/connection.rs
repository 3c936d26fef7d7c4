//! One connection: its requests, and what it may keep others waiting for.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::Request;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use super::door::{Place, Seat};
use super::news::Ending;
use super::pace::Pace;

/// How long a peer is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// From a connection, or its last answer, to the end of the next request's head.
    pub(super) head: Duration,
    /// Credit of a request's body.
    pub(super) body: Duration,
    /// Credit of a reader of answers.
    pub(super) reader: Duration,
}

/// Most bytes of a head, and of what is read or written ahead.
const BUFFER: usize = 64 << 10;

impl Default for Patience {
    fn default() -> Patience {
        let seconds = Duration::from_secs;
        Patience { head: seconds(30), body: seconds(30), reader: seconds(60) }
    }
}

/// How a server's connections are asked to end.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    /// After the request that they are at.
    pub(super) soon: CancellationToken,
    /// At once.
    pub(super) now: CancellationToken,
}

/// Serves a connection until it ends.
pub(super) async fn serve<I>(io: I, router: Router, place: Place, patience: Patience, ends: Ends)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let seat = Arc::clone(&place.seat);
    let too_slow = CancellationToken::new();
    let service = hyper::service::service_fn({
        let (seat, too_slow) = (Arc::clone(&seat), too_slow.clone());
        move |request: Request<Incoming>| {
            seat.begins();
            let body = |body| Body::new(Arriving::new(body, patience.body, Arc::clone(&seat), too_slow.clone()));
            let answering = router.clone().call(request.map(body));
            let seat = Arc::clone(&seat);
            async move { answering.await.map(|response| response.map(|body| Answer { body, seat })) }
        }
    });
    let io = Watched { io, seat: Arc::clone(&seat), pace: Pace::new(patience.reader) };
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience.head).max_buf_size(BUFFER);
    let mut serving = pin!(builder.serve_connection(TokioIo::new(io), service));
    let mut ending = false;
    loop {
        tokio::select! {
            // A request that has arrived is begun before the connection is asked to end.
            biased;
            ended = serving.as_mut() => {
                if let Err(error) = ended {
                    failed(&error, &seat, &place);
                }
                return;
            }
            () = ends.soon.cancelled(), if !ending => {
                ending = true;
                serving.as_mut().graceful_shutdown();
            }
            () = too_slow.cancelled() => return place.ended(Ending::SlowBody),
            () = seat.given_away.cancelled() => return,
            () = ends.now.cancelled() => return,
        }
    }
}

fn failed(error: &hyper::Error, seat: &Seat, place: &Place) {
    if error.is_timeout() {
        if seat.is_half_open() {
            place.ended(Ending::HalfOpen);
        }
    } else if is_slow_reader(error) {
        place.ended(Ending::SlowReader);
    } else {
        tracing::debug!(%error, "a connection failed");
    }
}

fn is_slow_reader(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.get_ref().is_some_and(|own| own.is::<TooSlow>()))
}

/// It is not the network that failed: the peer's time was over.
#[derive(Debug, thiserror::Error)]
#[error("it was too slow")]
struct TooSlow;

/// Bytes of a connection. A peer that does not read is not waited for.
struct Watched<I> {
    io: I,
    seat: Arc<Seat>,
    pace: Pace,
}

impl<I> Watched<I> {
    fn wrote(&mut self, context: &mut Context<'_>, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match polled {
            Poll::Ready(written) => {
                self.seat.owes(false);
                if let Ok(bytes) = written {
                    self.seat.sent();
                    self.pace.moved(bytes);
                }
                Poll::Ready(written)
            }
            Poll::Pending => {
                self.seat.owes(true);
                ready!(self.pace.poll_overdue(context));
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, TooSlow)))
            }
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Watched<I> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = into.filled().len();
        let read = Pin::new(&mut this.io).poll_read(context, into);
        if read.is_ready() {
            this.seat.received(into.filled().len() - before);
        }
        read
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_write(context, bytes);
        this.wrote(context, polled)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_write_vectored(context, bytes);
        this.wrote(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // TLS writes here what it holds.
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_flush(context).map_ok(|()| 0);
        this.wrote(context, polled).map_ok(|_none| ())
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_shutdown(context).map_ok(|()| 0);
        this.wrote(context, polled).map_ok(|_none| ())
    }
}

/// A request's body while it arrives. One that comes too slowly ends its connection.
struct Arriving {
    body: Incoming,
    seat: Arc<Seat>,
    pace: Pace,
    too_slow: CancellationToken,
}

impl Arriving {
    fn new(body: Incoming, credit: Duration, seat: Arc<Seat>, too_slow: CancellationToken) -> Arriving {
        Arriving { body, seat, pace: Pace::new(credit), too_slow }
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(frame) => {
                this.seat.owes(false);
                if let Some(Ok(frame)) = &frame {
                    this.pace.moved(frame.data_ref().map_or(0, Bytes::len));
                }
                Poll::Ready(frame)
            }
            Poll::Pending => {
                this.seat.owes(true);
                if this.pace.poll_overdue(context).is_ready() {
                    this.too_slow.cancel();
                }
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.seat.owes(false);
    }
}

/// An answer's body. When it is gone, the next request is awaited.
struct Answer {
    body: Body,
    seat: Arc<Seat>,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.seat.ends();
    }
}

#[cfg(test)]
mod tests;
