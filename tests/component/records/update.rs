//! Updating a record by its Id: idempotent, so it may be repeated once, if the caller says so.

use mock_salesforce::Fault;
use mock_salesforce::ledger::WriteKind;
use salesforce_runtime::bindings::records::{RecordKey, SaveOptions, Target};
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};

use crate::calls::{DEFAULTS, PLAIN};
use crate::fixture::{ACCOUNTS, Fixture, decision, refused};

const FIELDS: &str = r#"{"Phone":"+49 30 1"}"#;

#[tokio::test]
async fn an_update_changes_what_was_given_and_nothing_else() {
    let fixture = Fixture::start().await;
    let id = fixture.new_account().await;
    for key in [&id, &id[..15]] {
        let saved = fixture.save("Account", &Target::Update(key.to_owned()), FIELDS).await.unwrap();
        assert_eq!((&saved.id, saved.created), (&id, false));
        assert!(saved.usage.is_some());
    }
    let found = fixture.values("Account", &RecordKey::Id(id.clone()), &["Name", "Phone"]).await.unwrap();
    assert_eq!(found.values, r#"{"Name":"Once","Phone":"+49 30 1"}"#);
    let update = (WriteKind::Update, id.clone());
    assert_eq!(fixture.writes(), [(WriteKind::Create, id), update.clone(), update]);
}

#[tokio::test]
async fn an_unset_field_becomes_null() {
    let fixture = Fixture::start().await;
    let id = fixture.new_account().await;
    for fields in [FIELDS, r#"{"Phone":null}"#] {
        fixture.save("Account", &Target::Update(id.clone()), fields).await.unwrap();
    }
    let found = fixture.values("Account", &RecordKey::Id(id), &["Phone"]).await.unwrap();
    assert_eq!(found.values, r#"{"Phone":null}"#);
}

#[tokio::test]
async fn what_is_not_there_is_not_updated() {
    let fixture = Fixture::start().await;
    let gone = fixture.deleted_account().await;
    for (id, kind) in [(gone, ErrorKind::Deleted), ("0015g00000zzzzz".to_owned(), ErrorKind::NotFound)] {
        let error = refused(fixture.save("Account", &Target::Update(id), FIELDS).await);
        assert_eq!(decision(&error), (kind, Outcome::Rejected, false));
    }
    let error = refused(fixture.save("Account", &Target::Update("x".to_owned()), FIELDS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
}

#[tokio::test]
async fn a_conditional_update_is_never_repeated() {
    let fixture = Fixture::start().await;
    let id = fixture.new_account().await;
    fixture.fault(ACCOUNTS, Fault::ResetAfterWork);
    let since = SaveOptions { if_unmodified_since: Some("Fri, 01 Jan 2100 00:00:00 GMT".to_owned()), ..PLAIN };
    let twice = CallOptions { attempts: Some(2), ..DEFAULTS };
    let error = refused(fixture.save_with("Account", &Target::Update(id.clone()), FIELDS, &since, twice).await);
    assert_eq!((error.kind, error.outcome), (ErrorKind::Interrupted, Outcome::Unknown));
    assert_eq!(fixture.mock.ledger().requests("PATCH", &format!("{ACCOUNTS}/{id}")), 1);
}
