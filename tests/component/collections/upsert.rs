//! Upserting by external Id.

use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use super::*;

fn input(field: &str, records: Value) -> Value {
    json!({"object": "Invoice__c", "external_id_field": field, "records": records})
}

fn invoices(numbers: &[&str]) -> Value {
    let record = |number: &&str| json!({"Invoice_Number__c": number, "Amount__c": 1});
    input("Invoice_Number__c", numbers.iter().map(record).collect())
}

#[tokio::test]
async fn what_is_there_is_updated_and_what_is_not_is_created() {
    let fixture = Fixture::start().await;
    let results = fixture.write_all("upsert-records", invoices(&["new/1", "2026/00001", "new 2"]), DEFAULTS).await;
    let created: Vec<_> = results.iter().map(|result| result["ok"]["created"].as_bool().unwrap()).collect();
    assert_eq!(created, [true, false, true]);
    assert_eq!((fixture.count_of(WriteKind::Create), fixture.count_of(WriteKind::Update)), (2, 1));
}

#[tokio::test]
async fn a_record_with_several_matches_and_one_that_is_invalid_fail_alone() {
    let fixture = Fixture::start().await;
    let records = json!([{"Legacy_Number__c": "L-0001"}]);
    let results = fixture.write_all("upsert-records", input("Legacy_Number__c", records), DEFAULTS).await;
    assert_eq!(decision(&results[0]), ("ambiguous", "rejected", false));
    let records = json!([{"Invoice_Number__c": "n", "Amount__c": -1}, {"Invoice_Number__c": "m"}]);
    let results = fixture.write_all("upsert-records", input("Invoice_Number__c", records), DEFAULTS).await;
    assert_eq!(decision(&results[0]), ("invalid-record", "rejected", false));
    assert_eq!(results[1]["ok"]["created"], true);
    let error = fixture.no_results("upsert-records", input("Amount__c", json!([{"Amount__c": 1}])), DEFAULTS).await;
    assert_eq!((error.kind, error.outcome, error.status), (ErrorKind::NotFound, Outcome::Rejected, Some(404)));
}

#[tokio::test]
async fn a_record_without_its_value_is_refused_before_sending() {
    let fixture = Fixture::start().await;
    let value = "records[1]: expected Invoice_Number__c with a text that is not empty, or a number";
    let good = json!({"Invoice_Number__c": "1"});
    for (input, words) in [
        (input("Invoice_Number__c", json!([good, {}])), value),
        (input("Invoice_Number__c", json!([good, {"Invoice_Number__c": null}])), value),
        (input("Invoice_Number__c", json!([good, {"invoice_number__C": ""}])), value),
        (input("Invoice_Number__c", json!([good, []])), "records[1]: expected one JSON object"),
        (input("Invoice_Number__c", json!([{"Id": "a00", "Invoice_Number__c": "1"}])), "records[0]: expected no Id"),
        (input("Id", json!([{"Id": "a00"}])), "external_id_field: expected an external Id field: update-records"),
        (input("a/b", json!([good])), "external_id_field: expected the API name of a field"),
        (input("Invoice_Number__c", json!([])), "records: expected 1 to 200"),
    ] {
        let error = fixture.no_results("upsert-records", input, DEFAULTS).await;
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
        assert!(error.message.starts_with(words), "{}", error.message);
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn a_repeat_after_a_lost_answer_creates_nothing_twice() {
    let fixture = Fixture::start().await;
    fixture.fault(COLLECTIONS, Fault::ResetAfterWork);
    let results = fixture.write_all("upsert-records", invoices(&["a", "b"]), TWICE).await;
    assert!(results.iter().all(|result| result["ok"]["created"] == false), "the first request has: {results:?}");
    (0..2).for_each(|_| fixture.told.unknown("Invoice__c"));
    assert_eq!((fixture.count_of(WriteKind::Create), fixture.count_of(WriteKind::Update)), (2, 2));
    fixture.fault(COLLECTIONS, Fault::ResetAfterWork);
    let error = fixture.no_results("upsert-records", invoices(&["c", "d"]), DEFAULTS).await;
    assert_eq!((error.outcome, error.retryable), (Outcome::Unknown, true));
    assert!(error.message.starts_with("any of the 2 records may have been created or updated: "), "{}", error.message);
    (0..2).for_each(|_| fixture.told.unknown("Invoice__c"));
}
