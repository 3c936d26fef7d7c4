//! Get record field values: exactly what was asked for.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::records::RecordKey;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::json;

use crate::calls::by;
use crate::fixture::{ACCOUNTS, Fixture, decision, refused};

fn acme() -> RecordKey {
    by("ERP_Id__c", "ERP-000000")
}

#[tokio::test]
async fn exactly_the_fields_asked_for_come_in_their_order() {
    let fixture = Fixture::start().await;
    for (fields, expected) in [
        (
            &["AnnualRevenue", "Name", "ParentId"][..],
            r#"{"AnnualRevenue":9007199254740993,"Name":"Acme Corporation","ParentId":null}"#,
        ),
        (
            &["Owner.Name", "Parent.Name", "Name"],
            r#"{"Owner.Name":"Ada Lindqvist","Parent.Name":null,"Name":"Acme Corporation"}"#,
        ),
        (&["Parent.Owner.Manager.Name"], r#"{"Parent.Owner.Manager.Name":null}"#),
        (&["Owner.Manager.Name", "AnnualRevenue"], r#"{"Owner.Manager.Name":null,"AnnualRevenue":9007199254740993}"#),
    ] {
        let found = fixture.values("Account", &acme(), fields).await.unwrap();
        assert_eq!(found.values, expected);
        assert!(found.usage.is_some());
    }
}

#[tokio::test]
async fn fields_are_keyed_as_they_were_asked_for() {
    let fixture = Fixture::start().await;
    let found = fixture.values("account", &by("erp_id__C", "ERP-000000"), &["NAME", "owner.NAME"]).await.unwrap();
    assert_eq!(found.values, r#"{"NAME":"Acme Corporation","owner.NAME":"Ada Lindqvist"}"#);
}

#[tokio::test]
async fn an_id_of_15_characters_is_as_good_as_one_of_18() {
    let fixture = Fixture::start().await;
    let id = fixture.new_account().await;
    assert_eq!(id.len(), 18);
    for key in [&id, &id[..15]] {
        let found = fixture.values("Account", &RecordKey::Id(key.to_owned()), &["Id", "Name"]).await.unwrap();
        assert_eq!(found.values, format!(r#"{{"Id":"{id}","Name":"Once"}}"#));
    }
    let wrong = RecordKey::Id(format!("{}XXX", &id[..15]));
    let error = refused(fixture.values("Account", &wrong, &["Id"]).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
}

#[tokio::test]
async fn what_is_not_there_is_told_apart() {
    let fixture = Fixture::start().await;
    let gone = fixture.deleted_account().await;
    let gone = || RecordKey::Id(gone.clone());
    let unknown = || by("ERP_Id__c", "none");
    let never = || RecordKey::Id("0015g00000zzzzz".to_owned());
    let two = || by("Legacy_Number__c", "L-0001");
    for (object, key, field, kind) in [
        ("Account", gone(), "Name", ErrorKind::Deleted),
        ("Account", gone(), "Owner.Name", ErrorKind::Deleted),
        ("Account", never(), "Name", ErrorKind::NotFound),
        ("Account", never(), "Owner.Name", ErrorKind::NotFound),
        ("Account", unknown(), "Name", ErrorKind::NotFound),
        ("Account", unknown(), "Owner.Name", ErrorKind::NotFound),
        ("Account", by("Name", "Acme Corporation"), "Name", ErrorKind::NotFound),
        ("Nope__c", gone(), "Name", ErrorKind::NotFound),
        ("Account", acme(), "Nope__c", ErrorKind::InvalidQuery),
        ("Account", acme(), "Owner.Nope__c", ErrorKind::InvalidQuery),
        ("Account", acme(), "Nope__r.Name", ErrorKind::InvalidQuery),
        ("Invoice__c", two(), "Name", ErrorKind::Ambiguous),
        ("Invoice__c", two(), "Owner.Name", ErrorKind::Ambiguous),
    ] {
        let error = refused(fixture.values(object, &key, &[field]).await);
        assert_eq!(decision(&error), (kind, Outcome::Rejected, false), "{object} {key:?} {field}: {}", error.message);
        assert!(error.status.is_some() && error.request_id.is_some());
    }
}

#[tokio::test]
async fn several_matches_are_listed() {
    let fixture = Fixture::start().await;
    let error = refused(fixture.values("Invoice__c", &by("Legacy_Number__c", "L-0001"), &["Name"]).await);
    let urls: Vec<String> = serde_json::from_str(&error.detail.unwrap()).unwrap();
    assert_eq!((urls.len(), error.status), (2, Some(300)));
    assert!(urls.iter().all(|url| url.starts_with("/services/data/v67.0/sobjects/Invoice__c/a00")), "{urls:?}");
}

#[tokio::test]
async fn a_field_that_is_missing_in_the_answer_is_not_null() {
    for answer in [json!({"Name": "A"}), json!({}), json!([])] {
        let fixture = Fixture::meeting(ACCOUNTS, Fault::json(200, &answer)).await;
        let error = refused(fixture.values("Account", &acme(), &["Name", "Phone"]).await);
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{answer}");
    }
    let fixture = Fixture::meeting(ACCOUNTS, Fault::json(200, &json!({"Name": "A", "Phone": null}))).await;
    let found = fixture.values("Account", &acme(), &["Name", "Phone"]).await.unwrap();
    assert_eq!(found.values, r#"{"Name":"A","Phone":null}"#);
}

#[tokio::test]
async fn names_that_cannot_be_names_are_not_sent() {
    let fixture = Fixture::start().await;
    let many: Vec<String> = (0..501).map(|number| format!("F{number}__c")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (object, key, fields) in [
        ("Account/../User", acme(), &["Name"][..]),
        ("Account?x", acme(), &["Name"]),
        ("Acc%6funt", acme(), &["Name"]),
        ("Account\0", acme(), &["Name"]),
        ("Äccount", acme(), &["Name"]),
        ("", acme(), &["Name"]),
        ("Account", by("ERP_Id__c/x", "1"), &["Name"]),
        ("Account", by("ERP_Id__c", ""), &["Name"]),
        ("Account", by("ERP_Id__c", "a\r\nb"), &["Name"]),
        ("Account", RecordKey::Id("../x".to_owned()), &["Name"]),
        ("Account", acme(), &["Na me"]),
        ("Account", acme(), &["Name,Phone"]),
        ("Account", acme(), &["Owner..Name"]),
        ("Account", acme(), &["A.B.C.D.E.F.G"]),
        ("Account", acme(), &["Name", "name"]),
        ("Account", acme(), &[]),
        ("Account", acme(), &many),
    ] {
        let error = refused(fixture.values(object, &key, fields).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{object} {key:?}");
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn an_answer_that_is_no_record_at_all_is_not_a_record_of_nulls() {
    let fixture = Fixture::meeting(ACCOUNTS, Fault::json(200, &json!(null))).await;
    let error = refused(fixture.values("Account", &acme(), &["Name"]).await);
    assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)));
}
