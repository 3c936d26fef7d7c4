//! Accounts: two pages of a query, the first of them with names that are hard to escape and to encode.

use rust_decimal::Decimal;

use super::{CITIES, DELETED_EVERY, SECOND_WORDS, Seeder, cycle};
use crate::org::value::Value;

const ACCOUNTS: usize = 2_086;
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

impl Seeder {
    /// The live accounts, in order.
    pub(super) fn accounts(&mut self) -> Vec<Value> {
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
}
