//! An example of a durable workflow over the connector's activities: query accounts, upsert an invoice for each, sum up.
//!
//! The engine replays it after a crash, so it is deterministic: no time, no randomness, no HTTP of its own. What happened
//! is recorded, and what was not recorded happens again, which is why it upserts by external Id.

#[cfg(target_family = "wasm")]
mod workflow;
#[cfg(target_family = "wasm")]
mod world;
