//! What the tests of several packages share.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "for tests: what cannot go on stops them"
)]

pub mod harness;
pub mod hostile;
pub mod org;
pub mod quotes;
pub mod report;
pub mod server;
pub mod sources;
