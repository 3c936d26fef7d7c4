//! Invoices: numbers that a 64-bit float cannot hold, several chosen values, external Ids shared by two.

use rust_decimal::Decimal;

use super::{EPOCH, Seeder, cycle, day};
use crate::org::value::Value;

impl Seeder {
    pub(super) fn invoices(&mut self, accounts: &[Value]) {
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
}
