//! A disk that fills up under load: what was sent is told as unknown and recorded once there is room, and nothing else is
//! sent.
//!
//! Each round fills the disk while creates are on their way, and empties it again. Clients that were told that nothing was
//! begun, or that nobody knows, ask again with the same key, as clients do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::Broken;
use crate::client::{Client, Gone};
use crate::figures::{milliseconds, percentile, print};
use crate::site::Site;

/// Bytes of the disk: for what the server keeps of all these executions.
const SIZE: &str = "size=64m,mode=0700";
const CLIENTS: usize = 16;
/// What a client does between two records, and before it asks again.
const CLIENT_PAUSE: Duration = Duration::from_millis(100);
/// How long the disk is full, and how long it then has room.
const FULL: Duration = Duration::from_secs(2);
const ROOM: Duration = Duration::from_millis(1500);
/// How long after that everything has to be recorded.
const PATIENCE: Duration = Duration::from_secs(60);

/// A small file system of its own.
struct SmallDisk {
    path: PathBuf,
    _above: TempDir,
}

/// What clients were told.
#[derive(Default)]
struct Told {
    /// By state, or by status of a problem.
    answers: BTreeMap<String, u32>,
    /// Keys whose execution was begun.
    keys: Vec<String>,
    times: Vec<Duration>,
}

pub(crate) async fn run(harness: &Path, rounds: u32) -> Broken {
    println!("\nDisk: {rounds} times full while {CLIENTS} clients create records");
    let Some(disk) = SmallDisk::mount() else {
        println!("  not measured: it mounts a small tmpfs, which takes root and a Linux that lets root mount");
        return Broken::new();
    };
    let site = Site::on(harness, CLIENTS as u32, &disk.path).await;
    let server = site.serve().await;
    let tenant = site.tenant(&server);
    let connection = site.connect(&tenant).await;
    // Clients that ask again and again are not what is measured here.
    site.limit(&server, &json!({"executions_at_once": CLIENTS, "executions_a_minute": 1_000_000})).await;
    let over = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        clients.spawn(create(tenant.clone(), connection.clone(), client, Arc::clone(&over)));
    }
    let mut broken = Broken::new();
    let mut unready = 0;
    for _ in 0..rounds {
        tokio::time::sleep(ROOM).await;
        disk.fill();
        tokio::time::sleep(FULL).await;
        // The database has room of its own in its write-ahead log, which may last for a while.
        let full = Instant::now();
        while full.elapsed() < PATIENCE {
            if tenant.get("/readyz").await.status == 503 {
                unready += 1;
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        disk.make_room();
    }
    if unready < rounds {
        broken.push(format!("disk: it was full {rounds} times, and /readyz said so only {unready} times"));
    }
    over.store(true, Ordering::Relaxed);
    let mut told = Told::default();
    while let Some(one) = clients.join_next().await {
        let one = one.unwrap();
        one.answers.into_iter().for_each(|(answer, count)| *told.answers.entry(answer).or_default() += count);
        told.keys.extend(one.keys);
        told.times.extend(one.times);
    }
    let recorded = recorded(&tenant).await;
    for (answer, count) in &told.answers {
        print(&format!("answers: {answer}"), count);
    }
    print("/readyz said 503 while the disk was full, of rounds", format!("{unready}/{rounds}"));
    print("an answer, slowest", milliseconds(percentile(&told.times, 1.0)));
    print("everything recorded after there was room", recorded.map_or("never".to_owned(), milliseconds));
    if recorded.is_none() {
        broken.push("disk: there is room, and /readyz does not say so".to_owned());
    }
    broken.extend(told.judge(&site, &tenant, &connection).await);
    broken
}

/// Creates records, one after the other, each asked for again with its key until its end is known.
async fn create(tenant: Client, connection: String, client: usize, over: Arc<AtomicBool>) -> Told {
    let mut told = Told::default();
    for number in 0.. {
        let key = format!("disk-{client}-{number}");
        let submit = submit(&connection, &key);
        loop {
            let began = Instant::now();
            let Ok(answer) = tenant.execute(&submit, Some(&key)).await else { return told };
            told.times.push(began.elapsed());
            let what = match answer.status {
                200 => format!("{} {}", answer.state(), answer.body["error_kind"].as_str().unwrap_or_default()),
                status => format!("{status} {}", answer.body["type"].as_str().unwrap_or_default()),
            };
            *told.answers.entry(what.trim_end().to_owned()).or_default() += 1;
            let known = answer.status == 200 && answer.body["error_kind"] != "host-not-recorded";
            tokio::time::sleep(CLIENT_PAUSE).await;
            if known {
                told.keys.push(key);
                break;
            }
        }
        if over.load(Ordering::Relaxed) {
            break;
        }
    }
    told
}

fn submit(connection: &str, key: &str) -> Value {
    json!({"connection": connection, "action": "create-or-update-record",
        "input": {"object": "Account", "target": "create", "fields": {"Name": name(key)}}})
}

/// Unlike the beginning of any other.
fn name(key: &str) -> String {
    format!("Created as {key}.")
}

/// How long it takes until nothing waits to be recorded.
async fn recorded(tenant: &Client) -> Option<Duration> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if tenant.get("/readyz").await.status == 200 {
            return Some(began.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    None
}

impl Told {
    /// Each key has one record at the org, and the log says so.
    async fn judge(&self, site: &Site, tenant: &Client, connection: &str) -> Broken {
        let mut broken = Broken::new();
        let mut creates: BTreeMap<String, usize> = BTreeMap::new();
        for entry in site.mock.ledger().entries() {
            let Some(body) = entry.body.as_deref().and_then(|body| serde_json::from_str::<Value>(body).ok()) else {
                continue;
            };
            if let Some(name) = body["Name"].as_str() {
                *creates.entry(name.to_owned()).or_default() += entry.writes.len();
            }
        }
        for key in &self.keys {
            let records = creates.get(&name(key)).copied().unwrap_or_default();
            let again = match tenant.execute(&submit(connection, key), Some(key)).await {
                Ok(again) => again,
                Err(Gone) => return vec!["disk: the server is gone".to_owned()],
            };
            if records != 1 || again.state() != "succeeded" || !again.replayed {
                broken.push(format!("disk, {key}: {records} records, and the log says {}", again.body));
            }
        }
        let running = tenant.get("/v1/executions?state=running").await;
        if running.body["items"].as_array().is_none_or(|items| !items.is_empty()) {
            broken.push(format!("disk: executions are still running: {}", running.body));
        }
        let more: usize = creates.values().sum();
        if more != self.keys.len() {
            broken.push(format!("disk: {more} records were created for {} keys", self.keys.len()));
        }
        print("records created, each once", self.keys.len());
        if !self.answers.keys().any(|answer| answer.ends_with("host-not-recorded")) {
            println!("    no create was on its way when the disk filled up");
        }
        broken
    }
}

impl SmallDisk {
    /// None where this user may not mount one.
    fn mount() -> Option<SmallDisk> {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("disk");
        std::fs::create_dir(&path).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(&path).stderr(Stdio::null());
        mount.status().is_ok_and(|status| status.success()).then_some(SmallDisk { path, _above: above })
    }

    /// Leaves no byte.
    fn fill(&self) {
        use std::io::Write;
        let mut file = std::fs::File::create(self.path.join("filler")).unwrap();
        for piece in [64 << 10, 4 << 10, 1] {
            while file.write_all(&vec![0; piece]).is_ok() {}
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.path.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A server that is being killed may still hold its files.
        let _gone = Command::new("umount").arg("--lazy").arg(&self.path).status();
    }
}
