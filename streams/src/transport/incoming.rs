//! The body of an answer, piece by piece: whoever reads it decides how fast it comes.

use salesforce_connector::core::http::{Failure, Response};
use wit_bindgen::{FutureReader, StreamReader, StreamResult};

use super::{broken, head};
use crate::world::http::types::{ErrorCode, Response as WasiResponse, Trailers};
use crate::world::wit_future;

/// Bytes of a piece at most.
const PIECE: usize = 32 << 10;

/// What has not come yet.
pub(crate) struct Incoming {
    contents: StreamReader<u8>,
    /// Says, once the stream has ended, whether the body has. None: it did.
    end: Option<FutureReader<Result<Option<Trailers>, ErrorCode>>>,
}

impl Incoming {
    /// The head of an answer, and its body.
    pub(crate) fn of(answer: WasiResponse) -> (Response, Self) {
        let head = head(&answer);
        // Dropped, it says that this side has no error.
        let (_, no_error) = wit_future::new(|| Ok(()));
        let (contents, end) = WasiResponse::consume_body(answer, no_error);
        (head, Self { contents, end: Some(end) })
    }

    /// The next piece, in this buffer if it has room. Without a byte: the body has come to its end.
    pub(crate) async fn next(&mut self, mut buffer: Vec<u8>) -> Result<Vec<u8>, Failure> {
        buffer.clear();
        buffer.reserve(PIECE);
        while self.end.is_some() {
            let (result, piece) = self.contents.read(buffer).await;
            buffer = piece;
            if result == StreamResult::Dropped
                && let Some(end) = self.end.take()
            {
                end.await.map_err(|code| broken(&code))?;
            }
            if !buffer.is_empty() {
                break;
            }
        }
        Ok(buffer)
    }
}
