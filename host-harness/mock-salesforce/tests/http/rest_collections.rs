//! Up to 200 records in one request.

use serde_json::{Value, json};

use crate::fixture::*;

fn accounts(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| json!({"attributes": {"type": "Account"}, "Name": name})).collect()
}

#[tokio::test]
async fn each_record_has_its_own_result() {
    let mock = mock().await;
    let body = json!({"records": accounts(&["One", "", "Three"])});
    let answer = rest(&mock, "POST", "composite/sobjects").json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let results = answer.json();
    assert_eq!(
        (&results[0]["success"], &results[1]["success"], &results[2]["success"]),
        (&json!(true), &json!(false), &json!(true))
    );
    let error = &results[1]["errors"][0];
    assert_eq!((&error["statusCode"], &error["fields"]), (&json!("REQUIRED_FIELD_MISSING"), &json!(["Name"])));
    assert!(error.get("errorCode").is_none());
    assert_eq!(mock.ledger().creates("Account"), 2);

    let update = json!({"records": [{"attributes": {"type": "Account"}, "id": results[0]["id"], "Name": "Uno"}]});
    let updated = rest(&mock, "PATCH", "composite/sobjects").json(&update).send().await.json();
    assert_eq!(updated, json!([{"id": results[0]["id"], "success": true, "errors": []}]));

    let ids = format!("{},{}", results[0]["id"].as_str().unwrap(), results[2]["id"].as_str().unwrap());
    let deleted = rest(&mock, "DELETE", &format!("composite/sobjects?ids={ids},nonsense")).send().await.json();
    assert_eq!((&deleted[0]["success"], &deleted[1]["success"]), (&json!(true), &json!(true)));
    assert_eq!(deleted[2]["errors"][0]["statusCode"], "MALFORMED_ID");
}

#[tokio::test]
async fn all_or_none_undoes_everything() {
    let mock = mock().await;
    let before = mock.org(|org| org.count("Account"));
    let body = json!({"allOrNone": true, "records": accounts(&["One", ""])});
    let results = rest(&mock, "POST", "composite/sobjects").json(&body).send().await.json();
    assert_eq!(results[0]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert_eq!(results[1]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!(mock.org(|org| org.count("Account")), before);
    assert_eq!(mock.ledger().creates("Account"), 0);
}

#[tokio::test]
async fn an_upsert_says_which_were_created() {
    let mock = mock().await;
    let records = |amount: u32| {
        let record = json!({"attributes": {"type": "Invoice__c"}, "Invoice_Number__c": "C-1", "Amount__c": amount});
        json!({"records": [record]})
    };
    let path = "composite/sobjects/Invoice__c/Invoice_Number__c";
    for (amount, created) in [(1, true), (2, false)] {
        let results = rest(&mock, "PATCH", path).json(&records(amount)).send().await.json();
        assert_eq!((&results[0]["success"], &results[0]["created"]), (&json!(true), &json!(created)), "{results}");
    }
}

#[tokio::test]
async fn more_than_200_records_are_refused() {
    let mock = mock().await;
    let body = json!({"records": accounts(&["x"; 201])});
    let answer = rest(&mock, "POST", "composite/sobjects").json(&body).send().await;
    assert_eq!(answer.error(), (400, "EXCEEDED_ID_LIMIT".to_owned()));
    assert_eq!(mock.ledger().writes().count(), 0);
}
