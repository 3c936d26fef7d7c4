//! HTTP dates (RFC 9110 section 5.6.7), in the one form that may be written: `Tue, 24 Nov 2026 09:30:00 GMT`. The two
//! obsolete forms are not read; Salesforce sends none.

use super::error::{Error, Result};

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Seconds since 1970-01-01T00:00:00Z.
pub fn parse(text: &str) -> Option<u64> {
    let weekday = text.get(..3)?;
    let day = number(text, 5..7).filter(|day| *day > 0)?;
    let month = MONTHS.iter().position(|month| text.get(8..11) == Some(month))?;
    let year = number(text, 12..16).filter(|year| *year >= 1970)?;
    let (hour, minute, second) = (number(text, 17..19)?, number(text, 20..22)?, number(text, 23..25)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = DAYS.get(month)? + u64::from(is_leap && month == 1);
    let punctuation = |(at, expected): (usize, &str)| text.get(at..).is_some_and(|rest| rest.starts_with(expected));
    let fits = text.len() == 29
        && [(3, ", "), (7, " "), (11, " "), (16, " "), (19, ":"), (22, ":"), (25, " GMT")].into_iter().all(punctuation)
        && day <= length
        && (hour < 24 && minute < 60 && second <= 60);
    // Leap days until the end of this February, less those before 1970.
    let leap_year = if month > 1 { year } else { year - 1 };
    let leap_days = leap_year / 4 - leap_year / 100 + leap_year / 400 - 477;
    let days = (year - 1970) * 365 + leap_days + DAYS.iter().take(month).sum::<u64>() + day - 1;
    let named = WEEKDAYS.get(usize::try_from(days % 7).ok()?) == Some(&weekday);
    (fits && named).then_some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

/// An argument that is an HTTP date, or none.
pub fn parse_argument(name: &str, date: Option<&str>) -> Result<Option<String>> {
    match date {
        Some(date) if parse(date).is_none() => {
            Err(Error::invalid_argument(name, "an HTTP date such as Tue, 24 Nov 2026 09:30:00 GMT"))
        }
        date => Ok(date.map(Into::into)),
    }
}

fn number(text: &str, at: std::ops::Range<usize>) -> Option<u64> {
    text.get(at)?
        .bytes()
        .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn dates_are_read() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
            ("Tue, 24 Nov 2026 09:30:00 GMT", 1_795_512_600),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "2",
            "Tue, 24 Nov 2026 09:30:00",
            "Tue, 24 Nov 2026 09:30:00 UTC",
            "Tue, 24 Nov 2026 09:30:00 GMT ",
            "tue, 24 nov 2026 09:30:00 gmt",
            "Mon, 24 Nov 2026 09:30:00 GMT",
            "Tue, 24 Nov 2026 24:30:00 GMT",
            "Tue, 24 Nov 2026 09:60:00 GMT",
            "Mon, 31 Nov 2026 09:30:00 GMT",
            "Sun, 29 Feb 2026 09:30:00 GMT",
            "Thu, 00 Jan 1970 00:00:00 GMT",
            "Wed, 31 Dec 1969 23:59:59 GMT",
            "Tue, 24 Nov 0000 09:30:00 GMT",
            "Tue, +4 Nov 2026 09:30:00 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Tüe, 24 Nov 2026 09:30:00 GMT",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_a_server_writes_is_read(seconds in 0..253_402_300_800_u64) {
            let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
            prop_assert_eq!(parse(&text), Some(seconds));
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,40}") {
            parse(&text);
        }
    }
}
