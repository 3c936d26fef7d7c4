//! Tokens that an org has just given and the database has not taken: kept in memory, stored as soon as that is possible,
//! and used by nobody before. The turn of their connection is held meanwhile, so that nothing replaces them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::login_host::AllowedApp;
use super::{ConnectionError, Connections};
use crate::database::StoreError;
use salesforce_runtime::bindings::oauth::TokenSet;

/// Pauses between two attempts.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The connections whose tokens wait to be stored.
#[derive(Debug, Default)]
pub(super) struct Unstored {
    connections: Mutex<HashSet<String>>,
    changed: Notify,
}

/// Tokens of a connection wait until this is dropped.
struct Waiting {
    unstored: Arc<Unstored>,
    id: String,
}

impl Connections {
    /// As [`Connections::store_tokens`], however long it takes until the database takes them. Who must not wait so long
    /// asks [`Connections::or_waiting`].
    pub(super) async fn store_at_last(
        &self,
        id: &str,
        app: &AllowedApp,
        tokens: &TokenSet,
        refresh: Option<i64>,
    ) -> Result<bool, ConnectionError> {
        let mut waiting = None;
        let mut pause = FIRST_PAUSE;
        loop {
            match self.store_tokens(id, app, tokens, refresh).await {
                Err(ConnectionError::Store(error)) if may_pass(&error) => {
                    tracing::error!(connection = id, %error, "new tokens could not be stored: they are kept");
                    waiting.get_or_insert_with(|| self.unstored.enter(id));
                }
                stored => return stored,
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// What the work says, or that tokens of this connection wait to be stored. The work goes on.
    pub(super) async fn or_waiting<T>(
        &self,
        id: &str,
        work: impl Future<Output = Result<T, ConnectionError>>,
    ) -> Result<T, ConnectionError> {
        tokio::select! {
            biased;
            () = self.unstored.waits(id) => Err(ConnectionError::TokensWait),
            done = work => done,
        }
    }

    /// Ends once tokens of this connection wait to be stored.
    pub(super) async fn tokens_wait(&self, id: &str) {
        self.unstored.waits(id).await;
    }

    /// Connections whose tokens wait to be stored.
    pub(crate) fn unstored(&self) -> usize {
        self.unstored.lock().len()
    }

    /// Waits until none waits.
    pub(crate) async fn all_stored(&self) {
        self.unstored.until(|connections| connections.is_empty()).await;
    }
}

/// Everything may but what this program itself has got wrong, and the end of the database.
fn may_pass(error: &StoreError) -> bool {
    !matches!(error, StoreError::Foreign(_) | StoreError::Closed)
}

impl Unstored {
    async fn waits(&self, id: &str) {
        self.until(|connections| connections.contains(id)).await;
    }

    async fn until(&self, condition: impl Fn(&HashSet<String>) -> bool) {
        loop {
            let changed = self.changed.notified();
            if condition(&self.lock()) {
                return;
            }
            changed.await;
        }
    }

    fn enter(self: &Arc<Self>, id: &str) -> Waiting {
        self.lock().insert(id.to_owned());
        self.changed.notify_waiters();
        Waiting { unstored: Arc::clone(self), id: id.to_owned() }
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.unstored.lock().remove(&self.id);
        self.unstored.changed.notify_waiters();
    }
}
