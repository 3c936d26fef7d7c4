//! Shipments, which another system keeps: more than a page of them, and more of one account's than a page of children.

use super::{Seeder, cycle, day};
use crate::org::value::Value;

/// Of which the first account has all but the last 150.
const SHIPMENTS: usize = 450;

impl Seeder {
    pub(super) fn shipments(&mut self, accounts: &[Value]) {
        for number in 0..SHIPMENTS {
            let account = if number < SHIPMENTS - 150 { 0 } else { number };
            let id = format!("SHP-{number:05}");
            self.add(
                "Shipment__x",
                0,
                &[
                    ("DisplayUrl", Value::text(format!("https://shipments.example/{id}"))),
                    ("ExternalId", Value::text(id)),
                    ("Account__c", accounts.get(account).cloned().unwrap_or(Value::Null)),
                    ("Carrier__c", Value::text(cycle(&["North Freight", "Alpine Rail", "Seaways"], number))),
                    ("Shipped__c", day(0, number)),
                ],
            );
        }
    }
}
