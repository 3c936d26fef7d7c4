//! SOQL literals: a typed value becomes text that can never be anything but that one value.
//!
//! Escapes and formats: <https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/>, "Quoted String
//! Escape Sequences" and "Date Formats and Date Literals".

use crate::core::error::{Error, Result};
use crate::core::record_id::RecordId;

/// How a `LIKE` text must stand in the field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LikeMatch {
    /// It is the whole value.
    Exact,
    /// The value starts with it.
    StartsWith,
    /// The value ends with it.
    EndsWith,
    /// The value contains it.
    Contains,
}

/// A typed value. See `value` in `wit/soql.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each case is documented once, in wit/soql.wit")]
pub enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(String),
    Text(String),
    LikePattern { text: String, matching: LikeMatch },
    Date(String),
    Datetime(String),
    Id(String),
}

impl Value {
    /// Appends the literal to `soql`. `name` is the parameter's, for the error.
    pub(super) fn write(&self, name: &str, soql: &mut String) -> Result<()> {
        let expected = |what: &str| Error::invalid_argument(&format!("parameter {name}"), what);
        match self {
            Self::Null => soql.push_str("null"),
            Self::Boolean(true) => soql.push_str("true"),
            Self::Boolean(false) => soql.push_str("false"),
            Self::Integer(number) => soql.push_str(&number.to_string()),
            Self::Decimal(text) if is_decimal(text) => soql.push_str(text),
            Self::Decimal(_) => return Err(expected("a decimal number such as -12.50, without exponent")),
            Self::Text(text) => quote(text, false, soql),
            Self::LikePattern { text, matching } => {
                soql.push('\'');
                if matches!(matching, LikeMatch::EndsWith | LikeMatch::Contains) {
                    soql.push('%');
                }
                escape(text, true, soql);
                if matches!(matching, LikeMatch::StartsWith | LikeMatch::Contains) {
                    soql.push('%');
                }
                soql.push('\'');
            }
            Self::Date(text) if is_date(text) => soql.push_str(text),
            Self::Date(_) => return Err(expected("a date such as 2026-11-24")),
            Self::Datetime(text) if is_datetime(text) => soql.push_str(text),
            Self::Datetime(_) => {
                return Err(expected(
                    "a date and time with zone such as 2026-11-24T09:30:00Z or 2026-11-24T09:30:00+01:00",
                ));
            }
            Self::Id(text) => quote(RecordId::parse(&format!("parameter {name}"), text)?.as_str(), false, soql),
        }
        Ok(())
    }
}

fn quote(text: &str, like: bool, soql: &mut String) {
    soql.push('\'');
    escape(text, like, soql);
    soql.push('\'');
}

/// Escapes the inside of a string literal; in a `LIKE` pattern also the wildcards.
fn escape(text: &str, like: bool, soql: &mut String) {
    for character in text.chars() {
        match character {
            '\'' => soql.push_str("\\'"),
            '\\' => soql.push_str("\\\\"),
            '%' | '_' if like => {
                soql.push('\\');
                soql.push(character);
            }
            '\n' => soql.push_str("\\n"),
            '\r' => soql.push_str("\\r"),
            '\t' => soql.push_str("\\t"),
            '\u{8}' => soql.push_str("\\b"),
            '\u{c}' => soql.push_str("\\f"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => soql.push_str(&format!("\\u{:04X}", u32::from(character))),
            _ => soql.push(character),
        }
    }
}

fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').or(text.strip_prefix('+')).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 64 && is_digits(whole) && is_digits(fraction)
}

/// `2026-11-24`, a day that exists.
fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = numbers(text, '-', [4, 2, 2]) else {
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

/// `2026-11-24T09:30:00`, perhaps a fraction of 1 to 9 digits, then `Z` or `+01:00`.
fn is_datetime(text: &str) -> bool {
    let Some((date, rest)) = text.split_once('T') else {
        return false;
    };
    let Some((time, zone)) = rest.split_at_checked(8) else {
        return false;
    };
    let zone = match zone.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|character: char| character.is_ascii_digit());
            if !(1..=9).contains(&(fraction.len() - zone.len())) {
                return false;
            }
            zone
        }
        None => zone,
    };
    let is_zone = |text: &str| matches!(numbers(text, ':', [2, 2]), Some([0..=14, 0..=59]));
    is_date(date)
        && matches!(numbers(time, ':', [2, 2, 2]), Some([0..=23, 0..=59, 0..=59]))
        && (zone == "Z" || zone.strip_prefix('+').or(zone.strip_prefix('-')).is_some_and(is_zone))
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
    use crate::core::error::ErrorKind;
    use proptest::prelude::*;

    fn written(value: Value) -> Result<String> {
        let mut soql = String::new();
        value.write("p", &mut soql)?;
        Ok(soql)
    }

    fn like(text: &str, matching: LikeMatch) -> String {
        written(Value::LikePattern { text: text.into(), matching }).unwrap()
    }

    #[test]
    fn each_type_has_its_literal() {
        for (value, literal) in [
            (Value::Null, "null"),
            (Value::Boolean(true), "true"),
            (Value::Boolean(false), "false"),
            (Value::Integer(i64::MIN), "-9223372036854775808"),
            (Value::Decimal("-12.500000000000000001".into()), "-12.500000000000000001"),
            (
                Value::Text("O'Neill \\ \"x\"\n\r\t\u{8}\u{c}\u{1}\u{85}ü%_".into()),
                "'O\\'Neill \\\\ \"x\"\\n\\r\\t\\b\\f\\u0001\\u0085ü%_'",
            ),
            (Value::Date("2024-02-29".into()), "2024-02-29"),
            (Value::Datetime("2026-11-24T09:30:00Z".into()), "2026-11-24T09:30:00Z"),
            (Value::Datetime("2026-11-24T09:30:00.123-08:00".into()), "2026-11-24T09:30:00.123-08:00"),
            (Value::Id("001D000000IqhSL".into()), "'001D000000IqhSL'"),
        ] {
            assert_eq!(written(value).unwrap(), literal);
        }
    }

    #[test]
    fn a_like_pattern_matches_its_text_and_nothing_else() {
        assert_eq!(like("50%_\\'", LikeMatch::Exact), "'50\\%\\_\\\\\\''");
        assert_eq!(like("A", LikeMatch::StartsWith), "'A%'");
        assert_eq!(like("A", LikeMatch::EndsWith), "'%A'");
        assert_eq!(like("A", LikeMatch::Contains), "'%A%'");
    }

    #[test]
    fn text_in_place_of_a_number_date_or_id_is_refused() {
        let odd = ["", "1 OR Id != null", "1e5", "0x1", "1.", ".5", "--1", "1,5", "٣", "NaN"];
        let decimals = odd.map(|text| Value::Decimal(text.into()));
        let dates = [
            "",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-01",
            "26-01-01",
            "2026-01-01 OR",
            "TODAY",
            "+026-01-01",
        ]
        .map(|text| Value::Date(text.into()));
        let datetimes = [
            "2026-11-24",
            "2026-11-24T09:30Z",
            "2026-11-24T09:30:00",
            "2026-11-24T24:00:00Z",
            "2026-11-24T09:30:00.Z",
            "2026-11-24T09:30:00.1234567890Z",
            "2026-11-24T09:30:00+0100",
            "2026-11-24T09:30:00+15:00",
            "2026-11-24T09:30:00ZZ",
            "2026-11-24t09:30:00Z",
            "2026-11-24T09:30:é0Z",
        ]
        .map(|text| Value::Datetime(text.into()));
        let ids = ["", "001", "001D000000IqhS'", "' OR Name != '"].map(|text| Value::Id(text.into()));
        for value in decimals.into_iter().chain(dates).chain(datetimes).chain(ids) {
            let error = written(value.clone()).expect_err(&format!("{value:?}"));
            assert_eq!(error.kind, ErrorKind::InvalidArgument);
            assert!(error.message.starts_with("parameter p: expected"), "{}", error.message);
        }
    }

    /// Reads a string literal the way Salesforce does. None if the literal ends early or late.
    fn read(literal: &str) -> Option<String> {
        let mut characters = literal.strip_prefix('\'')?.strip_suffix('\'')?.chars();
        let mut text = String::new();
        while let Some(character) = characters.next() {
            match character {
                '\'' => return None,
                '\\' => text.push(match characters.next()? {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'u' => {
                        char::from_u32(u32::from_str_radix(&characters.by_ref().take(4).collect::<String>(), 16).ok()?)?
                    }
                    other => other,
                }),
                other => text.push(other),
            }
        }
        Some(text)
    }

    proptest! {
        #[test]
        fn any_text_comes_back_as_it_was(text in any::<String>()) {
            prop_assert_eq!(read(&written(Value::Text(text.clone())).unwrap()), Some(text));
        }

        #[test]
        fn no_text_leaves_its_literal(text in "['\\\\%_\\n\\u0000-\\u00ff]{0,30}") {
            prop_assert!(read(&written(Value::Text(text.clone())).unwrap()).is_some());
            prop_assert_eq!(read(&like(&text, LikeMatch::Exact)), Some(text));
        }
    }
}
