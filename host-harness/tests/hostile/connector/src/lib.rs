//! A working connector that does harm at the right moment: the connector's own core and exports, in a shell that steals,
//! lies or never ends. Tests upload it. `tests/support/hostile.rs` makes components of it and says what each does.
//!
//! ```text
//! shell (an export each) ── character: is this the moment, and for what deed?
//!    │                └───── deeds: what comes of it
//!    └─ exports (the connector's own, src/exports/)
//! ```

#[cfg(target_family = "wasm")]
mod answer;
#[cfg(target_family = "wasm")]
mod character;
#[cfg(target_family = "wasm")]
mod deeds;
#[cfg(target_family = "wasm")]
#[path = "../../../../../src/exports/mod.rs"]
mod exports;
#[cfg(target_family = "wasm")]
mod passed_on;
#[cfg(target_family = "wasm")]
mod readers;
#[cfg(target_family = "wasm")]
mod shell;
#[cfg(target_family = "wasm")]
mod transport;
#[cfg(target_family = "wasm")]
mod world;

#[cfg(target_family = "wasm")]
use salesforce_connector::core;
