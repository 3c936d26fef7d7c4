//! The time of day, as the database and the API write it.

use std::str::FromStr;

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

/// A moment that somebody names: RFC 3339, e.g. `2026-11-24T09:30:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(i64);

/// The text names no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a date and a time with its offset, such as 2026-11-24T09:30:00Z")]
pub(crate) struct NotAMoment;

impl Moment {
    /// Characters of the longest one: with nanoseconds and an offset.
    const LONGEST: usize = 40;

    pub(crate) fn milliseconds(self) -> i64 {
        self.0
    }
}

impl FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Moment, NotAMoment> {
        if text.len() > Moment::LONGEST {
            return Err(NotAMoment);
        }
        text.parse::<Timestamp>().map(|moment| Moment(moment.as_millisecond())).map_err(|_| NotAMoment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_its_offset() {
        let moment = |text: &str| text.parse::<Moment>().map(Moment::milliseconds);
        for text in ["2026-11-24T09:50:00Z", "2026-11-24T09:50Z", "2026-11-24T15:20:00.000+05:30"] {
            assert_eq!(moment(text), Ok(1_795_513_800_000), "{text}");
        }
        for odd in ["", "2026-11-24T09:50:00", "2026-11-24", "now", "1795513800", &"2".repeat(1_000_000)] {
            assert_eq!(moment(odd), Err(NotAMoment));
        }
    }

    #[test]
    fn times_are_written_with_milliseconds() {
        assert_eq!(rfc3339(1_795_513_800_000), "2026-11-24T09:50:00.000Z");
        assert!(now() > 1_700_000_000_000);
    }
}
