//! Which records were changed or deleted in a span of time.

use mock_salesforce::Fault;
use mock_salesforce::org::WriteOptions;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::{Value, json};

use super::fixture;
use crate::calls::{DEFAULTS, ONCE};
use crate::fixture::{ACCOUNTS, decision, refused};

fn span(start: &str, end: &str) -> Value {
    json!({"object": "Account", "start": start, "end": end})
}

#[tokio::test]
async fn what_changed_and_what_was_deleted_is_told() {
    let fixture = fixture().await;
    let (kept, gone) = (fixture.add_late("Kept", 0), fixture.add_late("Gone", 0));
    fixture.pass(120);
    let options = WriteOptions::new("0055g0000000000AAA", "v67.0");
    fixture.mock.org(|org| org.delete("Account", &gone, &options)).unwrap();
    fixture.pass(600);

    let around = span("2026-06-15T13:59:30.000+0200", "2026-06-15T12:30:00Z");
    let updated = fixture.act("updated-records", &around, DEFAULTS).await.unwrap();
    assert_eq!((&updated["ids"], &updated["count"]), (&json!([kept]), &json!(1)));
    assert_eq!(updated["latest_date_covered"], "2026-06-15T12:12:00.000+0000");
    assert!(updated["usage"]["used"].is_u64());

    let deleted = fixture.act("deleted-records", &around, DEFAULTS).await.unwrap();
    let record = json!({"id": gone, "deletedDate": "2026-06-15T12:02:00.000+0000"});
    assert_eq!((&deleted["records"], &deleted["count"]), (&json!([record]), &json!(1)));
    assert_eq!(deleted["earliest_date_available"], "2026-05-31T12:12:00.000+0000");

    // What was told as covered is the next start.
    let next = span(updated["latest_date_covered"].as_str().unwrap(), "2026-06-15T13:00:00Z");
    let updated = fixture.act("updated-records", &next, DEFAULTS).await.unwrap();
    assert_eq!((&updated["ids"], &updated["count"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn a_span_that_cannot_be_is_refused() {
    let fixture = fixture().await;
    for (start, end) in [("2026-06-15T12:00:00Z", "2026-06-15T11:00:00Z"), ("yesterday", "2026-06-15T11:00:00Z")] {
        let error = refused(fixture.act("updated-records", &span(start, end), DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{start}");
    }
    assert_eq!(fixture.requests(), 0);
    let early = span("2026-05-01T00:00:00Z", "2026-06-15T11:00:00Z");
    for action in ["updated-records", "deleted-records"] {
        let error = refused(fixture.act(action, &early, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::Rejected, false), "{action}");
        let nothing = json!({"object": "Nothing__c", "start": "2026-06-15T10:00:00Z", "end": "2026-06-15T11:00:00Z"});
        let error = refused(fixture.act(action, &nothing, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::NotFound, Outcome::Rejected, false), "{action}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_a_hostile_one_is_refused() {
    let fixture = fixture().await;
    let hour = span("2026-06-15T10:00:00Z", "2026-06-15T11:00:00Z");
    for action in ["updated-records", "deleted-records"] {
        fixture.fault(ACCOUNTS, Fault::ResetAfterWork);
        assert!(fixture.act(action, &hour, DEFAULTS).await.is_ok());
        fixture.fault(ACCOUNTS, Fault::ResetAfterWork);
        let error = refused(fixture.act(action, &hour, ONCE).await);
        assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, true), "{action}");
        for body in [json!([]), json!({"ids": ["x"], "deletedRecords": [{"id": "x"}], "latestDateCovered": "x"})] {
            fixture.fault(ACCOUNTS, Fault::json(200, &body));
            let error = refused(fixture.act(action, &hour, DEFAULTS).await);
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{action}");
        }
    }
}
