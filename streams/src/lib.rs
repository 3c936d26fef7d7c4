//! Salesforce's large results as streams of WASI 0.3: `wit/streams/`, as another shell around the connector's core.
//!
//! ```text
//! queries, bulk (the exports) ── paged (the pipeline) ── call (attempts until there is an answer) ── transport (WASI HTTP)
//!    │                                                      └── core::send::Attempts                   └── deadline (WASI's clock)
//!    ├─ core::soql::Pages, core::bulk::ResultPages
//!    └─ mapping (the connector's: from the WIT's types to the core's and back)
//! ```
//!
//! What to send, what an answer means and when a request may be repeated is the core's, which sends nothing here.

#[cfg(target_family = "wasm")]
mod both;
#[cfg(target_family = "wasm")]
mod bulk;
#[cfg(target_family = "wasm")]
mod call;
#[cfg(target_family = "wasm")]
mod deadline;
#[cfg(target_family = "wasm")]
mod export;
#[cfg(target_family = "wasm")]
mod files;
#[cfg(target_family = "wasm")]
mod load;
#[cfg(target_family = "wasm")]
mod mapping;
#[cfg(target_family = "wasm")]
mod paged;
#[cfg(target_family = "wasm")]
mod queries;
#[cfg(target_family = "wasm")]
mod transport;
#[cfg(target_family = "wasm")]
mod upload;
#[cfg(target_family = "wasm")]
mod world;

// Where the connector's files look for it.
#[cfg(target_family = "wasm")]
use salesforce_connector::core;
