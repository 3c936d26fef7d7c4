//! What the org holds at the start: the same records with the same Ids and dates every time. Not for rules.
//!
//! 2,086 accounts make two pages of a query, the first account's 260 contacts more than a page of a child sub-query.
//! Names try what escaping and encoding get wrong; numbers try what a 64-bit float cannot hold.

use std::sync::LazyLock;

use jiff::{SignedDuration, Span, Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;

use super::{Org, id::RecordId, objects, value::Value, write::blank};

/// When the youngest of the org's first records was made: 2026-06-01T08:00:00Z.
pub const EPOCH: Timestamp = Timestamp::constant(1_780_300_800, 0);

const ACCOUNTS: usize = 2_086;
const LARGE_ACCOUNT_CONTACTS: usize = 260;
/// Every so many-th record of an object is joined by one that was deleted.
const DELETED_EVERY: usize = 97;

/// First name, last name, alias, time zone, locale.
const USERS: [(&str, &str, &str, &str, &str); 6] = [
    ("Ada", "Lindqvist", "alind", "Europe/Stockholm", "sv_SE"),
    ("Tomás", "O'Brien", "tobri", "Europe/Dublin", "en_IE"),
    ("Mei", "Tanaka", "mtana", "Asia/Tokyo", "ja_JP"),
    ("Support", "Lead", "slead", "America/Los_Angeles", "en_US"),
    ("Integration", "User", "integ", "UTC", "en_US"),
    ("Former", "Employee", "femp", "UTC", "en_US"),
];

const ODD_NAMES: [&str; 14] = [
    "Acme Corporation",
    "O'Brien & Söhne GmbH",
    "100% Cotton Ltd",
    "under_score Systems",
    "株式会社サンプル",
    "Quote \"Double\" Inc",
    "<script>alert(1)</script>",
    "Back\\slash Partners",
    "Müller, Groß & Cie.",
    "Ünïcödé Žluťoučký kůň",
    "Semi;colon / Slash? #1 + 1",
    "العربية للتجارة",
    "Émoji 🚀 Labs",
    "null",
];
const FIRST_WORDS: [&str; 12] = [
    "Northern", "Blue", "Golden", "Silver", "Global", "Summit", "Harbor", "Cedar", "Pioneer", "Crystal", "Delta",
    "Urban",
];
const SECOND_WORDS: [&str; 10] =
    ["Logistics", "Energy", "Textiles", "Foods", "Robotics", "Pharma", "Media", "Software", "Steel", "Optics"];
const GIVEN_NAMES: [&str; 10] = ["Anna", "Luís", "Grace", "Jürgen", "Chloé", "Omar", "Yuki", "Priya", "Seán", "Eva"];
const FAMILY_NAMES: [&str; 11] =
    ["Smith", "O'Neill", "García", "Müller", "Nguyễn", "Kowalski", "Sato", "D'Angelo", "Okafor", "Lee", "van der Berg"];
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
        static SEED: LazyLock<Org> = LazyLock::new(seed);
        let mut org = SEED.clone();
        org.set_now(now);
        org
    }
}

fn seed() -> Org {
    let organization_id = RecordId::numbered("00D", 1);
    let administrator = RecordId::numbered("005", 0);
    let (Some(organization_id), Some(administrator)) = (organization_id, administrator) else {
        unreachable!("both numbers are far below 62^5")
    };
    let mut seeder = Seeder { org: Org::empty(organization_id, EPOCH), administrator };
    seeder.users();
    let accounts = seeder.accounts();
    seeder.contacts(&accounts);
    seeder.opportunities(&accounts);
    seeder.cases(&accounts);
    seeder.invoices(&accounts);
    seeder.org
}

struct Seeder {
    org: Org,
    administrator: RecordId,
}

impl Seeder {
    /// Adds a record made `age` hours before the epoch.
    fn add(&mut self, object: &str, age: usize, fields: &[(&str, Value)]) -> Value {
        let age = SignedDuration::from_hours(i64::try_from(age).unwrap_or_default());
        let created = EPOCH.checked_sub(age).unwrap_or(EPOCH);
        let row = self.org.table(object).and_then(|table| {
            let mut values = blank(table);
            for (name, value) in fields {
                debug_assert!(table.object.place(name).is_some(), "no field {name} on {object}");
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

    fn users(&mut self) {
        for (number, (first, last, alias, time_zone, locale)) in USERS.into_iter().enumerate() {
            self.add(
                "User",
                20_000 - number,
                &[
                    ("Username", Value::text(format!("{alias}@example.org"))),
                    ("FirstName", Value::text(first)),
                    ("LastName", Value::text(last)),
                    ("Email", Value::text(format!("{alias}@example.org"))),
                    ("Alias", Value::text(alias)),
                    ("IsActive", Value::Boolean(first != "Former")),
                    ("TimeZoneSidKey", Value::text(time_zone)),
                    ("LocaleSidKey", Value::text(locale)),
                    ("LanguageLocaleKey", Value::text("en_US")),
                    ("ManagerId", if number == 0 { Value::Null } else { Value::Id(self.administrator) }),
                ],
            );
        }
    }

    /// The live accounts, in order.
    fn accounts(&mut self) -> Vec<Value> {
        let mut accounts: Vec<Value> = Vec::with_capacity(ACCOUNTS);
        for number in 0..ACCOUNTS {
            let (city, country) = cycle(&CITIES, number);
            let name = ODD_NAMES.get(number).map_or_else(
                || format!("{} {} {number}", cycle(&FIRST_WORDS, number), cycle(&SECOND_WORDS, number / 12)),
                |name| (*name).to_owned(),
            );
            let parent = if number % 10 == 9 { accounts.get(number / 10).cloned() } else { None };
            // 2^53 + 1 and the largest amount that fits.
            let revenue = match number {
                0 => Value::Number(Decimal::from(9_007_199_254_740_993_i64)),
                1 => Value::Number(Decimal::from(999_999_999_999_999_999_i64)),
                _ if number % 7 == 3 => Value::Null,
                _ => Value::Number(Decimal::from((number + 1) * 25_000)),
            };
            let industry = if number % 9 == 4 {
                Value::Null
            } else {
                Value::text(cycle(&["Energy", "Retail", "Banking", "Education"], number))
            };
            let fields = [
                ("Name", Value::text(name)),
                ("Type", Value::text(cycle(&["Prospect", "Customer - Direct", "Partner"], number))),
                ("ParentId", parent.unwrap_or(Value::Null)),
                ("BillingStreet", Value::text(format!("{} Market Street\nFloor {}", number + 1, number % 9 + 1))),
                ("BillingCity", Value::text(city)),
                ("BillingCountry", Value::text(country)),
                ("BillingPostalCode", Value::text(format!("{:05}", 10_000 + number))),
                ("Phone", if number % 5 == 2 { Value::Null } else { Value::text(format!("+1 555 {number:04}")) }),
                ("AccountNumber", Value::text(format!("AC{number:05}"))),
                ("Website", Value::text(format!("https://account-{number}.example.com/"))),
                ("Industry", industry),
                ("AnnualRevenue", revenue),
                ("NumberOfEmployees", Value::Number(Decimal::from(number * 37 % 5_000))),
                ("Description", Value::text(format!("Account {number} of the sample org."))),
                ("OwnerId", self.owner(number)),
                ("ERP_Id__c", Value::text(format!("ERP-{number:06}"))),
                (
                    "Priority__c",
                    if number % 4 == 3 { Value::Null } else { Value::text(cycle(&["High", "Medium", "Low"], number)) },
                ),
            ];
            accounts.push(self.add("Account", (ACCOUNTS - number) * 4, &fields));
            if number % DELETED_EVERY == 1 {
                self.add(
                    "Account",
                    (ACCOUNTS - number) * 4,
                    &[
                        ("Name", Value::text(format!("Deleted Account {number}"))),
                        ("OwnerId", self.owner(number)),
                        ("IsDeleted", Value::Boolean(true)),
                    ],
                );
            }
        }
        accounts
    }

    /// Many for the first account, one to three for every third of the next six hundred, none for the others.
    fn contacts(&mut self, accounts: &[Value]) {
        let few = (3..600).step_by(3).flat_map(|account| std::iter::repeat_n(account, account % 4));
        let owners: Vec<usize> = std::iter::repeat_n(0, LARGE_ACCOUNT_CONTACTS).chain(few).collect();
        let mut chief = Value::Null;
        for (number, account) in owners.into_iter().enumerate() {
            let (given, family) = (cycle(&GIVEN_NAMES, number), cycle(&FAMILY_NAMES, number / 3));
            let (city, country) = cycle(&CITIES, number / 2);
            let id = self.add(
                "Contact",
                6_000 - number,
                &[
                    ("AccountId", accounts.get(account).cloned().unwrap_or(Value::Null)),
                    ("FirstName", if number % 13 == 12 { Value::Null } else { Value::text(given) }),
                    ("LastName", Value::text(family)),
                    (
                        "Email",
                        if number % 11 == 10 {
                            Value::Null
                        } else {
                            Value::text(format!("contact{number}@example.com"))
                        },
                    ),
                    ("Phone", Value::text(format!("+44 20 {number:06}"))),
                    ("Title", Value::text(cycle(&["CEO", "Buyer", "Engineer", "Accountant"], number))),
                    ("Department", Value::text(cycle(&["Sales", "IT", "Finance"], number))),
                    ("Birthdate", day(0, 12_000 + number * 9)),
                    ("HasOptedOutOfEmail", Value::Boolean(number % 8 == 0)),
                    ("MailingCity", Value::text(city)),
                    ("MailingCountry", Value::text(country)),
                    ("ReportsToId", if number % 10 == 0 { Value::Null } else { chief.clone() }),
                    ("OwnerId", self.owner(number)),
                ],
            );
            if number % 10 == 0 {
                chief = id;
            }
            if number % DELETED_EVERY == 1 {
                self.add(
                    "Contact",
                    6_000 - number,
                    &[
                        ("LastName", Value::text("Deleted")),
                        ("OwnerId", self.owner(number)),
                        ("IsDeleted", Value::Boolean(true)),
                    ],
                );
            }
        }
    }

    fn opportunities(&mut self, accounts: &[Value]) {
        let stages = ["Prospecting", "Qualification", "Negotiation/Review", objects::WON, objects::LOST];
        for number in 0..600 {
            let stage = cycle(&stages, number);
            let amount = if number % 6 == 1 && stage != objects::WON {
                Value::Null
            } else {
                Value::Number(Decimal::new(i64::try_from(number).unwrap_or_default() * 12_345 + 99, 2).normalize())
            };
            self.add(
                "Opportunity",
                5_000 - number * 2,
                &[
                    ("AccountId", accounts.get(number * 5 % 900).cloned().unwrap_or(Value::Null)),
                    ("Name", Value::text(format!("{} deal {number}", cycle(&SECOND_WORDS, number)))),
                    ("StageName", Value::text(stage)),
                    ("Amount", amount),
                    ("Probability", Value::Number(Decimal::from(number % 11 * 10))),
                    ("CloseDate", day(number % 400, 200)),
                    ("Type", Value::text(cycle(&["New Business", "Existing Business"], number))),
                    (
                        "LeadSource",
                        if number % 3 == 0 { Value::Null } else { Value::text(cycle(&["Web", "Other"], number)) },
                    ),
                    ("OwnerId", self.owner(number)),
                ],
            );
        }
    }

    fn cases(&mut self, accounts: &[Value]) {
        for number in 0..400 {
            self.add(
                "Case",
                3_000 - number * 3,
                &[
                    ("AccountId", accounts.get(number * 3 % 500).cloned().unwrap_or(Value::Null)),
                    ("Subject", Value::text(format!("{} does not start (#{number})", cycle(&SECOND_WORDS, number)))),
                    ("Description", Value::text("It worked yesterday.\r\nToday it does not.\tWhy?")),
                    ("Status", Value::text(cycle(&["New", "Working", "Escalated", "Closed"], number))),
                    ("Priority", Value::text(cycle(&["High", "Medium", "Low"], number))),
                    ("Origin", Value::text(cycle(&["Email", "Phone", "Web"], number / 2))),
                    ("OwnerId", self.owner(number)),
                ],
            );
        }
    }

    fn invoices(&mut self, accounts: &[Value]) {
        for number in 0..800 {
            let paid = number % 4 == 2;
            let tags = cycle(&["Export", "Export;Priority", "Recurring", "", "Disputed;Export;Recurring"], number);
            let rate = 123_456_789_123_456_789 + i64::try_from(number).unwrap_or_default() * 1_000_000_007;
            self.add(
                "Invoice__c",
                2_000 - number,
                &[
                    ("Invoice_Number__c", Value::text(format!("2026/{number:05}"))),
                    ("Legacy_Number__c", Value::text(format!("L-{:04}", number / 2))),
                    ("Account__c", accounts.get(number % 400).cloned().unwrap_or(Value::Null)),
                    ("Status__c", Value::text(cycle(&["Draft", "Sent", "Paid", "Void"], number))),
                    (
                        "Amount__c",
                        Value::Number(
                            Decimal::new(i64::try_from(number).unwrap_or_default() * 100_001 + 50, 2).normalize(),
                        ),
                    ),
                    ("Exchange_Rate__c", Value::Number(Decimal::new(rate, 9).normalize())),
                    (
                        "Ledger_Sequence__c",
                        Value::Number(Decimal::from(9_007_199_254_740_993_i64) + Decimal::from(number)),
                    ),
                    ("Tags__c", Value::text(tags)),
                    ("Reviewed__c", Value::Boolean(number % 3 == 0)),
                    ("Issued__c", day(0, number)),
                    ("Paid_At__c", if paid { Value::DateTime(EPOCH) } else { Value::Null }),
                    (
                        "Notes__c",
                        Value::text(format!("Line one of invoice {number}.\nLine two: \"quoted\", 50 % off.")),
                    ),
                    ("OwnerId", self.owner(number)),
                ],
            );
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
        let (one, other) = (seed(), seed());
        for object in one.objects() {
            let rows = |org: &Org| {
                org.table(object.name).unwrap().rows().iter().map(|row| row.values().to_vec()).collect::<Vec<_>>()
            };
            assert_eq!(rows(&one), rows(&other), "{}", object.name);
        }
    }
}
