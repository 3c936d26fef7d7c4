//! Calls that do several things: an outcome for each, sorted by itself. And calls that an engine makes again.

use mock_salesforce::{Action, ActionKind, ActionOutcome, ApexResource, Fault, Matcher};
use serde_json::{Value as Json, json};

use crate::{org, with_a_token};

/// `ok`, or the case and the kind of the error, for each.
fn outcomes(results: &Json) -> Vec<String> {
    let outcome = |result: &Json| match result["err"].as_object().and_then(|error| error.iter().next()) {
        Some((case, failure)) => format!("{case} {}", failure["kind"].as_str().unwrap()),
        None => "ok".to_owned(),
    };
    results.as_array().unwrap().iter().map(outcome).collect()
}

/// A result of a collection that says that a record is locked.
fn locked() -> Json {
    let error = json!({"statusCode": "UNABLE_TO_LOCK_ROW", "message": "busy", "fields": []});
    json!({"success": false, "errors": [error]})
}

#[tokio::test(flavor = "multi_thread")]
async fn each_record_of_an_upsert_is_sorted_by_itself() {
    let mock = org(false).await;
    let engine = with_a_token(&mock);
    let upsert = |amounts: [i32; 3], all_or_none: bool| {
        let record =
            |(index, amount): (usize, &i32)| json!({"Invoice_Number__c": format!("S-{index}"), "Amount__c": amount});
        let records: Vec<_> = amounts.iter().enumerate().map(record).collect();
        json!(["Invoice__c", "Invoice_Number__c", records, all_or_none, {}])
    };
    let results = engine.call("collections.upsert-records", upsert([1, -1, 1], true)).await.unwrap();
    assert_eq!(outcomes(&results), ["permanent rolled-back", "permanent invalid-record", "permanent rolled-back"]);
    assert_eq!(mock.ledger().creates("Invoice__c"), 0);
    let results = engine.call("collections.upsert-records", upsert([1, -1, 1], false)).await.unwrap();
    assert_eq!(outcomes(&results), ["ok", "permanent invalid-record", "ok"]);
    let id = results[0]["ok"]["id"].clone();
    let answer = json!([{"id": id, "success": true, "created": false, "errors": []}, locked(), "garbled"]);
    mock.push_fault(Matcher::any(), Fault::Replace(answer));
    let results = engine.call("collections.upsert-records", upsert([1, 1, 1], false)).await.unwrap();
    assert_eq!(outcomes(&results), ["ok", "transient locked", "transient invalid-response"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_record_that_nobody_knows_of_is_not_made_again() {
    let mock = org(false).await;
    let engine = with_a_token(&mock);
    let create = json!([[
        {"object": "Invoice__c", "fields": {"Amount__c": 1}},
        {"object": "Invoice__c", "fields": {"Amount__c": 2}},
    ], false, {}]);
    mock.push_fault(Matcher::any(), Fault::Replace(json!([locked(), "garbled"])));
    let results = engine.call("creation.create-records", create).await.unwrap();
    assert_eq!(outcomes(&results), ["transient locked", "permanent_outcome_unknown invalid-response"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_gone_already_is_deleted() {
    let mock = org(false).await;
    let engine = with_a_token(&mock);
    let account = json!({"object": "Account", "fields": {"Name": "Gone"}});
    let created = engine.call("creation.create-records", json!([[account, account, account], true, {}])).await.unwrap();
    let [first, second, third] = [0, 1, 2].map(|index: usize| created[index]["ok"]["id"].clone());
    // The answer is lost, and the engine makes the call again.
    mock.push_fault(Matcher::any(), Fault::CloseAfterWork);
    let delete = json!(["Account", first]);
    let lost = engine.call("actions.delete-record", delete.clone()).await.unwrap_err();
    assert_eq!(lost.sorted(), ("transient", "interrupted", "unknown"));
    assert_eq!(engine.call("actions.delete-record", delete).await.unwrap(), json!({"already_deleted": true}));

    for all_or_none in [true, false] {
        let results = engine.call("collections.delete-records", json!([[first], all_or_none])).await.unwrap();
        assert_eq!(results, json!([{"ok": {"id": first, "already_deleted": true}}]));
    }
    // All or none, and one was not deleted by an earlier call: nothing is done, and each says why.
    let results = engine.call("collections.delete-records", json!([[first, second], true])).await.unwrap();
    assert_eq!(outcomes(&results), ["permanent deleted", "permanent rolled-back"]);
    let results = engine.call("collections.delete-records", json!([[first, second, "a00"], false])).await;
    assert_eq!(results.unwrap_err().sorted(), ("permanent", "invalid-argument", "not_sent"));
    mock.push_fault(Matcher::any(), Fault::CloseAfterWork);
    let delete = json!([[second, third], true]);
    assert_eq!(engine.call("collections.delete-records", delete.clone()).await.unwrap_err().case, "transient");
    let again = engine.call("collections.delete-records", delete).await.unwrap();
    let gone = |id: &Json| json!({"ok": {"id": id, "already_deleted": true}});
    assert_eq!(again, json!([gone(&second), gone(&third)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_read_may_be_repeated_and_parts_that_write_may_not() {
    let mock = org(false).await;
    let engine = with_a_token(&mock);
    let query = json!({"reference_id": "q", "action": {"query": {"soql": "SELECT COUNT() FROM Account"}}});
    let create = json!({"reference_id": "c", "action": {"create": {"object": "Account", "fields": {"Name": "C"}}}});
    let refused = json!({"reference_id": "r", "action": {"create": {"object": "Contact", "fields": {"Title": "no"}}}});
    for _ in 0..3 {
        mock.push_fault(Matcher::any(), Fault::CloseAfterWork);
    }
    let lost = engine.call("composite.composite", json!([[query], false])).await.unwrap_err();
    assert_eq!(lost.sorted(), ("transient", "interrupted", "unknown"));
    let results = engine.call("composite.composite", json!([[query, create, refused], true])).await.unwrap();
    assert_eq!(outcomes(&results)[1..], ["permanent rolled-back", "permanent invalid-record"]);
    mock.push_fault(
        Matcher::any(),
        Fault::Replace(json!({"compositeResponse": [
            {"referenceId": "q", "httpStatusCode": 503, "httpHeaders": {}, "body": []},
            {"referenceId": "c", "httpStatusCode": 503, "httpHeaders": {}, "body": []},
        ]})),
    );
    let results = engine.call("composite.composite", json!([[query, create], false])).await.unwrap();
    assert_eq!(outcomes(&results), ["transient unavailable", "permanent_outcome_unknown unavailable"]);

    let graphs = json!([[
        {"graph_id": "bad", "subrequests": [create, refused]},
        {"graph_id": "good", "subrequests": [create]},
    ]]);
    let graphs = engine.call("composite.graph", graphs).await.unwrap();
    assert_eq!(outcomes(&graphs[0]["results"]), ["permanent rolled-back", "permanent invalid-record"]);
    assert_eq!((&graphs[1]["successful"], outcomes(&graphs[1]["results"])), (&json!(true), vec!["ok".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_org_runs_may_have_done_something_before_it_failed() {
    let mock = org(false).await;
    let engine = with_a_token(&mock);
    let fails = ActionOutcome::Error { code: "FLOW_EXCEPTION".to_owned(), message: "no stock".to_owned() };
    mock.add_action(Action { kind: ActionKind::Apex, name: "Fails".into(), inputs: vec![], outcome: fails });
    let results = engine.call("invoke.invocable-action", json!([{"apex": "Fails"}, [{}]])).await.unwrap();
    assert_eq!(outcomes(&results), ["permanent_outcome_unknown rejected"]);
    for (method, case) in [("GET", "permanent"), ("POST", "permanent_outcome_unknown")] {
        mock.add_apex_resource(ApexResource {
            name: method.into(),
            method: method.into(),
            path: "orders".into(),
            status: 409,
            content_type: "application/json".into(),
            body: b"{}".to_vec(),
        });
        let call = json!([method.to_lowercase(), "orders", [], null]);
        assert_eq!(engine.call("invoke.apex-rest", call).await.unwrap_err().case, case, "{method}");
    }
    for _ in 0..3 {
        mock.push_fault(Matcher::any(), Fault::CloseAfterWork);
    }
    let lost = engine.call("invoke.apex-rest", json!(["get", "orders", [], null])).await.unwrap_err();
    assert_eq!(lost.sorted(), ("transient", "interrupted", "unknown"));
}
