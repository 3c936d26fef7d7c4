//! The results of a query job: all pages as one file, whole or told not to be.

use jiff::SignedDuration;
use mock_salesforce::wire::Step;
use mock_salesforce::{Fault, Matcher};
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use salesforce_streams::Rows;
use salesforce_streams::bindings::ResultSummary;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::{ACCOUNTS, DEFAULTS, Fixture, ONCE, read_bytes, refused};

const JOBS: &str = "/services/data/v67.0/jobs/query";
/// Rows of a page.
const PAGE: u32 = 500;

impl Fixture {
    /// Makes a job that queries all accounts: the cursor of its results.
    async fn job(&self) -> String {
        self.mock.bulk_jobs_take(SignedDuration::ZERO);
        let body = json!({"operation": "query", "query": "SELECT Id, Name FROM Account"}).to_string();
        let request = format!(
            "POST {JOBS} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.mock.address(),
            self.connection.access_token,
            body.len()
        );
        let mut org = TcpStream::connect(self.mock.address()).await.unwrap();
        org.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        org.read_to_string(&mut answer).await.unwrap();
        // It comes in chunks.
        let body = &answer[answer.find('{').unwrap()..=answer.rfind('}').unwrap()];
        let job: Value = serde_json::from_str(body).unwrap();
        format!("{JOBS}/{}/results", job["id"].as_str().unwrap())
    }

    fn rows(&self, cursor: &str, max_records: Option<u32>, options: CallOptions) -> Rows {
        self.execution().start().bulk_results(self.connection.clone(), cursor, max_records, options)
    }
}

/// The whole text, and how it ended.
async fn read(rows: Rows) -> (String, Result<ResultSummary, ExecutionError>) {
    let (bytes, ended) = read_bytes(rows).await;
    (String::from_utf8(bytes).unwrap(), ended)
}

/// Kind and outcome of the component's own error.
fn told(ended: Result<ResultSummary, ExecutionError>) -> (ErrorKind, Outcome) {
    let error = refused(ended);
    (error.kind, error.outcome)
}

#[tokio::test]
async fn all_pages_are_one_file() {
    let fixture = Fixture::start().await;
    let cursor = fixture.job().await;
    let (whole, ended) = read(fixture.rows(&cursor, None, DEFAULTS)).await;
    assert_eq!(ended.unwrap().count, ACCOUNTS as u64);
    let lines: Vec<_> = whole.lines().collect();
    assert_eq!((lines[0], lines.len()), (r#""Id","Name""#, ACCOUNTS + 1));
    let before = fixture.requests();
    let (paged, ended) = read(fixture.rows(&cursor, Some(PAGE), DEFAULTS)).await;
    assert_eq!((paged == whole, ended.unwrap().count), (true, ACCOUNTS as u64));
    assert_eq!(fixture.requests() - before, 5);
}

#[tokio::test]
async fn f11_a_page_that_is_cut_ends_the_file_with_an_error() {
    let fixture = Fixture::start().await;
    let cursor = fixture.job().await;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\nsforce-locator: null\r\nsforce-numberofrecords: 9\r\n";
    let cut = Fault::Wire(vec![Step::write(format!("{head}content-length: 999\r\n\r\n\"Id\",\"Name\"\n\"1\""))]);
    fixture.mock.push_fault(Matcher::under(JOBS).nth(2), cut);
    let (begun, ended) = read(fixture.rows(&cursor, Some(PAGE), ONCE)).await;
    assert_eq!(told(ended), (ErrorKind::Interrupted, Outcome::Unknown));
    assert_eq!(begun.lines().count(), PAGE as usize + 1);
}

#[tokio::test]
async fn a_page_without_all_its_rows_ends_the_file_with_an_error() {
    let fixture = Fixture::start().await;
    let cursor = fixture.job().await;
    let headers = [("content-type", "text/csv"), ("sforce-locator", "null"), ("sforce-numberofrecords", "9")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let short = Fault::Answer { status: 200, headers, body: b"\"Id\",\"Name\"\n\"1\",\"2\"\n".to_vec() };
    fixture.mock.push_fault(Matcher::under(JOBS), short);
    let (begun, ended) = read(fixture.rows(&cursor, None, DEFAULTS)).await;
    assert_eq!((told(ended).0, begun.as_str()), (ErrorKind::InvalidResponse, ""));
}

#[tokio::test]
async fn a_job_that_is_not_complete_is_told() {
    let fixture = Fixture::start().await;
    let cursor = fixture.job().await;
    fixture.mock.bulk_jobs_take(SignedDuration::from_hours(1));
    let (nothing, ended) = read(fixture.rows(&cursor, None, DEFAULTS)).await;
    assert_eq!((told(ended), nothing.as_str()), ((ErrorKind::WrongState, Outcome::Rejected), ""));
}

#[tokio::test]
async fn what_is_no_cursor_is_told_and_nothing_is_sent() {
    let fixture = Fixture::start().await;
    for cursor in
        ["", "https://evil.example/services/data/v67.0/jobs/query/750/results", "/services/data/v67.0/query/01g"]
    {
        let (_, ended) = read(fixture.rows(cursor, None, DEFAULTS)).await;
        assert_eq!(told(ended), (ErrorKind::InvalidArgument, Outcome::NotSent), "{cursor}");
    }
    assert_eq!(fixture.requests(), 0);
}
