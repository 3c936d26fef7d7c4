//! The real `harness`, as a process of its own, against a mock Salesforce in this one.
//!
//! Every run is searched for secrets: no token, client secret or password may be on standard output or standard error.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

#[expect(dead_code, reason = "the demo's browser, of which these tests use a part")]
#[path = "../../src/demo/browser.rs"]
mod browser;
mod fixture;
mod health;
mod host;

mod arguments;
mod bulk_load;
mod bulk_load_resumed;
mod bulk_query;
mod change;
mod component;
mod configuration;
mod connection_file;
mod demo;
mod errors;
mod files;
mod interrupt;
mod load;
mod load_resumed;
mod login;
mod mcp;
mod mock;
mod operating;
mod query;
mod records;
mod refresh;
mod rows;
mod server;
mod session;
mod streams;
mod tables;
mod watch;
mod webhook;
