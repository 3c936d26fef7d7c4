//! Dates, times and both together: as ISO 8601 and Salesforce write them, and as SOQL takes them.
//! <https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_dateformats.htm>

/// Whether it is `2026-11-24`, a day that exists, in a year from 0001 on.
pub(super) fn is_date(text: &str) -> bool {
    let Some([year @ 1..=9_999, month, day]) = numbers(text, '-', [4, 2, 2]) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// `2026-11-24T09:30:00`, perhaps a fraction, then `Z`, `+01:00`, or `+0100` as Salesforce's answers have it. SOQL wants the
/// colon.
pub(in crate::core) fn datetime(text: &str) -> Option<String> {
    let (date, rest) = text.split_once('T')?;
    let (_, zone) = split_time(rest)?;
    let time = rest.strip_suffix(zone)?;
    if !is_date(date) {
        return None;
    }
    if zone == "Z" {
        return Some(text.into());
    }
    let (sign, offset) = zone.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-"))?;
    let (hours, minutes) = offset.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let offset = [hours, ":", minutes].concat();
    matches!(numbers(&offset, ':', [2, 2]), Some([0..=14, 0..=59])).then(|| [date, "T", time, sign, &offset].concat())
}

/// `17:30:00`, perhaps a fraction of up to three digits, perhaps a `Z` that means nothing: as SOQL takes it.
pub(super) fn time(text: &str) -> Option<String> {
    let (seconds, fraction) = match split_time(text)? {
        (fraction, "" | "Z") if fraction.len() <= 3 => (text.get(..8)?, fraction),
        _ => return None,
    };
    Some(format!("{seconds}.{fraction:0<3}Z"))
}

/// Splits what follows `09:30:00`: the digits of a fraction, 1 to 9 or none, and the zone, which is not looked at.
fn split_time(text: &str) -> Option<(&str, &str)> {
    let (time, zone) = text.split_at_checked(8)?;
    if !matches!(numbers(time, ':', [2, 2, 2]), Some([0..=23, 0..=59, 0..=59])) {
        return None;
    }
    let Some(rest) = zone.strip_prefix('.') else {
        return Some(("", zone));
    };
    let zone = rest.trim_start_matches(|character: char| character.is_ascii_digit());
    let fraction = rest.strip_suffix(zone)?;
    (1..=9).contains(&fraction.len()).then_some((fraction, zone))
}

/// `N` numbers of fixed width with a separator between them.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[u64; N]> {
    let mut parts = text.split(separator);
    let mut found = [0; N];
    for (number, width) in found.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_day_that_exists() {
        for text in ["2024-02-29", "0001-01-01", "9999-12-31", "2000-02-29"] {
            assert!(is_date(text), "{text}");
        }
        for text in [
            "",
            "0000-01-01",
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-01",
            "26-01-01",
            "2026-01-01 OR",
            "TODAY",
            "+026-01-01",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn every_form_of_a_datetime_becomes_the_one_of_soql() {
        for (text, literal) in [
            ("2026-11-24T09:30:00Z", "2026-11-24T09:30:00Z"),
            ("2026-11-24T09:30:00.000Z", "2026-11-24T09:30:00.000Z"),
            ("2026-11-24T09:30:00+01:00", "2026-11-24T09:30:00+01:00"),
            ("2026-06-01T08:00:00.000+0000", "2026-06-01T08:00:00.000+00:00"),
            ("2026-06-01T08:00:00-0330", "2026-06-01T08:00:00-03:30"),
            ("2026-06-01T08:00:00.123456789+1400", "2026-06-01T08:00:00.123456789+14:00"),
        ] {
            assert_eq!(datetime(text).as_deref(), Some(literal));
        }
        for text in [
            "2026-11-24",
            "2026-11-24T09:30Z",
            "2026-11-24T09:30:00",
            "2026-11-24T24:00:00Z",
            "2026-11-24T09:30:00.Z",
            "2026-11-24T09:30:00.1234567890Z",
            "2026-11-24T09:30:00+15:00",
            "2026-11-24T09:30:00+01",
            "2026-11-24T09:30:00+01:0",
            "2026-11-24T09:30:00+01::00",
            "2026-11-24T09:30:00 0100",
            "2026-11-24T09:30:00ZZ",
            "2026-11-24t09:30:00Z",
            "2026-11-24T09:30:é0Z",
            "0000-11-24T09:30:00Z",
        ] {
            assert_eq!(datetime(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_has_no_zone() {
        for (text, literal) in [
            ("17:30:00", "17:30:00.000Z"),
            ("17:30:00.5", "17:30:00.500Z"),
            ("17:30:00.123Z", "17:30:00.123Z"),
            ("00:00:00Z", "00:00:00.000Z"),
        ] {
            assert_eq!(time(text).as_deref(), Some(literal));
        }
        for text in ["", "17:30", "24:00:00", "17:30:00+01:00", "17:30:00.1234", "17:30:00.", "17:30:0é", "17:30:00ZZ"]
        {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
