//! What every function gives: a stream at once, and beside it a future of how it ended.

use salesforce_connector::core::error::{Error, ErrorKind, Outcome, Result};
use wit_bindgen::{FutureReader, StreamReader, StreamWriter};

use crate::world::exports::workflow::salesforce::types::Error as WitError;
use crate::world::wit_future::{self, FuturePayload};
use crate::world::wit_stream::{self, StreamPayload};

/// Begins to fill a stream, which goes on after the function has returned, until the stream has ended.
pub(crate) fn stream<T: StreamPayload, S, W: From<S> + 'static>(
    fill: impl AsyncFnOnce(StreamWriter<T>) -> Result<S> + 'static,
) -> (StreamReader<T>, FutureReader<Result<W, WitError>>)
where
    Result<W, WitError>: FuturePayload,
{
    let (items, read) = wit_stream::new();
    let (end, ended) = wit_future::new(|| Err((*reader_gone()).into()));
    wit_bindgen::spawn_local(async move {
        let result = fill(items).await;
        // Nobody may wait for it any more.
        _ = end.write(result.map(Into::into).map_err(|error| (*error).into())).await;
    });
    (read, ended)
}

/// Hands over a piece, all of it. Gives its buffer back.
pub(crate) async fn write<T>(stream: &mut StreamWriter<T>, piece: Vec<T>) -> Result<Vec<T>> {
    let rest = stream.write_all(piece).await;
    if rest.is_empty() { Ok(rest) } else { Err(reader_gone()) }
}

/// What the future says where nothing else does.
fn reader_gone() -> Box<Error> {
    let message = "the stream was dropped before its end: not all of it was handed over";
    let error = Error::new(ErrorKind::Interrupted, Outcome::Unknown, message);
    Box::new(Error { retryable: true, ..*error })
}
