//! Components that were made to do harm. Each is turned away or contained with its own verdict, and in the same test the
//! runtime, this process and the next tenant's calls are unharmed. One binary, so that wasmtime is linked once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails; clippy exempts only functions marked as tests"
)]

mod compile;
mod compiled;
mod files;
mod guest;
mod interfaces;
mod ledger;
mod network;
mod program;
mod resources;
mod results;
mod seal;
mod tenant;
mod unwatched;
