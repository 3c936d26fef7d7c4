//! Clients that do not do their part, and what others notice of them.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use bytes::Bytes;
use http::Method;
use mock_salesforce::{Fault, Matcher};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::task::JoinSet;

use crate::bounds::asleep;
use crate::client::Client;
use crate::fixture::{Connected, PROGRAM, QUERY_PATH, until};

const HALF_A_HEAD: &[u8] = b"POST /v1/executions HTTP/1.1\r\nhost: harness\r\nx-half: ";

/// `harness serve` with few file descriptors.
struct Process {
    child: Child,
    address: SocketAddr,
    log: std::path::PathBuf,
}

impl Process {
    fn start(data: &Path, descriptors: u32) -> Process {
        let log = data.join("log-of-the-test");
        let script = format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"");
        let mut child = Command::new("sh")
            .args(["-c", &script, PROGRAM])
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--allow-loopback-orgs", "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let reach: Value = serde_json::from_str(&line).unwrap();
        Process { address: reach["address"].as_str().unwrap().parse().unwrap(), child, log }
    }

    fn client(&self, connected: &Connected) -> Client {
        Client::new(&format!("http://{}", self.address), Some(&connected.tenant_token()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL; it may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s08_more_half_open_connections_than_file_descriptors_keep_nobody_out() {
    let connected = Connected::start().await;
    let process = Process::start(connected.data.path(), 200);
    let mut half_open = Vec::new();
    for _ in 0..260 {
        let mut stream = TcpStream::connect(process.address).unwrap();
        // One that makes room for others may be closed by now.
        let _ = stream.write_all(HALF_A_HEAD);
        half_open.push(stream);
    }
    for number in 0..3 {
        // A new connection each time.
        let tenant = process.client(&connected);
        tenant.execute(&connected.create_account(&format!("Half {number}"))).await.ended("succeeded");
    }
    assert_eq!(connected.mock.ledger().creates("Account"), 3);
    let metrics = process.client(&connected).get("/metrics").await;
    let given_away =
        metrics.text().lines().find(|line| line.contains(r#"connections_ended_total{reason="given-away"}"#));
    let given_away: u32 = given_away.unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    assert!(given_away >= 160, "{given_away}");
    let log = std::fs::read_to_string(&process.log).unwrap();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("given-away")).collect();
    assert!((1..20).contains(&lines.len()) && lines[0].contains("to make room for others"), "{lines:?}");
    drop(half_open);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s09_a_tenant_has_so_many_requests_in_transit_until_they_are_read_and_answered() {
    let connected = Connected::start().await;
    let small = connected.fixture.new_tenant("small", &serde_json::json!({"executions_at_once": 1})).await;
    let address = connected.server.url().strip_prefix("http://").unwrap().to_owned();
    let half = || {
        let mut socket = TcpStream::connect(&address).unwrap();
        let head = format!(
            "POST /v1/executions HTTP/1.1\r\nhost: harness\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: 5000000\r\n\r\n{{",
            small.token()
        );
        socket.write_all(head.as_bytes()).unwrap();
        socket
    };
    // Two of executions, 16 others, and more. The test's own request may be where one of these was refused: another takes
    // its place.
    let held = Mutex::new(std::iter::repeat_with(half).take(18 + 4).collect::<Vec<_>>());
    until(async || {
        let is_full = small.execute(&connected.count()).await.status == 429;
        held.lock().unwrap().extend((!is_full).then(half));
        is_full
    })
    .await;
    small.execute(&connected.count()).await.problem(429, "rate-limited");
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    drop(held);
    until(async || small.execute(&connected.count()).await.status == 404).await;

    // Answers that nobody reads, each larger than what the kernel takes of one. They are costly, so there are few.
    let query = asleep(&connected).await;
    let given = connected.tenant.execute(&query("large:5000000")).await.ended("succeeded");
    let id = connected.tenant.get("/v1/tenant").await.json(200)["id"].as_str().unwrap().to_owned();
    let limits = Bytes::from(serde_json::json!({"executions_at_once": 1}).to_string());
    let headers = [("content-type", "application/json")];
    connected.administrator.send(Method::PUT, &format!("/v1/tenants/{id}"), &headers, limits).await.json(200);
    let unread = async || {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut socket = socket.connect(address.parse().unwrap()).await.unwrap();
        let (id, token) = (given["id"].as_str().unwrap(), connected.tenant.token());
        let head =
            format!("GET /v1/executions/{id} HTTP/1.1\r\nhost: harness\r\nauthorization: Bearer {token}\r\n\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
        socket
    };
    let held = Mutex::new(Vec::new());
    let hold = async |number| {
        for _ in 0..number {
            let socket = unread().await;
            held.lock().unwrap().push(socket);
        }
    };
    hold(18 + 4).await;
    until(async || {
        let is_full = connected.tenant.execute(&connected.count()).await.status == 429;
        hold(u32::from(!is_full)).await;
        is_full
    })
    .await;
    small.execute(&connected.count()).await.problem(404, "not-found");
    drop(held);
    until(async || connected.tenant.execute(&connected.count()).await.status == 200).await;
}

#[tokio::test]
async fn s08_an_answer_before_the_body_was_read_says_that_the_connection_ends() {
    let connected = Connected::start().await;
    let address = connected.server.url().strip_prefix("http://").unwrap().to_owned();
    let token = connected.tenant.token().to_owned();
    for (token, body, ends) in [("sfh_wrong", "{", true), (&token, &*"{}".repeat(50_000), false)] {
        let message = format!(
            "POST /v1/executions HTTP/1.1\r\nhost: harness\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: 100000\r\n\r\n{body}"
        );
        let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
        socket.write_all(message.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            head.push(socket.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert_eq!(head.contains("connection: close"), ends, "{head}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s08_when_every_connection_is_at_work_a_newcomer_is_told_at_once() {
    let connected = Connected::with(|options| options.max_connections = Some(2)).await;
    for _ in 0..2 {
        connected.mock.push_fault(Matcher::under(QUERY_PATH), Fault::Hang);
    }
    let mut at_work = JoinSet::new();
    for _ in 0..2 {
        // Each with a connection of its own.
        let client = Client::new(connected.server.url(), Some(&connected.tenant_token()));
        let body = connected.count();
        at_work.spawn(async move { client.execute(&body).await });
    }
    until(async || connected.mock.faults_waiting() == 0).await;
    let newcomer = Client::new(connected.server.url(), None);
    newcomer.get("/healthz").await.problem(503, "too-many-connections");
    drop(at_work);
    // Their clients have left, and their places are free again.
    until(async || newcomer.send(Method::GET, "/healthz", &[], Bytes::new()).await.status == 200).await;
}
