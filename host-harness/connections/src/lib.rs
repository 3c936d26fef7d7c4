//! Connections to Salesforce orgs: their tokens, stored, and refreshed once for all who find a session expired.
//!
//! A [`Session`] makes calls with the connections of a [`ConnectionStore`]. When an org refuses a session, it refreshes once,
//! over all tasks and processes that share the store, has the new tokens stored **before** anybody uses them, and repeats the
//! call. [`protocol`] is the part that decides, [`Session`] the part that acts.
//!
//! | store | for |
//! |---|---|
//! | [`ConnectionFile`] | one connection in a file of this user's, as `harness login` leaves it behind |
//! | [`MemoryStore`] | tests, and programs that end before their sessions do |
//! | one of your own | a table, a secret manager: implement [`ConnectionStore`], and let it pass [`store_kit`]; `examples/postgres/` is one to copy |
//!
//! Depends on the runtime alone.

mod file;
mod memory;
pub mod protocol;
mod session;
mod store;
pub mod store_kit;
mod uninterrupted;

pub use file::{ConnectionError, ConnectionFile, Document, Grant, Lock};
pub use memory::{MemoryError, MemoryStore};
pub use session::{HealingError, Observer, RefreshedBy, Session, SessionError};
pub use store::{ConnectionStore, Ended, NewTokens, Settlement, Stored};
pub use uninterrupted::{finished, uninterrupted};

/// The examples of the page for embedders are compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/EMBEDDING.md")]
struct Embedding;
