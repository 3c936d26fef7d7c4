//! What goes wrong on the way, and what the reader then knows: a stream that is short is never taken for a whole one.

use std::time::Duration;

use mock_salesforce::wire::{Step, Wire};
use mock_salesforce::{Fault, Matcher};
use salesforce_runtime::HostFailureKind;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use salesforce_streams::bindings::Query;
use serde_json::{Value, json};

use crate::fixture::{ACCOUNTS, DEFAULTS, FURTHER, Fixture, ONCE, QUERY, SHORT, accounts, failed, read, refused};

/// Records of a page.
const PAGE: usize = 500;
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999\r\n\r\n";
const BEGUN: &str = r#"{"totalSize":2086,"done":false,"records":[{"Id":"x"},"#;

fn page(next: &str) -> Value {
    json!({"totalSize": 2_000_000, "done": false, "nextRecordsUrl": next, "records": [{}]})
}

/// The second page meets each of these, and is not asked for again: the first is there, and what is not is told.
async fn ends_after_the_first_page(faults: Vec<Fault>, options: CallOptions, kind: ErrorKind) {
    for fault in faults {
        let fixture = Fixture::meeting(FURTHER, fault.clone()).await;
        let (records, ended) = fixture.read(accounts(), options).await;
        let error = refused(ended);
        assert_eq!((error.kind, error.outcome), (kind, Outcome::Unknown), "{fault:?}: {}", error.message);
        assert_eq!((records.len(), error.retryable, fixture.requests()), (PAGE, true, 2), "{fault:?}");
    }
}

fn begun_and(then: Step) -> Fault {
    Fault::Wire(vec![Step::write(HEAD), Step::write(BEGUN), then])
}

#[tokio::test]
async fn f08_f11_a_page_that_is_cut_or_reset_ends_the_stream_with_an_error() {
    let cut = Fault::Wire(vec![Step::write(HEAD), Step::write(BEGUN)]);
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let whole = r#"{"totalSize":2086,"done":true,"records":[]}"#;
    let without_terminator = Step::write(format!("{chunked}{:x}\r\n{whole}\r\n", whole.len()));
    let faults = vec![cut, begun_and(Step::Reset), Fault::Close, Fault::Reset, Fault::Wire(vec![without_terminator])];
    ends_after_the_first_page(faults, ONCE, ErrorKind::Interrupted).await;
}

#[tokio::test]
async fn f10_f16_a_page_that_stalls_or_trickles_ends_the_stream_at_its_deadline() {
    let trickle = Step::Trickle(b" ".to_vec(), Duration::from_millis(20));
    let faults = vec![Fault::Hang, begun_and(Step::Hang), begun_and(trickle)];
    ends_after_the_first_page(faults, SHORT, ErrorKind::Timeout).await;
}

#[tokio::test]
async fn a_broken_page_is_asked_for_again() {
    for fault in [begun_and(Step::Reset), Fault::Close, Fault::status(503, &[])] {
        let fixture = Fixture::meeting(FURTHER, fault).await;
        let (records, ended) = fixture.read(accounts(), DEFAULTS).await;
        assert_eq!((records.len(), ended.unwrap().count), (ACCOUNTS, ACCOUNTS as u64));
        assert_eq!(fixture.requests(), 6);
    }
}

#[tokio::test]
async fn f18_an_answer_byte_by_byte_is_the_same_answer() {
    let body = r#"{"totalSize":2,"done":true,"records":[{"Name":"Ä"}, {"Name":"🚀"}]}"#;
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let wire = Wire::start([vec![Step::Read, Step::Slices(answer.into_bytes())]]).await.unwrap();
    let (records, ended) = Fixture::at(&wire).await.read(accounts(), ONCE).await;
    assert_eq!(
        (records.as_slice(), ended.unwrap().count),
        ([r#"{"Name":"Ä"}"#, r#"{"Name":"🚀"}"#].map(str::to_owned).as_slice(), 2)
    );
}

#[tokio::test]
async fn f21_a_page_that_is_too_large_is_not_read() {
    let fixture = Fixture::start().await;
    let options = CallOptions { max_response_bytes: Some(1_000), ..DEFAULTS };
    let (records, ended) = fixture.read(accounts(), options).await;
    let error = refused(ended);
    assert_eq!((error.kind, error.retryable, records.len()), (ErrorKind::ResponseTooLarge, false, 0));
    assert_eq!(fixture.requests(), 1);
}

#[tokio::test]
async fn f45_f47_a_hostile_next_page_is_not_asked_for() {
    for next in [
        "https://evil.example/services/data/v67.0/query/01g-2000",
        "//evil.example/services/data/v67.0/query/01g-2000",
        "/services/data/v67.0/query/../sobjects/evil",
        "/services/data/v67.0/query/01g\r\nx: y",
    ] {
        let fixture = Fixture::meeting(QUERY, Fault::json(200, &page(next))).await;
        let (records, ended) = fixture.read(accounts(), DEFAULTS).await;
        let error = refused(ended);
        assert_eq!((error.kind, error.retryable, records.len()), (ErrorKind::InvalidResponse, false, 0), "{next}");
        assert_eq!(fixture.requests(), 1, "{next}");
    }
}

#[tokio::test]
async fn f48_pages_in_a_circle_end_at_the_repeat() {
    let [a, b] = ["01ga-1", "01gb-2"].map(|locator| format!("{FURTHER}{locator}"));
    let fixture = Fixture::start().await;
    for next in [&a, &b, &a] {
        fixture.mock.push_fault(Matcher::under(QUERY), Fault::json(200, &page(next)));
    }
    let (records, ended) = fixture.read(accounts(), DEFAULTS).await;
    assert_eq!((refused(ended).kind, records.len(), fixture.requests()), (ErrorKind::InvalidResponse, 2, 3));
}

#[tokio::test]
async fn f51_a_total_unlike_the_rows_is_an_error() {
    let last = json!({"totalSize": 2086, "done": true, "records": [{}, {}]});
    let fixture = Fixture::meeting(FURTHER, Fault::json(200, &last)).await;
    let (records, ended) = fixture.read(accounts(), DEFAULTS).await;
    let error = refused(ended);
    assert_eq!((error.kind, records.len()), (ErrorKind::InvalidResponse, PAGE), "{}", error.message);
}

#[tokio::test]
async fn f53_an_expired_cursor_has_its_own_kind() {
    let expired = json!([{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]);
    let fixture = Fixture::meeting(FURTHER, Fault::json(400, &expired)).await;
    let (records, ended) = fixture.read(accounts(), DEFAULTS).await;
    assert_eq!((refused(ended).kind, records.len()), (ErrorKind::CursorExpired, PAGE));
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_the_requests_and_the_rest_is_told() {
    let mut fixture = Fixture::start().await;
    let mut records = fixture.records(accounts(), DEFAULTS);
    records.next().await.unwrap();
    assert_eq!(fixture.arrival().await, QUERY);
    let error = refused(records.finish().await);
    assert_eq!((error.kind, error.outcome, error.retryable), (ErrorKind::Interrupted, Outcome::Unknown, true));
    assert_eq!(fixture.requests(), 1, "{}", error.message);
}

#[tokio::test]
async fn a_reader_that_goes_away_leaves_the_other_calls_alone() {
    let fixture = Fixture::start().await;
    let instance = fixture.execution().start();
    let mut left = instance.query_records(fixture.connection.clone(), accounts(), DEFAULTS);
    left.next().await.unwrap();
    let other = instance.query_records(fixture.connection.clone(), accounts(), DEFAULTS);
    drop(left);
    let (records, ended) = read(other).await;
    assert_eq!((records.len(), ended.unwrap().count), (ACCOUNTS, ACCOUNTS as u64));
}

#[tokio::test]
async fn a_reader_that_stalls_holds_up_no_other() {
    let fixture = Fixture::start().await;
    let instance = fixture.execution().start();
    let mut stalled = instance.query_records(fixture.connection.clone(), accounts(), DEFAULTS);
    stalled.next().await.unwrap();
    let other = instance.query_records(fixture.connection.clone(), accounts(), DEFAULTS);
    assert_eq!(read(other).await.1.unwrap().count, ACCOUNTS as u64);
    // One page for the one, five for the other.
    assert_eq!(fixture.requests(), 6);
    assert_eq!(read(stalled).await.0.len(), ACCOUNTS - 1);
}

#[tokio::test]
async fn a_reader_that_stalls_is_ended_by_the_hosts_deadline_and_so_is_an_org_that_does() {
    let fixture = Fixture::start().await;
    let instance = fixture.execution().within(Duration::from_secs(2)).start();
    let mut stalled = instance.query_records(fixture.connection.clone(), accounts(), DEFAULTS);
    stalled.next().await;
    fixture.mock.push_fault(Matcher::under(QUERY), Fault::Hang);
    let unanswered = instance.query_records(fixture.connection.clone(), accounts(), DEFAULTS);
    let failure = failed(read(unanswered).await.1);
    assert_eq!(failure.kind, HostFailureKind::DeadlineExceeded, "{}", failure.message);
    let (rest, ended) = read(stalled).await;
    assert!(rest.len() < PAGE, "{}", rest.len());
    assert_eq!(failed(ended).kind, HostFailureKind::DeadlineExceeded);
}

#[tokio::test]
async fn f07_an_address_that_the_host_does_not_allow_is_told_and_not_asked() {
    let fixture = Fixture::start().await;
    let mut elsewhere = fixture.connection.clone();
    elsewhere.instance_url = "https://other.my.salesforce.com".to_owned();
    let records = fixture.execution().start().query_records(elsewhere, accounts(), DEFAULTS);
    let error = refused(read(records).await.1);
    assert_eq!((error.kind, error.outcome), (ErrorKind::DeniedByHost, Outcome::NotSent));
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn f89_memory_beyond_the_limit_ends_the_instance_and_the_next_one_works() {
    let fixture = Fixture::start().await;
    let execution = fixture.execution().with_memory(600 << 10);
    let query = Query::from("SELECT FIELDS(STANDARD) FROM Account LIMIT 200");
    let failure = failed(read(execution.start().query_records(fixture.connection.clone(), query, DEFAULTS)).await.1);
    assert_eq!(failure.kind, HostFailureKind::ResourceExhausted, "{}", failure.message);
    assert!(fixture.read(accounts(), DEFAULTS).await.1.is_ok());
}
