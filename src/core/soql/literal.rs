//! SOQL literals: a typed value becomes text that can never be anything but that one value.
//!
//! Escapes and formats: <https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/>, "Quoted String
//! Escape Sequences" and "Date Formats and Date Literals".

use super::moment;
use super::number;
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
    /// It is a pattern with wildcards of its own.
    Pattern,
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
    Time(String),
    Currency(String),
    Id(String),
}

/// What stands before a placeholder, and so what may stand in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// An operator: any value.
    Operand,
    /// `LIKE`: any value, patterns among them.
    Like,
    /// `LIMIT`, `OFFSET`, or a date function with its colon: a whole number.
    Count,
}

impl Value {
    /// Appends the literal to `soql`. `name` is the parameter's, for the error.
    pub(super) fn write(&self, name: &str, place: Place, soql: &mut String) -> Result<()> {
        let expected = |what: &str| Error::invalid_argument(&format!("parameters.{name}"), what);
        match (place, self) {
            (Place::Count, Self::Integer(0..)) | (Place::Operand | Place::Like, _) => {}
            (Place::Count, _) => {
                return Err(expected(
                    "an integer of 0 or more, such as 10 (not 10.0, and no text), after LIMIT, OFFSET and LAST_N_DAYS:",
                ));
            }
        }
        match self {
            Self::Null => soql.push_str("null"),
            Self::Boolean(true) => soql.push_str("true"),
            Self::Boolean(false) => soql.push_str("false"),
            Self::Integer(number) => soql.push_str(&number.to_string()),
            Self::Decimal(text) => {
                let plain = number::decimal(text);
                soql.push_str(&plain.ok_or_else(|| expected("a decimal number of at most 64 digits such as -12.50"))?);
            }
            Self::Currency(text) => {
                let fits = number::is_currency(text);
                soql.push_str(fits.then_some(text).ok_or_else(|| {
                    expected("a currency code and an amount without sign or exponent, such as USD5000 or EUR12.50")
                })?);
            }
            Self::Text(text) => quote(text, soql),
            Self::LikePattern { text, matching } => return write_pattern(text, *matching, place, &expected, soql),
            Self::Date(text) => {
                let fits = moment::is_date(text);
                soql.push_str(fits.then_some(text).ok_or_else(|| expected("a date such as 2026-11-24"))?);
            }
            Self::Datetime(text) => soql.push_str(&moment::datetime(text).ok_or_else(|| {
                expected("a date and time with zone such as 2026-11-24T09:30:00Z or 2026-11-24T09:30:00.000+0100")
            })?),
            Self::Time(text) => {
                soql.push_str(&moment::time(text).ok_or_else(|| expected("a time such as 17:30:00 or 17:30:00.000Z"))?);
            }
            Self::Id(text) => quote(RecordId::parse(&format!("parameters.{name}"), text)?.as_str(), soql),
        }
        Ok(())
    }
}

/// The escapes `\%` and `\_` are allowed after `LIKE` only. Elsewhere an exact match is a plain text, and the others would
/// be looked for with their wildcards as characters.
fn write_pattern(
    text: &str,
    matching: LikeMatch,
    place: Place,
    expected: &dyn Fn(&str) -> Box<Error>,
    soql: &mut String,
) -> Result<()> {
    if place != Place::Like {
        if matching == LikeMatch::Exact {
            quote(text, soql);
            return Ok(());
        }
        return Err(expected("a text here: a like-pattern stands directly after LIKE"));
    }
    soql.push('\'');
    if matches!(matching, LikeMatch::EndsWith | LikeMatch::Contains) {
        soql.push('%');
    }
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, matching) {
            ('%' | '_', LikeMatch::Pattern) => soql.push(character),
            ('\\', LikeMatch::Pattern) => match characters.next() {
                Some(literal @ ('%' | '_' | '\\')) => soql.extend(['\\', literal]),
                _ => return Err(expected("a backslash of a pattern to stand before %, _ or another backslash")),
            },
            ('%' | '_', _) => soql.extend(['\\', character]),
            _ => escape(character, soql),
        }
    }
    if matches!(matching, LikeMatch::StartsWith | LikeMatch::Contains) {
        soql.push('%');
    }
    soql.push('\'');
    Ok(())
}

fn quote(text: &str, soql: &mut String) {
    soql.push('\'');
    text.chars().for_each(|character| escape(character, soql));
    soql.push('\'');
}

/// Escapes a character inside of a string literal.
fn escape(character: char, soql: &mut String) {
    match character {
        '\'' => soql.push_str("\\'"),
        '\\' => soql.push_str("\\\\"),
        '\n' => soql.push_str("\\n"),
        '\r' => soql.push_str("\\r"),
        '\t' => soql.push_str("\\t"),
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => soql.push_str(&format!("\\u{:04X}", u32::from(character))),
        _ => soql.push(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;
    use proptest::prelude::*;

    fn written(value: Value) -> Result<String> {
        let mut soql = String::new();
        value.write("p", Place::Operand, &mut soql)?;
        Ok(soql)
    }

    fn like(text: &str, matching: LikeMatch) -> Result<String> {
        let mut soql = String::new();
        Value::LikePattern { text: text.into(), matching }.write("p", Place::Like, &mut soql)?;
        Ok(soql)
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
                "'O\\'Neill \\\\ \"x\"\\n\\r\\t\\u0008\\u000C\\u0001\\u0085ü%_'",
            ),
            (Value::Decimal(".5".into()), ".5"),
            (Value::Decimal("1e-7".into()), "0.0000001"),
            (Value::Currency("USD5000".into()), "USD5000"),
            (Value::Date("2024-02-29".into()), "2024-02-29"),
            (Value::Datetime("2026-11-24T09:30:00Z".into()), "2026-11-24T09:30:00Z"),
            (Value::Datetime("2026-11-24T09:30:00.123-0800".into()), "2026-11-24T09:30:00.123-08:00"),
            (Value::Time("17:30:00".into()), "17:30:00.000Z"),
            (Value::Id("001D000000IqhSL".into()), "'001D000000IqhSL'"),
        ] {
            assert_eq!(written(value).unwrap(), literal);
        }
    }

    #[test]
    fn a_like_pattern_matches_its_text_and_nothing_else() {
        for (text, matching, literal) in [
            ("50%_\\'", LikeMatch::Exact, "'50\\%\\_\\\\\\''"),
            ("A", LikeMatch::StartsWith, "'A%'"),
            ("A", LikeMatch::EndsWith, "'%A'"),
            ("A", LikeMatch::Contains, "'%A%'"),
            ("5\\%'_%\\\\", LikeMatch::Pattern, "'5\\%\\'_%\\\\'"),
        ] {
            assert_eq!(like(text, matching).unwrap(), literal);
        }
        for text in ["\\", "\\a", "a\\"] {
            assert_eq!(like(text, LikeMatch::Pattern).unwrap_err().kind, ErrorKind::InvalidArgument, "{text}");
        }
    }

    #[test]
    fn outside_of_like_an_exact_match_is_a_text_and_other_patterns_are_refused() {
        let pattern = |matching| written(Value::LikePattern { text: "50%".into(), matching });
        assert_eq!(pattern(LikeMatch::Exact).unwrap(), "'50%'");
        for matching in [LikeMatch::StartsWith, LikeMatch::EndsWith, LikeMatch::Contains, LikeMatch::Pattern] {
            let error = pattern(matching).unwrap_err();
            assert!(error.message.contains("directly after LIKE"), "{}", error.message);
        }
    }

    #[test]
    fn a_count_is_a_whole_number_of_0_or_more() {
        let count = |value: Value| value.write("p", Place::Count, &mut String::new());
        assert!(count(Value::Integer(0)).is_ok());
        for value in [Value::Integer(-5), Value::Text("5".into()), Value::Decimal("5".into()), Value::Null] {
            let error = count(value).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidArgument);
            assert!(error.message.contains("such as 10 (not 10.0, and no text), after LIMIT"), "{}", error.message);
        }
    }

    #[test]
    fn text_in_place_of_a_number_date_or_id_is_refused() {
        let decimals = ["", "1 OR Id != null", "0x1"].map(|text| Value::Decimal(text.into()));
        let dates = ["", "2026-02-29", "2026-01-01 OR", "TODAY"].map(|text| Value::Date(text.into()));
        let datetimes = ["2026-11-24", "2026-11-24T09:30:00"].map(|text| Value::Datetime(text.into()));
        let others = [Value::Time("24:00:00".into()), Value::Currency("USD".into())];
        let ids = ["", "001", "001D000000IqhS'", "' OR Name != '"].map(|text| Value::Id(text.into()));
        for value in decimals.into_iter().chain(dates).chain(datetimes).chain(others).chain(ids) {
            let error = written(value.clone()).expect_err(&format!("{value:?}"));
            assert_eq!(error.kind, ErrorKind::InvalidArgument);
            assert!(error.message.starts_with("parameters.p: expected"), "{}", error.message);
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
            prop_assert_eq!(read(&like(&text, LikeMatch::Exact).unwrap()), Some(text));
        }
    }
}
