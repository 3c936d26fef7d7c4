//! The real streams component, in wasmtime, against an org in memory.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails; clippy exempts only functions marked as tests"
)]

mod at_once;
mod bulk;
mod downloads;
mod endless;
mod faults;
mod fixture;
mod imports;
mod loads;
mod paging;
mod queries;
mod uploads;
