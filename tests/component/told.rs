//! What callers were told of their writes, held against what the org did.

use std::sync::Mutex;

use mock_salesforce::Ledger;
use mock_salesforce::ledger::WriteKind;
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::records::{Saved, Target};
use salesforce_runtime::bindings::types::Outcome;

use crate::calls::{DEFAULTS, PLAIN};
use crate::fixture::Fixture;

/// All writes of one test that may have made a record.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<Vec<Write>>);

#[derive(Debug)]
struct Write {
    object: String,
    end: End,
}

#[derive(Debug)]
enum End {
    /// Made: this record.
    Created(String),
    /// Nothing was made.
    Nothing,
    /// Something may have been made.
    Unknown,
}

impl Told {
    /// Remembers how a write ended for its caller.
    pub(crate) fn record(&self, object: &str, target: &Target, result: &Result<Saved, ExecutionError>) {
        let outcome = result.as_ref().err().map(ExecutionError::outcome);
        let end = match (result, outcome, target) {
            (Ok(saved), ..) if saved.created => End::Created(saved.id.clone()),
            (_, Some(Outcome::Unknown), Target::Create | Target::Upsert(_)) => End::Unknown,
            // It was there, or an earlier attempt of this call, whose answer was lost, has made it.
            (Ok(_), _, Target::Upsert(_)) => End::Unknown,
            _ => End::Nothing,
        };
        self.0.lock().unwrap().push(Write { object: object.to_owned(), end });
    }

    /// Remembers that a caller was told of a new record.
    pub(crate) fn created(&self, object: &str, id: &str) {
        self.0.lock().unwrap().push(Write { object: object.to_owned(), end: End::Created(id.to_owned()) });
    }

    /// Remembers that a caller was told that nobody knows whether a record was made.
    pub(crate) fn unknown(&self, object: &str) {
        self.0.lock().unwrap().push(Write { object: object.to_owned(), end: End::Unknown });
    }

    /// Every record that was made is known to a caller, or to one who was told that nobody knows; and what a caller was
    /// told to be made was made once.
    pub(crate) fn assert_agrees_with(&self, ledger: &Ledger) {
        let told = self.0.lock().unwrap();
        let made: Vec<_> = ledger.writes().filter(|write| write.kind == WriteKind::Create).collect();
        for write in told.iter() {
            if let End::Created(id) = &write.end {
                let times = made.iter().filter(|write| write.id == *id).count();
                assert_eq!(times, 1, "{id} was told to be created; told: {told:?}, made: {made:?}");
            }
        }
        for object in made.iter().map(|write| write.object.as_str()) {
            let of = |object: &str, wanted: fn(&End) -> bool| {
                told.iter().filter(|write| write.object.eq_ignore_ascii_case(object) && wanted(&write.end)).count()
            };
            let created = of(object, |end| matches!(end, End::Created(_)));
            let unknown = of(object, |end| matches!(end, End::Unknown));
            let times = made.iter().filter(|write| write.object == object).count();
            assert!(
                (created..=created + unknown).contains(&times),
                "{times} of {object} were made; told: {told:?}, made: {made:?}"
            );
        }
    }
}

#[tokio::test]
#[should_panic(expected = "1 of Account were made")]
async fn a_record_that_no_caller_was_told_of_is_found() {
    let fixture = Fixture::start().await;
    let (execution, fields) = (fixture.execution(), r#"{"Name":"Untold"}"#.to_owned());
    let create =
        execution.create_or_update_record(&fixture.connection, "Account", &Target::Create, &fields, &PLAIN, DEFAULTS);
    create.await.unwrap();
}
