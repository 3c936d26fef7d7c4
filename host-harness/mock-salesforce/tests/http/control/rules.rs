//! Validation rules, duplicate rules, flows that fail, and locks.

use serde_json::{Value, json};

use super::{done, problem};
use crate::client::Answer;
use crate::fixture::*;

async fn set(mock: &mock_salesforce::MockSalesforce, path: &str, rule: Value) -> Answer {
    control(mock, "PUT", path).json(&rule).send().await
}

async fn create(mock: &mock_salesforce::MockSalesforce, object: &str, body: Value) -> Answer {
    rest(mock, "POST", &format!("sobjects/{object}")).json(&body).send().await
}

#[tokio::test]
async fn a_validation_rule_is_a_condition_that_must_not_hold() {
    let mock = steered().await;
    let condition = "Industry = 'Banking' AND (AnnualRevenue = null OR Owner.Username LIKE 'nobody%')";
    let rule = json!({"object": "Account", "condition": condition, "message": "A bank tells its revenue.",
        "field": "AnnualRevenue"});
    assert_eq!(set(&mock, "validation-rules/Banks", rule.clone()).await.status, 204);
    let refused = create(&mock, "Account", json!({"Name": "x", "Industry": "Banking"})).await;
    assert_eq!(refused.status, 400);
    let error = json!([{"message": "A bank tells its revenue.", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "fields": ["AnnualRevenue"]}]);
    assert_eq!(refused.json(), error);
    let created = create(&mock, "Account", json!({"Name": "x", "Industry": "Banking", "AnnualRevenue": 1})).await;
    assert_eq!(created.status, 201);
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let update = rest(&mock, "PATCH", &format!("sobjects/Account/{id}")).json(&json!({"AnnualRevenue": null}));
    assert_eq!(update.send().await.error().1, "FIELD_CUSTOM_VALIDATION_EXCEPTION");
    let rules = done(&control(&mock, "GET", "validation-rules").send().await);
    let mut named = rule.clone();
    named["name"] = json!("Banks");
    assert_eq!((rules["items"].as_array().unwrap().len(), &rules["items"][2]), (3, &named));
    done(&control(&mock, "DELETE", "validation-rules/Banks").send().await);
    assert_eq!(create(&mock, "Account", json!({"Name": "x", "Industry": "Banking"})).await.status, 201);
    let (status, place, ..) = problem(&control(&mock, "DELETE", "validation-rules/Banks").send().await);
    assert_eq!((status, place.as_str()), (404, "path.name"));
}

#[tokio::test]
async fn a_rule_that_is_not_right_is_refused_by_place() {
    let mock = steered().await;
    let right = json!({"object": "Account", "condition": "Name = 'x'", "message": "m"});
    for (name, value, place) in [
        ("object", json!("Thing"), "body.object"),
        ("condition", json!("Name ="), "body.condition"),
        ("condition", json!("Nme = 'x'"), "body.condition"),
        ("condition", json!("Name = 'x') ORDER BY Name LIMIT 1"), "body.condition"),
        ("condition", json!("Name = 'x' LIMIT 1"), "body.condition"),
        ("message", json!(""), "body.message"),
        ("field", json!("Nme"), "body.field"),
        ("fields", json!([]), "body.fields"),
    ] {
        let mut rule = right.clone();
        rule[name] = value;
        let (status, told, ..) = problem(&set(&mock, "validation-rules/r", rule).await);
        assert_eq!((status, told.as_str()), (400, place));
    }
    for (fields, place) in [(json!([]), "body.fields"), (json!(["Nme"]), "body.fields")] {
        let rule = json!({"object": "Account", "fields": fields, "message": "m"});
        let (status, told, ..) = problem(&set(&mock, "duplicate-rules/r", rule).await);
        assert_eq!((status, told.as_str()), (400, place));
    }
    let flow = json!({"object": "Thing", "on": "create", "message": "m"});
    assert_eq!(problem(&set(&mock, "failing-flows/f", flow).await).1, "body.object");
    let flow = json!({"object": "Account", "on": "delete", "message": "m"});
    assert_eq!(problem(&set(&mock, "failing-flows/f", flow).await).1, "body.on");
    assert_eq!(done(&control(&mock, "GET", "failing-flows").send().await)["items"], json!([]));
    let flow = json!({"object": "Account", "on": "create", "message": "m"});
    for number in 0..500 {
        done(&set(&mock, &format!("failing-flows/{number}"), flow.clone()).await);
    }
    let (status, told, ..) = problem(&set(&mock, "failing-flows/more", flow.clone()).await);
    assert_eq!((status, told.as_str()), (409, "path.name"));
    let mut renamed = flow;
    renamed["name"] = json!("other");
    assert_eq!(problem(&set(&mock, "failing-flows/7", renamed).await).1, "body.name");
}

#[tokio::test]
async fn a_duplicate_rule_blocks_or_alerts() {
    let mock = steered().await;
    let rule = |allow_save| json!({"object": "Account", "fields": ["Name", "BillingCity"], "message": "It is there.", "allow_save": allow_save});
    let body = || json!({"Name": "Twin", "BillingCity": "Dublin"});
    assert_eq!(set(&mock, "duplicate-rules/Twins", rule(false)).await.status, 204);
    let first = create(&mock, "Account", body()).await.json()["id"].clone();
    let refused = create(&mock, "Account", json!({"Name": "TWIN", "BillingCity": "dublin"})).await;
    assert_eq!(refused.error(), (400, "DUPLICATES_DETECTED".to_owned()));
    let result = &refused.json()[0]["duplicateResult"];
    assert_eq!((&result["allowSave"], &result["duplicateRule"]), (&json!(false), &json!("Twins")));
    assert_eq!(result["matchResults"][0]["matchRecords"][0]["record"]["Id"], first);
    assert_eq!(create(&mock, "Account", json!({"Name": "Twin"})).await.status, 201, "no city is no duplicate");
    let allowed = || {
        rest(&mock, "POST", "sobjects/Account").header("sforce-duplicate-rule-header", "allowSave=true").json(&body())
    };
    assert_eq!(allowed().send().await.error().1, "DUPLICATES_DETECTED");
    set(&mock, "duplicate-rules/Twins", rule(true)).await;
    assert_eq!(allowed().send().await.status, 201);
    let rules = done(&control(&mock, "GET", "duplicate-rules").send().await);
    assert_eq!(rules["items"][1]["allow_save"], true);
    done(&control(&mock, "DELETE", "duplicate-rules/Twins").send().await);
    assert_eq!(create(&mock, "Account", body()).await.status, 201);
}

#[tokio::test]
async fn a_failing_flow_takes_the_write_with_it() {
    let mock = steered().await;
    let flow = json!({"object": "Account", "on": "update", "message": "An unhandled fault."});
    assert_eq!(set(&mock, "failing-flows/Sync", flow).await.status, 204);
    let created = create(&mock, "Account", json!({"Name": "x"})).await.json();
    let path = format!("sobjects/Account/{}", created["id"].as_str().unwrap());
    let refused = rest(&mock, "PATCH", &path).json(&json!({"Name": "y"})).send().await;
    assert_eq!(refused.error(), (400, "CANNOT_EXECUTE_FLOW_TRIGGER".to_owned()));
    assert!(refused.message().contains("\u{201c}Sync\u{201d}") && refused.message().ends_with("An unhandled fault."));
    assert_eq!(rest(&mock, "GET", &path).send().await.json()["Name"], "x");
    done(&control(&mock, "DELETE", "failing-flows/Sync").send().await);
    assert_eq!(rest(&mock, "PATCH", &path).json(&json!({"Name": "y"})).send().await.status, 204);
}

#[tokio::test]
async fn a_locked_record_is_another_transactions() {
    let mock = steered().await;
    let id = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    assert_eq!(control(&mock, "PUT", &format!("locks/{id}")).send().await.status, 204);
    assert_eq!(done(&control(&mock, "GET", "locks").send().await), json!({"ids": [id]}));
    let update = || rest(&mock, "PATCH", &format!("sobjects/Account/{id}")).json(&json!({"Name": "y"})).send();
    assert_eq!(update().await.error(), (400, "UNABLE_TO_LOCK_ROW".to_owned()));
    assert_eq!(control(&mock, "DELETE", &format!("locks/{id}")).send().await.status, 204);
    assert_eq!(update().await.status, 204);
    assert_eq!(problem(&control(&mock, "PUT", "locks/x").send().await).1, "path.id");
}
