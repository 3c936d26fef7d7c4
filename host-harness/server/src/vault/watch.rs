//! A running server keeps an eye on its keys: it learns a new one while a rotation waits for that, says so in the database,
//! and tells the operator when the key file no longer fits. The keys that it holds stay, whatever happens to the file.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio_util::task::AbortOnDropHandle;

use super::source::Stamp;
use super::table::{self, KeyState, KnownKey};
use super::{Vault, key::CheckValue};
use crate::database::{Database, StoreError};

/// How often. A rotation waits for it once.
const LOOK: Duration = Duration::from_millis(500);

/// What was found at the last look.
#[derive(Debug, Default)]
pub(super) struct Watched {
    stamp: Option<Stamp>,
    known: Vec<KnownKey>,
    registered: BTreeSet<CheckValue>,
    trouble: Option<Trouble>,
}

/// What is wrong with the keys: a later start would be refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) words: String,
    /// This process holds the key that encrypts, and so goes on.
    pub(crate) encrypts: bool,
}

/// Begins to look; it ends with the value.
pub(crate) fn watch(vault: Arc<Vault>, database: Database) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut failed = false;
        loop {
            let looked = vault.look(&database).await;
            if let (Err(error), false) = (&looked, failed) {
                tracing::error!(%error, "the keys cannot be looked after until the database answers");
            }
            failed = looked.is_err();
            tokio::time::sleep(LOOK).await;
        }
    }))
}

impl Vault {
    /// What is wrong with the keys, if anything is.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }

    /// Check values of the keys that are held.
    pub(super) fn held(&self) -> Vec<CheckValue> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).iter().map(|key| *key.check()).collect()
    }

    /// One look.
    pub(super) async fn look(self: &Arc<Self>, database: &Database) -> Result<(), StoreError> {
        let vault = self.clone();
        let has_learned = database.read(move |connection| vault.compare(connection)).await?;
        if has_learned {
            let (vault, held) = (self.clone(), self.held());
            database.write(move |connection| vault.register(connection)).await?;
            self.watched.lock().unwrap_or_else(PoisonError::into_inner).registered.extend(held);
        }
        Ok(())
    }

    /// Whether keys are held that the database does not know of this process.
    fn compare(&self, connection: &Connection) -> Result<bool, StoreError> {
        let (known, stamp) = (table::all(connection)?, self.source.stamp());
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.trouble.is_some() || watched.known != known || watched.stamp != stamp {
            let misfit = self.fit(&known).err();
            let held = self.held();
            let encrypts = known.iter().any(|key| key.state == KeyState::Encrypting && held.contains(&key.check));
            let trouble = misfit.map(|error| Trouble { words: error.to_string(), encrypts });
            match (&trouble, &watched.trouble) {
                (Some(Trouble { words, encrypts }), before) if *before != trouble => {
                    tracing::error!(goes_on = encrypts, "{words}; no other process can start here");
                }
                (None, Some(_)) => tracing::info!("the key fits the data again"),
                _ => {}
            }
            (watched.known, watched.stamp, watched.trouble) = (known, stamp, trouble);
        }
        Ok(self.held().iter().any(|check| !watched.registered.contains(check)))
    }
}
