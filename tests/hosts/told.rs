//! What a host told.

use serde_json::Value;

/// What a host told.
#[derive(Debug)]
pub(crate) struct Told {
    /// A line for each step.
    pub(crate) lines: Vec<Value>,
    /// How it ended: what it said last, if it failed.
    pub(crate) ended: Result<(), String>,
}
