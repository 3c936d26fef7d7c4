//! From page to page: never to another host, never for ever, and never short without a word.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::soql::Query;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::{Value, json};

use super::TEN_TIMES;
use crate::calls::{DEFAULTS, ONCE, query, rows};
use crate::fixture::{Fixture, QUERY, decision, refused};

/// Pages after the first.
const FURTHER: &str = "/services/data/v67.0/query/";

fn accounts(max_records: u32) -> Query {
    Query { batch_size: Some(500), max_records: Some(max_records), ..query("SELECT Id FROM Account") }
}

fn page(done: bool, next: Option<&str>) -> Value {
    let mut page = json!({"totalSize": 2_000_000, "done": done, "records": [{}]});
    if let Some(next) = next {
        page["nextRecordsUrl"] = json!(next);
    }
    page
}

/// A page with each of these places to go on is refused, and nobody goes there.
async fn is_not_followed(places: &[&str]) {
    for place in places {
        let fixture = Fixture::meeting(QUERY, Fault::json(200, &page(false, Some(place)))).await;
        let error = refused(fixture.query_with(&accounts(9999), TEN_TIMES).await);
        assert_eq!((error.kind, error.retryable), (ErrorKind::InvalidResponse, false), "{place}");
        assert!(!format!("{error:?}").contains("evil"), "{error:?}");
        assert_eq!(fixture.requests(), 1, "{place}");
    }
}

#[tokio::test]
async fn f45_a_next_page_on_another_host() {
    is_not_followed(&[
        "https://evil.example/services/data/v67.0/query/01g-2000",
        "https://evil.my.salesforce.com/services/data/v67.0/query/01g-2000",
    ])
    .await;
}

#[tokio::test]
async fn f46_a_next_page_in_disguise() {
    is_not_followed(&[
        "//evil.example/services/data/v67.0/query/01g-2000",
        "@evil.example/services/data/v67.0/query/01g-2000",
        ".evil.example/services/data/v67.0/query/01g-2000",
        "\\evil.example/services/data/v67.0/query/01g-2000",
        "/\\evil.example/services/data/v67.0/query/01g-2000",
        ":80/services/data/v67.0/query/01g-2000",
    ])
    .await;
    // Plain http to the very same host, where a token would be read on the way.
    let fixture = Fixture::start().await;
    let itself = format!("{}{FURTHER}01g-2000", fixture.mock.url());
    fixture.fault(QUERY, Fault::json(200, &page(false, Some(&itself))));
    assert_eq!(refused(fixture.query(&accounts(9999)).await).kind, ErrorKind::InvalidResponse);
    assert_eq!(fixture.requests(), 1);
}

#[tokio::test]
async fn f47_a_next_page_that_is_no_page_of_a_query() {
    let long = format!("{FURTHER}{}", "0".repeat(512));
    is_not_followed(&[
        "/services/data/v67.0/sobjects/Account",
        "/services/apexrest/query/01g",
        "/services/data/v67.0/query/",
        "/services/data/v67.0/query/../sobjects/evil",
        "/services/data/v67.0/query/%2e%2e/x",
        "/services/data/v67.0/query/01g?q=SELECT",
        "/services/data/v67.0/query/01g#x",
        "/services/data/v67.0/query/01g\r\nx: y",
        "/services/data/67.0/query/01g-2000",
        " /services/data/v67.0/query/01g-2000",
        "",
        &long,
    ])
    .await;
}

#[tokio::test]
async fn f48_pages_in_a_circle_end_at_the_repeat() {
    let [a, b] = ["01ga-1", "01gb-2"].map(|locator| format!("{FURTHER}{locator}"));
    let fixture = Fixture::start().await;
    for next in [&a, &a] {
        fixture.fault(QUERY, Fault::json(200, &page(false, Some(next))));
    }
    assert_eq!(refused(fixture.query(&accounts(9999)).await).kind, ErrorKind::InvalidResponse);
    assert_eq!(fixture.requests(), 2, "a page that leads to itself");

    for next in [&a, &b, &a] {
        fixture.fault(QUERY, Fault::json(200, &page(false, Some(next))));
    }
    assert_eq!(refused(fixture.query(&accounts(9999)).await).kind, ErrorKind::InvalidResponse);
    assert_eq!(fixture.requests(), 5, "two that lead to each other");
}

#[tokio::test]
async fn f49_endless_pages_end_at_the_cap() {
    let fixture = Fixture::start().await;
    for number in 0..1_000 {
        fixture.fault(QUERY, Fault::json(200, &page(false, Some(&format!("{FURTHER}01g-{number}")))));
    }
    let found = fixture.query(&accounts(30)).await.unwrap();
    assert_eq!((found.count, found.next.is_some(), fixture.requests()), (30, true, 30));
}

#[tokio::test]
async fn f50_done_and_the_next_page_contradict_each_other() {
    for answer in [page(false, None), page(true, Some(&format!("{FURTHER}01g-2000")))] {
        let fixture = Fixture::meeting(QUERY, Fault::json(200, &answer)).await;
        assert_eq!(fixture.read_error(ONCE).await.kind, ErrorKind::InvalidResponse, "{answer}");
    }
}

#[tokio::test]
async fn f51_a_total_unlike_the_rows_is_told() {
    for total in [0, 1, 3, 2_000_000] {
        let answer = json!({"totalSize": total, "done": true, "records": [{}, {}]});
        let error = Fixture::meeting(QUERY, Fault::json(200, &answer)).await.read_error(ONCE).await;
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{total}");
    }
    // On a later page nobody can know what came before it, so it is told beside the rows.
    let last = json!({"totalSize": 9, "done": true, "records": [{}, {}]});
    let fixture = Fixture::meeting(FURTHER, Fault::json(200, &last)).await;
    let found = fixture.next_page(&format!("{FURTHER}01g-2000")).await.unwrap();
    assert_eq!((found.count, found.total_size, rows(&found).len()), (2, Some(9), 2));
}

#[tokio::test]
async fn f52_a_third_page_that_fails_stays_behind_the_cursor() {
    for fault in [
        Fault::json(400, &json!([{"message": "no", "errorCode": "INVALID_QUERY_LOCATOR"}])),
        Fault::json(200, &json!({"records": []})),
        Fault::status(401, &[]),
        Fault::json(200, &json!({"totalSize": 7, "done": false, "records": []})),
    ] {
        let shown = format!("{fault:?}");
        let fixture = Fixture::start().await;
        fixture.fault(FURTHER, Fault::Delay(std::time::Duration::ZERO));
        fixture.fault(FURTHER, fault);
        let first = fixture.query(&accounts(9999)).await.unwrap();
        assert_eq!((first.count, first.total_size), (1000, Some(2086)), "{shown}");
        // What was read is not lost, and what was not is still to be had.
        let rest = fixture.next_page(&first.next.unwrap()).await.unwrap();
        assert!(rest.count > 0, "{shown}");
    }
}

#[tokio::test]
async fn f53_a_cursor_that_is_no_longer_good_has_its_own_kind() {
    let fixture = Fixture::start().await;
    let cursor = fixture.query(&accounts(1)).await.unwrap().next.unwrap();
    fixture.mock.expire_query_locators();
    for cursor in [cursor, format!("{FURTHER}0r8xx0000000000000-500")] {
        let error = refused(fixture.execution().next_page(&fixture.connection, &cursor, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::CursorExpired, Outcome::Rejected, false));
    }
    assert_eq!(fixture.requests(), 3, "no query is run again unasked");
}
