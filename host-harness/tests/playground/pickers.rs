//! The pickers' own requests: which fields are keys, and what becomes of a refusal.

use mock_salesforce::{Fault, Matcher};
use serde_json::json;

use crate::named;
use crate::stage::{Answer, Stage};

async fn fields(stage: &Stage, object: &str) -> Answer {
    stage.get(&format!("/console/playground/fields?connection={}&object={object}", stage.connection)).await
}

fn refused(status: u16, code: &str, message: &str) -> Fault {
    Fault::json(status, &json!([{"errorCode": code, "message": message}]))
}

fn describe() -> Matcher {
    Matcher::under("/services/data/v67.0/sobjects")
}

#[tokio::test]
async fn fields_that_records_are_found_by_are_told() {
    let stage = Stage::start().await;
    for (object, field) in
        [("Contact", "Email"), ("User", "Username"), ("Invoice__c", "Name"), ("Account", "ERP_Id__c")]
    {
        let described = fields(&stage, object).await.json();
        assert_eq!(named(&described["fields"], field)["id_lookup"], true, "{object}.{field}");
    }
    let contact = fields(&stage, "Contact").await.json();
    assert_eq!(named(&contact["fields"], "LastName")["id_lookup"], false);
    // The script offers both kinds.
    let script = stage.get("/console/playground.js").await.text;
    assert!(script.contains("field.external_id || field.id_lookup"));
}

#[tokio::test]
async fn f98_a_description_refused_for_another_reason_than_the_session_is_told_and_not_refreshed() {
    let stage = Stage::start().await;
    for (code, message) in [
        ("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "The users password has expired"),
        ("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"),
        ("INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
    ] {
        stage.mock.push_fault(describe(), refused(401, code, message));
        let answer = fields(&stage, "Account").await;
        assert_eq!(answer.status, 502, "{answer:?}");
        assert!(answer.text.contains(code) && answer.text.contains(message), "{answer:?}");
    }
    assert_eq!(stage.mock.ledger().token_requests("refresh_token"), 0);

    stage.mock.push_fault(describe(), Fault::status(401, &[]));
    assert_eq!(fields(&stage, "Account").await.status, 200);
    assert_eq!(stage.mock.ledger().token_requests("refresh_token"), 1);
}

#[tokio::test]
async fn f99_a_page_of_something_between_is_not_a_missing_object() {
    let stage = Stage::start().await;
    for status in [403, 404] {
        let page = Fault::Answer {
            status,
            headers: vec![("content-type".to_owned(), "text/html".to_owned())],
            body: b"<h1>SENTINEL</h1>".to_vec(),
        };
        stage.mock.push_fault(describe(), page);
        let answer = fields(&stage, "Account").await;
        assert_eq!(answer.status, 502, "{answer:?}");
        assert!(answer.text.contains(&status.to_string()) && !answer.text.contains("SENTINEL"), "{answer:?}");
    }
    stage.mock.push_fault(describe(), refused(404, "NOT_FOUND", "The requested resource does not exist"));
    assert_eq!(fields(&stage, "Account").await.status, 404);
    stage.mock.push_fault(describe(), refused(403, "API_DISABLED_FOR_ORG", "The REST API is not enabled"));
    assert!(fields(&stage, "Account").await.text.contains("The REST API is not enabled"));
}
