//! Changes: what polls hand out, and what spans of time tell.

mod poll;
mod span;

use std::time::Duration;

use mock_salesforce::MockSalesforce;
use mock_salesforce::org::Record;
use serde_json::{Value, json};

use crate::fixture::{Fixture, app};

/// When the mock's clock stands still.
const NOON: &str = "2026-06-15T12:00:00Z";

async fn fixture() -> Fixture {
    Fixture::of(MockSalesforce::builder().clock_standing_at(NOON.parse().unwrap()), app()).await
}

fn record(fields: Value) -> Record {
    let Value::Object(record) = fields else { panic!("an object") };
    record
}

impl Fixture {
    /// Adds an account as a transaction does that ends now and wrote it so long ago.
    fn add_late(&self, name: &str, seconds: u64) -> String {
        let written = self.mock.now() - Duration::from_secs(seconds);
        self.mock.org(|org| {
            org.set_now(written);
            org.add_record("Account", &record(json!({"Name": name}))).unwrap()
        })
    }

    fn pass(&self, seconds: u64) {
        self.mock.advance_clock(Duration::from_secs(seconds).try_into().unwrap());
    }
}
