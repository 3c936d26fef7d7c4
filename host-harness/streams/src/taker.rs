//! From the component's end of a stream to the host's, piece by piece: a piece is taken only when there is room for it, so the
//! component waits for the reader.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::PollSender;
use wasmtime::StoreContextMut;
use wasmtime::component::{FutureConsumer, Lift, Source, StreamConsumer, StreamResult};

/// Takes what the component writes.
pub(crate) struct Taker<T> {
    pieces: PollSender<Vec<T>>,
    /// Items of a piece at most.
    most: usize,
}

impl<T: Send + 'static> Taker<T> {
    /// With so many items of a piece at most, and where the pieces come out. One waits there while another is read.
    pub(crate) fn new(most: usize) -> (Self, mpsc::Receiver<Vec<T>>) {
        let (pieces, read) = mpsc::channel(1);
        (Self { pieces: PollSender::new(pieces), most }, read)
    }
}

impl<D, T: Lift + Send + Sync + 'static> StreamConsumer<D> for Taker<T> {
    type Item = T;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut store: StoreContextMut<'_, D>,
        mut source: Source<'_, T>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        match self.pieces.poll_reserve(context) {
            Poll::Ready(Ok(())) => {
                let items = source.remaining(&mut store).min(self.most);
                if items > 0 {
                    let mut piece = Vec::with_capacity(items);
                    source.read(&mut store, &mut piece)?;
                    _ = self.pieces.send_item(piece);
                }
                Poll::Ready(Ok(StreamResult::Completed))
            }
            // Nobody reads any more.
            Poll::Ready(Err(_)) => Poll::Ready(Ok(StreamResult::Dropped)),
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Takes how a stream ended.
pub(crate) struct ToldEnd<E> {
    end: Option<oneshot::Sender<E>>,
    _open: mpsc::Sender<()>,
}

impl<E> ToldEnd<E> {
    /// `open` is held until then.
    pub(crate) fn new(end: oneshot::Sender<E>, open: mpsc::Sender<()>) -> Self {
        Self { end: Some(end), _open: open }
    }
}

impl<D, E: Lift + Send + Sync + 'static> FutureConsumer<D> for ToldEnd<E> {
    type Item = E;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut store: StoreContextMut<'_, D>,
        mut source: Source<'_, E>,
        _: bool,
    ) -> Poll<wasmtime::Result<()>> {
        let mut told = None;
        source.read(&mut store, &mut told)?;
        if let (Some(end), Some(told)) = (self.end.take(), told) {
            // Nobody may wait for it any more.
            _ = end.send(told);
        }
        Poll::Ready(Ok(()))
    }
}
