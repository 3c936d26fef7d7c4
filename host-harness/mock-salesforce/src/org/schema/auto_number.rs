//! How the org numbers records: `INV-{YYYY}-{0000}`.
//!
//! Source: Salesforce Help, "Auto-Number Fields"; Metadata API Developer Guide, "CustomField", on `displayFormat` and
//! `startingNumber`.

use jiff::{Timestamp, tz::TimeZone};

use super::intern;

/// The digits of a number that its format does not tell.
const USUAL: &str = "{00000000}";

/// A display format, and the number of the first record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AutoNumber {
    format: &'static str,
    start: u64,
}

impl AutoNumber {
    /// A format, such as `A-{0000}`; without a number in it, one is written behind it.
    #[must_use]
    pub fn new(format: &str, start: u64) -> Self {
        let has_number = tokens(format).any(|(_, token)| is_number(token));
        let format = if has_number { intern::text(format) } else { intern::text(&format!("{format}{USUAL}")) };
        Self { format, start }
    }

    /// What stands before the first token.
    pub(crate) fn prefix(self) -> &'static str {
        self.format.split_once('{').map_or(self.format, |(prefix, _)| prefix)
    }

    /// The name of the record with this number, counted from 0, that is made now.
    pub(crate) fn text(self, number: u64, now: Timestamp) -> String {
        let day = now.to_zoned(TimeZone::UTC).date();
        let mut text = String::new();
        for (literal, token) in tokens(self.format) {
            text.push_str(literal);
            text.push_str(&match token {
                "" => String::new(),
                "YYYY" => format!("{:04}", day.year()),
                "YY" => format!("{:02}", day.year().rem_euclid(100)),
                "MM" => format!("{:02}", day.month()),
                "DD" => format!("{:02}", day.day()),
                zeros if is_number(zeros) => {
                    let digits = zeros.len();
                    format!("{:0digits$}", self.start.saturating_add(number))
                }
                unknown => format!("{{{unknown}}}"),
            });
        }
        text
    }
}

/// Each token without its braces, and the text before it; an empty one where a text ends without.
fn tokens(format: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(format);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let Some((before, after)) = text.split_once('}') else { return Some((text, "")) };
        rest = Some(after);
        Some(before.rsplit_once('{').unwrap_or((text.get(..=before.len()).unwrap_or(text), "")))
    })
}

fn is_number(token: &str) -> bool {
    (1..=10).contains(&token.len()) && token.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_its_format_says() {
        let now = "2026-03-09T12:00:00Z".parse().unwrap();
        for (format, start, number, text) in [
            ("PU-{YYYY}-{00000}", 42, 0, "PU-2026-00042"),
            ("A{000}", 7, 0, "A007"),
            ("A{000}", 7, 1000, "A1007"),
            ("{MM}/{DD}/{YY} {0}x", 0, 5, "03/09/26 5x"),
            ("{00}", 1, 1, "02"),
            ("INV-", 1, 0, "INV-00000001"),
            ("", 1, 0, "00000001"),
            ("{QQ}-{0", 1, 0, "{QQ}-{000000001"),
            ("a}b{00}", 1, 0, "a}b01"),
        ] {
            assert_eq!(AutoNumber::new(format, start).text(number, now), text, "{format}");
        }
        assert_eq!(AutoNumber::new("PU-{YYYY}-{00000}", 42).prefix(), "PU-");
    }
}
