//! The connector's actions as activities of a durable workflow engine: `wit/activity/`, as another shell around the same
//! core. The connection comes from the environment, and errors are sorted by what the engine may repeat.
//!
//! One crate, two components: what may be repeated (the default), and what may not (feature `create`), because engines
//! set retries for a component as a whole. Each has a folder with a file for each interface.
//!
//! ```text
//! repeatable or once ── connect ── environment (pure: text in, Settings out)
//!          │                └────── core::oauth, a token for each call if the environment has a grant
//!          ├─ verdict (pure: core's Error in, Verdict out)
//!          └─ mapping (the connector's: from the WIT's types to the core's and back)
//! ```

pub mod environment;
pub mod verdict;

#[cfg(target_family = "wasm")]
mod connect;
#[cfg(target_family = "wasm")]
mod mapping;
#[cfg(all(target_family = "wasm", feature = "create"))]
mod once;
#[cfg(all(target_family = "wasm", not(feature = "create")))]
mod repeatable;
#[cfg(target_family = "wasm")]
mod types;
#[cfg(target_family = "wasm")]
mod world;

// Where the connector's files look for it.
#[cfg(target_family = "wasm")]
use salesforce_connector::core;
