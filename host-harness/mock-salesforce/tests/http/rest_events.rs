//! Platform events.

use serde_json::json;

use crate::client::encode;
use crate::fixture::*;

#[tokio::test]
async fn publishing_an_event_is_a_success_with_errors() {
    let mock = mock().await;
    let event = json!({"Invoice_Number__c": "2026/1", "Amount__c": 1.5});
    let answer = rest(&mock, "POST", "sobjects/Invoice_Paid__e/").json(&event).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let event_uuid = mock.org(|org| org.published()[0].event_uuid.clone());
    let enqueued = json!({"statusCode": "OPERATION_ENQUEUED", "message": event_uuid, "fields": []});
    assert_eq!(answer.json(), json!({"id": "e01xx0000000001AAA", "success": true, "errors": [enqueued]}));
    assert_eq!(mock.ledger().creates("Invoice_Paid__e"), 1);

    let records = json!({"records": [{"attributes": {"type": "Invoice_Paid__e"}, "Invoice_Number__c": "2026/2"}, {
        "attributes": {"type": "Invoice_Paid__e"}}]});
    let several = rest(&mock, "POST", "composite/sobjects").json(&records).send().await.json();
    assert_eq!((&several[0]["success"], &several[1]["success"]), (&json!(true), &json!(false)));
    assert_eq!(several[0]["errors"][0]["statusCode"], "OPERATION_ENQUEUED");
    let published = mock.org(|org| org.published().to_vec());
    assert_eq!((published.len(), &published[1].fields["Invoice_Number__c"]), (2, &json!("2026/2")));
}

#[tokio::test]
async fn an_event_cannot_be_read_changed_or_queried() {
    let mock = mock().await;
    let path = "sobjects/Invoice_Paid__e/e01xx0000000001AAA";
    let refused = (400, "INVALID_TYPE_FOR_OPERATION".to_owned());
    assert_eq!(rest(&mock, "GET", path).send().await.error(), refused);
    assert_eq!(rest(&mock, "PATCH", path).json(&json!({"Amount__c": 1})).send().await.error(), refused);
    let query = format!("query?q={}", encode("SELECT EventUuid FROM Invoice_Paid__e"));
    let answer = rest(&mock, "GET", &query).send().await;
    assert_eq!(answer.error(), refused);
    assert_eq!(answer.message(), "entity type Invoice_Paid__e does not support query");
    assert_eq!(rest(&mock, "DELETE", path).send().await.status, 400);

    let described = rest(&mock, "GET", "sobjects/Invoice_Paid__e/describe").send().await.json();
    for (property, value) in [("createable", true), ("queryable", false), ("updateable", false), ("custom", true)] {
        assert_eq!(described[property], value, "{property}");
    }
}
