//! Creating a record: once, as it was given, or not at all.

use mock_salesforce::Fault;
use mock_salesforce::ledger::WriteKind;
use salesforce_runtime::bindings::records::{RecordKey, Target};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::{Value, json};

use crate::calls::DEFAULTS;
use crate::fixture::{ACCOUNTS, Fixture, decision, refused};

#[tokio::test]
async fn a_record_is_created_once_with_what_was_given() {
    let fixture = Fixture::start().await;
    let fields = r#" {"Name" : "Été \"1\" \ud83d\ude80", "AnnualRevenue":123456789012345678,"Phone":null}"#;
    let saved = fixture.save("Account", &Target::Create, fields).await.unwrap();
    assert!(saved.created && saved.id.len() == 18 && saved.usage.is_some());
    assert_eq!(fixture.writes(), [(WriteKind::Create, saved.id.clone())]);
    assert_eq!((fixture.requests(), fixture.mock.ledger().requests("POST", ACCOUNTS)), (1, 1));
    let found = fixture.values("Account", &RecordKey::Id(saved.id), &["Name", "AnnualRevenue"]).await.unwrap();
    assert_eq!(found.values, r#"{"Name":"Été \"1\" 🚀","AnnualRevenue":123456789012345678}"#);
}

#[tokio::test]
async fn fields_pass_through_to_the_letter() {
    let fixture = Fixture::start().await;
    let fields = r#"{"Name":"\u00e9", "AnnualRevenue" : 1.0, "Description":"a\/b"}"#;
    fixture.save("Account", &Target::Create, fields).await.unwrap();
    let ledger = fixture.mock.ledger();
    assert_eq!(ledger.entries().next().unwrap().body.as_deref(), Some(fields));
}

/// The component looks at 64 bytes at once, with instructions that a test of the core does not have.
#[tokio::test]
async fn json_is_read_to_the_letter_wherever_its_strings_end() {
    let fixture = Fixture::start().await;
    for length in 0..=130 {
        let text = "x".repeat(length);
        let fields = format!(r#"{{"Name":"A","Description":"{text}\"é","Website":"{text}"}}"#);
        fixture.save("Account", &Target::Create, &fields).await.unwrap();
        assert_eq!(fixture.mock.ledger().entries().last().unwrap().body.as_deref(), Some(&*fields));
        for wrong in ["\u{1f}", "\u{0}", "\n", "\"", "\\", "\\x"] {
            let fields = format!(r#"{{"Name":"A","Description":"{text}{wrong}","Website":"{text}"}}"#);
            let error = refused(fixture.save("Account", &Target::Create, &fields).await);
            assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{fields:?}");
        }
    }
    assert_eq!(fixture.requests(), 131);
}

#[tokio::test]
async fn a_refused_record_says_which_field_is_wrong_and_changes_nothing() {
    let fixture = Fixture::start().await;
    let count = || fixture.mock.org(|org| (org.count("Invoice__c"), org.count("Account")));
    let before = count();
    for (object, fields, code, wrong) in [
        ("Invoice__c", json!({"Amount__c": -1}), "FIELD_CUSTOM_VALIDATION_EXCEPTION", &["Amount__c"][..]),
        ("Account", json!({}), "REQUIRED_FIELD_MISSING", &["Name"]),
        ("Account", json!({"Name": "x".repeat(256)}), "STRING_TOO_LONG", &["Name"]),
        ("Invoice__c", json!({"Nope__c": 1}), "INVALID_FIELD", &[]),
        ("Invoice__c", json!({"Status__c": "Nope"}), "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", &["Status__c"]),
        ("Account", json!({"Name": "A", "IsDeleted": true}), "INVALID_FIELD_FOR_INSERT_UPDATE", &["IsDeleted"]),
    ] {
        let error = refused(fixture.save(object, &Target::Create, &fields.to_string()).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidRecord, Outcome::Rejected, false), "{}", error.message);
        assert_eq!((error.problems[0].code.as_str(), error.status), (code, Some(400)));
        assert_eq!(error.problems[0].fields, wrong, "{code}");
        assert!(error.request_id.is_some());
    }
    assert_eq!(count(), before);
    assert_eq!(fixture.writes(), []);
}

#[tokio::test]
async fn a_value_that_must_be_unique_is_a_duplicate() {
    let fixture = Fixture::start().await;
    let error = refused(fixture.save("Invoice__c", &Target::Create, r#"{"Invoice_Number__c":"2026/00001"}"#).await);
    assert_eq!(decision(&error), (ErrorKind::Duplicate, Outcome::Rejected, false));
    assert_eq!(error.problems[0].code, "DUPLICATE_VALUE");
}

#[tokio::test]
async fn an_object_that_is_not_there_is_not_found() {
    let fixture = Fixture::start().await;
    let error = refused(fixture.save("Nope__c", &Target::Create, "{}").await);
    assert_eq!(decision(&error), (ErrorKind::NotFound, Outcome::Rejected, false));
}

#[tokio::test]
async fn fields_that_are_no_json_object_are_not_sent() {
    let fixture = Fixture::start().await;
    for fields in ["", "[]", "{", "{}{}", "null", "\"{}\"", "{\"a\":NaN}", "{'a':1}", "{\"a\":\"\n\"}", "\u{feff}{}"] {
        let error = refused(fixture.save("Account", &Target::Create, fields).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{fields}");
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn a_field_that_comes_twice_is_not_sent() {
    let fixture = Fixture::start().await;
    for fields in [r#"{"Name":"x","Name":"y"}"#, r#"{"Name":"x","Phone":"1","n\u0061me":null}"#] {
        let error = refused(fixture.save("Account", &Target::Create, fields).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{fields}");
        assert!(
            error.message.eq_ignore_ascii_case("fields: expected Name once, but it came twice"),
            "{}",
            error.message
        );
    }
    assert_eq!(fixture.requests(), 0);
    // In an object inside, it is another object's field.
    let fields = r#"{"Subject":"x","Account":{"Subject":"y"}}"#;
    assert_ne!(refused(fixture.save("Case", &Target::Create, fields).await).outcome, Outcome::NotSent);
}

#[tokio::test]
async fn an_answer_that_does_not_tell_the_id_leaves_it_open_what_happened() {
    let id = "0015g00000000Gx";
    for (status, answer) in [
        (200, json!({"id": id, "success": true, "errors": []})),
        (201, json!({"success": true, "errors": []})),
        (201, json!({"id": "../x", "success": true, "errors": []})),
        (201, json!({"id": id, "success": false, "errors": []})),
        (201, json!({"id": id})),
        (201, json!([])),
        (202, Value::Null),
    ] {
        let fixture = Fixture::meeting(ACCOUNTS, Fault::json(status, &answer)).await;
        let error = fixture.create_error(DEFAULTS).await;
        assert_eq!(decision(&error), (ErrorKind::InvalidResponse, Outcome::Unknown, false), "{status} {answer}");
        assert_eq!((error.status, fixture.requests()), (Some(status), 1));
    }
    let error = Fixture::meeting(ACCOUNTS, Fault::status(204, &[])).await.create_error(DEFAULTS).await;
    assert_eq!(decision(&error), (ErrorKind::InvalidResponse, Outcome::Unknown, false));
}
