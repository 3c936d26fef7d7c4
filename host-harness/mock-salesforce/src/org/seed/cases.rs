//! Cases, their descriptions with line breaks and tabs.

use super::{SECOND_WORDS, Seeder, cycle};
use crate::org::value::Value;

impl Seeder {
    pub(super) fn cases(&mut self, accounts: &[Value]) {
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
}
