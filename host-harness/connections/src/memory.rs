//! Connections in memory, for tests and for programs that end before their sessions do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::protocol::Ending;
use crate::store::{ConnectionStore, EndReason, NewTokens, Settlement, Stored};
use salesforce_runtime::secret::Secret;

/// Connections in memory, by name. Clones share them.
///
/// ```
/// use salesforce_connections::{ConnectionStore as _, MemoryStore, Stored};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let store = MemoryStore::default();
/// let acme = Stored {
///     login_url: "https://login.salesforce.com".parse()?,
///     client_id: "3MVG9...".to_owned(),
///     client_secret: Some("...".to_owned().into()),
///     instance_url: "https://acme.my.salesforce.com".parse()?,
///     access_token: "00D...".to_owned().into(),
///     refresh_token: Some("5Aep...".to_owned().into()),
///     api_version: None,
///     revision: (), // the store counts its own
///     refresh_begun: false,
///     allow_loopback: false,
/// };
/// store.put("acme", acme);
/// assert_eq!(store.load(&"acme".to_owned()).await?.revision, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<HashMap<String, Kept>>>);

#[derive(Debug)]
struct Kept {
    stored: Stored<u64>,
    ended: Option<Ending>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// Why a connection cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemoryError {
    /// There is none of this name.
    #[error("there is no such connection")]
    Unknown,
    /// It needs its user.
    #[error("the connection needs its user again")]
    Ended(Ending),
    /// The org has told an address that is none.
    #[error("the org's address is none: expected one such as `https://example.my.salesforce.com`")]
    Address,
}

impl MemoryStore {
    /// Keeps a connection under a name, in place of any other. Its revision is counted on from the one before.
    pub fn put<R>(&self, id: &str, stored: Stored<R>) {
        let mut kept = self.lock();
        let (turn, before) = match kept.remove(id) {
            Some(Kept { turn, stored, .. }) => (turn, stored.revision),
            None => (Arc::default(), 0),
        };
        let stored = stored.with_revision(before + 1);
        kept.insert(id.to_owned(), Kept { stored, ended: None, turn });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(
        &self,
        id: &str,
        revision: u64,
        change: impl FnOnce(&mut Kept) -> Result<(), MemoryError>,
    ) -> Result<bool, MemoryError> {
        let mut kept = self.lock();
        let kept = kept.get_mut(id).ok_or(MemoryError::Unknown)?;
        if kept.stored.revision != revision || kept.ended.is_some() {
            return Ok(false);
        }
        change(kept).map(|()| true)
    }
}

impl ConnectionStore for MemoryStore {
    type Id = String;
    type Revision = u64;
    type Lease = OwnedMutexGuard<()>;
    type Error = MemoryError;

    async fn load(&self, id: &String) -> Result<Stored<u64>, MemoryError> {
        match self.lock().get(id).ok_or(MemoryError::Unknown)? {
            Kept { ended: Some(ending), .. } => Err(MemoryError::Ended(*ending)),
            Kept { stored, .. } => Ok(stored.clone()),
        }
    }

    async fn lease(&self, id: &String) -> Result<OwnedMutexGuard<()>, MemoryError> {
        let turn = self.lock().get(id).ok_or(MemoryError::Unknown)?.turn.clone();
        Ok(turn.lock_owned().await)
    }

    async fn begin(&self, id: &String, revision: &u64) -> Result<bool, MemoryError> {
        self.change(id, *revision, |kept| {
            kept.stored.refresh_begun = true;
            Ok(())
        })
    }

    async fn settle(
        &self,
        id: &String,
        refreshed: &Stored<u64>,
        settlement: Settlement<'_>,
    ) -> Result<bool, MemoryError> {
        self.change(id, refreshed.revision, |kept| {
            match settlement {
                Settlement::Tokens(NewTokens(tokens)) => {
                    let stored = &mut kept.stored;
                    stored.instance_url = tokens.instance_url.parse().map_err(|_| MemoryError::Address)?;
                    stored.access_token = Secret::from(tokens.access_token.clone());
                    if let Some(token) = &tokens.refresh_token {
                        stored.refresh_token = Some(Secret::from(token.clone()));
                    }
                    stored.revision += 1;
                }
                Settlement::Ended(EndReason { ending, .. }) => kept.ended = Some(ending),
                Settlement::Unchanged => {}
            }
            kept.stored.refresh_begun = false;
            Ok(())
        })
    }
}
