//! Creates whose answer does not come: unknown, never repeated, and the error agrees with what really happened.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use serde_json::json;

use crate::calls::{DEFAULTS, SHORT};
use crate::fixture::{ACCOUNTS, Fixture, decision};

const TEN_TIMES: CallOptions = CallOptions { attempts: Some(10), ..DEFAULTS };

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_unknown_and_not_repeated() {
    for (fault, kind, creates) in [
        (Fault::Reset, ErrorKind::Interrupted, 0),
        (Fault::ResetAfterWork, ErrorKind::Interrupted, 1),
        (Fault::Close, ErrorKind::Interrupted, 0),
        (Fault::CloseAfterWork, ErrorKind::Interrupted, 1),
        (Fault::status(408, &[]), ErrorKind::Unavailable, 0),
        (Fault::status(500, &[]), ErrorKind::Unavailable, 0),
        (Fault::status(502, &[]), ErrorKind::Unavailable, 0),
        (Fault::status(503, &[("retry-after", "0")]), ErrorKind::Unavailable, 0),
        (Fault::status(504, &[]), ErrorKind::Unavailable, 0),
        (Fault::Replace(json!("not what was promised")), ErrorKind::InvalidResponse, 1),
    ] {
        let shown = format!("{fault:?}");
        let fixture = Fixture::meeting(ACCOUNTS, fault).await;
        let error = fixture.create_error(TEN_TIMES).await;
        assert_eq!(decision(&error), (kind, Outcome::Unknown, false), "{shown}: {}", error.message);
        let ledger = fixture.mock.ledger();
        assert_eq!((ledger.requests("POST", ACCOUNTS), ledger.creates("Account")), (1, creates), "{shown}");
    }
}

#[tokio::test]
async fn a_create_that_gets_no_answer_ends_at_the_deadline() {
    for (fault, creates) in [(Fault::Hang, 0), (Fault::HangAfterWork, 1)] {
        let fixture = Fixture::meeting(ACCOUNTS, fault).await;
        let error = fixture.create_error(SHORT).await;
        assert_eq!(decision(&error), (ErrorKind::Timeout, Outcome::Unknown, false));
        let ledger = fixture.mock.ledger();
        assert_eq!((ledger.requests("POST", ACCOUNTS), ledger.creates("Account")), (1, creates));
    }
}

fn coded(status: u16, code: &str) -> Fault {
    Fault::json(status, &json!([{"message": "why", "errorCode": code}]))
}

#[tokio::test]
async fn a_refused_create_is_rejected_and_changes_nothing() {
    let limit = json!([{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]);
    for (fault, kind, retryable) in [
        (Fault::status(429, &[("retry-after", "0")]), ErrorKind::RateLimited, true),
        (Fault::json(403, &limit), ErrorKind::RateLimited, true),
        (Fault::status(401, &[]), ErrorKind::SessionExpired, false),
        (coded(403, "INSUFFICIENT_ACCESS_OR_READONLY"), ErrorKind::Forbidden, false),
        (coded(404, "NOT_FOUND"), ErrorKind::NotFound, false),
        (Fault::status(415, &[]), ErrorKind::Rejected, false),
    ] {
        let shown = format!("{fault:?}");
        let fixture = Fixture::meeting(ACCOUNTS, fault).await;
        let error = fixture.create_error(TEN_TIMES).await;
        assert_eq!(decision(&error), (kind, Outcome::Rejected, retryable), "{shown}");
        assert_eq!((fixture.requests(), fixture.writes().len()), (1, 0), "{shown}");
    }
}
