//! Pages: all of them, each once, and only from the org.

use std::collections::HashSet;

use mock_salesforce::Fault;
use serde_json::json;

use super::bench::{Bench, DEFAULTS, QUERY};
use super::expect::{Checked, expect, expect_error};
use super::soql::{plain, rows};
use salesforce_runtime::bindings::soql::{Page, Query};
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};

/// Accounts that are not deleted.
const ACCOUNTS: u64 = 2086;
/// More pages than there are.
const MOST_PAGES: usize = 20;

fn accounts(max_records: Option<u32>) -> Query {
    Query { batch_size: Some(500), max_records, ..plain("SELECT Id FROM Account") }
}

async fn next_page(bench: &Bench<'_>, cursor: &String) -> Checked<Page> {
    let page = bench.execution().next_page(&bench.connection, cursor, DEFAULTS).await;
    bench.done("next-page", page)
}

/// From this page to the last: every account, each once.
async fn expect_all_from(bench: &Bench<'_>, mut page: Page) -> Checked {
    let mut all = HashSet::new();
    let mut count = 0;
    for _ in 0..MOST_PAGES {
        expect(page.total_size == Some(ACCOUNTS), || format!("total-size to be {ACCOUNTS} on every page"))?;
        count += u64::from(page.count);
        for row in rows(&page)? {
            all.insert(row.get("Id").map(ToString::to_string));
        }
        let Some(cursor) = page.next else { break };
        expect(cursor.len() <= 512, || "a cursor of at most 512 characters".to_owned())?;
        page = next_page(bench, &cursor).await?;
        expect(page.count <= 500, || "further pages of the batch size that the query asked for".to_owned())?;
    }
    expect(count == ACCOUNTS && all.len() as u64 == ACCOUNTS, || {
        format!("{ACCOUNTS} records, each once, got {count}, of which {} differ", all.len())
    })
}

pub(super) async fn all_pages(bench: &Bench<'_>) -> Checked {
    let first = bench.page(&accounts(None), DEFAULTS).await?;
    expect(first.count == 500, || format!("500 records a page as asked for, got {}", first.count))?;
    expect_all_from(bench, first).await?;
    let soql = "SELECT Name, (SELECT Id FROM Contacts) FROM Account WHERE Name = 'Acme Corporation'";
    let page = bench.page(&plain(soql), DEFAULTS).await?;
    let [child] = page.children.as_slice() else {
        return expect(false, || "the sub-query with more rows than its first page to be announced".to_owned());
    };
    let right =
        (child.record_index, &*child.relationship, child.count, child.total_size) == (0, "Contacts", 200, Some(260));
    expect(right, || "record 0, Contacts, 200 of 260 rows to be announced".to_owned())?;
    let rest = next_page(bench, &child.next).await?;
    expect((rest.count, rest.next.is_none()) == (60, true), || "the 60 other rows of the sub-query".to_owned())
}

/// Big objects and external objects have no total.
pub(super) async fn unknown_total(bench: &Bench<'_>) -> Checked {
    let next = format!("{QUERY}/01g00000000000a-2");
    let child = json!({"totalSize": -1, "done": false, "nextRecordsUrl": next, "records": [{}]});
    let answer = json!({"totalSize": -1, "done": false, "nextRecordsUrl": next, "records": [{"C": child}]});
    bench.fault(QUERY, Fault::json(200, &answer));
    let first = bench.page(&plain("SELECT Id FROM User"), DEFAULTS).await?;
    let children: Vec<_> = first.children.iter().map(|child| (child.count, child.total_size)).collect();
    let unknown = (first.count, first.total_size) == (1, None) && children == [(1, None)];
    expect(unknown, || "a total of -1 to be none, of a page and of a sub-query".to_owned())?;
    bench.fault(QUERY, Fault::json(200, &json!({"totalSize": -1, "done": true, "records": [{}, {}]})));
    let last = next_page(bench, &first.next.unwrap_or_default()).await?;
    let ended = (last.count, last.total_size, last.next.is_none()) == (2, None, true);
    expect(ended, || "a last page of a total of -1".to_owned())
}

pub(super) async fn max_records(bench: &Bench<'_>) -> Checked {
    for (max_records, count) in [(1, 500), (1500, 1500), (1600, 1500), (9999, 2086)] {
        let page = bench.page(&accounts(Some(max_records)), DEFAULTS).await?;
        expect(page.count == count, || format!("{count} records for max-records {max_records}, got {}", page.count))?;
        expect(page.next.is_some() == (u64::from(count) < ACCOUNTS), || {
            "a cursor exactly if there is more".to_owned()
        })?;
        expect_all_from(bench, page).await?;
    }
    let locators = format!("{QUERY}/");
    bench.fault(&locators, Fault::status(401, &[]));
    let page = bench.page(&accounts(Some(9999)), DEFAULTS).await?;
    expect(page.count == 500 && page.next.is_some(), || "the pages before one that failed, and its cursor".to_owned())?;
    expect_all_from(bench, page).await
}

pub(super) async fn hostile_next_url(bench: &Bench<'_>) -> Checked {
    let elsewhere = bench.elsewhere().to_owned();
    let authority = elsewhere.trim_start_matches("https://").to_owned();
    let page = "/services/data/v67.0/query/01g000000000001-500";
    for url in [
        format!("{elsewhere}{page}"),
        format!("//{authority}{page}"),
        format!("@{authority}{page}"),
        format!("\\\\{authority}{page}"),
        "/services/data/v67.0/sobjects/Account".to_owned(),
        "/services/data/v67.0/query/../sobjects".to_owned(),
        "/services/apexrest/query/01g".to_owned(),
        String::new(),
    ] {
        let before = bench.requests();
        let answer = json!({"totalSize": 900, "done": false, "nextRecordsUrl": url, "records": [{}]});
        bench.fault(QUERY, Fault::json(200, &answer));
        let error = bench.query_error(&accounts(Some(9999))).await?;
        expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, "for a next page that leads elsewhere")?;
        expect(bench.requests() == before + 1, || "a next page that leads elsewhere not to be fetched".to_owned())?;
    }
    Ok(())
}

pub(super) async fn page_loop(bench: &Bench<'_>) -> Checked {
    let [first, second] = ["a", "b"].map(|name| format!("{QUERY}/01g00000000000{name}-500"));
    for urls in [&[&first, &first][..], &[&first, &second, &first]] {
        let before = bench.requests();
        for url in urls {
            let answer = json!({"totalSize": 9_000, "done": false, "nextRecordsUrl": url, "records": [{}]});
            bench.fault(QUERY, Fault::json(200, &answer));
        }
        let error = bench.query_error(&accounts(Some(9999))).await?;
        expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, "for pages that lead in a circle")?;
        let requests = bench.requests() - before;
        expect(requests == urls.len(), || {
            format!("a circle of pages to end at the repeat, not after {requests} requests")
        })?;
    }
    Ok(())
}

pub(super) async fn incomplete_page(bench: &Bench<'_>) -> Checked {
    for answer in [
        json!({"totalSize": 2, "done": true, "records": [{}]}),
        json!({"totalSize": 2, "done": false, "records": [{}]}),
        json!({"totalSize": 1, "done": true, "records": [{}], "nextRecordsUrl": "/services/data/v67.0/query/01g-1"}),
        json!({"totalSize": 1, "done": true}),
        json!({"totalSize": 1, "done": "true", "records": [{}]}),
        json!({"totalSize": 1, "done": true, "records": [{"Contacts": {"totalSize": 9, "done": false, "records": []}}]}),
        json!([]),
    ] {
        bench.fault(QUERY, Fault::json(200, &answer));
        let error = bench.query_error(&plain("SELECT Id FROM User")).await?;
        expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, &format!("for the page {answer}"))?;
    }
    let next = format!("{QUERY}/01g00000000000a-2");
    for total in [5, 3] {
        let first = json!({"totalSize": total, "done": false, "nextRecordsUrl": next, "records": [{}, {}]});
        bench.fault(QUERY, Fault::json(200, &first));
        bench.fault(QUERY, Fault::json(200, &json!({"totalSize": 4, "done": true, "records": [{}, {}]})));
        let error = bench.query_error(&Query { max_records: Some(50), ..plain("SELECT Id FROM User") }).await?;
        let when = format!("for joined pages of 4 records where there are {total}");
        expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, &when)?;
    }
    Ok(())
}

pub(super) async fn foreign_cursor(bench: &Bench<'_>) -> Checked {
    let elsewhere = format!("{}/services/data/v67.0/query/01g-500", bench.elsewhere());
    for cursor in [
        &*elsewhere,
        &elsewhere.replacen("https:", "", 1),
        "",
        "@evil.example/services/data/v67.0/query/01g-500",
        "/services/data/v67.0/query/../sobjects",
        "/services/data/v67.0/query/01g?q=SELECT",
        "/services/data/v67.0/query/01g\r\nx: y",
        "/services/data/v67.0/sobjects/01g",
        &format!("/services/data/v67.0/query/{}", "0".repeat(512)),
    ] {
        let page = bench.execution().next_page(&bench.connection, &cursor.to_owned(), DEFAULTS).await;
        let error = bench.refused("next-page", page)?;
        expect_error(&error, ErrorKind::InvalidArgument, Outcome::NotSent, "for a cursor that leads elsewhere")?;
    }
    expect(bench.requests() == 0, || "nothing to be sent for a cursor that leads elsewhere".to_owned())?;
    let first = bench.page(&accounts(None), CallOptions { attempts: Some(1), ..DEFAULTS }).await?;
    bench.mock.expire_query_locators();
    let page = bench.execution().next_page(&bench.connection, &first.next.unwrap_or_default(), DEFAULTS).await;
    let error = bench.refused("next-page", page)?;
    expect_error(&error, ErrorKind::CursorExpired, Outcome::Rejected, "for a cursor after its two days")
}
