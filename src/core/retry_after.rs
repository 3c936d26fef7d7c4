//! How long Salesforce, or something in front of it, asks to wait.

use super::http_date;

/// One hour: a longer wish is a mistake or malice, and the caller plans anew by then anyway.
const LONGEST_MS: u64 = 3_600_000;

/// Milliseconds to wait by `Retry-After` (RFC 9110 section 10.2.3), clamped. A date is read against the response's own
/// `Date`, so no clock is needed and two clocks a day apart do no harm. None for anything else.
pub fn parse(retry_after: &str, date: Option<&str>) -> Option<u64> {
    let retry_after = retry_after.trim_ascii();
    if !retry_after.is_empty() && retry_after.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds: u64 = retry_after.parse().unwrap_or(u64::MAX);
        return Some(seconds.saturating_mul(1000).min(LONGEST_MS));
    }
    let until = http_date::parse(retry_after)?;
    let now = http_date::parse(date?.trim_ascii())?;
    Some((until.saturating_sub(now) * 1000).min(LONGEST_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Tue, 24 Nov 2026 09:30:00 GMT";

    #[test]
    fn seconds_and_dates_are_read_and_clamped() {
        assert_eq!(parse("2", None), Some(2000));
        assert_eq!(parse("864000", None), Some(LONGEST_MS));
        assert_eq!(parse("99999999999999999999999", None), Some(LONGEST_MS));
        assert_eq!(parse("Tue, 24 Nov 2026 09:30:07 GMT", Some(DATE)), Some(7000));
        assert_eq!(parse("Fri, 04 Dec 2026 09:30:00 GMT", Some(DATE)), Some(LONGEST_MS));
        assert_eq!(parse("Tue, 24 Nov 2026 09:29:00 GMT", Some(DATE)), Some(0), "a time in the past");
    }

    #[test]
    fn anything_else_is_no_wish() {
        for odd in ["", "soon", "-1", "1.5", "1e3", "Tue, 24 Nov"] {
            assert_eq!(parse(odd, Some(DATE)), None, "{odd:?}");
        }
        assert_eq!(parse("Tue, 24 Nov 2026 09:30:07 GMT", None), None, "a date without a Date to read it against");
    }
}
