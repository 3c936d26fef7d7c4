//! A moment, as a number to reckon with: what Salesforce writes as `2026-11-24T09:30:00.000+0000`.

use std::fmt;

use super::soql::datetime;

/// Milliseconds since 1970-01-01T00:00:00Z. No record of Salesforce is older.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

impl Moment {
    /// Reads a date and time with zone, in every form that Salesforce returns. What is before 1970 becomes 1970.
    pub fn parse(text: &str) -> Option<Self> {
        let text = datetime(text)?;
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
        let days = days(number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let seconds = (number(11, 13)? * 60 + number(14, 16)?) * 60 + number(17, 19)?;
        let rest = text.get(19..)?;
        let (fraction, zone) = rest.split_at_checked(rest.find(['Z', '+', '-'])?)?;
        let digit = |place: u32, digit: u8| i64::from(digit - b'0') * 10_i64.pow(2 - place);
        let milliseconds: i64 = (0..3).zip(fraction.bytes().skip(1)).map(|(place, byte)| digit(place, byte)).sum();
        let offset = match zone.split_at_checked(1)? {
            ("Z", _) => 0,
            (sign, offset) => {
                let (hours, minutes) = offset.split_once(':')?;
                let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
                if sign == "-" { -minutes } else { minutes }
            }
        };
        let seconds = days * 86_400 + seconds - offset * 60;
        Some(Self(u64::try_from(seconds * 1_000 + milliseconds).unwrap_or(0)))
    }

    /// So many seconds before.
    #[must_use]
    pub fn less(self, seconds: u16) -> Self {
        Self(self.0.saturating_sub(u64::from(seconds) * 1_000))
    }
}

/// As SOQL takes it: `2026-11-24T09:30:00.000Z`.
impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, milliseconds) = (self.0 / 86_400_000, self.0 % 86_400_000);
        let (year, month, day) = date(days);
        let (seconds, fraction) = (milliseconds / 1_000, milliseconds % 1_000);
        let (minutes, second) = (seconds / 60, seconds % 60);
        let (hour, minute) = (minutes / 60, minutes % 60);
        write!(formatter, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z")
    }
}

/// Days from 1970-01-01 to a day of the Gregorian calendar, in years that begin with March: their leap day is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

/// The reverse.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::http_date;
    use proptest::prelude::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn every_form_is_the_same_moment() {
        let moment = Moment(1_795_512_600_000);
        for text in [
            "2026-11-24T09:30:00Z",
            "2026-11-24T09:30:00.000+0000",
            "2026-11-24T10:30:00+01:00",
            "2026-11-24T06:00:00.000-0330",
        ] {
            assert_eq!(Moment::parse(text), Some(moment), "{text}");
        }
        for (text, milliseconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59Z", 0),
            ("0001-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00.5Z", 500),
            ("1970-01-01T00:00:00.123456789Z", 123),
            ("2000-02-29T23:59:59.999Z", 951_868_799_999),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000),
        ] {
            assert_eq!(Moment::parse(text), Some(Moment(milliseconds)), "{text}");
        }
        assert_eq!(Moment::parse("2026-11-24"), None);
        assert_eq!(moment.less(60).to_string(), "2026-11-24T09:29:00.000Z");
        assert_eq!(Moment(0).less(1), Moment(0));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(milliseconds in 0..253_402_300_800_000_u64) {
            let text = Moment(milliseconds).to_string();
            prop_assert_eq!(Moment::parse(&text), Some(Moment(milliseconds)), "{}", text);
            // Against another implementation of the calendar.
            let other = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(milliseconds));
            prop_assert_eq!(http_date::parse(&other), Some(milliseconds / 1_000));
            let (year, hour) = (&other[12..16], &other[17..25]);
            prop_assert!(text.starts_with(year) && text[11..].starts_with(hour) && text[8..10] == other[5..7], "{} {}", text, other);
        }
    }
}
