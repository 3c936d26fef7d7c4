//! `get-record-field-values` and `create-or-update-record`.

use mock_salesforce::{Fault, Matcher, org};
use serde_json::{Value, json};

use crate::fixture::Org;

const SAVE: &str = "create-or-update-record";

fn id(org: &Org, saved: &Value) -> String {
    assert!(saved["usage"]["used"].is_u64(), "{saved}");
    let id = saved["id"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 18);
    assert!(org.mock.ledger().writes().any(|write| write.id == id));
    id
}

fn values(org: &Org, object: &str, id: &str, fields: &str) -> Value {
    org.run(&["get-record-field-values", object, "--id", id, "--fields", fields]).done()["values"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn field_values_are_exactly_those_asked_for() {
    let org = Org::connected().await;
    let by = ["--external-id", "ERP_Id__c=ERP-000000", "--fields", "Id,Name,Owner.Name,Parent.Name,AnnualRevenue"];
    let run = org.run(&[&["get-record-field-values", "Account"], &by[..]].concat());
    let found = run.done()["values"].clone();
    let id = found["Id"].as_str().unwrap();
    let expected = format!(
        r#"{{"values":{{"Id":"{id}","Name":"Acme Corporation","Owner.Name":"Ada Lindqvist","Parent.Name":null,"AnnualRevenue":9007199254740993}}"#
    );
    assert!(run.stdout.starts_with(&expected), "{}", run.stdout);
    assert_eq!(values(&org, "Account", id, "Name"), json!({"Name": "Acme Corporation"}));
    assert_eq!(values(&org, "Account", &id[..15], "Name"), json!({"Name": "Acme Corporation"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_come_from_an_argument_a_file_or_standard_input() {
    let org = Org::connected().await;
    let fields = r#"{"Name":"O'Reilly & Söhne","AnnualRevenue":123456789012345678}"#;
    let file = org.file("account.json", fields);
    let runs = [
        org.run(&[SAVE, "Account", "--create", "--fields", fields]),
        org.run(&[SAVE, "Account", "--create", "--fields-file", file.to_str().unwrap()]),
        org.run_with_input(&[SAVE, "Account", "--create", "--fields-file", "-"], fields),
    ];
    for run in runs {
        let saved = run.done();
        assert_eq!(saved["created"], json!(true));
        let values = values(&org, "Account", &id(&org, &saved), "Name,AnnualRevenue");
        assert_eq!(values.to_string(), r#"{"Name":"O'Reilly & Söhne","AnnualRevenue":123456789012345678}"#);
    }
    assert_eq!(org.mock.ledger().creates("Account"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_created_updated_and_upserted() {
    let org = Org::connected().await;
    let created = org.run(&[SAVE, "Account", "--create", "--fields", r#"{"Name":"First","Phone":"1"}"#]).done();
    let account = id(&org, &created);
    let updated = org.run(&[SAVE, "Account", "--update", &account, "--fields", r#"{"Phone":null}"#]).done();
    assert_eq!((&updated["id"], &updated["created"]), (&json!(account), &json!(false)));
    assert_eq!(values(&org, "Account", &account, "Name,Phone"), json!({"Name": "First", "Phone": null}));

    let key = ["--upsert", "Invoice_Number__c=2026/1 ?ü+%=1"];
    let upsert = |fields: &str| org.run(&[&[SAVE, "Invoice__c", "--fields", fields], &key[..]].concat()).done();
    let (first, second) = (upsert(r#"{"Amount__c":1.50}"#), upsert(r#"{"Status__c":"Sent"}"#));
    assert_eq!((&first["created"], &second["created"]), (&json!(true), &json!(false)));
    assert_eq!(first["id"], second["id"]);
    let stored = values(&org, "Invoice__c", &id(&org, &first), "Invoice_Number__c,Status__c");
    assert_eq!(stored, json!({"Invoice_Number__c": "2026/1 ?ü+%=1", "Status__c": "Sent"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn update_only_creates_nothing() {
    let org = Org::connected().await;
    let key = ["--upsert", "Invoice_Number__c=NEW-1", "--update-only"];
    let run = org.run(&[&[SAVE, "Invoice__c", "--fields", "{}"], &key[..]].concat());
    assert!(run.failed(4).contains("not-found"), "{run:?}");
    assert_eq!(org.mock.ledger().writes().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_name_the_fields_and_have_their_own_codes() {
    let org = Org::connected().await;
    let cases: [(&[&str], i32, &str); 7] = [
        (&["Invoice__c", "--create", "--fields", r#"{"Amount__c":-1}"#], 5, "Amount__c"),
        (&["Account", "--create", "--fields", r#"{"Nam":"x"}"#], 5, "Nam"),
        (&["Account", "--create", "--fields", "{}"], 5, "REQUIRED_FIELD_MISSING"),
        (&["Nothing__c", "--create", "--fields", "{}"], 4, "not-found"),
        (&["Account", "--update", "001000000000001AAA", "--fields", "{}"], 4, "not-found"),
        (&["Invoice__c", "--upsert", "Legacy_Number__c=L-0001", "--fields", "{}"], 4, "ambiguous"),
        (&["Account/../User", "--create", "--fields", "{}"], 2, "invalid-argument"),
    ];
    for (arguments, code, word) in cases {
        let run = org.run(&[&[SAVE], arguments].concat());
        assert!(run.failed(code).contains(word), "{arguments:?}: {run:?}");
    }
    assert_eq!(org.mock.ledger().writes().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn options_of_a_save_reach_salesforce() {
    let org = Org::connected().await;
    let account = id(&org, &org.run(&[SAVE, "Account", "--create", "--fields", r#"{"Name":"Old"}"#]).done());
    let since = ["--if-unmodified-since", "Tue, 01 Jan 2019 00:00:00 GMT"];
    let run = org.run(&[&[SAVE, "Account", "--update", &account, "--fields", "{}"], &since[..]].concat());
    assert!(run.failed(5).contains("precondition-failed"), "{run:?}");

    let rule = format!("rule={}", org::case_assignment_rule().unwrap());
    let case = [SAVE, "Case", "--create", "--fields", r#"{"Subject":"x"}"#];
    for (assignment, sent) in [
        (&["--assignment-rule", "off"][..], Some("FALSE")),
        (&["--assignment-rule", &rule], rule.strip_prefix("rule=")),
        (&[], None),
    ] {
        org.run(&[&case[..], assignment].concat()).done();
        assert_eq!(last_header(&org, "sforce-auto-assign").as_deref(), sent);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_flag_of_the_duplicate_rule_reaches_salesforce() {
    let org = Org::connected().await;
    let case = [SAVE, "Case", "--create", "--fields", r#"{"Subject":"x"}"#];
    for (flags, sent) in [
        (&["--allow-save"][..], Some("allowSave=true; includeRecordDetails=false; runAsCurrentUser=false")),
        (&["--include-record-details"], Some("allowSave=false; includeRecordDetails=true; runAsCurrentUser=false")),
        (&["--run-as-current-user"], Some("allowSave=false; includeRecordDetails=false; runAsCurrentUser=true")),
        (
            &["--run-as-current-user", "--allow-save"],
            Some("allowSave=true; includeRecordDetails=false; runAsCurrentUser=true"),
        ),
        (&[], None),
    ] {
        org.run(&[&case[..], flags].concat()).done();
        assert_eq!(last_header(&org, "sforce-duplicate-rule-header").as_deref(), sent, "{flags:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_is_told_with_its_fields_if_they_were_asked_for() {
    let org = Org::connected().await;
    let fields = r#"{"LastName":"Twice","Email":"contact1@example.com"}"#;
    let twin = ["--json", SAVE, "Contact", "--create", "--fields", fields];
    for (flags, has_fields) in [(&["--include-record-details"][..], true), (&[], false)] {
        let run = org.run(&[&twin[..], flags].concat());
        let told: Value = serde_json::from_str(&run.stderr).unwrap_or_else(|error| panic!("{error}: {run:?}"));
        assert_eq!((run.code, &told["error"]["kind"]), (Some(5), &json!("duplicate")));
        let found = &told["error"]["detail"]["matchResults"][0]["matchRecords"][0]["record"];
        assert!(found["Id"].is_string(), "{run:?}");
        assert_eq!(found.get("Email").is_some(), has_fields, "{run:?}");
    }
    let saved = org.run(&[&twin[1..], &["--allow-save"]].concat()).done();
    assert_eq!(saved["created"], json!(true));
}

/// A header of the last request.
fn last_header(org: &Org, name: &str) -> Option<String> {
    let ledger = org.mock.ledger();
    let last = ledger.entries().next_back().unwrap();
    let found = last.headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_is_lost_has_a_code_of_its_own_and_is_not_repeated() {
    let org = Org::connected().await;
    let create = [SAVE, "Account", "--create", "--fields", r#"{"Name":"Lost"}"#];
    for (arguments, fault) in [
        (&create[..], Fault::CloseAfterWork),
        (&create[..], Fault::ResetAfterWork),
        (&[&create[..], &["--deadline-ms", "300"]].concat(), Fault::HangAfterWork),
    ] {
        let before = org.mock.ledger().creates("Account");
        org.mock.push_fault(Matcher::under("/services/data/").method("POST"), fault);
        let run = org.run(arguments);
        let error = run.failed(9);
        assert!(error.contains("OUTCOME UNKNOWN") && error.contains("before you repeat it"), "{error}");
        assert_eq!(org.mock.ledger().creates("Account"), before + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_can_do_nothing_twice_may_be_made_again_and_the_advice_says_so() {
    let org = Org::connected().await;
    let id = org.run(&[SAVE, "Account", "--create", "--fields", r#"{"Name":"Again"}"#]).done()["id"].clone();
    let id = id.as_str().unwrap();
    for arguments in [
        &[SAVE, "Account", "--update", id, "--fields", r#"{"Name":"Twice"}"#][..],
        &["delete-record", "Account", "--id", id],
    ] {
        org.mock.push_fault(Matcher::under("/services/data/"), Fault::CloseAfterWork);
        let run = org.run(&[&["--json", "--attempts", "1"], arguments].concat());
        assert_eq!(run.code, Some(9), "{run:?}");
        let told: Value = serde_json::from_str(&run.stderr).unwrap();
        let (retryable, advice) = (&told["error"]["retryable"], told["error"]["advice"].as_str().unwrap());
        assert_eq!((retryable, advice), (&json!(true), "Make the same call again: it can do nothing twice."));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_provably_never_left_is_repeated_at_will() {
    let org = Org::connected().await;
    let mut document = org.connection();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    document["instance_url"] = json!(format!("http://{nobody}"));
    org.connect(&document);
    let run = org.run(&[SAVE, "Account", "--create", "--fields", "{}"]);
    assert!(run.failed(7).contains("nothing reached Salesforce"), "{run:?}");
}
