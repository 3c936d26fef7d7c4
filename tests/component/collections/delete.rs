//! Deleting.

use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use super::*;

#[tokio::test]
async fn what_is_gone_or_was_never_there_is_told_apart() {
    let fixture = Fixture::start().await;
    let ([one, two], gone) = (fixture.accounts().await, fixture.deleted_account().await);
    let input = json!({"ids": [one, gone, "0015g00000zzzzz", two.get(..15)]});
    let results = fixture.write_all("delete-records", input, TWICE).await;
    assert_eq!(results[0]["ok"], json!({"id": one, "already_deleted": false}));
    assert_eq!(decision(&results[1]), ("deleted", "rejected", false));
    assert_eq!(decision(&results[2]), ("invalid-record", "rejected", false));
    assert_eq!(results[3]["ok"], json!({"id": two, "already_deleted": false}));
    assert_eq!(fixture.count_of(WriteKind::Delete), 2);
}

#[tokio::test]
async fn all_or_none_deletes_nothing_if_one_is_refused() {
    let fixture = Fixture::start().await;
    let ([one], gone) = (fixture.accounts().await, fixture.deleted_account().await);
    let input = json!({"ids": [one, gone], "all_or_none": true});
    let results = fixture.write_all("delete-records", input, DEFAULTS).await;
    assert_eq!(decision(&results[0]), ("rolled-back", "rejected", false));
    assert_eq!(decision(&results[1]), ("deleted", "rejected", false));
    assert_eq!(fixture.count_of(WriteKind::Delete), 0);
}

#[tokio::test]
async fn a_repeat_after_a_lost_answer_that_finds_them_gone_is_a_success() {
    let fixture = Fixture::start().await;
    for all_or_none in [false, true] {
        let [one, two] = fixture.accounts().await;
        let before = fixture.count_of(WriteKind::Delete);
        fixture.fault(COLLECTIONS, Fault::ResetAfterWork);
        let input = json!({"ids": [one, two], "all_or_none": all_or_none});
        let results = fixture.write_all("delete-records", input, TWICE).await;
        for (result, id) in results.iter().zip([&one, &two]) {
            assert_eq!(result["ok"], json!({"id": id, "already_deleted": true}));
        }
        assert_eq!(fixture.count_of(WriteKind::Delete), before + 2);
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_where_the_caller_allows_no_repeat() {
    let fixture = Fixture::start().await;
    let ids = fixture.accounts::<2>().await;
    fixture.fault(COLLECTIONS, Fault::ResetAfterWork);
    let error = fixture.no_results("delete-records", json!({"ids": ids}), DEFAULTS).await;
    assert_eq!((error.kind, error.outcome, error.retryable), (ErrorKind::Interrupted, Outcome::Unknown, true));
    assert!(error.message.starts_with("any of the 2 records may have been deleted: "), "{}", error.message);
    assert_eq!(fixture.count_of(WriteKind::Delete), 2);
}

#[tokio::test]
async fn ids_that_cannot_be_meant_are_refused() {
    let fixture = Fixture::start().await;
    for (ids, words) in [
        (json!([]), "ids: expected 1 to 200"),
        (json!(vec!["0015g0000000001"; 201]), "ids: expected 1 to 200, but there are 201"),
        (json!(["0015g0000000001", "x"]), "ids[1]: expected a record Id"),
        (json!(["0015g0000000001", "0015g0000000001"]), "ids[1]: expected each Id once, but ids[0] has it too"),
    ] {
        let error = fixture.no_results("delete-records", json!({"ids": ids}), DEFAULTS).await;
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
        assert!(error.message.starts_with(words), "{}", error.message);
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn two_hundred_ids_fit_in_the_address() {
    let fixture = Fixture::start().await;
    let results = fixture.write_all("create-records", json!({"records": new(&["x"; 200])}), DEFAULTS).await;
    let ids: Vec<_> = results.iter().map(|result| result["ok"]["id"].clone()).collect();
    let results = fixture.write_all("delete-records", json!({"ids": ids}), DEFAULTS).await;
    assert!(results.iter().zip(&ids).all(|(result, id)| result["ok"]["id"] == *id));
    assert_eq!(fixture.count_of(WriteKind::Delete), 200);
}
