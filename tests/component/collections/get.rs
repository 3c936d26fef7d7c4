//! Reading by Id.

use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use super::*;

fn input(ids: &Value, fields: &[&str]) -> Value {
    json!({"object": "Account", "ids": ids, "fields": fields})
}

#[tokio::test]
async fn records_come_in_the_order_asked_for_with_null_for_none() {
    let fixture = Fixture::start().await;
    let ([one, two], gone) = (fixture.accounts().await, fixture.deleted_account().await);
    let ids = json!([two, "0015g00000zzzzz", gone, one.get(..15)]);
    let found = fixture.act("get-records", &input(&ids, &["Name", "Phone"]), DEFAULTS).await.unwrap();
    let records = found["records"].as_array().unwrap();
    assert_eq!((records.len(), &records[1], &records[2]), (4, &Value::Null, &Value::Null));
    assert_eq!((&records[0]["Id"], &records[3]["Id"]), (&json!(two), &json!(one)));
    assert_eq!((&records[0]["Name"], &records[0]["Phone"]), (&json!("Once"), &Value::Null));
    assert!(found["usage"]["allowed"].is_u64());
}

#[tokio::test]
async fn two_thousand_records_come_at_once() {
    let fixture = Fixture::start().await;
    let [one] = fixture.accounts().await;
    let before = fixture.requests();
    let found = fixture.act("get-records", &input(&json!(vec![one; 2_000]), &["Name"]), DEFAULTS).await.unwrap();
    assert_eq!(found["records"].as_array().unwrap().len(), 2_000);
    assert_eq!(fixture.requests(), before + 1);
}

#[tokio::test]
async fn it_is_a_read_for_the_host_too() {
    let fixture = Fixture::start().await;
    let [one] = fixture.accounts().await;
    fixture.fault(COLLECTIONS, Fault::ResetAfterWork);
    assert!(fixture.act("get-records", &input(&json!([one]), &["Name"]), DEFAULTS).await.is_ok(), "it was made again");
    let error = fixture.no_results("get-records", input(&json!([one]), &["Nope"]), DEFAULTS).await;
    assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidQuery, Outcome::Rejected));
    for _ in 0..3 {
        fixture.fault(COLLECTIONS, Fault::status(503, &[]));
    }
    let error = fixture.no_results("get-records", input(&json!([one]), &["Name"]), DEFAULTS).await;
    assert_eq!((error.kind, error.retryable), (ErrorKind::Unavailable, true));
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let fixture = Fixture::start().await;
    let id = "0015g0000000001";
    for (ids, fields, words) in [
        (json!([]), &["Name"][..], "ids: expected 1 to 2,000"),
        (json!(vec![id; 2_001]), &["Name"], "ids: expected 1 to 2,000, but there are 2001"),
        (json!([id, "x"]), &["Name"], "ids[1]: expected a record Id"),
        (json!([id]), &[], "fields: expected 1 to 500"),
        (json!([id]), &["Owner.Name"], "fields: expected API names of fields, such as Name: soql-query"),
    ] {
        let error = fixture.no_results("get-records", input(&ids, fields), DEFAULTS).await;
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
        assert!(error.message.starts_with(words), "{}", error.message);
    }
    assert_eq!(fixture.requests(), 0);
}
