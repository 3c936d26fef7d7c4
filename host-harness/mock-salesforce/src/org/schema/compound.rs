//! Compound fields: addresses and geolocations, which are read as one object and written part by part.
//!
//! Source: Object Reference, "Compound Fields", "Address Compound Fields", "Geolocation Compound Field".

use super::{Field, Kind, Value};

/// What JSON calls a part, and what the name of its field ends in.
const ADDRESS: &[(&str, &str)] = &[
    ("city", "City"),
    ("country", "Country"),
    ("countryCode", "CountryCode"),
    ("geocodeAccuracy", "GeocodeAccuracy"),
    ("latitude", "Latitude"),
    ("longitude", "Longitude"),
    ("postalCode", "PostalCode"),
    ("state", "State"),
    ("stateCode", "StateCode"),
    ("street", "Street"),
];
const LOCATION: &[(&str, &str)] = &[("latitude", "Latitude"), ("longitude", "Longitude")];

/// A compound field and where its parts are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compound {
    place: usize,
    parts: Vec<(&'static str, usize)>,
}

/// The compound fields among these.
pub(super) fn of(fields: &[Field]) -> Vec<Compound> {
    let compound = |(place, field): (usize, &Field)| {
        let known = match field.kind {
            Kind::Address => ADDRESS,
            Kind::Location => LOCATION,
            _ => return None,
        };
        let part = |(name, ending): &(&'static str, &str)| {
            let is_part = |part: &Field| part.part_of == Some(field.name) && is_called(part.name, ending);
            fields.iter().position(is_part).map(|place| (*name, place))
        };
        Some(Compound { place, parts: known.iter().filter_map(part).collect() })
    };
    fields.iter().enumerate().filter_map(compound).collect()
}

/// Whether a field is this part of its address: `BillingCity`, or `Site__City__s` of a custom one.
fn is_called(field: &str, ending: &str) -> bool {
    field.strip_suffix("__s").unwrap_or(field).ends_with(ending)
}

impl Compound {
    /// Puts the parts together. Without any it is null.
    pub(super) fn compose(&self, values: &mut [Value]) {
        let part = |place: usize| values.get(place).unwrap_or(&Value::Null);
        let is_empty = self.parts.iter().all(|(_, place)| part(*place).is_null());
        let parts = || self.parts.iter().map(|(name, place)| (*name, part(*place).clone())).collect();
        let whole = if is_empty { Value::Null } else { Value::Compound(parts()) };
        if let Some(value) = values.get_mut(self.place) {
            *value = whole;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Object, Unit};
    use super::*;

    #[test]
    fn an_address_is_the_object_of_its_parts() {
        let part = |name, compound| Field { part_of: Some(compound), ..Field::new(name, name, Kind::Text(80)) };
        let degrees = Kind::Number { unit: Unit::Plain, precision: 18, scale: 15 };
        let fields = vec![
            part("ShippingCity", "ShippingAddress"),
            part("BillingCountryCode", "BillingAddress"),
            part("BillingCity", "BillingAddress"),
            part("BillingCountry", "BillingAddress"),
            Field::new("BillingAddress", "Billing Address", Kind::Address),
            Field { part_of: Some("Site__c"), ..Field::new("Site__Latitude__s", "Site", degrees) },
            Field::new("Site__c", "Site", Kind::Location),
        ];
        let object = Object::new("Thing__c", "Thing", "Things", "a09", fields);
        let mut values = vec![Value::Null; 7];
        object.compose(&mut values);
        assert!(values.iter().all(Value::is_null));
        for (place, text) in ["Kraków", "DE", "Kiel", "Germany"].into_iter().enumerate() {
            values[place] = Value::text(text);
        }
        object.compose(&mut values);
        assert_eq!(values[4].to_json(), json!({"city": "Kiel", "country": "Germany", "countryCode": "DE"}));
        assert!(values[6].is_null());
    }
}
