//! A request body that goes out as the component gives it, and not faster than the other side takes it.
//!
//! It is never taken for whole if it is not: where it breaks off, its connection is closed without the last chunk, or before as many
//! bytes as were announced.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use wasmtime_wasi_http::{Error, WasiBody};

use super::request_body::data;

/// What hyper is told of a body that broke off. Why is in its [`Passage`].
#[derive(Debug, thiserror::Error)]
#[error("the component gave no whole body")]
pub(crate) struct NoWholeBody;

/// A body of which the first piece is here.
pub(crate) struct StreamedBody {
    /// What goes out next.
    piece: Option<Bytes>,
    rest: WasiBody,
    announced: Option<u64>,
    cap: u64,
    /// Bytes that the component gave.
    given: u64,
    passage: Arc<Passage>,
}

/// How far a streamed body is, for whoever waits for the answer.
#[derive(Debug, Default)]
pub(crate) struct Passage(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    progress: Progress,
    failed: Option<Error>,
    is_answered: bool,
}

/// As long as it stays the same, nothing moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Bytes that were handed to the connection.
    pub(crate) bytes: u64,
    /// What it waits for.
    pub(crate) awaits: Awaits,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Awaits {
    /// That the other side takes what is there.
    #[default]
    Socket,
    /// That the component gives more.
    Component,
    /// The answer: all of it was handed over.
    Answer,
}

impl Passage {
    pub(crate) fn progress(&self) -> Progress {
        self.lock().progress
    }

    /// Why the body broke off, if it did: told once.
    pub(crate) fn take_failure(&self) -> Option<Error> {
        self.lock().failed.take()
    }

    /// The head of the answer has come, which counts whatever becomes of the body. From now on a body that breaks off only stops, so
    /// that the answer can be read to its end; its connection serves no other request.
    pub(crate) fn answered(&self) {
        self.lock().is_answered = true;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StreamedBody {
    pub(super) fn new(first: Bytes, rest: WasiBody, announced: Option<u64>, cap: u64) -> Self {
        let given = first.len() as u64;
        Self { piece: Some(first), rest, announced, cap, given, passage: Arc::default() }
    }

    pub(super) fn passage(&self) -> Arc<Passage> {
        self.passage.clone()
    }

    /// The next piece. One with which the body has the announced length waits until it is sure that there is no further one.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        loop {
            if self.given > self.announced.map_or(self.cap, |announced| announced.min(self.cap)) {
                return Poll::Ready(Err(Error::HttpRequestBodySize(Some(self.given))));
            }
            let is_last = self.announced == Some(self.given);
            if !is_last && let Some(piece) = self.piece.take() {
                return Poll::Ready(Ok(Some(piece)));
            }
            match ready!(Pin::new(&mut self.rest).poll_frame(context)) {
                Some(frame) => {
                    let data = data(frame?)?;
                    self.given += data.len() as u64;
                    if !data.is_empty() {
                        // If there was one it is not needed: with this one the body is too long.
                        self.piece = Some(data);
                    }
                }
                None if self.announced.is_none_or(|announced| announced == self.given) => {
                    return Poll::Ready(Ok(self.piece.take()));
                }
                None => return Poll::Ready(Err(Error::HttpRequestBodySize(Some(self.given)))),
            }
        }
    }
}

impl Body for StreamedBody {
    type Data = Bytes;
    type Error = NoWholeBody;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, NoWholeBody>>> {
        let this = self.get_mut();
        let polled = this.poll_piece(context);
        let mut state = this.passage.lock();
        match polled {
            Poll::Pending => {
                state.progress.awaits = Awaits::Component;
                Poll::Pending
            }
            Poll::Ready(Ok(Some(piece))) => {
                state.progress.bytes += piece.len() as u64;
                state.progress.awaits = Awaits::Socket;
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Poll::Ready(Ok(None)) => {
                state.progress.awaits = Awaits::Answer;
                Poll::Ready(None)
            }
            // Nobody wakes it: whoever reads the answer drives the connection.
            Poll::Ready(Err(_)) if state.is_answered => Poll::Pending,
            Poll::Ready(Err(error)) => {
                state.failed = Some(error);
                Poll::Ready(Some(Err(NoWholeBody)))
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.announced.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
