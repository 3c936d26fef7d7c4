//! What is sent again, and what is made of what came then.

use super::*;
use crate::core::error::ErrorKind::*;

const GONE: &str = "ENTITY_IS_DELETED";

#[test]
fn creates_are_sent_once_unless_they_provably_never_left() {
    for lost in [Err(LOST), Err(Failure::HostTimeout), Ok(answer(503, "")), Ok(answer(408, ""))] {
        let mut script = Script::new([lost, ok(&[done(IDS[0])])]);
        let error = run(&mut script, accounts(200, false), Some(10)).unwrap_err();
        assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, false, 1));
        assert!(error.message.starts_with("any of the 200 records may have been created: "), "{}", error.message);
    }
    let mut script = Script::new([Err(Failure::Unreachable), ok(&[done(IDS[0])])]);
    assert_eq!(told(&run(&mut script, accounts(1, false), None).unwrap()), [Ok(IDS[0])]);
    let mut script = Script::new([Err(Failure::Denied)]);
    let error = run(&mut script, accounts(2, false), None).unwrap_err();
    assert_eq!((error.kind, error.outcome), (DeniedByHost, Outcome::NotSent));
    assert!(error.message.starts_with("the host's egress policy"), "{}", error.message);
}

#[test]
fn the_others_are_repeated_once_and_only_if_the_caller_allows_it() {
    for batch in [|| updates(false), || upserts(3), || deletes(false)] {
        for (attempts, times) in [(None, 1), (Some(1), 1), (Some(2), 2), (Some(10), 2)] {
            let mut script = Script::new([Err(LOST), Err(LOST), Err(LOST)]);
            let error = run(&mut script, batch(), attempts).unwrap_err();
            let told = (error.kind, error.outcome, error.retryable, script.sent());
            assert_eq!(told, (Interrupted, Outcome::Unknown, true, times), "{attempts:?}");
        }
        let mut script = Script::new([Err(LOST), ok(&IDS.map(done))]);
        assert_eq!(told(&run(&mut script, batch(), Some(2)).unwrap()), IDS.map(Ok));
        let (first, second) = (&script.requests[0], &script.requests[1]);
        assert_eq!((&first.1, &first.2), (&second.1, &second.2), "the very same request");
    }
}

#[test]
fn what_a_repeat_refuses_is_unknown() {
    for batch in [|| updates(false), || upserts(3), || deletes(false)] {
        let answers = [done(IDS[0]), failed("UNABLE_TO_LOCK_ROW"), failed("INVALID_FIELD")];
        let mut script = Script::new([Err(LOST), ok(&answers)]);
        let results = run(&mut script, batch(), Some(2)).unwrap();
        let expected =
            [Ok(IDS[0]), Err((Locked, Outcome::Unknown, true)), Err((InvalidRecord, Outcome::Unknown, false))];
        assert_eq!(told(&results), expected);
        // A request that never left changed nothing.
        let mut script = Script::new([Err(Failure::Unreachable), ok(&answers)]);
        let results = run(&mut script, batch(), Some(2)).unwrap();
        assert_eq!(told(&results)[1], Err((Locked, Outcome::Rejected, true)));
    }
    let refused = r#"[{"errorCode":"INVALID_FIELD","message":"no"}]"#;
    let mut script = Script::new([Err(LOST), Ok(answer(400, refused))]);
    let error = run(&mut script, updates(false), Some(2)).unwrap_err();
    assert_eq!((error.kind, error.outcome), (InvalidRecord, Outcome::Unknown));
    let body = list(&[failed("INVALID_FIELD"), failed("ALL_OR_NONE_OPERATION_ROLLED_BACK"), failed("INVALID_FIELD")]);
    let mut script = Script::new([Err(LOST), Ok(answer(400, &body))]);
    let results = run(&mut script, updates(true), Some(2)).unwrap();
    assert_eq!(told(&results)[1], Err((RolledBack, Outcome::Unknown, false)));
}

fn already_deleted(results: &Results) -> Vec<Option<bool>> {
    results.results.iter().map(|result| result.as_ref().ok().map(|written| written.already_deleted)).collect()
}

#[test]
fn a_repeated_delete_that_finds_records_gone_has_deleted_them() {
    let answers = [failed(GONE), done(IDS[1]), failed("DELETE_FAILED")];
    let mut script = Script::new([Err(LOST), ok(&answers)]);
    let results = run(&mut script, deletes(false), Some(2)).unwrap();
    assert_eq!(already_deleted(&results), [Some(true), Some(false), None]);
    assert_eq!(told(&results), [Ok(IDS[0]), Ok(IDS[1]), Err((Rejected, Outcome::Unknown, false))]);
}

#[test]
fn a_record_that_was_deleted_before_the_call_is_an_error() {
    let answers = [failed(GONE), done(IDS[1]), done(IDS[2])];
    for script in [vec![ok(&answers)], vec![Err(Failure::Unreachable), ok(&answers)]] {
        let mut script = match <[_; 1]>::try_from(script) {
            Ok(one) => Script::new(one),
            Err(two) => Script::new(<[_; 2]>::try_from(two).ok().unwrap()),
        };
        let results = run(&mut script, deletes(false), Some(2)).unwrap();
        assert_eq!(told(&results), [Err((Deleted, Outcome::Rejected, false)), Ok(IDS[1]), Ok(IDS[2])]);
    }
    // Only of a delete is it a success.
    let mut script = Script::new([Err(LOST), ok(&answers)]);
    let results = run(&mut script, updates(false), Some(2)).unwrap();
    assert_eq!(told(&results)[0], Err((Deleted, Outcome::Unknown, false)));
}

#[test]
fn a_repeated_delete_of_all_or_none_has_deleted_all_or_none() {
    let mut script = Script::new([Err(LOST), ok(&[failed(GONE), failed(GONE), failed(GONE)])]);
    let results = run(&mut script, deletes(true), Some(2)).unwrap();
    assert_eq!(already_deleted(&results), [Some(true); 3]);
    for status in [200, 400] {
        let body = list(&[failed(GONE), failed("ALL_OR_NONE_OPERATION_ROLLED_BACK"), failed(GONE)]);
        let mut script = Script::new([Err(LOST), Ok(answer(status, &body))]);
        let results = run(&mut script, deletes(true), Some(2)).unwrap();
        let gone = Err((Deleted, Outcome::Unknown, false));
        assert_eq!(told(&results), [gone, Err((RolledBack, Outcome::Unknown, false)), gone]);
    }
}
