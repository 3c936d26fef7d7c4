//! An example of durable workflows over the connector's activities: read accounts, or follow their changes, and upsert an invoice
//! for each; load many accounts.
//!
//! The engine replays it after a crash, so it is deterministic: no time, no randomness, no HTTP of its own. What happened
//! is recorded, and what was not recorded happens again, which is why it upserts by external Id, and gives data to jobs that are open.
//!
//! ```text
//! workflow ── account (what is read of one)
//!          ├─ invoices (upserts, an outcome for each)
//!          └─ loads (jobs of the Bulk API)
//! ```

#[cfg(target_family = "wasm")]
mod account;
#[cfg(target_family = "wasm")]
mod invoices;
#[cfg(target_family = "wasm")]
mod loads;
#[cfg(target_family = "wasm")]
mod workflow;
#[cfg(target_family = "wasm")]
mod world;
