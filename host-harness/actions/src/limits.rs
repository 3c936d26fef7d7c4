//! Limits of one call, each in the bounds that the connector has for it.

use crate::bounded::Whole;

/// Of a whole call, in milliseconds.
pub type DeadlineMs = Whole<u32, 1, 600_000>;
/// Bytes of one response body.
pub type ResponseBytes = Whole<u64, 1, 67_108_864>;
/// How often a request may be sent.
pub type Attempts = Whole<u8, 1, 10>;
