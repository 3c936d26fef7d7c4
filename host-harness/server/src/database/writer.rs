//! The one that writes: all work that waits goes into one transaction.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Instant;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::place::Place;
use super::turns::Turns;
use super::{StoreError, lock};
use crate::quiet::Quiet;

/// Pieces of work in one transaction.
const MOST_AT_ONCE: usize = 128;

pub(super) type Finish = Box<dyn FnOnce(Result<(), String>) + Send>;
/// Answers whether to keep what it did, and whom to tell once that is decided.
pub(super) type Work = Box<dyn FnOnce(Result<&Connection, String>) -> (bool, Finish) + Send>;

/// Whether transactions are committed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Writes {
    /// When the last one was.
    pub(super) committed_at: Option<Instant>,
    /// One was not, and there was no check since that found room.
    pub(super) refused: bool,
}

/// Who writes.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) place: Place,
    pub(super) writes: Arc<Mutex<Writes>>,
    pub(super) quiet: Quiet<&'static str>,
}

/// What the writer is to do next.
pub(super) enum Message {
    Work(Work),
    /// A piece of long work, whoever's turn it is.
    Turn,
}

impl Writer {
    pub(super) fn write_until_closed(&mut self, messages: &mpsc::Receiver<Message>, turns: &Mutex<Turns<Work>>) {
        let mut pieces = 0_usize;
        loop {
            let first = match pieces {
                0 => match messages.recv() {
                    Ok(message) => Some(message),
                    Err(mpsc::RecvError) => return,
                },
                _ => None,
            };
            let mut waiting = VecDeque::new();
            for message in first.into_iter().chain(messages.try_iter().take(MOST_AT_ONCE - 1)) {
                match message {
                    Message::Work(work) => waiting.push_back(work),
                    Message::Turn => pieces += 1,
                }
            }
            if !waiting.is_empty() {
                self.write(waiting);
            }
            if pieces > 0 {
                pieces -= 1;
                let piece = lock(turns).next();
                self.write(piece.into_iter().collect());
            }
        }
    }

    fn write(&mut self, mut waiting: VecDeque<Work>) {
        let mut finishes = Vec::new();
        let committed = match self.place.still_leads_here() {
            Ok(()) => transact(&mut self.connection, &mut waiting, &mut finishes).map_err(|error| error.to_string()),
            Err(words) => Err(words),
        };
        if let Err(error) = &committed {
            if let Some(count) = self.quiet.count("refused") {
                tracing::error!(%error, count, "the database did not take a transaction");
            }
            // What has not run yet is told the same, and not tried.
            finishes.extend(waiting.drain(..).map(|work| work(Err(error.clone())).1));
        }
        {
            let mut writes = lock(&self.writes);
            writes.committed_at = committed.is_ok().then(Instant::now);
            writes.refused |= committed.is_err();
        }
        for finish in finishes {
            finish(committed.clone());
        }
    }
}

/// The work, and where its result comes.
pub(super) fn answering<T: Send + 'static>(
    work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
) -> (Work, oneshot::Receiver<Result<T, StoreError>>) {
    let (answer, answered) = oneshot::channel();
    let work: Work = Box::new(move |connection| {
        let result = connection.map_err(StoreError::Unwritable).and_then(work);
        let keep = result.is_ok();
        let finish: Finish = Box::new(move |committed| {
            // Nobody is left to tell if the caller was dropped.
            let _ = answer.send(committed.map_err(StoreError::Unwritable).and(result));
        });
        (keep, finish)
    });
    (work, answered)
}

/// Does the work that waits in one transaction. What has run has left a finish.
fn transact(
    connection: &mut Connection,
    waiting: &mut VecDeque<Work>,
    finishes: &mut Vec<Finish>,
) -> Result<(), rusqlite::Error> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    while !waiting.is_empty() {
        let savepoint = transaction.savepoint()?;
        let Some(work) = waiting.pop_front() else { break };
        let (keep, finish) = work(Ok(&savepoint));
        finishes.push(finish);
        // A full disk undoes the whole transaction (sqlite.org/lang_transaction.html), and what came next would be
        // committed one by one although everybody is told that it was not.
        if savepoint.is_autocommit() {
            return Err(undone());
        }
        if keep {
            savepoint.commit()?;
        } else {
            savepoint.finish()?;
        }
    }
    transaction.commit()
}

fn undone() -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
    rusqlite::Error::SqliteFailure(code, Some("the disk is full, or took no write".to_owned()))
}
