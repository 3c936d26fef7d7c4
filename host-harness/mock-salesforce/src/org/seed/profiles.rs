//! What users are allowed, by name alone, and the price book that every org has.

use super::Seeder;
use crate::org::{id::RecordId, value::Value};

const PROFILES: [&str; 2] = ["System Administrator", "Standard User"];

/// The profile with this number.
pub(super) fn seeded_profile(number: usize) -> Value {
    let id = u64::try_from(number).ok().and_then(|number| RecordId::numbered("00e", number));
    id.map_or(Value::Null, Value::Id)
}

impl Seeder {
    pub(super) fn profiles(&mut self) {
        for name in PROFILES {
            self.add("Profile", 20_000, &[("Name", Value::text(name))]);
        }
        let standard = [
            ("Name", Value::text("Standard Price Book")),
            ("IsActive", Value::Boolean(true)),
            ("IsStandard", Value::Boolean(true)),
        ];
        self.add("Pricebook2", 20_000, &standard);
    }
}
