//! Deleting a record: what is gone stays gone, and nothing else goes.

use mock_salesforce::Fault;
use mock_salesforce::ledger::WriteKind;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use serde_json::{Value, json};

use crate::calls::DEFAULTS;
use crate::fixture::{ACCOUNTS, Fixture, decision, refused};

const TWICE: CallOptions = CallOptions { attempts: Some(2), ..DEFAULTS };

fn by_id(id: &str) -> Value {
    json!({"object": "Account", "key": {"id": id}})
}

fn by_erp(value: &str) -> Value {
    json!({"object": "Account", "key": {"external_id": {"field": "ERP_Id__c", "value": value}}})
}

/// An account with this external Id.
async fn account(fixture: &Fixture, erp: &str) -> String {
    let create = json!({"object": "Account", "target": "create", "fields": {"Name": "Gone", "ERP_Id__c": erp}});
    let saved = fixture.act("create-or-update-record", &create, DEFAULTS).await.unwrap();
    let id = saved["id"].as_str().unwrap().to_owned();
    fixture.told.created("Account", &id);
    id
}

fn deletes(fixture: &Fixture) -> usize {
    fixture.writes().iter().filter(|(kind, _)| *kind == WriteKind::Delete).count()
}

#[tokio::test]
async fn a_record_is_deleted_by_id_and_by_external_id() {
    let fixture = Fixture::start().await;
    let (one, _) = (account(&fixture, "one").await, account(&fixture, "two/ü%").await);
    for input in [by_id(&one), by_erp("two/ü%")] {
        let deleted = fixture.act("delete-record", &input, DEFAULTS).await.unwrap();
        assert_eq!(deleted["already_deleted"], false);
    }
    assert_eq!(deletes(&fixture), 2);
}

#[tokio::test]
async fn what_is_gone_or_was_never_there_is_told_apart() {
    let fixture = Fixture::start().await;
    let gone = fixture.deleted_account().await;
    for (input, kind) in [
        (by_id(&gone), ErrorKind::Deleted),
        (by_id("0015g00000zzzzz"), ErrorKind::NotFound),
        (by_erp("nobody"), ErrorKind::NotFound),
    ] {
        let error = refused(fixture.act("delete-record", &input, TWICE).await);
        assert_eq!(decision(&error), (kind, Outcome::Rejected, false), "{input}");
    }
    let error = refused(fixture.act("delete-record", &by_id("x"), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
}

#[tokio::test]
async fn a_repeat_after_a_lost_answer_that_finds_it_gone_is_a_success() {
    let fixture = Fixture::start().await;
    for input in [by_id(&account(&fixture, "lost").await), {
        account(&fixture, "lost too").await;
        by_erp("lost too")
    }] {
        let before = deletes(&fixture);
        if input["key"]["id"].is_string() {
            fixture.fault(ACCOUNTS, Fault::ResetAfterWork);
        } else {
            // The first request reads the Id.
            fixture.mock.push_fault(mock_salesforce::Matcher::under(ACCOUNTS).method("DELETE"), Fault::ResetAfterWork);
        }
        let deleted = fixture.act("delete-record", &input, TWICE).await.unwrap();
        assert_eq!((deleted["already_deleted"].clone(), deletes(&fixture)), (json!(true), before + 1), "{input}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_where_the_caller_allows_no_repeat() {
    let fixture = Fixture::start().await;
    account(&fixture, "by value").await;
    for input in [by_id(&account(&fixture, "by id").await), by_erp("by value")] {
        fixture.fault(ACCOUNTS, Fault::ResetAfterWork);
        let error = refused(fixture.act("delete-record", &input, DEFAULTS).await);
        assert_eq!((error.kind, error.outcome), (ErrorKind::Interrupted, Outcome::Unknown), "{input}");
    }
    assert_eq!(deletes(&fixture), 2);
}

#[tokio::test]
async fn a_repeat_deletes_no_record_that_took_the_value_meanwhile() {
    let fixture = Fixture::start().await;
    let first = account(&fixture, "taken").await;
    fixture.mock.push_fault(mock_salesforce::Matcher::under(ACCOUNTS).method("DELETE"), Fault::ResetAfterWork);
    fixture.act("delete-record", &by_erp("taken"), TWICE).await.unwrap();
    let second = account(&fixture, "taken").await;
    let gone: Vec<_> = fixture.writes().into_iter().filter(|(kind, _)| *kind == WriteKind::Delete).collect();
    assert_eq!(gone, [(WriteKind::Delete, first)]);
    let values = json!({"object": "Account", "key": {"id": second}, "fields": ["ERP_Id__c"]});
    let found = fixture.act("get-record-field-values", &values, DEFAULTS).await.unwrap();
    assert_eq!(found["values"]["ERP_Id__c"], "taken");
}
