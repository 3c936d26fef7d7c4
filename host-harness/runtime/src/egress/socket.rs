//! A socket from which an answer is read even when it takes nothing more.
//!
//! A server that refuses a request before it has read its body answers and closes, and the next write fails. What the server said is
//! here by then, and it is the answer that counts. So a write that fails is for nobody, and the read after it says what there is: the
//! answer, or that the connection has ended.

use std::io::{Error, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::MaybeHttpsStream;

use super::proxy::Stream;

/// One connection's.
pub(crate) struct Socket {
    stream: MaybeHttpsStream<Stream>,
    takes_no_more: bool,
}

impl Socket {
    pub(super) fn new(stream: MaybeHttpsStream<Stream>) -> Self {
        Self { stream, takes_no_more: false }
    }

    /// As if so much had been written, if writing fails.
    fn settle(&mut self, written: Poll<Result<usize, Error>>, bytes: usize) -> Poll<Result<usize, Error>> {
        match written {
            Poll::Ready(Err(_)) => {
                self.takes_no_more = true;
                Poll::Ready(Ok(bytes))
            }
            other => other,
        }
    }
}

impl Read for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, Error>> {
        if self.takes_no_more {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.settle(written, bytes.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize, Error>> {
        let bytes = slices.iter().map(|slice| slice.len()).sum();
        if self.takes_no_more {
            return Poll::Ready(Ok(bytes));
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.settle(written, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.takes_no_more {
            return Poll::Ready(Ok(()));
        }
        let flushed = Pin::new(&mut self.stream).poll_flush(context).map_ok(|()| 0);
        self.settle(flushed, 0).map_ok(|_| ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
