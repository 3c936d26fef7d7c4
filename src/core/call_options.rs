//! Limits of one call.

use super::error::{Error, Result};

/// Limits of one call, each within its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallOptions {
    /// Milliseconds for the whole call.
    pub deadline_ms: u32,
    /// Bytes of one response body.
    pub max_response_bytes: u64,
    /// How often a request may be sent; none: the default, which never repeats a write that may have arrived.
    pub attempts: Option<u8>,
}

impl CallOptions {
    /// How often a read, or a request that provably never left, is sent unless the caller says otherwise.
    pub const DEFAULT_ATTEMPTS: u8 = 3;

    /// Checks each option against its range in `wit/types.wit` and fills in the defaults.
    pub fn parse(deadline_ms: Option<u32>, max_response_bytes: Option<u64>, attempts: Option<u8>) -> Result<Self> {
        let deadline_ms = deadline_ms.unwrap_or(30_000);
        if !(1..=600_000).contains(&deadline_ms) {
            return Err(Error::invalid_argument("deadline-ms", "1 to 600,000 milliseconds"));
        }
        let max_response_bytes = max_response_bytes.unwrap_or(16 << 20);
        if !(1..=64 << 20).contains(&max_response_bytes) {
            return Err(Error::invalid_argument("max-response-bytes", "1 to 67,108,864 bytes"));
        }
        if attempts.is_some_and(|attempts| !(1..=10).contains(&attempts)) {
            return Err(Error::invalid_argument("attempts", "1 to 10"));
        }
        Ok(Self { deadline_ms, max_response_bytes, attempts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_filled_in() {
        let options = CallOptions::parse(None, None, None).unwrap();
        assert_eq!(options, CallOptions { deadline_ms: 30_000, max_response_bytes: 16_777_216, attempts: None });
    }

    #[test]
    fn values_out_of_range_are_named() {
        for (options, name) in [
            (CallOptions::parse(Some(0), None, None), "deadline-ms"),
            (CallOptions::parse(Some(600_001), None, None), "deadline-ms"),
            (CallOptions::parse(None, Some(0), None), "max-response-bytes"),
            (CallOptions::parse(None, Some((64 << 20) + 1), None), "max-response-bytes"),
            (CallOptions::parse(None, None, Some(0)), "attempts"),
            (CallOptions::parse(None, None, Some(11)), "attempts"),
        ] {
            assert!(options.unwrap_err().message.starts_with(name));
        }
    }
}
