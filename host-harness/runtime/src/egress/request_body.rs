//! The body of a request: complete before anything is sent, or passed on as the component gives it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use wasmtime_wasi_http::{Error, WasiBody};

use super::streamed_body::{NoWholeBody, Passage, StreamedBody};

/// The body of a request that is ready to go out.
pub(crate) enum RequestBody {
    /// All of it is here.
    Whole(Full<Bytes>),
    /// Its first piece is here.
    Streamed(Box<StreamedBody>),
}

impl RequestBody {
    /// How far it is, if it is streamed.
    pub(crate) fn passage(&self) -> Option<Arc<Passage>> {
        match self {
            Self::Whole(_) => None,
            Self::Streamed(body) => Some(body.passage()),
        }
    }

    /// Waits for the first piece of a body that is passed on as it comes, so that a component that fails before it has sent nothing.
    /// A body that is all in its first piece is whole. The headers that say how long it is are taken out: hyper writes one, or the
    /// coding in chunks.
    ///
    /// # Errors
    ///
    /// `HttpRequestBodySize` if it is not as long as was announced, or longer than `cap`; `ConnectionWriteTimeout` if no first piece
    /// comes in time; else as [`collect_request`].
    pub(super) async fn begin(
        headers: &mut HeaderMap,
        mut body: WasiBody,
        cap: u64,
        first_piece: Duration,
    ) -> Result<Self, Error> {
        headers.remove(TRANSFER_ENCODING);
        let announced = announced(headers)?;
        if let Some(length) = announced.filter(|length| *length > cap) {
            return Err(Error::HttpRequestBodySize(Some(length)));
        }
        let first = timeout(first_piece, next(&mut body)).await.map_err(|_| Error::ConnectionWriteTimeout)??;
        let Some(first) = first else {
            return match announced {
                None | Some(0) => Ok(Self::Whole(Full::default())),
                Some(_) => Err(Error::HttpRequestBodySize(Some(0))),
            };
        };
        if announced != Some(first.len() as u64) {
            return Ok(Self::Streamed(Box::new(StreamedBody::new(first, body, announced, cap))));
        }
        match timeout(first_piece, next(&mut body)).await.map_err(|_| Error::ConnectionWriteTimeout)?? {
            None => Ok(Self::Whole(Full::new(first))),
            Some(more) => Err(Error::HttpRequestBodySize(Some((first.len() + more.len()) as u64))),
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = NoWholeBody;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, NoWholeBody>>> {
        match self.get_mut() {
            Self::Whole(body) => Pin::new(body).poll_frame(context).map_err(|never| match never {}),
            Self::Streamed(body) => Pin::new(&mut **body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::Streamed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Streamed(body) => body.size_hint(),
        }
    }
}

/// Takes out how long the body is said to be.
fn announced(headers: &mut HeaderMap) -> Result<Option<u64>, Error> {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let length = match (lengths.next(), lengths.next()) {
        (None, _) => return Ok(None),
        (Some(one), None) => one.to_str().ok().and_then(|text| text.parse().ok()),
        _ => None,
    };
    headers.remove(CONTENT_LENGTH);
    length.map(Some).ok_or(Error::HttpRequestBodySize(None))
}

/// The next piece that has a byte.
async fn next(body: &mut WasiBody) -> Result<Option<Bytes>, Error> {
    while let Some(frame) = body.frame().await {
        let data = data(frame?)?;
        if !data.is_empty() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// The bytes of a frame. Trailers are an error.
pub(super) fn data(frame: Frame<Bytes>) -> Result<Bytes, Error> {
    frame.into_data().map_err(|_trailers| Error::HttpRequestTrailerSectionSize(Some(0)))
}

/// Waits for the whole request body, so that it goes out with its Content-Length and in one piece with the head, and a
/// component that fails half-way has sent nothing.
///
/// Each byte takes a permit of `room`, which bounds all bodies of an execution that are held at the same moment.
///
/// # Errors
///
/// `HttpRequestBodySize` if there is no room; the body's own error if the component gave it up. Trailers cannot be sent
/// with a Content-Length and are an error.
pub(crate) async fn collect_request(
    mut body: WasiBody,
    room: &Arc<Semaphore>,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Error> {
    let mut held: Option<OwnedSemaphorePermit> = None;
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let data = data(frame?)?;
        let size = (first.len() + rest.len() + data.len()) as u64;
        let permits = u32::try_from(data.len()).ok().and_then(|bytes| room.clone().try_acquire_many_owned(bytes).ok());
        let permits = permits.ok_or(Error::HttpRequestBodySize(Some(size)))?;
        match &mut held {
            Some(held) => held.merge(permits),
            None => held = Some(permits),
        }
        if first.is_empty() {
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
    }
    if rest.is_empty() {
        return Ok((first, held));
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok((whole.freeze(), held))
}
