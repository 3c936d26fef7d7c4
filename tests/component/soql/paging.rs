//! From page to page: none is lost, none comes twice, and a cursor leads only where it came from.

use std::collections::HashSet;

use mock_salesforce::Fault;
use salesforce_runtime::bindings::soql::{Page, Query};
use salesforce_runtime::bindings::types::{Connection, ErrorKind, Outcome};

use crate::calls::{DEFAULTS, query, rows};
use crate::fixture::{CLIENT_ID, Fixture, decision, refused};

/// Pages after the first.
const FURTHER: &str = "/services/data/v67.0/query/";

fn accounts(max_records: Option<u32>) -> Query {
    Query { batch_size: Some(500), max_records, ..query("SELECT Id FROM Account") }
}

fn ids(page: &Page) -> Vec<String> {
    rows(page).iter().map(|row| row["Id"].as_str().unwrap().to_owned()).collect()
}

/// From this page to the last: all Ids, of which there must be as many as accounts, each once.
async fn follow_to_the_end(fixture: &Fixture, mut page: Page) {
    let mut all = ids(&page);
    while let Some(cursor) = page.next {
        assert!(cursor.len() <= 512);
        page = fixture.next_page(&cursor).await.unwrap();
        assert_eq!(page.total_size, Some(2086));
        all.extend(ids(&page));
    }
    assert_eq!((all.len(), all.iter().collect::<HashSet<_>>().len()), (2086, 2086));
}

#[tokio::test]
async fn pages_lead_through_all_records_once() {
    let fixture = Fixture::start().await;
    let first = fixture.query(&accounts(None)).await.unwrap();
    assert_eq!((first.count, first.total_size), (500, Some(2086)));
    assert_eq!(fixture.sent_header("sforce-query-options").as_deref(), Some("batchSize=500"));
    follow_to_the_end(&fixture, first).await;
}

#[tokio::test]
async fn max_records_joins_whole_pages_and_leaves_a_cursor() {
    let fixture = Fixture::start().await;
    for (max_records, count, requests) in
        [(None, 500, 1), (Some(1), 500, 1), (Some(1500), 1500, 3), (Some(1600), 1500, 3), (Some(9999), 2086, 5)]
    {
        let before = fixture.requests();
        let page = fixture.query(&accounts(max_records)).await.unwrap();
        assert_eq!((page.count, page.next.is_some()), (count, count < 2086), "{max_records:?}");
        assert_eq!(fixture.requests() - before, requests, "{max_records:?}");
        follow_to_the_end(&fixture, page).await;
    }
}

#[tokio::test]
async fn a_broken_page_is_fetched_again_inside_the_call() {
    let fixture = Fixture::meeting(FURTHER, Fault::Reset).await;
    let page = fixture.query(&accounts(Some(9999))).await.unwrap();
    assert_eq!((page.count, page.next), (2086, None));
    assert_eq!(fixture.requests(), 6);
}

#[tokio::test]
async fn rows_of_a_sub_query_beyond_its_first_page_are_announced() {
    let fixture = Fixture::start().await;
    let soql = "SELECT Name, (SELECT Id FROM Contacts) FROM Account WHERE Name = 'Acme Corporation'";
    let page = fixture.query(&query(soql)).await.unwrap();
    let [child] = page.children.as_slice() else { panic!("{:?}", page.children) };
    assert_eq!((child.record_index, child.relationship.as_str()), (0, "Contacts"));
    assert_eq!((child.count, child.total_size), (200, Some(260)));
    let rest = fixture.next_page(&child.next).await.unwrap();
    assert_eq!((rest.count, rest.total_size, rest.next.as_ref()), (60, Some(260), None));
    let own = rows(&page)[0]["Contacts"]["records"].as_array().unwrap().clone();
    let all: HashSet<_> = own.iter().map(|row| row["Id"].as_str().unwrap().to_owned()).chain(ids(&rest)).collect();
    assert_eq!(all.len(), 260);
}

#[tokio::test]
async fn a_child_cursor_counts_records_across_joined_pages() {
    let fixture = Fixture::start().await;
    let soql = "SELECT Name, (SELECT Id FROM Contacts) FROM Account ORDER BY CreatedDate DESC";
    let page = fixture.query(&Query { max_records: Some(9999), ..query(soql) }).await.unwrap();
    assert_eq!(page.count, 2086);
    let [child] = page.children.as_slice() else { panic!("{:?}", page.children) };
    assert!(child.record_index >= 2000, "the oldest account is on the second page");
    assert_eq!(rows(&page)[child.record_index as usize]["Name"], "Acme Corporation");
}

#[tokio::test]
async fn a_cursor_of_another_place_is_refused_before_anything_is_sent() {
    let fixture = Fixture::start().await;
    let long = format!("{FURTHER}{}", "0".repeat(512));
    for cursor in [
        "",
        "https://evil.example/services/data/v67.0/query/01g-2000",
        "//evil.example/services/data/v67.0/query/01g-2000",
        "@evil.example/services/data/v67.0/query/01g-2000",
        "/services/data/v67.0/query/",
        "/services/data/v67.0/query/../sobjects",
        "/services/data/v67.0/query/%2e%2e/x",
        "/services/data/v67.0/query/01g?q=SELECT",
        "/services/data/v67.0/query/01g\r\nx: y",
        "/services/data/v67.0/sobjects/01g",
        "/services/data/67.0/query/01g-2000",
        " /services/data/v67.0/query/01g-2000",
        &long,
    ] {
        let error = refused(fixture.next_page(cursor).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{cursor}");
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn a_cursor_of_another_user_is_not_good() {
    let fixture = Fixture::start().await;
    let cursor = fixture.query(&accounts(None)).await.unwrap().next.unwrap();
    let other = fixture.mock.issue_tokens(CLIENT_ID, "mtana@example.org").unwrap();
    let connection = Connection { access_token: other.access_token.expose().to_owned(), ..fixture.connection.clone() };
    let error = refused(fixture.execution().next_page(&connection, &cursor, DEFAULTS).await);
    assert_eq!(error.kind, ErrorKind::CursorExpired);
}
