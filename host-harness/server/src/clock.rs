//! The time of day, as the database and the API write it.

use jiff::Timestamp;

/// How much later than now, in milliseconds, something may have begun that is good for a time: what is from further ahead
/// was made by a clock that was wrong, and would be good too long.
pub(crate) const SKEW: i64 = 60 * 1000;

/// Milliseconds since 1970-01-01 UTC.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

/// RFC 3339 in UTC with milliseconds, e.g. `2026-11-24T09:30:00.000Z`.
pub(crate) fn rfc3339(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).map_or_else(|_| String::new(), |time| format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_with_milliseconds() {
        assert_eq!(rfc3339(1_795_513_800_000), "2026-11-24T09:50:00.000Z");
        assert!(now() > 1_700_000_000_000);
    }
}
