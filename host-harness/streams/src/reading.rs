//! The host's end of a stream.

use std::sync::Arc;
use std::vec;

use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::types;
use tokio::sync::{mpsc, oneshot};

use crate::bindings::{Downloaded, LoadSummary, LoadedJob, ResultSummary, Summary};
use crate::instance::Running;

/// The records of a query, each as JSON text.
pub type Records = Reading<String, Summary>;

/// The rows of a job's results, as the bytes of a CSV file.
pub type Rows = Reading<u8, ResultSummary>;

/// The jobs of a load, each once it was closed.
pub type Jobs = Reading<LoadedJob, LoadSummary>;

/// The bytes of a blob field.
pub type Blob = Reading<u8, Downloaded>;

/// A stream that is read, and how it ended. The component goes on by itself, until it has to wait for the reader.
///
/// Dropping it gives up the rest.
#[must_use = "nothing happens until it is read"]
pub struct Reading<T, S> {
    pieces: mpsc::Receiver<Vec<T>>,
    piece: vec::IntoIter<T>,
    end: oneshot::Receiver<Result<S, types::Error>>,
    running: Arc<Running>,
}

impl<T, S> Reading<T, S> {
    pub(crate) fn new(
        pieces: mpsc::Receiver<Vec<T>>,
        end: oneshot::Receiver<Result<S, types::Error>>,
        running: Arc<Running>,
    ) -> Self {
        Self { pieces, piece: Vec::new().into_iter(), end, running }
    }

    /// The next item. None: the stream has ended, and [`Reading::finish`] says how.
    pub async fn next(&mut self) -> Option<T> {
        loop {
            if let Some(item) = self.piece.next() {
                return Some(item);
            }
            self.piece = self.next_piece().await?.into_iter();
        }
    }

    /// As many items as are there, at least one. None as for [`Reading::next`].
    pub async fn next_piece(&mut self) -> Option<Vec<T>> {
        let begun: Vec<T> = std::mem::take(&mut self.piece).collect();
        if !begun.is_empty() {
            return Some(begun);
        }
        self.pieces.recv().await
    }

    /// How it ended. What was not read until now is given up, so only a stream that was read to its end can be whole.
    ///
    /// # Errors
    ///
    /// [`ExecutionError::Connector`] if the component says that it is not whole, and why; [`ExecutionError::Host`] if the
    /// instance ended before the stream did.
    pub async fn finish(mut self) -> Result<S, ExecutionError> {
        self.pieces.close();
        // What is in between is let go, so that nobody waits for room.
        while self.pieces.recv().await.is_some() {}
        self.running.settle((&mut self.end).await.ok()).await
    }
}
