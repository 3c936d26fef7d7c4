//! Updating.

use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use super::*;

fn input(ids: &[&str]) -> Value {
    let record = |id: &&str| json!({"object": "Account", "id": id, "fields": {"Phone": "+49 30 1"}});
    json!({"records": ids.iter().map(record).collect::<Vec<_>>()})
}

#[tokio::test]
async fn records_are_updated_by_id_each_with_its_result() {
    let fixture = Fixture::start().await;
    let ([one, two], gone) = (fixture.accounts().await, fixture.deleted_account().await);
    let ids = [two.as_str(), &gone, "0015g00000zzzzz", one.get(..15).unwrap()];
    let results = fixture.write_all("update-records", input(&ids), DEFAULTS).await;
    assert_eq!(results[0]["ok"], json!({"id": two, "created": false, "event_uuid": null}));
    assert_eq!(decision(&results[1]), ("deleted", "rejected", false));
    assert_eq!(decision(&results[2]), ("invalid-record", "rejected", false));
    assert_eq!(results[3]["ok"]["id"], json!(one), "the 18 characters");
    assert_eq!(fixture.count_of(WriteKind::Update), 2);
    let answer = fixture.act("update-records", &input(&[&one]), DEFAULTS).await.unwrap();
    assert!(answer["usage"]["allowed"].is_u64(), "{answer}");
}

#[tokio::test]
async fn a_lock_is_the_affair_of_one_record() {
    let fixture = Fixture::start().await;
    let [one, two] = fixture.accounts().await;
    fixture.mock.org(|org| org.lock(&one)).unwrap();
    let results = fixture.write_all("update-records", input(&[&one, &two]), DEFAULTS).await;
    assert_eq!(decision(&results[0]), ("locked", "rejected", true));
    assert_eq!(results[1]["ok"]["id"], json!(two));
    let all = |all: bool| {
        let mut input = input(&[&one, &two]);
        input["all_or_none"] = json!(all);
        input
    };
    let results = fixture.write_all("update-records", all(true), DEFAULTS).await;
    assert_eq!((decision(&results[0]).0, decision(&results[1]).0), ("locked", "rolled-back"));
    assert_eq!(fixture.count_of(WriteKind::Update), 1);
}

#[tokio::test]
async fn an_id_that_is_none_or_comes_twice_is_refused() {
    let fixture = Fixture::start().await;
    let [one] = fixture.accounts().await;
    let before = fixture.requests();
    for (ids, words) in [
        ([one.as_str(), "001"], "records[1].id: expected a record Id"),
        ([&one, one.get(..15).unwrap()], "records[1].id: expected each Id once, but records[0] has it too"),
    ] {
        let error = fixture.no_results("update-records", input(&ids), DEFAULTS).await;
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
        assert!(error.message.starts_with(words), "{}", error.message);
    }
    assert_eq!(fixture.requests(), before);
}

#[tokio::test]
async fn a_lost_answer_is_followed_by_one_repeat_if_the_caller_allows_it() {
    let fixture = Fixture::start().await;
    let [one, two] = fixture.accounts().await;
    fixture.fault(COLLECTIONS, Fault::ResetAfterWork);
    let results = fixture.write_all("update-records", input(&[&one, &two]), TWICE).await;
    assert!(results.iter().all(|result| result["ok"]["created"] == false), "{results:?}");
    assert_eq!(fixture.count_of(WriteKind::Update), 4);
    fixture.fault(COLLECTIONS, Fault::ResetAfterWork);
    let error = fixture.no_results("update-records", input(&[&one, &two]), DEFAULTS).await;
    assert_eq!((error.kind, error.outcome, error.retryable), (ErrorKind::Interrupted, Outcome::Unknown, true));
    assert!(error.message.starts_with("any of the 2 records may have been updated: "), "{}", error.message);
    assert_eq!(fixture.count_of(WriteKind::Update), 6);
}

#[tokio::test]
async fn what_a_repeat_refuses_is_unknown() {
    let fixture = Fixture::start().await;
    let [one, two] = fixture.accounts().await;
    fixture.fault(COLLECTIONS, Fault::ResetAfterWork);
    let locked =
        json!({"success": false, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "m", "fields": []}]});
    fixture.fault(COLLECTIONS, Fault::json(200, &json!([locked, {"id": two, "success": true, "errors": []}])));
    let results = fixture.write_all("update-records", input(&[&one, &two]), TWICE).await;
    assert_eq!(decision(&results[0]), ("locked", "unknown", true));
    assert_eq!(results[1]["ok"]["id"], json!(two));
}
