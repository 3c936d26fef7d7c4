//! `DISTANCE()`: how far the place that a compound field holds is from another, along a great circle.
//!
//! A compound field is its parts: `BillingAddress` is `BillingLatitude` and `BillingLongitude` among others, `Site__c`
//! is `Site__Latitude__s` and `Site__Longitude__s`.
//!
//! Source: SOQL and SOSL Reference, "Location-Based SOQL Queries"; Object Reference, "Compound Field Considerations".

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    super::ast::{Distance, LengthUnit, Path},
    path::{Column, Scope},
};
use crate::{
    ApiError,
    org::{table::Row, value::Value},
};

/// The mean radius of the Earth, in kilometres.
const EARTH_RADIUS: f64 = 6_371.0;
const KILOMETRES_OF_A_MILE: f64 = 1.609_344;
/// How many digits a distance has, those of a double.
const DIGITS: u32 = 15;

/// How far a record's place is from another.
#[derive(Debug, Clone)]
pub(super) struct DistanceTo<'a> {
    latitude: Column<'a>,
    longitude: Column<'a>,
    to: (f64, f64),
    unit: LengthUnit,
}

impl<'a> DistanceTo<'a> {
    pub(super) fn resolve(scope: Scope<'a>, distance: &Distance) -> Result<Self, ApiError> {
        let degrees = |number: Decimal| number.to_f64().unwrap_or_default();
        let (latitude, longitude) = (degrees(distance.latitude), degrees(distance.longitude));
        if latitude.abs() > 90.0 || longitude.abs() > 180.0 {
            let message = "a latitude is a number from -90 to 90, a longitude one from -180 to 180";
            return Err(scope.context.source.error("NUMBER_OUTSIDE_VALID_RANGE", distance.of.at, message));
        }
        Ok(Self {
            latitude: scope.column(&part(&distance.of, "Latitude"))?,
            longitude: scope.column(&part(&distance.of, "Longitude"))?,
            to: (latitude, longitude),
            unit: distance.unit,
        })
    }

    pub(super) fn value(&self, row: &'a Row) -> Value {
        let degrees = |column: &Column<'a>| match &*column.value(row) {
            Value::Number(number) => number.to_f64(),
            _ => None,
        };
        let place = degrees(&self.latitude).zip(degrees(&self.longitude));
        let distance = place.map(|place| great_circle(place, self.to) / self.unit.kilometres());
        let distance = distance.and_then(|distance| Decimal::from_f64_retain(distance)?.round_sf(DIGITS));
        distance.map_or(Value::Null, |distance| Value::Number(distance.normalize()))
    }

    pub(super) fn column(&self) -> &Column<'a> {
        &self.latitude
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        let is_same_place = self.latitude.is_same(&other.latitude) && self.longitude.is_same(&other.longitude);
        is_same_place && self.to == other.to && self.unit == other.unit
    }
}

impl LengthUnit {
    fn kilometres(self) -> f64 {
        match self {
            Self::Kilometre => 1.0,
            Self::Mile => KILOMETRES_OF_A_MILE,
        }
    }
}

/// The field that holds a part of a compound field.
fn part(compound: &Path, part: &str) -> Path {
    let mut path = compound.clone();
    if let Some(name) = path.names.last_mut() {
        let custom = name.strip_suffix("__c").map(|name| format!("{name}__{part}__s"));
        let standard = || name.strip_suffix("Address").map(|name| format!("{name}{part}"));
        if let Some(part) = custom.or_else(standard) {
            *name = part;
        }
    }
    path
}

/// The kilometres between two places, each a latitude and a longitude in degrees, by the haversine formula.
fn great_circle((latitude, longitude): (f64, f64), (to_latitude, to_longitude): (f64, f64)) -> f64 {
    let half_sine = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let cosines = latitude.to_radians().cos() * to_latitude.to_radians().cos();
    let chord = half_sine(latitude, to_latitude) + cosines * half_sine(longitude, to_longitude);
    2.0 * EARTH_RADIUS * chord.min(1.0).sqrt().asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn great_circles() {
        // A quarter of the way round, half of it, and San Francisco to New York: 4,129 kilometres.
        let quarter = EARTH_RADIUS * std::f64::consts::FRAC_PI_2;
        for (from, to, expected) in [
            ((0.0, 0.0), (0.0, 90.0), quarter),
            ((0.0, 0.0), (90.0, 0.0), quarter),
            ((0.0, 0.0), (0.0, 180.0), 2.0 * quarter),
            ((37.7749, -122.4194), (40.7128, -74.0060), 4_129.0),
            ((10.0, 20.0), (10.0, 20.0), 0.0),
        ] {
            assert!((great_circle(from, to) - expected).abs() < 1.0, "{from:?} to {to:?}: {}", great_circle(from, to));
        }
    }

    #[test]
    fn a_compound_field_is_its_parts() {
        let path = |name: &str| Path { names: vec!["Account".to_owned(), name.to_owned()], at: Default::default() };
        assert_eq!(part(&path("BillingAddress"), "Latitude"), path("BillingLatitude"));
        assert_eq!(part(&path("Site__c"), "Longitude"), path("Site__Longitude__s"));
        assert_eq!(part(&path("Name"), "Longitude"), path("Name"));
    }
}
