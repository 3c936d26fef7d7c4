//! 500 MB of records through the streams component: its memory stays below 2 MiB, and this process, server included, grows by less
//! than 16 MiB. A test binary of its own, so that nobody else takes memory meanwhile.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod resident;

use std::path::Path;
use std::time::Duration;

use salesforce_runtime::bindings::types::{CallOptions, Connection};
use salesforce_runtime::egress::EgressPolicy;
use salesforce_runtime::{MemoryUse, RuntimeOptions};
use salesforce_streams::{COMPONENT, Instance, Runtime};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use resident::resident;

const RECORDS: usize = 2_000;
const RECORD_BYTES: usize = 250;
const PAGES: usize = 1_000;
/// Of the guest: two pages, of 500 KB each, and what is around them.
const GUEST_BYTES: usize = 2 << 20;
const GROWTH_BYTES: usize = 16 << 20;

/// `{"Name":"xxx..."}`, as long as a record is.
fn record() -> String {
    let empty = r#"{"Name":""}"#;
    format!(r#"{{"Name":"{}"}}"#, "x".repeat(RECORD_BYTES - empty.len()))
}

/// Answers every request with the page of a query that its locator names, for ever.
async fn serve(listener: TcpListener, pages: usize) {
    let records = vec![record(); RECORDS].join(",");
    loop {
        let (connection, _) = listener.accept().await.unwrap();
        answer(connection, &records, pages).await;
    }
}

async fn answer(connection: TcpStream, records: &str, pages: usize) {
    let mut connection = BufReader::new(connection);
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).await.unwrap_or_default() == 0 {
            return;
        }
        // `GET /services/data/v67.0/query/01g-7 HTTP/1.1`
        let path = line.split(' ').nth(1).unwrap();
        let page: usize = path.rsplit_once('-').map_or(1, |(_, page)| page.parse().unwrap());
        while line != "\r\n" {
            line.clear();
            connection.read_line(&mut line).await.unwrap();
        }
        let done = page == pages;
        let next = if done {
            String::new()
        } else {
            format!(r#""nextRecordsUrl":"/services/data/v67.0/query/01g-{}","#, page + 1)
        };
        // No page is as long as another one, and every second one does not say how long it is.
        let space = " ".repeat(page * 7919 % 20_000);
        let begin = format!(r#"{{"totalSize":{},"done":{done},{next}{space}"records":["#, pages * RECORDS);
        let length = begin.len() + records.len() + "]}".len();
        let is_told = page.is_multiple_of(2);
        let (length, end) = match is_told {
            true => (format!("content-length: {length}\r\n\r\n"), ""),
            false => (format!("transfer-encoding: chunked\r\n\r\n{length:x}\r\n"), "\r\n0\r\n\r\n"),
        };
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{length}");
        for part in [&head, &begin, records, "]}", end] {
            connection.write_all(part.as_bytes()).await.unwrap();
        }
    }
}

/// Reads a result to its end: how many bytes it had, and the most memory of this process meanwhile.
async fn read(instance: &Instance, connection: &Connection) -> (usize, usize) {
    let options = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: Some(1) };
    let mut records = instance.query_records(connection.clone(), "SELECT Name FROM Account".into(), options);
    let (mut bytes, mut most) = (0, 0);
    while let Some(piece) = records.next_piece().await {
        bytes += piece.iter().map(String::len).sum::<usize>();
        if bytes % (1 << 20) < RECORD_BYTES * 64 {
            most = most.max(resident());
        }
    }
    let summary = records.finish().await.unwrap();
    assert_eq!(bytes, usize::try_from(summary.count).unwrap() * RECORD_BYTES);
    (bytes, most)
}

#[tokio::test]
async fn half_a_gigabyte_of_records_takes_two_pages_of_memory() {
    let mut servers = Vec::new();
    // One that warms up everything, and the large one.
    for pages in [4, PAGES] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        servers.push(format!("http://{}", listener.local_addr().unwrap()));
        tokio::spawn(serve(listener, pages));
    }
    let code_cache = Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled-streams"));
    let runtime = Runtime::new(RuntimeOptions { code_cache, ..RuntimeOptions::default() }).unwrap();
    let component = runtime.load(COMPONENT).unwrap();
    let policy = EgressPolicy::origins(servers.iter().map(|server| server.parse().unwrap())).allow_loopback();
    let memory = MemoryUse::default();
    let execution = component.execution(policy).within(Duration::from_secs(600));
    let instance = execution.reporting_memory(&memory).start();
    let [small, large] = [0, 1].map(|server| Connection {
        instance_url: servers[server].clone(),
        access_token: "00D!TOKEN".to_owned(),
        api_version: None,
    });
    read(&instance, &small).await;
    let before = resident();
    let (bytes, most) = read(&instance, &large).await;
    assert_eq!(bytes, PAGES * RECORDS * RECORD_BYTES);
    let growth = most.saturating_sub(before);
    println!("{bytes} bytes: guest {} bytes, growth of the process {growth} bytes", memory.bytes());
    assert!(memory.bytes() < GUEST_BYTES, "the guest took {} bytes", memory.bytes());
    assert!(growth < GROWTH_BYTES, "the process grew by {growth} bytes");
}
