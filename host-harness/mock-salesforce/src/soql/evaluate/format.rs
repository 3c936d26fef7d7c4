//! `FORMAT()`: values as a user in the United States reads them. Every user of the org has the locale `en_US` with its ICU formats,
//! and the currency of an org that has but one is the US dollar.
//!
//! Source: SOQL and SOSL Reference, "FORMAT()"; Salesforce Help, "Supported Locales and ICU Formats" (CLDR 41). How percentages and
//! times of day look is told by neither.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::org::{
    schema::{Kind, Labels, Unit},
    value::Value,
};

/// How values of a field look.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Format {
    /// `-1,234.50`, with so many digits behind the point.
    Number(u32),
    /// `$44,000.00`, with so many digits behind the point.
    Amount(u32),
    /// `12/28/2015`.
    Day,
    /// `4/10/2025, 3:31 PM` in this time zone.
    Moment(TimeZone),
    /// What people read for the values of a picklist.
    Label(Labels),
}

impl Format {
    /// How values of a type look to a user in a time zone; none if nobody knows.
    pub(super) fn of(kind: &Kind, zone: impl FnOnce() -> TimeZone) -> Option<Self> {
        match kind {
            Kind::Integer => Some(Self::Number(0)),
            Kind::Number { unit: Unit::Plain, scale, .. } => Some(Self::Number(*scale)),
            Kind::Number { unit: Unit::Currency, scale, .. } => Some(Self::Amount(*scale)),
            Kind::Date => Some(Self::Day),
            Kind::DateTime => Some(Self::Moment(zone())),
            _ => None,
        }
    }

    /// The text of a value; null of null.
    pub(super) fn of_value(&self, value: &Value) -> Value {
        match (self, value) {
            (Self::Label(labels), Value::Text(values)) => Value::text(labels.of_all(values)),
            (Self::Number(scale), Value::Number(number)) => Value::text(grouped("", *number, *scale)),
            (Self::Amount(scale), Value::Number(number)) => Value::text(grouped("$", *number, *scale)),
            (Self::Day, Value::Date(day)) => Value::text(of_day(*day)),
            (Self::Moment(zone), Value::DateTime(moment)) => Value::text(of_moment(*moment, zone)),
            _ => Value::Null,
        }
    }
}

/// An amount with the code of its currency: `EUR 1,234.50`.
pub(super) fn amount_with_code(code: &str, amount: Decimal, decimal_places: u32) -> String {
    grouped(&format!("{code} "), amount, decimal_places)
}

/// A number, its thousands grouped.
fn grouped(symbol: &str, number: Decimal, scale: u32) -> String {
    let rounded = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    let sign = if rounded.is_sign_negative() && !rounded.is_zero() { "-" } else { "" };
    let digits = format!("{:.*}", usize::try_from(scale).unwrap_or_default(), rounded.abs());
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut text = format!("{sign}{symbol}");
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

fn of_day(day: Date) -> String {
    format!("{}/{}/{}", day.month(), day.day(), day.year())
}

fn of_moment(moment: Timestamp, zone: &TimeZone) -> String {
    let local = moment.to_zoned(zone.clone());
    let half = if local.hour() < 12 { "AM" } else { "PM" };
    let hour = (local.hour() + 11) % 12 + 1;
    format!("{}, {hour}:{:02} {half}", of_day(local.date()), local.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_have_the_digits_of_their_field() {
        for (number, scale, expected) in [
            ("44000", 2, "$44,000.00"),
            ("0", 0, "$0"),
            ("999", 0, "$999"),
            ("1000", 0, "$1,000"),
            ("9007199254740993", 0, "$9,007,199,254,740,993"),
            ("-1234567.895", 2, "-$1,234,567.90"),
            ("-0.001", 2, "$0.00"),
            ("12.5", 3, "$12.500"),
        ] {
            assert_eq!(grouped("$", number.parse().unwrap(), scale), expected, "{number}");
        }
    }

    #[test]
    fn moments_are_those_of_the_users_clock() {
        let zone = TimeZone::get("America/Los_Angeles").unwrap();
        for (moment, expected) in [
            ("2025-04-10T22:31:37Z", "4/10/2025, 3:31 PM"),
            ("2025-04-10T07:00:00Z", "4/10/2025, 12:00 AM"),
            ("2025-04-10T19:05:00Z", "4/10/2025, 12:05 PM"),
            ("2015-12-29T07:59:59Z", "12/28/2015, 11:59 PM"),
        ] {
            assert_eq!(of_moment(moment.parse().unwrap(), &zone), expected, "{moment}");
        }
    }
}
