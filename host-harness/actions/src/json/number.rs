//! JSON numbers of any length and notation, exactly as they were written.

use std::fmt::Display;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, MapAccess};
use serde_json::Number;

/// The member by which serde_json hands out a number that is no plain integer: an object with its digits.
pub(crate) const TOKEN: &str = "$serde_json::private::Number";

/// A number as a whole one. As in JSON Schema, `200`, `200.0` and `2e2` are the same.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Whole {
    Unsigned(u64),
    Signed(i64),
    Fraction,
    /// Below what 64 bits hold.
    Below,
    /// Above what 64 bits hold.
    Above,
}

/// What is expected where a whole number is: `a whole number from 0 to 65,535`.
#[must_use]
pub fn whole(least: impl Display, most: impl Display) -> String {
    format!("a whole number from {} to {}", grouped(least), grouped(most))
}

/// A whole number as people read it: `-1,000,000`.
pub(crate) fn grouped(number: impl Display) -> String {
    let plain = number.to_string();
    let length = plain.trim_start_matches('-').len();
    let mut text = String::new();
    for (at, digit) in plain.chars().enumerate() {
        let left = plain.len() - at;
        if left < length && left.is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The digits of a number; none: it is an object.
pub(super) fn digits<'de, A: MapAccess<'de>>(map: A) -> Option<String> {
    Number::deserialize(MapAccessDeserializer::new(map)).ok().map(|number| number.to_string())
}

impl Whole {
    pub(super) fn of(digits: &str) -> Whole {
        let (sign, rest) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
        let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        let (integral, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{integral}{fraction}");
        let significant = all.trim_matches('0');
        if significant.is_empty() {
            return Whole::Unsigned(0);
        }
        // An exponent that is longer is as good as the longest.
        let longest = if exponent.starts_with('-') { i64::MIN } else { i64::MAX };
        let exponent: i64 = exponent.parse().unwrap_or(longest);
        let trailing = all.len() - all.trim_end_matches('0').len();
        let length = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let zeros = exponent.saturating_add(length(trailing)).saturating_sub(length(fraction.len()));
        let Ok(zeros) = usize::try_from(zeros) else { return Whole::Fraction };
        let beyond = if sign.is_empty() { Whole::Above } else { Whole::Below };
        if significant.len().saturating_add(zeros) > 20 {
            return beyond;
        }
        let text = format!("{sign}{significant}{}", "0".repeat(zeros));
        match (text.parse(), text.parse()) {
            (Ok(number), _) => Whole::Unsigned(number),
            (_, Ok(number)) => Whole::Signed(number),
            _ => beyond,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserializer;
    use serde::de::Visitor;

    use super::*;

    #[test]
    fn a_whole_number_is_one_in_every_notation() {
        for (digits, number) in [
            ("0", Whole::Unsigned(0)),
            ("-0", Whole::Unsigned(0)),
            ("-0.00e7", Whole::Unsigned(0)),
            ("0e99999999999999999999", Whole::Unsigned(0)),
            ("200.0", Whole::Unsigned(200)),
            ("2e2", Whole::Unsigned(200)),
            ("2.50E+1", Whole::Unsigned(25)),
            ("2000e-1", Whole::Unsigned(200)),
            ("0.002e5", Whole::Unsigned(200)),
            ("-1.0", Whole::Signed(-1)),
            ("18446744073709551615", Whole::Unsigned(u64::MAX)),
            ("18446744073709551616", Whole::Above),
            ("-9223372036854775808", Whole::Signed(i64::MIN)),
            ("-9223372036854775809", Whole::Below),
            ("1e400", Whole::Above),
            ("-1e400", Whole::Below),
            ("1e99999999999999999999", Whole::Above),
            ("1e-99999999999999999999", Whole::Fraction),
            ("2.5", Whole::Fraction),
            ("25e-1", Whole::Fraction),
            ("1.00000000000000000000001", Whole::Fraction),
        ] {
            assert_eq!(Whole::of(digits), number, "{digits}");
        }
    }

    #[test]
    fn people_read_a_long_number_by_its_thousands() {
        for (number, text) in [(0, "0"), (-128, "-128"), (999, "999"), (1000, "1,000"), (-32768, "-32,768")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(whole(i64::MIN, 10_000), "a whole number from -9,223,372,036,854,775,808 to 10,000");
    }

    #[test]
    fn serde_json_hands_out_long_numbers_by_this_name() {
        struct Key;
        impl<'de> Visitor<'de> for Key {
            type Value = String;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a number")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
                let member = map.next_entry::<String, String>()?;
                Ok(member.map(|(name, digits)| format!("{name} {digits}")).unwrap_or_default())
            }
        }
        let mut json = serde_json::Deserializer::from_str("1e400");
        let told = json.deserialize_any(Key).unwrap();
        assert_eq!(told.split_once(' ').unwrap().0, TOKEN);
        assert_eq!(Whole::of(told.split_once(' ').unwrap().1), Whole::Above);
    }
}
