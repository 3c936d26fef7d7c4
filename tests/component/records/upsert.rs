//! Upserting by external Id: one record, whether it was there or not.

use mock_salesforce::ledger::WriteKind;
use salesforce_runtime::bindings::records::RecordKey;
use salesforce_runtime::bindings::types::{Connection, ErrorKind, Outcome};

use crate::calls::{DEFAULTS, PLAIN, upsert};
use crate::fixture::{Fixture, decision, refused};

#[tokio::test]
async fn the_first_creates_and_the_second_updates() {
    let fixture = Fixture::start().await;
    let target = upsert("Invoice_Number__c", "a/b?c ü+%20..", false);
    let first = fixture.save("Invoice__c", &target, r#"{"Amount__c":1.50}"#).await.unwrap();
    let second = fixture.save("Invoice__c", &target, r#"{"Amount__c":2}"#).await.unwrap();
    assert_eq!((first.created, second.created), (true, false));
    assert_eq!((first.id.len(), &first.id), (18, &second.id));
    let found = fixture.values("Invoice__c", &RecordKey::Id(first.id.clone()), &["Amount__c"]).await.unwrap();
    assert_eq!(found.values, r#"{"Amount__c":2}"#);
    assert_eq!(fixture.writes(), [(WriteKind::Create, first.id.clone()), (WriteKind::Update, first.id)]);
}

#[tokio::test]
async fn one_that_may_only_update_creates_nothing() {
    let fixture = Fixture::start().await;
    let error = refused(fixture.save("Invoice__c", &upsert("Invoice_Number__c", "none", true), "{}").await);
    assert_eq!(decision(&error), (ErrorKind::NotFound, Outcome::Rejected, false), "{}", error.message);
    assert_eq!(fixture.writes(), []);
    let there = upsert("Invoice_Number__c", "2026/00001", true);
    assert!(!fixture.save("Invoice__c", &there, r#"{"Amount__c":3}"#).await.unwrap().created);
}

#[tokio::test]
async fn several_matches_are_listed_and_none_is_written() {
    let fixture = Fixture::start().await;
    let error = refused(fixture.save("Invoice__c", &upsert("Legacy_Number__c", "L-0001", false), "{}").await);
    assert_eq!(decision(&error), (ErrorKind::Ambiguous, Outcome::Rejected, false));
    let urls: Vec<String> = serde_json::from_str(&error.detail.unwrap()).unwrap();
    assert_eq!((urls.len(), error.status), (2, Some(300)));
    assert_eq!(fixture.writes(), []);
}

#[tokio::test]
async fn the_oldest_version_that_tells_what_it_did_is_46() {
    let fixture = Fixture::start().await;
    let target = upsert("Invoice_Number__c", "2026/00001", false);
    let fields = r#"{"Amount__c":3}"#.to_owned();
    for (version, accepted) in [("v46.0", true), ("v45.0", false)] {
        let connection = Connection { api_version: Some(version.to_owned()), ..fixture.connection.clone() };
        let execution = fixture.execution();
        let saved =
            execution.create_or_update_record(&connection, "Invoice__c", &target, &fields, &PLAIN, DEFAULTS).await;
        if accepted {
            assert!(!saved.unwrap().created);
        } else {
            assert_eq!(decision(&refused(saved)), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
        }
    }
}
