//! Connections to Salesforce orgs: their tokens, stored, and refreshed once for all who find a session expired.
//!
//! For programs that call Salesforce through `salesforce-runtime` for longer than an access token lives. A [`Session`] makes
//! calls with the connections of a [`ConnectionStore`]. When an org refuses a session, it refreshes once, over all tasks and
//! processes that share the store, has the new tokens stored **before** anybody uses them, and repeats the call.
//!
//! ```no_run
//! use salesforce_connections::{ConnectionFile, HealingError, Session, SessionError};
//! use salesforce_runtime::bindings::{soql::Query, types::CallOptions};
//! use salesforce_runtime::{Runtime, RuntimeOptions};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let connector = Runtime::new(RuntimeOptions::default())?.load_bundled()?;
//!     let options = CallOptions { deadline_ms: Some(10_000), max_response_bytes: None, attempts: None };
//!     let session = Session::new(connector, ConnectionFile::locate(None)?, options); // once per store; clones are cheap
//!
//!     let query = Query {
//!         soql: "SELECT Id, Name FROM Account".to_owned(),
//!         parameters: Vec::new(),
//!         include_deleted: false,
//!         batch_size: None,
//!         max_records: None,
//!     };
//!     let called = session
//!         .call(&(), async |execution, connection| execution.soql_query(&connection, &query, options).await)
//!         .await;
//!     match called {
//!         Ok(page) => println!("{} records: {}", page.count, page.records),
//!         Err(SessionError::Store(error)) => eprintln!("nothing was sent: {error}"),
//!         Err(SessionError::Call(error)) => eprintln!("{:?}, {:?}: {error}", error.kind(), error.outcome()),
//!         Err(SessionError::NotHealed(_, why)) => match *why {
//!             HealingError::Refused(_) | HealingError::NoRefreshToken | HealingError::AnswerLost => {
//!                 eprintln!("its user has to log in again: {why}");
//!             }
//!             _ => eprintln!("{why}"),
//!         },
//!     }
//!     Ok(())
//! }
//! ```
//!
//! The first argument of [`Session::call`] names the connection; a file holds one, so its name is `()`. The closure makes one
//! call in the execution that it is given, and may be run a second time, after a refresh.
//!
//! # Stores
//!
//! | store | for |
//! |---|---|
//! | [`ConnectionFile`] | one connection in a file of this user's, as `harness login` leaves it behind |
//! | [`MemoryStore`] | tests, and programs that end before their sessions do |
//! | one of your own | a table, a secret manager: implement [`ConnectionStore`], and let it pass [`store_kit`]; `examples/postgres/` is one to copy |
//!
//! [`Stored`] is a connection as any store holds it: the connected app, the org, the tokens. [`Document`] is the file's form of
//! it, and [`Grant`] makes one of what a login gave.
//!
//! # When there are no new tokens
//!
//! | [`HealingError`] | what to do |
//! |---|---|
//! | `Refresh`, `Busy` | try again later; the connection is as it was |
//! | `Panicked` | mend your store or observer. Nobody knows what became of the refresh: the next call asks the org |
//! | `Refused`, `NoRefreshToken`, `AnswerLost` | its user has to log in again |
//! | `Unfinished` | nobody knows what became of an earlier refresh. Have the user log in, or a person send the token again, which may end the connection: [`Session::heal`] with `again` |
//! | `Store`, `NotStored` | mend the store. After `NotStored` the new tokens are lost: the next call asks the org whether the old ones still count |
//!
//! [`Observer`] hears of each refresh, for logs and metrics. A program that ends awaits [`finished`] first: a refresh under way
//! holds tokens that exist nowhere else.
//!
//! # Inside
//!
//! [`protocol`] decides, without a clock, a network or a store, and [`Session`] acts. Depends on the runtime alone.

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
pub use store::{ConnectionStore, EndReason, NewTokens, Settlement, Stored};
pub use uninterrupted::{finished, uninterrupted};

/// The examples of the page for embedders are compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/EMBEDDING.md")]
struct Embedding;
