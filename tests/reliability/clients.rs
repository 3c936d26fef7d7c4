//! What a tenant notices of clients that open connections and do no more: half a head, half a body, answers that nobody
//! reads; and when those connections end.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Broken;
use crate::client::{Client, query};
use crate::fairness::measure;
use crate::figures::{milliseconds, percentile, print};
use crate::site::Site;

/// Of the server's process.
const DESCRIPTORS: u32 = 200;
/// More than there are descriptors.
const HALF_OPEN: usize = 260;
/// Clients that have a token, and do not do their part either.
const SLOW: usize = 20;
const SOQL: &str = "SELECT Id FROM Account LIMIT 1";
/// A head takes 30 seconds at most; this machine is busy.
const PATIENCE: Duration = Duration::from_secs(60);
/// Both percentiles may grow by this much.
const BOUND: f64 = 2.0;

pub(crate) async fn run(harness: &Path, quick: bool) -> Broken {
    let executions = if quick { 40 } else { 200 };
    println!(
        "\nClients: a tenant with {executions} executions, each over a new connection, alone and beside {HALF_OPEN} half-open \
         connections and {SLOW} slow clients;\n{DESCRIPTORS} file descriptors"
    );
    let site = Site::new(harness, 16).await.with_descriptors(DESCRIPTORS);
    let server = site.serve().await;
    let quiet = site.tenant(&server);
    let submit = query(&site.connect(&quiet).await, SOQL);
    measure(&quiet, &submit, 20).await;
    let alone = measure_anew(&site.tenant(&server), &submit, executions).await;

    let began = Instant::now();
    let address = server.url().strip_prefix("http://").unwrap();
    let mut ends = JoinSet::new();
    for _ in 0..HALF_OPEN {
        let stream = open(address, "GET /healthz HTTP/1.1\r\nhost: harness\r\nx-half: ").await;
        ends.spawn(ended(stream, began));
    }
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let head = format!(
            "PUT /v1/components?name=half HTTP/1.1\r\nhost: harness\r\nauthorization: Bearer {}\r\ncontent-length: 1000\r\n\r\nhalf",
            quiet.token()
        );
        slow.push(open(address, &head).await);
    }
    let beside = measure_anew(&site.tenant(&server), &submit, executions).await;
    drop(slow);
    let mut broken = Broken::new();
    for (name, share) in [("p50", 0.50), ("p95", 0.95)] {
        let (before, then) = (percentile(&alone, share), percentile(&beside, share));
        let ratio = then.as_secs_f64() / before.as_secs_f64();
        let figures = format!("{} / {} / {ratio:.2}", milliseconds(before), milliseconds(then));
        print(&format!("{name} alone / beside them / ratio"), figures);
        if !quick && ratio > BOUND {
            broken.push(format!("clients: {name} grew {ratio:.2} times, expected at most {BOUND}"));
        }
    }
    let mut times = Vec::new();
    let waiting = async {
        while let Some(time) = ends.join_next().await {
            times.push(time.unwrap());
        }
    };
    let all_ended = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
    print("half-open connections that the server has ended", format!("{} of {HALF_OPEN}", times.len()));
    print("the last of them after", milliseconds(times.iter().max().copied().unwrap_or_default()));
    if !all_ended {
        broken.push(format!("clients: {} of {HALF_OPEN} half-open connections ended, expected all", times.len()));
    }
    broken
}

/// The time of each of a number of executions, each with a connection of its own.
async fn measure_anew(tenant: &Client, submit: &serde_json::Value, executions: usize) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..executions {
        times.extend(measure(&tenant.anew(), submit, 1).await);
    }
    times
}

async fn open(address: &str, begin: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may have ended it already, to make room for another.
    let _ = stream.write_all(begin.as_bytes()).await;
    stream
}

/// How long it took until the server ended the connection.
async fn ended(mut stream: TcpStream, began: Instant) -> Duration {
    // An answer, an end or a reset: each is one.
    let _ = stream.read_to_end(&mut Vec::new()).await;
    began.elapsed()
}
