//! A query of any length, a page a line.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};

use crate::client::Client;
use crate::fixture::{Connected, QUERY_PATH, until};

/// Lines as they come.
struct Lines {
    execution: String,
    body: Incoming,
    read: Vec<u8>,
}

impl Lines {
    /// Begins to stream all accounts in pages of 200.
    async fn of_accounts(connected: &Connected) -> Lines {
        let input = json!({"query": {"soql": "SELECT Id FROM Account ORDER BY Id", "batch_size": 200}});
        Lines::begin(&connected.tenant, &connected.action("soql-query", input)).await
    }

    async fn begin(client: &Client, body: &Value) -> Lines {
        let body = Bytes::from(body.to_string());
        let headers = [("content-type", "application/json"), ("accept", "application/x-ndjson")];
        let response = client.open(Method::POST, "/v1/executions", &headers, body).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/x-ndjson");
        let execution = response.headers()["execution-id"].to_str().unwrap().to_owned();
        let mut lines = Lines { execution, body: response.into_body(), read: Vec::new() };
        let head = lines.next().await.unwrap();
        assert_eq!(head, json!({"execution": lines.execution}));
        lines
    }

    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).unwrap());
            }
            match self.body.frame().await {
                Some(frame) => self.read.extend_from_slice(frame.unwrap().data_ref().unwrap()),
                None => {
                    assert!(self.read.is_empty(), "half a line");
                    return None;
                }
            }
        }
    }

    /// The Ids of the records up to the last line, and that.
    async fn rest(mut self) -> (Vec<String>, Value) {
        let mut ids = Vec::new();
        while let Some(line) = self.next().await {
            if let Some(ended) = line.get("ended") {
                assert_eq!(self.next().await, None, "a line after the last");
                return (ids, ended.clone());
            }
            ids.extend(records(&line));
            assert_eq!(line["progress"]["total"], 2086);
        }
        panic!("no last line");
    }
}

fn records(line: &Value) -> Vec<String> {
    line["records"].as_array().unwrap().iter().map(|record| record["Id"].as_str().unwrap().to_owned()).collect()
}

async fn logged(connected: &Connected, id: &str) -> Value {
    connected.tenant.get(&format!("/v1/executions/{id}")).await.json(200)
}

fn later_pages() -> Matcher {
    Matcher::under(&format!("{QUERY_PATH}/"))
}

#[tokio::test]
async fn all_pages_come_and_the_last_line_says_so() {
    let connected = Connected::start().await;
    let lines = Lines::of_accounts(&connected).await;
    let id = lines.execution.clone();
    let (mut ids, ended) = lines.rest().await;
    assert_eq!(ended, json!({"state": "succeeded", "records": 2086}));
    ids.dedup();
    assert_eq!(ids.len(), 2086);
    until(async || logged(&connected, &id).await["state"] == "succeeded").await;
    let logged = logged(&connected, &id).await;
    assert_eq!((&logged["records"], &logged["action"]), (&json!(2086), &json!("soql-query")));
}

#[tokio::test]
async fn f104_a_stream_whose_pages_are_not_the_total_or_lead_in_a_circle_has_failed() {
    let connected = Connected::start().await;
    let page = |total: i64, next: Option<&str>| {
        let mut page = json!({"totalSize": total, "done": next.is_none(), "records": [{"Id": "001"}]});
        if let Some(next) = next {
            page["nextRecordsUrl"] = json!(format!("{QUERY_PATH}/{next}"));
        }
        Fault::json(200, &page)
    };
    let at = |place: &str| Matcher::path(&format!("{QUERY_PATH}{place}"));
    let body = connected.action("soql-query", json!({"query": {"soql": "SELECT Id FROM Account"}}));
    for (total, pages, words) in [
        (5, vec![("", Some("a-1")), ("/a-1", None)], "the pages ended after 2 of 5 records"),
        (1, vec![("", Some("a-1")), ("/a-1", None)], "2 records came of a total of 1"),
        (-1, vec![("", Some("a-1")), ("/a-1", Some("a-2")), ("/a-2", Some("a-1"))], "the pages lead in a circle"),
    ] {
        for (place, next) in pages {
            connected.mock.push_fault(at(place), page(total, next));
        }
        let mut lines = Lines::begin(&connected.tenant, &body).await;
        let ended = loop {
            let line = lines.next().await.unwrap();
            if let Some(ended) = line.get("ended") {
                break ended.clone();
            }
        };
        assert_eq!((&ended["state"], &ended["error"]["kind"]), (&json!("failed"), &json!("invalid-response")));
        assert!(ended["error"]["message"].as_str().unwrap().contains(words), "{ended}");
    }
}

#[tokio::test]
async fn a_session_that_expires_in_the_middle_heals() {
    let connected = Connected::start().await;
    let expired = json!([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]);
    connected.mock.push_fault(later_pages(), Fault::json(401, &expired));
    let (mut ids, ended) = Lines::of_accounts(&connected).await.rest().await;
    ids.dedup();
    assert_eq!((ids.len(), &ended["state"]), (2086, &json!("succeeded")));
    assert_eq!(connected.refreshes(), 1);
}

#[tokio::test]
async fn a_page_that_fails_ends_the_stream_with_its_error() {
    let connected = Connected::start().await;
    let over = json!([{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]);
    connected.mock.push_fault(later_pages(), Fault::json(400, &over));
    let lines = Lines::of_accounts(&connected).await;
    let id = lines.execution.clone();
    let (ids, ended) = lines.rest().await;
    assert_eq!((&ended["state"], &ended["records"]), (&json!("failed"), &json!(ids.len())));
    assert_eq!(ids.len(), 200);
    assert_eq!(ended["error"]["problems"][0]["code"], "INVALID_QUERY_LOCATOR", "{ended}");
    until(async || logged(&connected, &id).await["state"] == "failed").await;
    let logged = logged(&connected, &id).await;
    assert_eq!((&logged["outcome"], &logged["error"]), (&json!("rejected"), &ended["error"]));
}

#[tokio::test]
async fn a_stream_is_cancelled_in_the_middle() {
    let connected = Connected::start().await;
    connected.mock.push_fault(later_pages(), Fault::Hang);
    let mut lines = Lines::of_accounts(&connected).await;
    let id = lines.execution.clone();
    let first = records(&lines.next().await.unwrap()).len();
    assert_eq!(connected.tenant.post(&format!("/v1/executions/{id}/cancel")).await.status, 202);
    assert_eq!(lines.rest().await, (Vec::new(), json!({"state": "cancelled", "records": first})));
    until(async || logged(&connected, &id).await["state"] == "cancelled").await;
}

#[tokio::test]
async fn a_reader_that_leaves_ends_the_stream() {
    let connected = Connected::start().await;
    // Otherwise all pages might be on their way before it leaves.
    for _ in 1..11 {
        connected.mock.push_fault(later_pages(), Fault::Delay(Duration::from_millis(500)));
    }
    let mut lines = Lines::of_accounts(&connected).await;
    let id = lines.execution.clone();
    lines.next().await.unwrap();
    drop(lines);
    until(async || logged(&connected, &id).await["state"] == "cancelled").await;
    let pages = connected.mock.ledger().entries().filter(|entry| entry.path.starts_with(QUERY_PATH)).count();
    assert!(pages < 11, "all pages were fetched for nobody");
}

#[tokio::test]
async fn only_queries_stream() {
    let connected = Connected::start().await;
    let body = connected.create_account("Never").to_string();
    let headers = [("content-type", "application/json"), ("accept", "application/x-ndjson")];
    let reply = connected.tenant.send(Method::POST, "/v1/executions", &headers, body.into()).await;
    assert!(reply.problem(400, "invalid-request").contains("soql-query"));
    assert_eq!(connected.mock.ledger().creates("Account"), 0);
}

#[tokio::test]
async fn s13_every_page_of_a_stream_is_an_execution_for_the_tenants_rate() {
    let connected = Connected::start().await;
    let slow = connected.new_tenant("slow", &json!({"executions_a_minute": 1})).await;
    let connection = connected.connect(&slow, "org").await;
    let input = json!({"query": {"soql": "SELECT Id FROM Account ORDER BY Id", "batch_size": 200}});
    let body = json!({"connection": connection, "action": "soql-query", "input": input});
    let mut lines = Lines::begin(&slow, &body).await;
    let id = lines.execution.clone();
    assert_eq!(records(&lines.next().await.unwrap()).len(), 200);
    // The next page waits for its turn, and so does whatever else this tenant begins.
    slow.execute(&body).await.problem(429, "rate-limited");
    let pages = connected.mock.ledger().entries().filter(|entry| entry.path.starts_with(QUERY_PATH)).count();
    assert_eq!(pages, 1);
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    assert_eq!(slow.post(&format!("/v1/executions/{id}/cancel")).await.status, 202);
    assert_eq!(lines.rest().await.1["state"], "cancelled");
}

/// A page of 6 MiB that has a next one, unlike those of the other pages.
fn large_page(number: usize) -> Fault {
    let record = |number: u32| json!({"attributes": {"type": "Account"}, "Id": number.to_string(), "Name": "x".repeat(600 << 10)});
    let records: Vec<_> = (0..10).map(record).collect();
    let next = format!("{QUERY_PATH}/01g000000000001AAA-{}", (number + 1) * 10);
    Fault::json(200, &json!({"totalSize": 1000, "done": false, "nextRecordsUrl": next, "records": records}))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s08_a_stream_holds_no_place_while_its_reader_is_slow() {
    let connected = Connected::with(|options| options.executions_at_once = 1).await;
    let narrow = connected.new_tenant("narrow", &json!({"executions_at_once": 1})).await;
    let mut body = connected.query("SELECT Id, Name FROM Account");
    body["connection"] = json!(connected.connect(&narrow, "org").await);
    // More than all that is between the server and a reader who does not read.
    for number in 0..10 {
        connected.mock.push_fault(Matcher::under(QUERY_PATH), large_page(number));
    }
    let lines = Lines::begin(&narrow, &body).await;
    until(async || connected.mock.faults_waiting() < 10).await;
    // Both tenants go on, in the only place that there is.
    let count =
        json!({"object": "User", "key": {"external_id": {"field": "Username", "value": "nobody"}}, "fields": ["Id"]});
    let mut other = connected.action("get-record-field-values", count);
    assert_eq!(connected.tenant.execute(&other).await.status, 200);
    other["connection"] = body["connection"].clone();
    until(async || narrow.execute(&other).await.status == 200).await;
    // But each stream may hold a page in memory: there are as many as executions at once.
    let headers = [("content-type", "application/json"), ("accept", "application/x-ndjson")];
    let refused = narrow.send(Method::POST, "/v1/executions", &headers, body.to_string().into()).await;
    assert!(refused.problem(429, "rate-limited").contains("streams open"), "{refused:?}");
    assert!(connected.mock.faults_waiting() > 0, "the reader was not slow enough");
    connected.mock.forget_faults();
    drop(lines);
    until(async || narrow.get("/v1/executions?state=running").await.json(200)["items"] == json!([])).await;
}
