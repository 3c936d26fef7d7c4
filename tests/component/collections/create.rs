//! Creating.

use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use super::*;

#[tokio::test]
async fn each_record_has_its_own_result_in_their_order() {
    let fixture = Fixture::start().await;
    let results = fixture.write_all("create-records", json!({"records": new(&["One", "", "Three"])}), DEFAULTS).await;
    assert_eq!(decision(&results[1]), ("invalid-record", "rejected", false));
    assert_eq!(results[1]["error"]["problems"][0]["code"], "REQUIRED_FIELD_MISSING");
    let expected = [0, 2].map(|place| (WriteKind::Create, results[place]["ok"]["id"].as_str().unwrap().to_owned()));
    assert_eq!(fixture.writes(), expected);
    assert_eq!(results[0]["ok"], json!({"id": expected[0].1, "created": true, "event_uuid": null}));
    let read = json!({"object": "Account", "key": {"id": expected[1].1}, "fields": ["Name"]});
    let values = fixture.act("get-record-field-values", &read, DEFAULTS).await.unwrap();
    assert_eq!(values["values"], json!({"Name": "Three"}));
}

#[tokio::test]
async fn objects_may_be_mixed_and_how_to_save_holds_for_all() {
    let fixture = Fixture::start().await;
    let case = |subject: &str| json!({"object": "Case", "fields": {"Subject": subject, "Priority": "High"}});
    let records = json!({"records": [new(&["One"])[0], case("a"), case("b")], "save": {"assignment_rule": "off"}});
    let answer = fixture.act("create-records", &records, DEFAULTS).await.unwrap();
    for (result, object) in answer["results"].as_array().unwrap().iter().zip(["Account", "Case", "Case"]) {
        fixture.told.created(object, result["ok"]["id"].as_str().unwrap());
    }
    assert_eq!(fixture.sent_header("sforce-auto-assign").as_deref(), Some("FALSE"));
    let owner = json!({"object": "Case", "key": {"id": answer["results"][2]["ok"]["id"]}, "fields": ["Owner.Name"]});
    let values = fixture.act("get-record-field-values", &owner, DEFAULTS).await.unwrap();
    assert_eq!(values["values"]["Owner.Name"], "Ada Lindqvist");
}

#[tokio::test]
async fn the_duplicate_rule_holds_for_all_and_tells_its_matches() {
    let fixture = Fixture::start().await;
    let twin = json!({"object": "Contact", "fields": {"LastName": "Twice", "Email": "contact1@example.com"}});
    let input = |allow: bool| json!({"records": [twin], "save": {"duplicate_rule": {"allow_save": allow}}});
    let answer = fixture.act("create-records", &input(false), DEFAULTS).await.unwrap();
    assert_eq!(decision(&answer["results"][0]), ("duplicate", "rejected", false), "{answer}");
    assert!(answer["results"][0]["error"]["detail"]["matchResults"].is_array(), "{answer}");
    let answer = fixture.act("create-records", &input(true), DEFAULTS).await.unwrap();
    fixture.told.created("Contact", answer["results"][0]["ok"]["id"].as_str().unwrap());
}

#[tokio::test]
async fn all_or_none_leaves_nothing() {
    let fixture = Fixture::start().await;
    let input = json!({"records": new(&["One", ""]), "all_or_none": true});
    let results = fixture.write_all("create-records", input, DEFAULTS).await;
    assert_eq!(decision(&results[0]), ("rolled-back", "rejected", false));
    assert_eq!(decision(&results[1]), ("invalid-record", "rejected", false));
    assert_eq!(fixture.writes(), []);
}

#[tokio::test]
async fn two_hundred_go_in_one_request_and_no_more() {
    let fixture = Fixture::start().await;
    let before = fixture.requests();
    let results = fixture.write_all("create-records", json!({"records": new(&["x"; 200])}), DEFAULTS).await;
    assert!(results.len() == 200 && results.iter().all(|result| result["ok"]["created"] == true));
    let error = fixture.no_results("create-records", json!({"records": new(&["x"; 201])}), DEFAULTS).await;
    assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
    assert!(error.message.contains("send parts of 200"), "{}", error.message);
    assert_eq!(fixture.requests(), before + 1);
}

#[tokio::test]
async fn a_record_that_cannot_be_meant_is_named_and_none_is_sent() {
    let fixture = Fixture::start().await;
    let bad = |record: Value| json!({"records": [new(&["x"])[0], record]});
    let objects = ["Account", "Contact"].into_iter().cycle();
    let mixed: Vec<_> = objects.take(11).map(|object| json!({"object": object, "fields": {}})).collect();
    for (input, words) in [
        (json!({"records": []}), "records: expected 1 to 200"),
        (bad(json!({"object": "A/B", "fields": {}})), "records[1].object: expected the API name of an object"),
        (bad(json!({"object": "Account", "fields": []})), "records[1].fields: expected one JSON object"),
        (bad(json!({"object": "Account", "fields": {"attributes": {}}})), "records[1].fields: expected no attributes"),
        (bad(json!({"object": "Account", "fields": {"id": "001"}})), "records[1].fields: expected no Id"),
        (bad(json!({"object": "Account", "fields": {"Name": 1, "name": 2}})), "records[1].fields: expected name once"),
        (json!({"records": mixed}), "records: expected at most 10 runs"),
    ] {
        let error = fixture.no_results("create-records", input, DEFAULTS).await;
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
        assert!(error.message.starts_with(words), "{}", error.message);
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn a_lost_answer_is_unknown_for_all_and_nothing_is_sent_again() {
    let fixture = Fixture::start().await;
    fixture.fault(COLLECTIONS, Fault::ResetAfterWork);
    let error = fixture.no_results("create-records", json!({"records": new(&["One", "Two"])}), TWICE).await;
    assert_eq!((error.kind, error.outcome, error.retryable), (ErrorKind::Interrupted, Outcome::Unknown, false));
    assert!(error.message.starts_with("any of the 2 records may have been created: "), "{}", error.message);
    (0..2).for_each(|_| fixture.told.unknown("Account"));
    assert_eq!(fixture.count_of(WriteKind::Create), 2, "both, once");
}

#[tokio::test]
async fn an_overloaded_org_proves_nothing() {
    let fixture = Fixture::start().await;
    fixture.fault(COLLECTIONS, Fault::status(503, &[]));
    let error = fixture.no_results("create-records", json!({"records": new(&["One", "Two"])}), TWICE).await;
    assert_eq!((error.kind, error.outcome), (ErrorKind::Unavailable, Outcome::Unknown), "503 proves nothing");
    (0..2).for_each(|_| fixture.told.unknown("Account"));
    assert_eq!(fixture.writes(), []);
}
