//! The deadline: for the whole call, and for every way of not answering.

use std::time::Duration;

use mock_salesforce::Fault;
use salesforce_runtime::bindings::soql::Query;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};

use crate::calls::{DEFAULTS, ONCE, SHORT, query};
use crate::fixture::{Fixture, QUERY, TOKEN, decision, refused};

#[tokio::test]
async fn a_slow_answer_within_the_deadline_is_waited_for() {
    let fixture = Fixture::meeting(QUERY, Fault::Delay(Duration::from_millis(50))).await;
    assert!(fixture.read(ONCE).await.is_ok());
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_a_timeout() {
    for fault in [Fault::Hang, Fault::HangAfterWork, Fault::Delay(Duration::from_secs(3600))] {
        let error = Fixture::meeting(QUERY, fault).await.read_error(SHORT).await;
        assert_eq!(decision(&error), (ErrorKind::Timeout, Outcome::Unknown, true));
        assert_eq!(error.status, None);
    }
}

#[tokio::test]
async fn attempts_do_not_lengthen_the_deadline() {
    let fixture = Fixture::meeting(QUERY, Fault::Hang).await;
    let error = fixture.read_error(CallOptions { attempts: Some(10), ..SHORT }).await;
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert_eq!(fixture.requests(), 1, "the first one used the time of all");
}

#[tokio::test]
async fn the_deadline_holds_for_tokens_too() {
    let fixture = Fixture::meeting(TOKEN, Fault::Hang).await;
    let error = refused(fixture.execution().refresh(&fixture.app(), &fixture.refresh_token, SHORT).await);
    assert_eq!(decision(&error), (ErrorKind::Timeout, Outcome::Unknown, false));
}

#[tokio::test]
async fn pages_that_were_read_before_the_deadline_are_not_lost() {
    let fixture = Fixture::meeting("/services/data/v67.0/query/", Fault::Hang).await;
    let accounts = Query { max_records: Some(9999), ..query("SELECT Id FROM Account") };
    let options = CallOptions { deadline_ms: Some(3_000), ..DEFAULTS };
    let page = fixture.query_with(&accounts, options).await.unwrap();
    assert_eq!((page.count, page.next.is_some()), (2000, true));
}
