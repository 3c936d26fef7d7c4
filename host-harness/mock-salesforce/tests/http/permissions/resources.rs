//! Changed Ids, counts, recent records, approvals, actions.

use mock_salesforce::{Action, ActionKind, ActionOutcome};
use serde_json::{Map, json};

use super::*;

#[tokio::test]
async fn changes_counts_and_recent_records_leave_out_what_one_may_not_read() {
    let mock = mock().await;
    let id = made(&mock, "Contact", json!({"LastName": "Seen"})).await;
    let account = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    for path in [format!("sobjects/Contact/{id}"), format!("sobjects/Account/{account}")] {
        let seen = rest(&mock, "GET", &path).header("sforce-mru", "updateMru=true").send().await;
        assert_eq!(seen.status, 200);
    }
    let span = "start=2026-06-15T11:00:00Z&end=2026-06-15T13:00:00Z";
    let get = async |path: &str| rest(&mock, "GET", path).send().await;
    assert_eq!(get(&format!("sobjects/Contact/updated?{span}")).await.json()["ids"], json!([id]));
    assert_eq!(get("recent").await.json().as_array().unwrap().len(), 2);

    hide_object(&mock, "Contact");
    for kind in ["updated", "deleted"] {
        let refused = get(&format!("sobjects/Contact/{kind}?{span}")).await;
        assert_eq!(refused.error(), (404, "NOT_FOUND".to_owned()), "{kind}");
    }
    let recent = get("recent").await.json();
    assert_eq!((recent.as_array().unwrap().len(), &recent[0]["Id"]), (1, &json!(account)));
    let named = get("limits/recordCount?sObjects=Account,Contact").await.json();
    assert_eq!(named["sObjects"].as_array().unwrap().len(), 1);
    assert!(!get("limits/recordCount").await.text().contains("\"Contact\""));
    assert_eq!(get("sobjects/Contact").await.error(), (404, "NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn approvals_are_of_records_that_one_may_read() {
    let mock = mock().await;
    let invoice = one_id(&mock, "SELECT Id FROM Invoice__c LIMIT 1").await;
    mock.add_approval_process("Invoice__c");
    let send = async |action: &str, context: &str| {
        let body = json!({"requests": [{"actionType": action, "contextId": context}]});
        post(&mock, "process/approvals", body).await.json()[0].clone()
    };
    let submitted = send("Submit", &invoice).await;
    let item = submitted["newWorkitemIds"][0].as_str().unwrap();
    hide_object(&mock, "Invoice__c");
    assert_eq!(rest(&mock, "GET", "process/approvals").send().await.json()["approvals"], json!({}));
    for action in ["Approve", "Reject"] {
        assert_eq!(send(action, item).await["errors"][0]["statusCode"], "INVALID_CROSS_REFERENCE_KEY");
    }
    assert_eq!(send("Submit", &invoice).await["errors"][0]["statusCode"], "MALFORMED_ID");
    read_only(&mock);
    assert_eq!(send("Approve", item).await["instanceStatus"], "Approved", "the record stays as it is");
}

#[tokio::test]
async fn scripted_actions_touch_no_records_and_ask_for_no_permission() {
    let mock = mock().await;
    let outcome = ActionOutcome::Outputs(Map::new());
    mock.add_action(Action { kind: ActionKind::Flow, name: "Sum".to_owned(), inputs: Vec::new(), outcome });
    read_only(&mock);
    assert_eq!(post(&mock, "actions/custom/flow/Sum", json!({"inputs": [{}]})).await.status, 200);
}
