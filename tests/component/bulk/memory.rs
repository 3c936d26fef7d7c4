//! A page or an upload is in the component's memory once.

use mock_salesforce::MockSalesforce;
use mock_salesforce::wire::{Step, Wire};
use salesforce_actions::bulk::{PAGE_BYTES, RESULT_BYTES};
use salesforce_actions::{Actions, Call};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use salesforce_runtime::egress::EgressLimits;
use salesforce_runtime::{Limits, MemoryUse, RuntimeOptions};
use serde_json::{Value, json};

use super::{JOBS, NOBODY, fixture};
use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, app, decision, refused};

/// Of text.
const LARGE: usize = 6 << 20;
/// For the text, what was read of it last, and the component's own.
const MEMORY: usize = 12 << 20;

/// CSV of so many bytes, and how many rows it has.
fn large(bytes: usize) -> (String, usize) {
    let row = "\"0015g00000000GxAAI\",\"A name with \"\"quotes\"\" and\na line end\",\"2026-06-15T12:00:00.000Z\"\n";
    let rows = bytes / row.len();
    (["\"Id\",\"Name\",\"CreatedDate\"\n", &row.repeat(rows)].concat(), rows)
}

/// What an action gave, and the memory that it took.
async fn within(fixture: &Fixture, action: &str, input: &Value) -> (Value, usize) {
    let call = Call::parse(Actions::of_connector(), action, &input.to_string()).unwrap();
    let memory = MemoryUse::default();
    let execution = fixture.execution().with_memory(MEMORY).reporting_memory(&memory);
    let answer = call.run(execution, &fixture.connection, DEFAULTS).await.unwrap();
    let told = serde_json::from_str(answer.to_json().unwrap().get()).unwrap();
    (told, memory.bytes())
}

#[tokio::test]
async fn a_page_of_6_mib_is_read_in_12_however_it_comes() {
    let (text, rows) = large(LARGE);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\nsforce-locator: null\r\nsforce-numberofrecords: {rows}\r\n"
    );
    let chunks: String = text
        .as_bytes()
        .chunks(60_000)
        .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), std::str::from_utf8(chunk).unwrap()))
        .collect();
    let whole = format!("{head}content-length: {}\r\n\r\n{text}", text.len());
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
    for answer in [whole, chunked] {
        let wire = Wire::start([vec![Step::Read, Step::write(answer)]]).await.unwrap();
        let fixture = Fixture::at(&wire).await;
        let cursor = json!({"cursor": format!("{JOBS}/query/{NOBODY}/results?locator=MQ")});
        let (page, memory) = within(&fixture, "get-query-results", &cursor).await;
        let header = "\"Id\",\"Name\",\"CreatedDate\"\n".len();
        assert!(page["csv"] == text[header..] && page["count"] == rows);
        assert!(memory >= text.len() && memory < MEMORY, "{memory}");
    }
}

#[tokio::test]
async fn an_upload_of_6_mib_is_sent_in_12() {
    let fixture = fixture().await;
    let (text, rows) = large(LARGE);
    let id = fixture.create_ingest_job(json!({"object": "Account", "operation": "insert"})).await;
    let (uploaded, memory) = within(&fixture, "upload-job-data", &json!({"job_id": id, "csv": text})).await;
    assert_eq!(uploaded["count"], rows);
    assert!(memory >= text.len() && memory < MEMORY, "{memory}");
}

/// Whether calls of the same kind took the same, but for what one text is longer than another.
#[track_caller]
fn assert_flat(used: &[usize]) {
    let (least, most) = (used.iter().min().unwrap(), used.iter().max().unwrap());
    assert!(*most < MEMORY && most - least <= 128 << 10, "{used:?}");
}

#[tokio::test]
async fn each_page_of_a_query_takes_as_much_as_the_one_before() {
    let (text, rows) = large(PAGE_BYTES);
    let locators = ["MQ", "Mg", "Mw", "NA", "NQ", "null"];
    let pages = locators.map(|locator| {
        let head = format!("content-type: text/csv\r\nsforce-locator: {locator}\r\nsforce-numberofrecords: {rows}\r\n");
        let answer =
            format!("HTTP/1.1 200 OK\r\n{head}content-length: {}\r\nconnection: close\r\n\r\n{text}", text.len());
        vec![Step::Read, Step::write(answer)]
    });
    let wire = Wire::start(pages).await.unwrap();
    let fixture = Fixture::at(&wire).await;
    let (mut cursor, mut used) = (json!(format!("{JOBS}/query/{NOBODY}/results")), Vec::new());
    while !cursor.is_null() {
        let (page, memory) = within(&fixture, "get-query-results", &json!({"cursor": cursor})).await;
        used.push(memory);
        cursor = page["next"].clone();
    }
    assert_eq!(used.len(), locators.len());
    assert_flat(&used);
}

#[tokio::test]
async fn results_as_long_as_a_host_takes_them_are_read_in_12_mib() {
    let (text, rows) = large(RESULT_BYTES - (1 << 20));
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\n";
    let answer = format!("{head}content-length: {}\r\n\r\n{text}", text.len());
    let wire = Wire::start([vec![Step::Read, Step::write(answer)]]).await.unwrap();
    let fixture = Fixture::at(&wire).await;
    let input = json!({"job_id": NOBODY, "which": "unprocessed"});
    let (page, memory) = within(&fixture, "get-ingest-results", &input).await;
    assert!(page["count"] == rows && memory < MEMORY, "{memory}");
}

#[tokio::test]
async fn an_upload_that_the_host_does_not_take_is_to_be_split() {
    let egress = EgressLimits { request_body_bytes: 1 << 20, ..EgressLimits::default() };
    let limits = Limits { egress, ..Limits::default() };
    let options = RuntimeOptions { limits, ..RuntimeOptions::default() };
    let fixture = Fixture::within(MockSalesforce::builder(), app(), options).await;
    let id = fixture.create_ingest_job(json!({"object": "Account", "operation": "insert"})).await;
    let before = fixture.requests();
    let upload = json!({"job_id": id, "csv": large(2 << 20).0});
    let error = refused(fixture.act("upload-job-data", &upload, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::RequestTooLarge, Outcome::NotSent, false), "{}", error.message);
    assert!(error.message.contains("send less in one call"), "{}", error.message);
    assert_eq!(fixture.requests(), before);
}
