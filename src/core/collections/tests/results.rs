//! What an answer says of each record.

use super::*;
use crate::core::error::Problem;

const UNTRUSTED: (ErrorKind, Outcome, bool) = (ErrorKind::InvalidResponse, Outcome::Unknown, false);

#[test]
fn each_record_has_its_own_result_in_their_order() {
    let body = list(&[done(IDS[1]), failed("REQUIRED_FIELD_MISSING"), done(IDS[0])]);
    let results = answered(accounts(3, false), 200, &body).unwrap();
    assert_eq!(told(&results), [Ok(IDS[1]), Err((ErrorKind::InvalidRecord, Outcome::Rejected, false)), Ok(IDS[0])]);
    assert_eq!(results.usage.unwrap().used, 18);
    assert_eq!(results.results[0].as_ref().unwrap().created, Some(true));
    let error = results.results[1].as_ref().unwrap_err();
    assert_eq!(error.problems, [Problem::new("REQUIRED_FIELD_MISSING", "why", &["Name".into()])]);
    assert_eq!(error.message, "Salesforce refused this record with REQUIRED_FIELD_MISSING: why");
    assert_eq!((error.status, error.detail.as_deref()), (Some(200), None));
}

#[test]
fn f115_an_error_of_a_record_under_status_200_means_what_it_means_alone() {
    use ErrorKind::*;
    for (code, kind, outcome, retryable) in [
        ("INVALID_FIELD", InvalidRecord, Outcome::Rejected, false),
        ("INVALID_CROSS_REFERENCE_KEY", InvalidRecord, Outcome::Rejected, false),
        ("DUPLICATES_DETECTED", Duplicate, Outcome::Rejected, false),
        ("UNABLE_TO_LOCK_ROW", Locked, Outcome::Rejected, true),
        ("ENTITY_IS_DELETED", Deleted, Outcome::Rejected, false),
        ("DUPLICATE_EXTERNAL_ID", Ambiguous, Outcome::Rejected, false),
        ("INSUFFICIENT_ACCESS_OR_READONLY", Forbidden, Outcome::Rejected, false),
        ("STORAGE_LIMIT_EXCEEDED", LimitExceeded, Outcome::Rejected, false),
        ("ALL_OR_NONE_OPERATION_ROLLED_BACK", RolledBack, Outcome::Rejected, false),
        ("UNKNOWN_EXCEPTION", Unavailable, Outcome::Unknown, true),
        ("BRAND_NEW", Rejected, Outcome::Rejected, false),
    ] {
        let results = answered(upserts(1), 200, &list(&[failed(code)])).unwrap();
        assert_eq!(told(&results), [Err((kind, outcome, retryable))], "{code}");
        // A create that may have been done is never called safe to repeat.
        let results = answered(accounts(1, false), 200, &list(&[failed(code)])).unwrap();
        assert_eq!(told(&results), [Err((kind, outcome, retryable && outcome == Outcome::Rejected))], "{code}");
    }
}

#[test]
fn what_can_be_read_of_an_odd_refusal_is_told() {
    let refused = Err((ErrorKind::Rejected, Outcome::Rejected, false));
    for errors in [r#","errors":[]"#, "", r#","errors":null"#, r#","errors":{}"#, r#","errors":[7,null]"#] {
        let results = answered(accounts(1, false), 200, &format!(r#"[{{"success":false{errors}}}]"#)).unwrap();
        assert_eq!(told(&results), [refused], "{errors}");
        let message = &results.results[0].as_ref().unwrap_err().message;
        assert_eq!(message, "Salesforce refused this record, and gave no reason that can be read");
    }
    let body = r#"[{"id":null,"success":false,"errors":[null,{"statusCode":"DUPLICATES_DETECTED","message":"m\n2","fields":"Name","duplicateResult":{"n":0.10}}]}]"#;
    let results = answered(accounts(1, false), 200, body).unwrap();
    let error = results.results[0].as_ref().unwrap_err();
    assert_eq!((error.kind, error.detail.as_deref()), (ErrorKind::Duplicate, Some(r#"{"n":0.10}"#)));
    assert_eq!((error.problems.len(), error.problems[0].fields.as_slice()), (1, &["Name".to_owned()][..]));
    let nested = r#"[{"success":false,"errors":[{"statusCode":"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY","message":"first error: UNABLE_TO_LOCK_ROW, x"}]}]"#;
    let results = answered(accounts(1, false), 200, nested).unwrap();
    assert_eq!(told(&results), [Err((ErrorKind::Locked, Outcome::Rejected, true))]);
}

#[test]
fn f117_errors_beside_success_are_a_success_and_an_event_tells_its_uuid() {
    let event = r#"{"id":"e01xx0000000001AAA","success":true,"errors":[{"statusCode":"OPERATION_ENQUEUED","message":"e981b488-81f3-4fcc-bd6f-f7033c9d7ac3","fields":[]}]}"#;
    let noted = format!(r#"{{"id":"{}","success":true,"errors":[{{"statusCode":"NOTE","message":"m"}}]}}"#, IDS[0]);
    let results = answered(accounts(3, false), 200, &list(&[event.into(), event.into(), noted])).unwrap();
    let uuids: Vec<_> = results.results.iter().map(|result| result.as_ref().unwrap().event_uuid.as_deref()).collect();
    let uuid = Some("e981b488-81f3-4fcc-bd6f-f7033c9d7ac3");
    assert_eq!(uuids, [uuid, uuid, None], "all events have one Id");
}

#[test]
fn an_upsert_tells_what_salesforce_told() {
    let of = |created: &str| format!(r#"{{"id":"{}","success":true,"errors":[]{created}}}"#, IDS[0]);
    for (created, expected) in [
        (r#","created":true"#, Some(true)),
        (r#","created":false"#, Some(false)),
        ("", None),
        (r#","created":null"#, None),
    ] {
        let results = answered(upserts(1), 200, &list(&[of(created)])).unwrap();
        assert_eq!(results.results[0].as_ref().unwrap().created, expected, "{created}");
    }
    let results = answered(upserts(1), 200, &list(&[of(r#","created":"yes""#)])).unwrap();
    assert_eq!(told(&results), [Err(UNTRUSTED)]);
}

#[test]
fn f116_an_answer_without_a_result_for_each_record_is_unknown_for_all() {
    let of =
        |count: usize| list(&(0..count).map(|number| done(&format!("001D00000000{number:03}"))).collect::<Vec<_>>());
    let object = format!("{{\"results\":{}}}", of(3));
    let (short, long, none) = (of(2), of(4), of(0));
    for body in [&short, &long, &none, &object, "", "null", "<html>", "[", &format!("{}x", of(3)), "{}"] {
        for (status, words) in [(200, "any of the 3 records may have been created: "), (201, "any of the 3")] {
            let error = answered(accounts(3, false), status, body).unwrap_err();
            assert_eq!((error.kind, error.outcome, error.retryable), UNTRUSTED, "{body}");
            assert!(error.message.starts_with(words) && error.status == Some(status), "{}", error.message);
        }
    }
    let error = answered(accounts(3, false), 200, &short).unwrap_err();
    assert!(error.message.ends_with("expected 3 results, one for each record, but 2 came"), "{}", error.message);
    for (batch, words) in [
        (accounts(1, false), "the record may have been created: "),
        (updates(false), "any of the 3 records may have been updated: "),
        (upserts(2), "any of the 2 records may have been created or updated: "),
        (deletes(false), "any of the 3 records may have been deleted: "),
    ] {
        let error = answered(batch, 200, "[]").unwrap_err();
        assert!(error.message.starts_with(words), "{}", error.message);
    }
}

#[test]
fn an_odd_entry_leaves_the_others() {
    for odd in [
        "null".to_owned(),
        "7".into(),
        "[]".into(),
        "{}".into(),
        r#"{"success":true}"#.into(),
        r#"{"success":"true","id":"001D000000IqhSLIAZ"}"#.into(),
        r#"{"success":true,"success":false,"id":"001D000000IqhSLIAZ"}"#.into(),
        done(""),
        done("001D000000IqhSLIAA"),
        done("../x"),
    ] {
        let results = answered(accounts(3, false), 200, &list(&[done(IDS[1]), odd.clone(), done(IDS[2])])).unwrap();
        assert_eq!(told(&results), [Ok(IDS[1]), Err(UNTRUSTED), Ok(IDS[2])], "{odd}");
        let error = results.results[1].as_ref().unwrap_err();
        assert!(error.message.starts_with("the answer leaves open what became of this record: "), "{}", error.message);
        assert_eq!(error.status, Some(200));
    }
}

#[test]
fn a_result_with_the_id_of_another_record_is_not_taken_for_its() {
    for batch in [updates, deletes] {
        let swapped = list(&[done(IDS[1]), done(IDS[0]), done("001D000000IqhSN")]);
        let results = answered(batch(false), 200, &swapped).unwrap();
        assert_eq!(told(&results), [Err(UNTRUSTED), Err(UNTRUSTED), Ok(IDS[2])]);
        let refused = failed("DELETE_FAILED").replacen('{', &format!("{{\"id\":\"{}\",", IDS[1]), 1);
        let results = answered(batch(false), 200, &list(&[refused.clone(), refused, done(IDS[2])])).unwrap();
        assert_eq!(told(&results)[..2], [Err(UNTRUSTED), Err((ErrorKind::Rejected, Outcome::Rejected, false))]);
    }
    let message = answered(updates(false), 200, &list(&[done(IDS[1]), done("\\u001b[2J"), done(IDS[2])])).unwrap();
    let message = &message.results[1].as_ref().unwrap_err().message;
    assert!(message.ends_with("expected the Id of this record, but \\u{1b}[2J came"), "{message}");
}

#[test]
fn two_new_records_with_one_id_are_not_trusted() {
    let results = answered(accounts(3, false), 200, &list(&[done(IDS[0]), done(IDS[1]), done(IDS[0])])).unwrap();
    assert_eq!(told(&results), [Err(UNTRUSTED), Ok(IDS[1]), Err(UNTRUSTED)]);
}

#[test]
fn with_all_or_none_the_innocent_are_rolled_back_under_either_status() {
    let rolled_back = || failed("ALL_OR_NONE_OPERATION_ROLLED_BACK");
    let own = rolled_back().replacen('{', &format!("{{\"id\":\"{}\",", IDS[0]), 1);
    for status in [200, 400] {
        let body = list(&[own.clone(), failed("INVALID_FIELD"), rolled_back()]);
        let results = answered(updates(true), status, &body).unwrap();
        let innocent = Err((ErrorKind::RolledBack, Outcome::Rejected, false));
        assert_eq!(told(&results), [innocent, Err((ErrorKind::InvalidRecord, Outcome::Rejected, false)), innocent]);
        assert_eq!(results.results[0].as_ref().unwrap_err().status, Some(status));
    }
}

#[test]
fn a_success_that_all_or_none_rules_out_is_not_trusted() {
    let body = list(&[done(IDS[0]), failed("INVALID_FIELD"), done(IDS[2])]);
    let refused = Err((ErrorKind::InvalidRecord, Outcome::Rejected, false));
    let results = answered(updates(true), 200, &body).unwrap();
    assert_eq!(told(&results), [Err(UNTRUSTED), refused, Err(UNTRUSTED)]);
    let results = answered(updates(false), 400, &body).unwrap();
    assert_eq!(told(&results), [Err(UNTRUSTED), refused, Err(UNTRUSTED)]);
    // One that cannot be read is no refusal.
    let results = answered(updates(true), 200, &list(&[done(IDS[0]), "{}".into(), done(IDS[2])])).unwrap();
    assert_eq!(told(&results), [Ok(IDS[0]), Err(UNTRUSTED), Ok(IDS[2])]);
}

#[test]
fn a_refusal_of_the_whole_request_is_one_error() {
    use ErrorKind::*;
    for (status, body, kind, outcome) in [
        (400, r#"[{"message":"m","errorCode":"JSON_PARSER_ERROR"}]"#, InvalidRecord, Outcome::Rejected),
        (400, r#"[{"message":"m","errorCode":"LIMIT_EXCEEDED"}]"#, LimitExceeded, Outcome::Rejected),
        (401, r#"[{"message":"m","errorCode":"INVALID_SESSION_ID"}]"#, SessionExpired, Outcome::Rejected),
        (403, r#"[{"message":"m","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#, RateLimited, Outcome::Rejected),
        (404, r#"[{"message":"m","errorCode":"NOT_FOUND"}]"#, NotFound, Outcome::Rejected),
        (404, "<html>", InvalidResponse, Outcome::Unknown),
        (400, "[]", Rejected, Outcome::Rejected),
        (500, r#"[{"success":false,"errors":[]}]"#, Unavailable, Outcome::Unknown),
    ] {
        let error = answered(accounts(2, true), status, body).unwrap_err();
        assert_eq!((error.kind, error.outcome, error.status), (kind, outcome, Some(status)), "{status} {body}");
        let is_open = error.message.starts_with("any of the 2 records may have been created");
        assert_eq!(is_open, outcome == Outcome::Unknown, "{}", error.message);
    }
    let error = answered(accounts(2, true), 400, &list(&[failed("INVALID_FIELD")])).unwrap_err();
    assert_eq!((error.kind, error.outcome), (InvalidResponse, Outcome::Unknown), "a list too short proves nothing");
}

#[test]
fn no_secret_that_a_server_repeats_is_in_the_error_of_a_record() {
    let body = r#"[{"success":false,"errors":[{"statusCode":"X","message":"bad 00D!TOKEN","fields":["00D!TOKEN"]}]},{"success":true,"id":"00D!TOKEN"}]"#;
    let results = answered(accounts(2, false), 200, body).unwrap();
    assert!(!format!("{results:?}").contains("TOKEN"), "{results:?}");
}
