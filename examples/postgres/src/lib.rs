//! A store of connections of one's own: a table of PostgreSQL.
//!
//! To copy from. What [`ConnectionStore`](salesforce_connections::ConnectionStore) asks for is here:
//!
//! | promise | how it is kept |
//! |---|---|
//! | one lease at a time, over all processes | an advisory lock, on a connection to the database of its own (`lease.rs`) |
//! | a lease ends with its process | so does that connection, and then the server unlocks |
//! | a mark or a settlement of another revision commits nothing | one `UPDATE ... WHERE revision = ...` (`store.rs`) |
//! | what was answered outlives the machine | `synchronous_commit` is on for every connection (`database.rs`) |
//! | no secret is in an error or in the table | [`Secret`](salesforce_runtime::secret::Secret) cannot be printed; a column is encrypted (`cipher.rs`) |
//!
//! ```no_run
//! use example_postgres_store::{PostgresStore, Cipher};
//! use salesforce_connections::Session;
//! # use salesforce_runtime::{Connector, bindings::{soql::Query, types::CallOptions}};
//! # async fn example(
//! #     connector: Connector, key: [u8; 32], query: Query, options: CallOptions,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//!
//! // The key is 32 random bytes out of a secret manager. The table is that of `SCHEMA`.
//! let store = PostgresStore::new("host=/run/postgresql user=app dbname=app".parse()?, Cipher::new(&key));
//! let session = Session::new(connector, store, options);
//! let id = "acme".to_owned();
//! let page = session
//!     .call(&id, async |execution, connection| execution.soql_query(&connection, &query, options).await)
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! Not for: pools. A process has one connection to the database for statements, and one for each lease that it holds.

mod cipher;
mod database;
mod error;
mod lease;
mod store;

pub use cipher::Cipher;
pub use error::PostgresError;
pub use lease::Lease;
pub use store::PostgresStore;

/// The table.
pub const SCHEMA: &str = include_str!("../schema.sql");
