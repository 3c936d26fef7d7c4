//! How a save goes beside its fields: assignment rules, duplicate rules, conditions.

use mock_salesforce::org;
use salesforce_runtime::bindings::records::{AssignmentRule, DuplicateRule, RecordKey, SaveOptions, Target};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::Value;

use crate::calls::{DEFAULTS, PLAIN, upsert};
use crate::fixture::{Fixture, decision, refused};

const TWIN: &str = r#"{"LastName":"Twice","Email":"contact1@example.com"}"#;

fn assigning(rule: AssignmentRule) -> SaveOptions {
    SaveOptions { assignment_rule: Some(rule), ..PLAIN }
}

fn unmodified_since(date: &str) -> SaveOptions {
    SaveOptions { if_unmodified_since: Some(date.to_owned()), ..PLAIN }
}

fn duplicates(allow_save: bool, include_record_details: bool) -> SaveOptions {
    let rule = DuplicateRule { allow_save, include_record_details, run_as_current_user: true };
    SaveOptions { duplicate_rule: Some(rule), ..PLAIN }
}

#[tokio::test]
async fn an_urgent_case_is_assigned_unless_the_caller_says_otherwise() {
    let fixture = Fixture::start().await;
    let rule = org::case_assignment_rule().unwrap().to_string();
    for (save, owner, header) in [
        (PLAIN, "Support Lead", None),
        (assigning(AssignmentRule::Off), "Ada Lindqvist", Some("FALSE".to_owned())),
        (assigning(AssignmentRule::Rule(rule.clone())), "Support Lead", Some(rule)),
    ] {
        let fields = r#"{"Subject":"s","Priority":"High"}"#;
        let saved = fixture.save_with("Case", &Target::Create, fields, &save, DEFAULTS).await.unwrap();
        assert_eq!(fixture.sent_header("sforce-auto-assign"), header);
        let found = fixture.values("Case", &RecordKey::Id(saved.id), &["Owner.Name"]).await.unwrap();
        assert_eq!(found.values, format!(r#"{{"Owner.Name":"{owner}"}}"#));
    }
}

#[tokio::test]
async fn an_assignment_rule_that_is_none_is_refused() {
    let fixture = Fixture::start().await;
    for (rule, kind, outcome) in [
        ("01Q5g0000000000", ErrorKind::InvalidRecord, Outcome::Rejected),
        ("TRUE\r\nx: y", ErrorKind::InvalidArgument, Outcome::NotSent),
    ] {
        let save = assigning(AssignmentRule::Rule(rule.to_owned()));
        let error = refused(fixture.save_with("Case", &Target::Create, "{}", &save, DEFAULTS).await);
        assert_eq!(decision(&error), (kind, outcome, false));
    }
    assert_eq!(fixture.writes(), []);
}

#[tokio::test]
async fn the_duplicate_rule_tells_its_matches() {
    let fixture = Fixture::start().await;
    for (save, fields) in [(PLAIN, false), (duplicates(false, false), false), (duplicates(false, true), true)] {
        let error = refused(fixture.save_with("Contact", &Target::Create, TWIN, &save, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::Duplicate, Outcome::Rejected, false));
        assert_eq!((error.problems[0].code.as_str(), error.status), ("DUPLICATES_DETECTED", Some(400)));
        let detail: Value = serde_json::from_str(&error.detail.unwrap()).unwrap();
        let found = &detail["matchResults"][0]["matchRecords"][0]["record"];
        assert!(found["Id"].as_str().unwrap().starts_with("003"));
        assert_eq!(found.get("Email").is_some(), fields);
    }
    assert_eq!(fixture.writes(), []);
}

#[tokio::test]
async fn a_rule_that_only_alerts_can_be_overridden() {
    let fixture = Fixture::start().await;
    let saved = fixture.save_with("Contact", &Target::Create, TWIN, &duplicates(true, false), DEFAULTS).await.unwrap();
    assert!(saved.created);
    let expected = "allowSave=true; includeRecordDetails=false; runAsCurrentUser=true";
    assert_eq!(fixture.sent_header("sforce-duplicate-rule-header").as_deref(), Some(expected));
}

#[tokio::test]
async fn a_record_that_changed_meanwhile_is_not_overwritten() {
    let fixture = Fixture::start().await;
    let id = fixture.new_account().await;
    let update = Target::Update(id.clone());
    let (old, late) = ("Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT");
    let fields = r#"{"Name":"B"}"#;
    let error = refused(fixture.save_with("Account", &update, fields, &unmodified_since(old), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::PreconditionFailed, Outcome::Rejected, false));
    assert_eq!((error.status, fixture.writes().len()), (Some(412), 1));
    fixture.save_with("Account", &update, fields, &unmodified_since(late), DEFAULTS).await.unwrap();
    let found = fixture.values("Account", &RecordKey::Id(id), &["Name"]).await.unwrap();
    assert_eq!(found.values, r#"{"Name":"B"}"#);
}

#[tokio::test]
async fn a_condition_that_cannot_be_one_is_not_sent() {
    let fixture = Fixture::start().await;
    let update = || Target::Update("0015g0000000000".to_owned());
    for (target, date) in [
        (update(), "yesterday"),
        (update(), "2026-11-24T09:30:00Z"),
        (update(), "Tue, 24 Nov 2026 09:30:00 GMT\r\nx: y"),
        (upsert("Invoice_Number__c", "x", false), ""),
        (Target::Create, "Tue, 24 Nov 2026 09:30:00 GMT"),
    ] {
        let error = refused(fixture.save_with("Account", &target, "{}", &unmodified_since(date), DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{date:?}");
    }
    assert_eq!(fixture.requests(), 0);
}
