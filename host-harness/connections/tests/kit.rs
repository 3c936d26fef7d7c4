//! The kit for stores finds the mistakes that a store can make.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test: what cannot be stops it")]

use std::cell::Cell;
use std::time::Duration;

use salesforce_connections::store_kit::{self, Subject};
use salesforce_connections::{ConnectionStore, MemoryStore, NewTokens, Settlement, Stored};

/// A store in memory, but for its mistake.
#[derive(Clone)]
struct Mistaken {
    store: MemoryStore,
    mistake: Mistake,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mistake {
    NotAtOnce,
    Forgetful,
    Unmarked,
    AnyRevision,
    NoLease,
    Talkative,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Said(String);

#[test]
fn what_compares_first_and_sets_then_is_found_on_one_thread_too() {
    assert!(found(Mistake::NotAtOnce).starts_with("of settlements of one revision one counts"));
}

#[test]
fn tokens_that_are_not_stored_are_found() {
    assert_eq!(found(Mistake::Forgetful), "everybody must see the new access token");
}

#[test]
fn a_mark_that_is_not_made_is_found() {
    assert_eq!(found(Mistake::Unmarked), "everybody must see that a refresh was begun");
}

#[test]
fn a_mark_of_another_revision_is_found() {
    assert_eq!(found(Mistake::AnyRevision), "begin must refuse an older revision");
}

#[test]
fn a_lease_that_is_none_is_found() {
    assert_eq!(found(Mistake::NoLease), "nobody else may have the lease while it is held");
}

#[test]
fn an_error_that_holds_a_secret_is_found_and_not_repeated() {
    assert_eq!(found(Mistake::Talkative), "an error of the store holds a secret");
}

/// What the kit says of this mistake.
fn found(mistake: Mistake) -> String {
    let kit = std::thread::spawn(move || {
        let number = Cell::new(0);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(store_kit::passes(async || {
            let id = format!("acme-{}", number.replace(number.get() + 1));
            let store = Mistaken { store: MemoryStore::default(), mistake };
            store.store.put(&id, store_kit::connection());
            Subject { one: store.clone(), other: store, id, unknown: None }
        }));
    });
    let panic = kit.join().expect_err("the kit must find it");
    panic.downcast::<String>().map_or_else(|panic| (*panic.downcast::<&str>().unwrap()).to_owned(), |said| *said)
}

impl ConnectionStore for Mistaken {
    type Id = String;
    type Revision = u64;
    type Lease = Option<<MemoryStore as ConnectionStore>::Lease>;
    type Error = Said;

    async fn load(&self, id: &String) -> Result<Stored<u64>, Said> {
        self.store.load(id).await.map_err(said)
    }

    async fn lease(&self, id: &String) -> Result<Self::Lease, Said> {
        if self.mistake == Mistake::NoLease {
            return Ok(None);
        }
        self.store.lease(id).await.map(Some).map_err(said)
    }

    async fn begin(&self, id: &String, revision: &u64) -> Result<bool, Said> {
        match self.mistake {
            Mistake::Unmarked => Ok(true),
            Mistake::AnyRevision => self.store.begin(id, &self.load(id).await?.revision).await.map_err(said),
            _ => self.store.begin(id, revision).await.map_err(said),
        }
    }

    async fn settle(&self, id: &String, refreshed: &Stored<u64>, settlement: Settlement<'_>) -> Result<bool, Said> {
        match (self.mistake, settlement) {
            (Mistake::Forgetful, Settlement::Tokens(_)) => {
                self.store.settle(id, refreshed, Settlement::Unchanged).await.map_err(said)
            }
            (Mistake::Talkative, Settlement::Tokens(NewTokens(tokens))) => {
                let settled = self.store.settle(id, refreshed, settlement).await;
                settled.map_err(|error| Said(format!("{error}: {}", tokens.instance_url)))
            }
            (Mistake::NotAtOnce, _) => {
                if self.load(id).await?.revision != refreshed.revision {
                    return Ok(false);
                }
                // Nothing is awaited here, so tasks of one thread never meet; threads do.
                std::thread::sleep(Duration::from_millis(2));
                let found = self.load(id).await?;
                self.store.settle(id, &found, settlement).await.map_err(said)
            }
            _ => self.store.settle(id, refreshed, settlement).await.map_err(said),
        }
    }
}

fn said(error: impl std::error::Error) -> Said {
    Said(error.to_string())
}
