//! Contacts: more than a page of a child sub-query on one account, none on most.

use super::{CITIES, DELETED_EVERY, Seeder, cycle, day};
use crate::org::value::Value;

const LARGE_ACCOUNT_CONTACTS: usize = 260;
const GIVEN_NAMES: [&str; 10] = ["Anna", "Luís", "Grace", "Jürgen", "Chloé", "Omar", "Yuki", "Priya", "Seán", "Eva"];
const FAMILY_NAMES: [&str; 11] =
    ["Smith", "O'Neill", "García", "Müller", "Nguyễn", "Kowalski", "Sato", "D'Angelo", "Okafor", "Lee", "van der Berg"];

impl Seeder {
    /// Many for the first account, one to three for every third of the next six hundred, none for the others.
    pub(super) fn contacts(&mut self, accounts: &[Value]) {
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
}
