//! A hundred thousand records streamed to a reader that is slower than the org, and streams that are given up.

use std::path::Path;
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::Incoming;
use mock_salesforce::MockSalesforce;
use mock_salesforce::org::WriteOptions;
use serde_json::{Map, Value, json};

use crate::Broken;
use crate::client::{Client, query};
use crate::figures::print;
use crate::server::Server;
use crate::site::Site;

const RECORDS: usize = 100_000;
/// What the reader does with each page.
const READER_PAUSE: Duration = Duration::from_millis(100);
/// Growth of the server's memory from a tenth of the stream to its end, in KiB.
const BOUND_KIB: i64 = 16 * 1024;
/// Pages that are read of a stream that is then given up.
const PAGES_READ: usize = 5;
/// Pages, of 50, that may have been fetched ahead of the reader: in the server, and in the sockets between.
const PAGES_AHEAD: usize = 20;
const ADMINISTRATOR: &str = "0055g0000000000AAA";

/// Lines of a stream as they come.
struct Lines {
    body: Response<Incoming>,
    rest: Vec<u8>,
}

pub(crate) async fn run(harness: &Path) -> Broken {
    println!(
        "\nStream: {RECORDS} records as NDJSON to a reader that takes {} ms for each page",
        READER_PAUSE.as_millis()
    );
    let site = Site::new(harness, 8).await;
    let server = site.serve().await;
    let tenant = site.tenant(&server);
    let connection = site.connect(&tenant).await;
    fill(&site.mock);
    let submit = query(&connection, "SELECT Id, LastName FROM Contact WHERE LastName LIKE 'Streamed %'");
    let mut broken = whole(&server, &tenant, &submit).await;
    broken.extend(given_up(&site.mock, &tenant, &submit).await);
    broken
}

/// Reads a stream to its end and looks at the server's memory meanwhile.
async fn whole(server: &Server, tenant: &Client, submit: &Value) -> Broken {
    let mut lines = Lines { body: tenant.stream(submit).await, rest: Vec::new() };
    let began = Instant::now();
    let (mut records, mut ended) = (0, Value::Null);
    let mut samples = Vec::new();
    while let Some(line) = lines.next().await {
        records += line["records"].as_array().map_or(0, Vec::len);
        samples.push((records, server.resident_kib()));
        if line["ended"].is_object() {
            ended = line["ended"]["state"].clone();
        }
        tokio::time::sleep(READER_PAUSE).await;
    }
    let resident = |share: usize| {
        let at = samples.iter().find(|(records, _)| *records * 100 >= RECORDS * share);
        at.map_or(0, |(_, resident)| *resident)
    };
    let at_tenth = resident(10);
    let most = samples.iter().filter(|(records, _)| *records * 10 >= RECORDS).map(|(_, resident)| *resident).max();
    let growth = most.unwrap_or_default() - at_tenth;
    print("records read", records);
    print("seconds", format!("{:.1}", began.elapsed().as_secs_f64()));
    let mib = |kib: i64| format!("{:.1} MiB", kib as f64 / 1024.0);
    let curve = [10, 50, 100].map(|share| mib(resident(share))).join(" / ");
    print("resident memory of the server at 10 % / 50 % / 100 %", curve);
    print("most growth after the first 10 %", mib(growth));
    let mut broken = Broken::new();
    if records != RECORDS || ended != "succeeded" {
        broken.push(format!("stream: {records} records and the end {ended}, expected {RECORDS} and \"succeeded\""));
    }
    if growth >= BOUND_KIB {
        broken.push(format!("stream: memory grew by {} after the first tenth", mib(growth)));
    }
    broken
}

/// Leaves a stream after some pages: the server stops fetching.
async fn given_up(mock: &MockSalesforce, tenant: &Client, submit: &Value) -> Broken {
    let before = pages(mock);
    let mut lines = Lines { body: tenant.stream(submit).await, rest: Vec::new() };
    let id = lines.next().await.unwrap()["execution"].as_str().unwrap().to_owned();
    for _ in 0..PAGES_READ {
        lines.next().await.unwrap();
    }
    drop(lines);
    let mut broken = Broken::new();
    let deadline = Instant::now() + Duration::from_secs(30);
    let state = loop {
        let state = tenant.get(&format!("/v1/executions/{id}")).await.state().to_owned();
        if state != "running" || Instant::now() > deadline {
            break state;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let fetched = pages(mock) - before;
    print("given up after pages", PAGES_READ);
    print("pages fetched until it ended", fetched);
    if state != "cancelled" {
        broken.push(format!("stream: its reader left, and the execution is {state}, expected cancelled"));
    }
    if fetched > PAGES_READ + PAGES_AHEAD {
        broken.push(format!("stream: its reader left after {PAGES_READ} pages, and {fetched} were fetched"));
    }
    broken
}

impl Lines {
    /// The next line; none once the stream has ended.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Some(serde_json::from_slice(&line).unwrap());
            }
            let frame = self.body.body_mut().frame().await?;
            self.rest.extend_from_slice(frame.expect("the stream broke off").data_ref()?);
        }
    }
}

fn fill(mock: &MockSalesforce) {
    let options = WriteOptions::new(ADMINISTRATOR, "v67.0");
    mock.org(|org| {
        for number in 0..RECORDS {
            let mut contact = Map::new();
            contact.insert("LastName".to_owned(), json!(format!("Streamed {number}")));
            org.create("Contact", &contact, &options).unwrap();
        }
    });
}

/// Pages of queries that were asked for.
fn pages(mock: &MockSalesforce) -> usize {
    mock.ledger().entries().filter(|entry| entry.path.contains("/query")).count()
}
