//! Opportunities: open, won and lost ones.

use rust_decimal::Decimal;

use super::{SECOND_WORDS, Seeder, cycle, day};
use crate::org::{objects, value::Value};

impl Seeder {
    pub(super) fn opportunities(&mut self, accounts: &[Value]) {
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
}
