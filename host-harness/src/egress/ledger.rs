//! What may have left the host on behalf of one execution: the ground for [`Outcome`] when a component can no longer
//! say it itself.
//!
//! [`Outcome`]: crate::bindings::types::Outcome

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts the requests of one execution that may have left.
///
/// Every poll of a request happens under this lock, and [`Ledger::close`] takes it too. So the answer of `close` is
/// final: no request can leave on another thread after it said that none had.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger(Arc<Mutex<Entries>>);

/// The ledger, locked.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    /// The execution is over: nothing may leave any more.
    pub(crate) closed: bool,
    /// Requests of which a byte may have left.
    pub(crate) may_have_left: u32,
}

impl Ledger {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the execution's access to the network. True if a request may have left before.
    pub(crate) fn close(&self) -> bool {
        let mut entries = self.lock();
        entries.closed = true;
        entries.may_have_left > 0
    }
}
