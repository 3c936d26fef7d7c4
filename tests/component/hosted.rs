//! All tests of the component once more, with the one for this project's own host.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails; clippy exempts only functions marked as tests"
)]

mod bulk;
mod calls;
mod changes;
mod collections;
mod composite;
mod errors;
mod faults;
mod files;
mod fixture;
mod invoke;
mod limits;
mod named;
mod oauth;
mod purity;
mod records;
mod reports;
mod schema;
mod search;
mod sentinel;
mod soql;
mod told;
mod transport;

/// The component of all tests here.
fn load(runtime: &salesforce_runtime::Runtime) -> salesforce_runtime::Connector {
    runtime.load_bundled().unwrap()
}
