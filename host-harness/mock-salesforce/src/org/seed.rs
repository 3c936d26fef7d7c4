//! What the org holds at the start: the same records with the same Ids and dates every time. Not for rules.
//!
//! The records try what clients get wrong: pages of a query and of a child sub-query, names that need escaping and
//! encoding, numbers that a 64-bit float cannot hold, deleted records between live ones.

mod accounts;
mod cases;
mod contacts;
mod invoices;
mod opportunities;
mod profiles;
mod shipments;
mod users;

use std::sync::LazyLock;

use super::{
    Org, Schema, blob::FileStorage, id::RecordId, rules::Rules, schema::MetadataRecord, table::blank, value::Value,
};
use jiff::{SignedDuration, Span, Timestamp, civil::Date, tz::TimeZone};

/// When the youngest of the org's first records was made: 2026-06-01T08:00:00Z.
pub const EPOCH: Timestamp = Timestamp::constant(1_780_300_800, 0);

/// Every so many-th record of an object is joined by one that was deleted.
const DELETED_EVERY: usize = 97;

const SECOND_WORDS: [&str; 10] =
    ["Logistics", "Energy", "Textiles", "Foods", "Robotics", "Pharma", "Media", "Software", "Steel", "Optics"];
const CITIES: [(&str, &str); 6] = [
    ("San Francisco", "USA"),
    ("München", "Germany"),
    ("Tokyo", "Japan"),
    ("Dublin", "Ireland"),
    ("São Paulo", "Brazil"),
    ("Kraków", "Poland"),
];

/// Who owns urgent cases.
pub(super) fn support_lead() -> Option<RecordId> {
    RecordId::numbered("005", 3)
}

impl Org {
    /// The org as it always starts. Its records' dates are fixed; `now` is what the org's clock says.
    #[must_use]
    pub fn seeded(now: Timestamp) -> Self {
        static SEED: LazyLock<Org> = LazyLock::new(|| seed(Schema::standard(false)));
        // It has no files, so whoever shares its records has room of their own.
        let mut org = Self { file_storage: FileStorage::default(), ..SEED.clone() };
        org.set_now(now);
        org
    }

    /// The same records in an org of this schema: those of objects and fields that it has.
    #[must_use]
    pub fn of(schema: Schema, now: Timestamp) -> Self {
        seeder(schema).with_samples().at(now)
    }

    /// An org of this schema that has its users and profiles, a price book, and no other records. The rules that the mock's
    /// own org has (validation, duplicates, assignment) are not in it.
    #[must_use]
    pub fn without_samples(mut schema: Schema, now: Timestamp) -> Self {
        let metadata = std::mem::take(&mut schema.metadata);
        let mut org = seeder(schema).org.at(now);
        org.add_record_types();
        for MetadataRecord { object, fields } in metadata {
            // Whoever read them has tried.
            let _ = org.add_record(&object, &fields);
        }
        org.rules = Rules::default();
        org.has_assignment_rule = false;
        org
    }

    fn at(mut self, now: Timestamp) -> Self {
        self.set_now(now);
        self.schema_since = self.now;
        self
    }
}

fn seed(schema: Schema) -> Org {
    seeder(schema).with_samples()
}

/// A seeder of an org that has what every org has.
fn seeder(schema: Schema) -> Seeder {
    let organization_id = RecordId::numbered("00D", 1);
    let users = schema.objects().iter().find(|object| object.name == "User");
    let administrator = users.and_then(|users| RecordId::numbered(users.key_prefix, 0));
    let (Some(organization_id), Some(administrator)) = (organization_id, administrator) else {
        unreachable!("every schema has users, and both numbers are far below 62^5")
    };
    let mut seeder = Seeder { org: Org::empty(schema, organization_id, EPOCH), administrator };
    seeder.profiles();
    seeder.users();
    seeder.organization();
    seeder
}

struct Seeder {
    org: Org,
    administrator: RecordId,
}

impl Seeder {
    fn with_samples(mut self) -> Org {
        let accounts = self.accounts();
        self.contacts(&accounts);
        self.opportunities(&accounts);
        self.cases(&accounts);
        self.invoices(&accounts);
        self.shipments(&accounts);
        self.org
    }

    /// Adds a record made `age` hours before the epoch.
    fn add(&mut self, object: &str, age: usize, fields: &[(&str, Value)]) -> Value {
        let age = SignedDuration::from_hours(i64::try_from(age).unwrap_or_default());
        let created = EPOCH.checked_sub(age).unwrap_or(EPOCH);
        let row = self.org.table(object).and_then(|table| {
            let mut values = blank(table);
            for (name, value) in fields {
                if let Some(held) = table.object.place(name).and_then(|place| values.get_mut(place)) {
                    *held = value.clone();
                }
            }
            self.org.new_row(table, values, self.administrator, created)
        });
        match (row, self.org.table_mut(object)) {
            (Ok(row), Ok(table)) => {
                let id = row.id;
                table.put(row);
                Value::Id(id)
            }
            _ => Value::Null,
        }
    }

    /// One of the first three users in turn.
    fn owner(&self, number: usize) -> Value {
        let user = u64::try_from(number % 3).unwrap_or_default();
        RecordId::numbered(self.administrator.key_prefix(), user).map_or(Value::Null, Value::Id)
    }
}

fn cycle<T: Copy + Default>(all: &[T], number: usize) -> T {
    all.get(number % all.len().max(1)).copied().unwrap_or_default()
}

/// The day so many days after that of the epoch, and so many before.
fn day(after: usize, before: usize) -> Value {
    let days = i64::try_from(after).unwrap_or_default() - i64::try_from(before).unwrap_or_default();
    let epoch: Date = EPOCH.to_zoned(TimeZone::UTC).date();
    let span = Span::new().try_days(days);
    Value::Date(span.and_then(|span| epoch.checked_add(span)).unwrap_or(epoch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::{DuplicateRuleOptions, WriteOptions};

    #[test]
    fn the_epoch_is_what_its_comment_says() {
        assert_eq!(EPOCH.to_string(), "2026-06-01T08:00:00Z");
    }

    #[test]
    fn the_org_is_as_large_as_its_users_are_told() {
        let org = Org::seeded(EPOCH);
        let counts = ["User", "Account", "Opportunity", "Case", "Invoice__c"].map(|object| org.count(object));
        assert_eq!(counts, [6, 2_086, 600, 400, 800]);
        assert!(org.count("Contact") > 500);
        assert!(org.table("Account").unwrap().rows().len() > 2_086, "deleted accounts");
    }

    #[test]
    fn every_seeded_record_obeys_the_orgs_own_rules() {
        let org = Org::seeded(EPOCH);
        let mut options = WriteOptions::new("0055g0000000000", "v60.0");
        options.duplicate_rule = DuplicateRuleOptions::default();
        for object in org.objects() {
            let table = org.table(object.name).unwrap();
            for row in table.rows().iter().filter(|row| !row.deleted) {
                org.check(table, row, &options).unwrap_or_else(|error| panic!("{} {}: {error:?}", object.name, row.id));
                for (place, field) in object.fields.iter().enumerate().filter(|(_, field)| field.writable) {
                    if let Some(text) = row.value(place).as_text() {
                        assert_eq!(org.parse_text(field, text), Ok(row.value(place).clone()));
                    }
                }
            }
        }
    }

    #[test]
    fn two_orgs_are_the_same() {
        let seed = || seed(Schema::standard(false));
        let (one, other) = (seed(), seed());
        for object in one.objects() {
            let rows =
                |org: &Org| org.table(object.name).unwrap().rows().iter().map(|row| row.values()).collect::<Vec<_>>();
            assert_eq!(rows(&one), rows(&other), "{}", object.name);
        }
    }
}
