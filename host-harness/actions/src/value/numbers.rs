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
