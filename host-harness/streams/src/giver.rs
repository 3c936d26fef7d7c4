//! From the host's data to the component's end of a stream: they are read when the component asks for them, into its memory.

use std::pin::Pin;
use std::task::{Context, Poll};

use salesforce_runtime::State;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::oneshot;
use wasmtime::StoreContextMut;
use wasmtime::component::{Access, Destination, FutureReader, StreamProducer, StreamReader, StreamResult, VecBuffer};

/// What a component reads of data: the bytes, and whether they were whole.
pub(crate) type Given = (StreamReader<u8>, FutureReader<Result<(), ()>>);

/// Gives what the component reads.
pub(crate) struct Giver {
    data: Pin<Box<dyn AsyncRead + Send>>,
    /// Dropped without a word, it says that they were not. None: nobody asks.
    whole: Option<oneshot::Sender<Result<(), ()>>>,
}

/// Data to be read by the component of this store, where their end alone says nothing.
pub(crate) fn give_bytes(
    store: Access<'_, State>,
    data: Pin<Box<dyn AsyncRead + Send>>,
) -> wasmtime::Result<StreamReader<u8>> {
    StreamReader::new(store, Giver { data, whole: None })
}

/// Data to be read by the component of this store. They are whole if they end, and not if they end with an error.
pub(crate) fn give(mut store: Access<'_, State>, data: Pin<Box<dyn AsyncRead + Send>>) -> wasmtime::Result<Given> {
    let (told, whole) = oneshot::channel();
    let giver = Giver { data, whole: Some(told) };
    let stream = StreamReader::new(&mut store, giver)?;
    let whole = async { Ok::<_, wasmtime::Error>(whole.await.unwrap_or(Err(()))) };
    let whole = FutureReader::new(&mut store, whole)?;
    Ok((stream, whole))
}

impl<D: 'static> StreamProducer<D> for Giver {
    type Item = u8;
    type Buffer = VecBuffer<u8>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut store: StoreContextMut<'a, D>,
        destination: Destination<'a, u8, VecBuffer<u8>>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        if destination.remaining(&mut store) == Some(0) {
            // Whether there is more shows when there is room for it.
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let mut destination = destination.as_direct(store, 0);
        let mut buffer = ReadBuf::new(destination.remaining());
        let read = self.data.as_mut().poll_read(context, &mut buffer).map_ok(|()| buffer.filled().len());
        let end = match read {
            Poll::Ready(Ok(0)) => Ok(()),
            Poll::Ready(Ok(bytes)) => {
                destination.mark_written(bytes);
                return Poll::Ready(Ok(StreamResult::Completed));
            }
            Poll::Ready(Err(error)) => {
                tracing::debug!(%error, "data for the component cannot be read");
                Err(())
            }
            Poll::Pending if finish => return Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => return Poll::Pending,
        };
        if let Some(whole) = self.whole.take() {
            // Nobody may wait for it any more.
            _ = whole.send(end);
        }
        Poll::Ready(Ok(StreamResult::Dropped))
    }
}
