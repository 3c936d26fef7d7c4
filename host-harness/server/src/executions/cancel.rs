//! What runs right now in this process, and how it is ended early.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The executions of this process.
#[derive(Debug, Default)]
pub(crate) struct Running {
    entries: Mutex<HashMap<String, (String, CancellationToken)>>,
    one_ended: Notify,
}

/// An execution is running until this is dropped.
pub(crate) struct Entry {
    running: Arc<Running>,
    id: String,
    /// Cancelled when somebody wants it to end.
    pub(super) cancelled: CancellationToken,
}

impl Running {
    /// It is cancelled by its id, or with `cancelled`.
    pub(super) fn enter(self: &Arc<Self>, tenant: &str, id: &str, cancelled: &CancellationToken) -> Entry {
        let cancelled = cancelled.child_token();
        self.lock().insert(id.to_owned(), (tenant.to_owned(), cancelled.clone()));
        Entry { running: Arc::clone(self), id: id.to_owned(), cancelled }
    }

    /// Asks a tenant's execution to end; false if it does not run here.
    pub(super) fn cancel(&self, tenant: &str, id: &str) -> bool {
        match self.lock().get(id) {
            Some((owner, cancelled)) if owner == tenant => {
                cancelled.cancel();
                true
            }
            _ => false,
        }
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.lock().contains_key(id)
    }

    /// How many run.
    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Waits until none runs.
    pub(super) async fn ended(&self) {
        loop {
            let ended = self.one_ended.notified();
            if self.count() == 0 {
                return;
            }
            ended.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (String, CancellationToken)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.running.lock().remove(&self.id);
        self.running.one_ended.notify_waiters();
    }
}
