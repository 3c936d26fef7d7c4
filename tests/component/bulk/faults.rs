//! Results that are not what Salesforce's contract says: never taken for a whole page.

use mock_salesforce::Fault;
use mock_salesforce::wire::{Step, Wire};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::{Value, json};

use super::{JOBS, NOBODY, csv, fixture};
use crate::calls::{DEFAULTS, ONCE};
use crate::fixture::{Fixture, refused};

fn first() -> Value {
    json!({"cursor": format!("{JOBS}/query/{NOBODY}/results")})
}

fn later() -> Value {
    json!({"cursor": format!("{JOBS}/query/{NOBODY}/results?locator=MQ")})
}

async fn refused_as_no_page(fixture: &Fixture, answer: Fault, cursor: &Value, words: &str) {
    fixture.fault(JOBS, answer);
    let before = fixture.requests();
    let error = refused(fixture.act("get-query-results", cursor, DEFAULTS).await);
    assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{words}");
    assert!(error.message.contains(words), "{words}: {}", error.message);
    assert!(!error.message.contains("SENTINEL"), "{}", error.message);
    assert_eq!(fixture.requests(), before + 1, "{words}");
}

#[tokio::test]
async fn f131_a_page_without_its_count_or_its_locator_is_no_page() {
    let fixture = fixture().await;
    let (locator, count) = (("sforce-locator", "null"), ("sforce-numberofrecords", "1"));
    for (headers, words) in [
        (&[count][..], "Sforce-Locator"),
        (&[locator], "Sforce-NumberOfRecords"),
        (&[locator, ("sforce-numberofrecords", "-1")], "Sforce-NumberOfRecords"),
        (&[count, ("sforce-locator", "//evil.com/?x=")], "Sforce-Locator"),
        (&[count, ("sforce-locator", "MQ")], "circle"),
    ] {
        refused_as_no_page(&fixture, csv("Name\nSENTINEL\n", headers), &later(), words).await;
    }
}

#[tokio::test]
async fn f132_a_page_with_other_rows_than_it_tells_is_no_page() {
    let fixture = fixture().await;
    for (body, count) in
        [("Name\n", "1"), ("Name\nA\nB\n", "1"), ("\"Na\nme\"\n\"A\nB\"\n", "2"), ("A\nB\n", "2"), ("", "1")]
    {
        let answer = csv(body, &[("sforce-locator", "null"), ("sforce-numberofrecords", count)]);
        refused_as_no_page(&fixture, answer, &first(), "records came").await;
    }
    // Cut in a value, though the connection says that it is whole.
    let answer = csv("\"Name\"\n\"A", &[("sforce-locator", "null"), ("sforce-numberofrecords", "1")]);
    refused_as_no_page(&fixture, answer, &first(), "inside of quotes").await;
}

#[tokio::test]
async fn f133_a_later_page_may_have_the_header_or_not() {
    let fixture = fixture().await;
    for body in ["\u{feff}\"Na\nme\"\r\n\"A\"\r\n", "\"A\"\r\n"] {
        fixture.fault(JOBS, csv(body, &[("sforce-locator", "Mg"), ("sforce-numberofrecords", "1")]));
        let page = fixture.act("get-query-results", &later(), DEFAULTS).await.unwrap();
        assert_eq!((&page["csv"], &page["count"]), (&json!("\"A\"\r\n"), &json!(1)));
        // With the header that further pages are held against, if it was told.
        let next = later()["cursor"].as_str().unwrap().replace("MQ", "Mg");
        assert!(page["next"].as_str().unwrap().starts_with(&next), "{}", page["next"]);
    }
}

#[tokio::test]
async fn f133_a_later_page_has_the_columns_of_the_first_and_each_row_as_many_cells() {
    let fixture = fixture().await;
    let page = |body: &str, locator: &str| csv(body, &[("sforce-locator", locator), ("sforce-numberofrecords", "1")]);
    fixture.fault(JOBS, page("Id,Name\n1,A\n", "MQ"));
    let first = fixture.act("get-query-results", &first(), DEFAULTS).await.unwrap();
    let second = json!({"cursor": first["next"]});
    for (body, words) in [
        ("Name,Id\nB,2\n", "columns of the pages before"),
        ("Id,Name,Site\n2,B,C\n", "columns of the pages before"),
        ("2\n", "columns of the pages before"),
        ("Id,Name\n2\n", "as many cells"),
        ("Id,Name\n\"2\"x,B\n", "quotes around whole cells"),
    ] {
        refused_as_no_page(&fixture, page(body, "null"), &second, words).await;
    }
    fixture.fault(JOBS, page("Id,Name\n2,B\n", "null"));
    assert_eq!(fixture.act("get-query-results", &second, DEFAULTS).await.unwrap()["csv"], "2,B\n");
}

#[tokio::test]
async fn f134_a_web_page_or_json_in_the_place_of_csv_is_no_result() {
    let fixture = fixture().await;
    for (content_type, body) in
        [("text/html", "<html>SENTINEL</html>"), ("application/json", r#"{"SENTINEL":1}"#), ("text/plain", "Name\nA\n")]
    {
        let headers = ["content-type", "sforce-locator", "sforce-numberofrecords"].map(str::to_owned);
        let headers = headers.into_iter().zip([content_type, "null", "1"].map(str::to_owned)).collect();
        let answer = Fault::Answer { status: 200, headers, body: body.as_bytes().to_vec() };
        refused_as_no_page(&fixture, answer, &first(), "text/csv").await;
    }
    fixture.fault(JOBS, Fault::json(200, &json!([])));
    let rows = json!({"job_id": NOBODY, "which": "failed"});
    let error = refused(fixture.act("get-ingest-results", &rows, DEFAULTS).await);
    assert_eq!(error.kind, ErrorKind::InvalidResponse);
}

#[tokio::test]
async fn a_page_that_breaks_off_is_no_page() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\nsforce-locator: null\r\nsforce-numberofrecords: 2\r\n";
    for cut in ["content-length: 20\r\n\r\nName\nA\nB\n", "transfer-encoding: chunked\r\n\r\n9\r\nName\nA\nB\n\r\n"] {
        let wire = Wire::start([vec![Step::Read, Step::write(format!("{head}{cut}"))]]).await.unwrap();
        let fixture = Fixture::at(&wire).await;
        let error = refused(fixture.act("get-query-results", &first(), ONCE).await);
        assert_eq!((error.kind, error.outcome), (ErrorKind::Interrupted, Outcome::Unknown));
    }
}

#[tokio::test]
async fn a_state_that_is_new_is_no_end() {
    let fixture = fixture().await;
    fixture.fault(JOBS, Fault::json(200, &json!({"id": NOBODY, "state": "Pondering"})));
    let job = fixture.act("get-query-job", &json!({"job_id": NOBODY}), DEFAULTS).await.unwrap();
    assert_eq!((&job["state"], &job["records_processed"]), (&json!("in-progress"), &Value::Null));
}
