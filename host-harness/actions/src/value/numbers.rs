//! JSON as numbers of WIT types.

use std::fmt;

use salesforce_runtime::Val;
use serde::de::{Error, Unexpected, Visitor};

use crate::json::number::{grouped, whole};

/// `u8` to `u64` and `s8` to `s64`
pub(super) struct Integer {
    pub(super) signed: bool,
    pub(super) bits: u8,
}

impl Integer {
    fn bounds(&self) -> (i128, i128) {
        if self.signed { (-(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1) } else { (0, (1 << self.bits) - 1) }
    }

    fn read<E: Error>(&self, number: i128) -> Result<Val, E> {
        let value = match (self.signed, self.bits) {
            (false, 8) => u8::try_from(number).ok().map(Val::U8),
            (false, 16) => u16::try_from(number).ok().map(Val::U16),
            (false, 32) => u32::try_from(number).ok().map(Val::U32),
            (false, _) => u64::try_from(number).ok().map(Val::U64),
            (true, 8) => i8::try_from(number).ok().map(Val::S8),
            (true, 16) => i16::try_from(number).ok().map(Val::S16),
            (true, 32) => i32::try_from(number).ok().map(Val::S32),
            (true, _) => i64::try_from(number).ok().map(Val::S64),
        };
        let (least, most) = self.bounds();
        value.ok_or_else(|| {
            let (side, bound) = if number < least { ("below", least) } else { ("above", most) };
            let what = format!("a number {side} {}", grouped(bound));
            E::invalid_value(Unexpected::Other(&what), self)
        })
    }
}

/// What is expected of an integer of a type: `a whole number from 0 to 255`.
pub(crate) fn whole_number(signed: bool, bits: u8) -> String {
    let (least, most) = Integer { signed, bits }.bounds();
    whole(least, most)
}

impl Visitor<'_> for Integer {
    type Value = Val;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&whole_number(self.signed, self.bits))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Val, E> {
        self.read(number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Val, E> {
        self.read(number.into())
    }
}

/// `f32` or `f64`
pub(super) struct Float {
    pub(super) bits: u8,
}

impl Visitor<'_> for Float {
    type Value = Val;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bits {
            32 => write!(formatter, "a number from {:e} to {:e}", f32::MIN, f32::MAX),
            _ => formatter.write_str("a number"),
        }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Val, E> {
        self.visit_f64(number as f64)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Val, E> {
        self.visit_f64(number as f64)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Val, E> {
        if self.bits != 32 {
            return Ok(Val::Float64(number));
        }
        let narrow = number as f32;
        if narrow.is_finite() {
            return Ok(Val::Float32(narrow));
        }
        let what = if number < 0.0 { "a number below" } else { "a number above" };
        let bound = if number < 0.0 { f32::MIN } else { f32::MAX };
        Err(E::invalid_value(Unexpected::Other(&format!("{what} {bound:e}")), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::taking;
    use crate::Call;

    #[test]
    fn numbers_are_read_in_every_notation_and_in_bounds() {
        let shown = |shape: &str, number: &str| {
            let call = Call::parse(&taking(shape), "f", &format!(r#"{{"a":{number}}}"#));
            call.map_or_else(|error| error.to_string(), |call| call.wave())
        };
        let [u64, s64, f32, f64] = [
            r#"{"integer":{"signed":false,"bits":64}}"#,
            r#"{"integer":{"signed":true,"bits":64}}"#,
            r#"{"float":{"bits":32}}"#,
            r#"{"float":{"bits":64}}"#,
        ];
        for (shape, number, words) in [
            (u64, "18446744073709551615", "  18446744073709551615,"),
            (u64, "-0", "  0,"),
            (u64, "2.0e2", "  200,"),
            (
                u64,
                "-1",
                "f: a: invalid value: a number below 0, expected a whole number from 0 to 18,446,744,073,709,551,615",
            ),
            (u64, "0.5", "f: a: invalid value: a number with a fraction, expected a whole number"),
            (u64, "{}", "f: a: invalid type: object, expected a whole number"),
            (u64, r#""1""#, "f: a: invalid type: text, expected a whole number"),
            (s64, "-9223372036854775808", "  -9223372036854775808,"),
            (s64, "9223372036854775808", "f: a: invalid value: a number above 9,223,372,036,854,775,807, expected"),
            (s64, "-9223372036854775809", "f: a: invalid value: a number below -9,223,372,036,854,775,808, expected"),
            (f64, "-0.5", "  -0.5,"),
            (f64, "3", "  3,"),
            (f64, "1e400", "f: a: invalid value: a number above 1.7976931348623157e308, expected a number"),
            (f64, "true", "f: a: invalid type: true or false, expected a number"),
            (f32, "0.5", "  0.5,"),
            (f32, "-1e39", "f: a: invalid value: a number below -3.4028235e38, expected a number from -3.4028235e38"),
            (f32, "1e39", "f: a: invalid value: a number above 3.4028235e38, expected a number from"),
            (r#""bytes""#, r#""aGk""#, "f: a: invalid value: a text that is no base64, expected base64 of at most"),
            (r#""char""#, r#""ab""#, "f: a: invalid value: a text of 2 characters, expected a text of 1 character"),
        ] {
            assert!(shown(shape, number).contains(words), "{}, and not: {words}", shown(shape, number));
        }
    }
}
