//! Files: what their bytes go through, and what becomes of them.

mod documents;
mod transfer;

use mock_salesforce::MockSalesforce;
use serde_json::Value;

use crate::client::{Answer, Call};
use crate::fixture::*;

/// Every byte that there is, and what begins like the boundary of [`parts`].
fn awkward() -> Vec<u8> {
    [&(0..=255).collect::<Vec<u8>>()[..], b"\r\n--boundary\r\r\n--bound\r\n\r\n--boundary-x\r\n"].concat()
}

/// A multipart body of a record and a blob.
fn parts(record: &Value, field: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "--boundary\r\nContent-Disposition: form-data; name=\"entity\"\r\nContent-Type: application/json\r\n\r\n{record}\r\n\
         --boundary\r\nContent-Type: application/pdf\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"a.pdf\"\r\n\r\n"
    );
    [head.as_bytes(), bytes, b"\r\n--boundary--\r\n"].concat()
}

fn multipart(mock: &MockSalesforce, method: &str, path: &str, body: &[u8]) -> Call {
    rest(mock, method, path).raw("multipart/form-data; boundary=\"boundary\"", body)
}

async fn upload(mock: &MockSalesforce, record: Value, bytes: &[u8]) -> Answer {
    multipart(mock, "POST", "sobjects/ContentVersion", &parts(&record, "VersionData", bytes)).send().await
}

fn created(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().expect("an id").to_owned()
}

async fn post(mock: &MockSalesforce, object: &str, body: Value) -> Answer {
    rest(mock, "POST", &format!("sobjects/{object}")).json(&body).send().await
}

async fn row(mock: &MockSalesforce, object: &str, id: &str) -> Value {
    rest(mock, "GET", &format!("sobjects/{object}/{id}")).send().await.json()
}

async fn download(mock: &MockSalesforce, path: &str) -> Answer {
    rest(mock, "GET", path).header("accept", "application/pdf").send().await
}

async fn document_of(mock: &MockSalesforce, version: &str) -> String {
    row(mock, "ContentVersion", version).await["ContentDocumentId"].as_str().expect("a document").to_owned()
}
