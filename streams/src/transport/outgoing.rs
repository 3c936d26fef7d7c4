//! The body of a request, piece by piece, beside the request: a host that has sent the head waits for the body, and takes it no
//! faster than the other side does.

use std::future::pending;

use salesforce_connector::core::http::Failure;
use wit_bindgen::{FutureReader, FutureWriter, StreamReader, StreamWriter};

use crate::deadline::Deadline;
use crate::world::http::types::{ErrorCode, Trailers};
use crate::world::{wit_future, wit_stream};

/// Dropped before it is finished, it tells the host that the body broke off, so that nobody takes it for whole.
pub(crate) struct Outgoing {
    contents: StreamWriter<u8>,
    end: FutureWriter<Result<Option<Trailers>, ErrorCode>>,
}

/// What a request has of it.
pub(super) type Reader = (Option<StreamReader<u8>>, FutureReader<Result<Option<Trailers>, ErrorCode>>);

impl Outgoing {
    /// A body, and where it comes out.
    pub(super) fn new() -> (Self, Reader) {
        let (contents, read) = wit_stream::new();
        let (end, ended) = wit_future::new(|| Err(ErrorCode::InternalError(None)));
        (Self { contents, end }, (Some(read), ended))
    }

    /// No body, which is whole.
    pub(super) fn none() -> Reader {
        // Dropped, it says that there is no more.
        let (_, ended) = wit_future::new(|| Ok(None));
        (None, ended)
    }

    /// Hands over a piece, and gives its buffer back. If the host takes no more, for there is an answer or will be none, this does not
    /// come back.
    pub(super) async fn write(&mut self, piece: Vec<u8>) -> Vec<u8> {
        let rest = self.contents.write_all(piece).await;
        if rest.is_empty() { rest } else { pending().await }
    }

    /// The same, if the host takes it in time.
    pub(crate) async fn write_within(&mut self, piece: Vec<u8>, mut deadline: Deadline) -> Result<Vec<u8>, Failure> {
        deadline.within(self.write(piece)).await.ok_or(Failure::DeadlineExceeded { sent: true })
    }

    /// All was handed over.
    pub(super) async fn finish(self) {
        drop(self.contents);
        // Nobody may wait for it any more.
        _ = self.end.write(Ok(None)).await;
    }
}
