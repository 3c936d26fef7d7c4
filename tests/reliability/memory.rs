//! The most memory that a server takes whose places are all taken by components that use all they may and give the largest
//! result, while as many streams as may be are not read and as many requests as may be do not end, beside what
//! docs/RELIABILITY.md says it can take.

use std::path::Path;
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Broken;
use crate::client::{Client, query};
use crate::figures::print;
use crate::site::Site;
use support::hostile::{SLEEPER, component};

const PLACES: u32 = 8;
/// Of a tenant by default, which is the most of a server by default as well.
const MEMORY_MIB: i64 = 64;
/// The largest result of a tenant by default.
const RESULT_MIB: i64 = 8;
/// What a server takes that does nothing, its threads and caches included.
const BASE_MIB: i64 = 128;
/// Of one place beside its component's memory: stack, tables and handles, and the bodies of its requests.
const PLACE_MIB: i64 = 40;
/// A result is in memory so many times at most: as it comes from the component, as JSON, as a record, and as an answer that is
/// being sent.
const COPIES: i64 = 6;
/// Requests of a tenant in transit.
const IN_TRANSIT: i64 = 2 * PLACES as i64 + 16;
/// What each may hold, in results: a page of a stream and the next one, or a result that is read again. A request is less.
const IN_HAND: i64 = 3;
/// Bytes of the largest request to run an action.
const REQUEST_BYTES: usize = 5 << 20;
/// Of one connection, in KiB.
const CONNECTION_KIB: i64 = 256;

/// How long a stream is left unread.
const UNREAD: Duration = Duration::from_secs(20);

/// Results of the largest size, of a size beyond it, of characters that grow, and components that take all memory.
const DEEDS: [&str; 5] = ["large:8380000", "large:20000000", "ones:1390000", "quoted-ones:8380000", "memory"];

pub(crate) async fn run(harness: &Path, quick: bool) -> Broken {
    let time = Duration::from_secs(if quick { 5 } else { 60 });
    println!(
        "\nMemory: {PLACES} places, all taken for {} s by components that use {MEMORY_MIB} MiB or give {RESULT_MIB} MiB",
        time.as_secs()
    );
    let site = Site::new(harness, PLACES).await;
    let server = site.serve().await;
    let idle = server.resident_kib();
    let tenant = site.new_tenant(&server, "large", &json!({"executions_at_once": PLACES, "seconds": 10})).await;
    let connection = site.connect(&tenant).await;
    let uploaded = tenant.upload(component(SLEEPER)).await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.body);
    let until = Instant::now() + time;
    let mut idlers = Vec::new();
    for _ in 0..PLACES {
        idlers.push(tokio::spawn(unread_streams(tenant.clone(), large(&connection, &uploaded.body["digest"]))));
        idlers.push(tokio::spawn(unfinished_requests(server.url().to_owned(), tenant.token().to_owned())));
    }
    let mut clients = JoinSet::new();
    // As many again wait for their turn, so that no place is ever free.
    for client in 0..2 * PLACES as usize {
        let (tenant, connection, digest) = (tenant.clone(), connection.clone(), uploaded.body["digest"].clone());
        clients.spawn(async move {
            let mut ended = 0_u32;
            for deed in DEEDS.iter().cycle().skip(client) {
                if Instant::now() > until {
                    break;
                }
                let soql = format!("SELECT Id FROM Account WHERE Name = 'hostile:{deed}'");
                let mut submit = query(&connection, &soql);
                submit["component"] = digest.clone();
                let answer = tenant.execute(&submit, None).await.expect("the server is gone");
                match answer.status {
                    200 => ended += 1,
                    429 => tokio::time::sleep(Duration::from_millis(50)).await,
                    status => panic!("{status} {}", answer.body),
                }
            }
            ended
        });
    }
    let ended: u32 = clients.join_all().await.into_iter().sum();
    idlers.iter().for_each(tokio::task::JoinHandle::abort);
    let peak = server.peak_kib() >> 10;
    let connections = 4 * i64::from(PLACES) + idlers.len() as i64;
    let bound = BASE_MIB
        + i64::from(PLACES) * (MEMORY_MIB + PLACE_MIB + COPIES * RESULT_MIB)
        + IN_TRANSIT * IN_HAND * RESULT_MIB
        + ((connections * CONNECTION_KIB) >> 10);
    print("executions that ended", ended);
    print("resident before the first", format!("{} MiB", idle >> 10));
    print("peak / bound by the formula", format!("{peak} / {bound} MiB"));
    if peak > bound {
        return vec![format!("memory: the server took {peak} MiB, expected at most {bound}")];
    }
    Broken::new()
}

/// A query for pages of nearly the largest size.
fn large(connection: &str, digest: &Value) -> Value {
    let mut submit = query(connection, "SELECT Id FROM Account WHERE Name = 'hostile:large:8380000'");
    submit["component"] = digest.clone();
    submit
}

/// Opens a stream and reads nothing, again whenever the server has had enough of that.
async fn unread_streams(tenant: Client, submit: Value) {
    loop {
        let mut stream = tenant.stream(&submit).await.into_body();
        // Its head.
        let _ = stream.frame().await;
        tokio::time::sleep(UNREAD).await;
    }
}

/// Sends all of a request but its last byte, again whenever the server has had enough of that.
async fn unfinished_requests(url: String, token: String) {
    let address = url.strip_prefix("http://").unwrap();
    let head = format!(
        "POST /v1/executions HTTP/1.1\r\nhost: harness\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {REQUEST_BYTES}\r\n\r\n"
    );
    loop {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let body = vec![b' '; REQUEST_BYTES - 1];
        // The server may refuse it before it has read it.
        let _ = socket.write_all(&[head.as_bytes(), &body].concat()).await;
        let _ = socket.read_to_end(&mut Vec::new()).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
