//! Answers to collections that are not as they should be.

use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use super::*;

const UNTRUSTED: (&str, &str, bool) = ("invalid-response", "unknown", false);

#[tokio::test]
async fn f115_an_error_of_a_record_under_status_200() {
    let fixture = Fixture::start().await;
    let refused =
        |code: &str| json!({"success": false, "errors": [{"statusCode": code, "message": "why", "fields": ["A"]}]});
    let codes = ["STORAGE_LIMIT_EXCEEDED", "UNKNOWN_EXCEPTION", "BRAND_NEW"];
    fixture.fault(COLLECTIONS, Fault::json(200, &json!(codes.map(refused))));
    let results = fixture.write_all("create-records", json!({"records": new(&["x"; 3])}), DEFAULTS).await;
    let decisions: Vec<_> = results.iter().map(decision).collect();
    let expected =
        [("limit-exceeded", "rejected", false), ("unavailable", "unknown", false), ("rejected", "rejected", false)];
    assert_eq!(decisions, expected);
    assert_eq!(results[2]["error"]["problems"], json!([{"code": "BRAND_NEW", "message": "why", "fields": ["A"]}]));
    assert_eq!(results[2]["error"]["status"], 200);
}

#[tokio::test]
async fn f116_an_answer_shorter_or_longer_than_what_was_asked() {
    let fixture = Fixture::start().await;
    let one = json!({"id": "0015g00000ZZZZZAAA", "success": true, "errors": []});
    for body in [json!([one]), json!([one, one, one]), json!([]), json!({"results": [one, one]}), Value::Null] {
        fixture.fault(COLLECTIONS, instead(body.clone()));
        let error = fixture.no_results("create-records", json!({"records": new(&["x", "y"])}), TWICE).await;
        let told = (error.kind, error.outcome, error.retryable);
        assert_eq!(told, (ErrorKind::InvalidResponse, Outcome::Unknown, false), "{body}");
        assert!(error.message.starts_with("any of the 2 records may have been created: "), "{}", error.message);
        (0..2).for_each(|_| fixture.told.unknown("Account"));
        fixture.fault(COLLECTIONS, instead(body));
        let ids = json!({"object": "Account", "ids": ["0015g0000000001", "0015g0000000002"], "fields": ["Name"]});
        assert_eq!(fixture.no_results("get-records", ids, TWICE).await.kind, ErrorKind::InvalidResponse);
    }
    assert_eq!(fixture.count_of(WriteKind::Create), 10);
}

#[tokio::test]
async fn f117_errors_beside_a_success_are_a_success() {
    let fixture = Fixture::start().await;
    let [one, two] = fixture.accounts().await;
    let queued = json!([{"statusCode": "OPERATION_ENQUEUED", "message": "e981b488", "fields": []}]);
    let noted = json!([{"statusCode": "NOTE", "message": "m", "fields": []}, null]);
    let body = json!([{"id": one, "success": true, "errors": queued}, {"id": two, "success": true, "errors": noted}]);
    fixture.fault(COLLECTIONS, instead(body));
    let records: Vec<_> = [&one, &two].map(|id| json!({"object": "Account", "id": id, "fields": {}})).into();
    let results = fixture.write_all("update-records", json!({"records": records}), DEFAULTS).await;
    assert_eq!(results[0]["ok"], json!({"id": one, "created": false, "event_uuid": "e981b488"}));
    assert_eq!(results[1]["ok"], json!({"id": two, "created": false, "event_uuid": null}));
}

#[tokio::test]
async fn an_odd_entry_or_the_id_of_another_record_leaves_the_others() {
    let fixture = Fixture::start().await;
    let [one, two, three] = fixture.accounts().await;
    let done = |id: &str| json!({"id": id, "success": true, "errors": []});
    fixture.fault(COLLECTIONS, instead(json!([done(&two), {"success": true}, done(&three)])));
    let records: Vec<_> = [&one, &two, &three].map(|id| json!({"object": "Account", "id": id, "fields": {}})).into();
    let results = fixture.write_all("update-records", json!({"records": records}), DEFAULTS).await;
    assert_eq!((decision(&results[0]), decision(&results[1])), (UNTRUSTED, UNTRUSTED));
    assert_eq!(results[2]["ok"]["id"], json!(three));
    fixture.fault(COLLECTIONS, instead(json!([done(&two), done(&one), done(&three)])));
    let results = fixture.write_all("delete-records", json!({"ids": [one, two, three]}), DEFAULTS).await;
    assert_eq!((decision(&results[0]), decision(&results[1])), (UNTRUSTED, UNTRUSTED));
    assert_eq!(results[2]["ok"]["already_deleted"], false);
}

#[tokio::test]
async fn a_list_under_status_400_tells_of_each_record() {
    let fixture = Fixture::start().await;
    let refused =
        |code: &str| json!({"success": false, "errors": [{"statusCode": code, "message": "m", "fields": []}]});
    let codes = ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_FIELD"];
    fixture.fault(COLLECTIONS, Fault::json(400, &json!(codes.map(refused))));
    let input = json!({"records": new(&["x", "y"]), "all_or_none": true});
    let results = fixture.write_all("create-records", input, DEFAULTS).await;
    assert_eq!(decision(&results[0]), ("rolled-back", "rejected", false));
    assert_eq!(decision(&results[1]), ("invalid-record", "rejected", false));
    assert_eq!(results[1]["error"]["status"], 400);
}
