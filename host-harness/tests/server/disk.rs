//! The disk takes no writes: nothing begins that could not be recorded, and what was sent is kept until it is.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use http::Method;
use mock_salesforce::{Fault, Matcher};
use salesforce_server::Server;
use serde_json::{Value, json};

use crate::client::{Client, Reply};
use crate::fixture::{ACCOUNTS_PATH, Connected, options, until};
use crate::program::Process;

/// What a full disk says, only as often as a test wants it to.
const ENDS: &str = "CREATE TRIGGER full_disk BEFORE UPDATE ON execution WHEN NEW.state <> 'running'
                    BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
const TOKENS: &str = "CREATE TRIGGER full_disk BEFORE UPDATE ON connection WHEN NEW.generation <> OLD.generation
                      BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";

/// From now on the database does not take these.
fn refuse(connected: &Connected, what: &str) {
    change(connected.data.path(), what);
}

fn mend(data: &Path) {
    change(data, "DROP TRIGGER full_disk");
}

fn change(data: &Path, sql: &str) {
    let database = rusqlite::Connection::open(data.join("harness.sqlite")).unwrap();
    database.busy_timeout(Duration::from_secs(20)).unwrap();
    database.execute_batch(sql).unwrap();
}

async fn execution(client: &Client, id: &Value) -> Value {
    client.get(&format!("/v1/executions/{}", id.as_str().unwrap())).await.json(200)
}

#[track_caller]
fn unavailable(reply: &Reply) {
    reply.problem(503, "storage-unavailable");
    assert!(reply.header("retry-after").is_some(), "{reply:?}");
}

#[tokio::test]
async fn s06_a_create_whose_end_is_not_recorded_is_unknown_until_it_is() {
    let connected = Connected::start().await;
    let (client, body) = (&connected.tenant, connected.create_account("Kept"));
    refuse(&connected, ENDS);
    let told = client.execute_once("kept", &body).await.ended("unknown");
    assert_eq!((&told["outcome"], &told["error_kind"]), (&json!("unknown"), &json!("host-not-recorded")));
    assert_eq!(told["error"]["retryable"], false, "{told}");
    assert!(told["error"]["message"].as_str().unwrap().contains("ask for this execution again"), "{told}");
    assert_eq!(connected.mock.ledger().creates("Account"), 1);

    // Whoever asks meanwhile hears the same.
    let again = client.execute_once("kept", &body).await;
    assert_eq!((again.header("idempotency-replayed"), &again.ended("unknown")["id"]), (Some("true"), &told["id"]));
    assert_eq!(execution(client, &told["id"]).await["error_kind"], "host-not-recorded");
    let log = client.get("/v1/executions").await.json(200);
    assert_eq!(log["items"][0]["error_kind"], "host-not-recorded", "{log}");
    let cancel = format!("/v1/executions/{}/cancel", told["id"].as_str().unwrap());
    client.post(&cancel).await.problem(409, "conflict");
    let (_other, elsewhere) = connected.another().await;
    elsewhere.execute_once("kept", &body).await.problem(409, "still-running");

    // Nothing else begins.
    unavailable(&client.execute(&connected.create_account("Never")).await);
    unavailable(&client.execute_once("never", &connected.count()).await);
    let stream = [("content-type", "application/json"), ("accept", "application/x-ndjson")];
    let query = connected.query("SELECT Id FROM Account").to_string();
    unavailable(&client.send(Method::POST, "/v1/executions", &stream, query.into()).await);
    unavailable(&client.get("/readyz").await);
    assert!(client.get("/metrics").await.text().contains("harness_unrecorded 1"));
    assert_eq!(connected.mock.ledger().creates("Account"), 1);

    mend(connected.data.path());
    until(async || execution(client, &told["id"]).await["state"] == "succeeded").await;
    until(async || client.get("/readyz").await.status == 200).await;
    let known = client.execute_once("kept", &body).await.ended("succeeded");
    assert_eq!((&known["id"], &known["result"]["created"]), (&told["id"], &json!(true)));
    assert_eq!(elsewhere.execute_once("kept", &body).await.ended("succeeded"), known);
    assert!(client.get("/metrics").await.text().contains("harness_unrecorded 0"));
    client.execute(&connected.create_account("Next")).await.ended("succeeded");
    assert_eq!(connected.mock.ledger().creates("Account"), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s06_a_disk_that_takes_no_write_for_long_is_one_that_takes_none() {
    let connected = Connected::start().await;
    connected.mock.push_fault(Matcher::under(ACCOUNTS_PATH), Fault::Delay(Duration::from_secs(2)));
    let body = connected.create_account("Slow");
    let executing = connected.tenant.execute_once("slow", &body);
    let holding = async {
        until(async || {
            let running = connected.tenant.get("/v1/executions?state=running").await.json(200);
            running["items"].as_array().unwrap().len() == 1
        })
        .await;
        let database = rusqlite::Connection::open(connected.data.path().join("harness.sqlite")).unwrap();
        database.execute_batch("BEGIN IMMEDIATE").unwrap();
        database
    };
    // A server waits for another that writes, and no longer than a disk may take.
    let (told, held) = tokio::join!(executing, holding);
    assert_eq!(told.ended("unknown")["error_kind"], "host-not-recorded");
    unavailable(&connected.tenant.execute(&connected.count()).await);
    unavailable(&connected.tenant.get("/readyz").await);
    held.execute_batch("ROLLBACK").unwrap();
    until(async || connected.tenant.get("/readyz").await.status == 200).await;
    connected.tenant.execute_once("slow", &body).await.ended("succeeded");
    assert_eq!(connected.mock.ledger().creates("Account"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s06_a_database_that_was_moved_or_replaced_takes_no_writes() {
    let connected = Connected::start().await;
    let body = connected.create_account("Never");
    let [here, elsewhere] = ["harness.sqlite", "elsewhere"].map(|name| connected.data.path().join(name));
    std::fs::rename(&here, &elsewhere).unwrap();
    for replaced in [false, true] {
        if replaced {
            std::fs::copy(&elsewhere, &here).unwrap();
        }
        unavailable(&connected.tenant.execute_once("moved", &body).await);
        unavailable(&connected.tenant.get("/readyz").await);
    }
    assert_eq!(connected.mock.ledger().creates("Account"), 0);
    std::fs::rename(&elsewhere, &here).unwrap();
    until(async || connected.tenant.get("/readyz").await.status == 200).await;
    connected.tenant.execute_once("moved", &body).await.ended("succeeded");
}

#[tokio::test]
async fn s06_a_read_is_told_as_it_ended_and_a_clean_stop_waits_for_its_record() {
    let connected = Connected::start().await;
    refuse(&connected, ENDS);
    let told = connected.tenant.execute(&connected.count()).await.ended("succeeded");
    assert_eq!(execution(&connected.tenant, &told["id"]).await["result"], told["result"]);
    let token = connected.tenant_token();
    let Connected { fixture, .. } = connected;
    let data = fixture.data;
    let mending = async {
        // The server is asked to stop first.
        tokio::task::yield_now().await;
        mend(data.path());
    };
    tokio::join!(fixture.server.stop(Duration::from_secs(60)), mending);
    let server = Server::start(options(data.path())).await.unwrap();
    let client = Client::new(server.url(), Some(&token));
    let recorded = execution(&client, &told["id"]).await;
    assert_eq!((&recorded["state"], &recorded["result"]), (&json!("succeeded"), &told["result"]));
}

#[tokio::test]
async fn s06_new_tokens_that_are_not_stored_are_kept_and_used_by_nobody() {
    let connected = Connected::start().await;
    let client = &connected.tenant;
    refuse(&connected, TOKENS);
    connected.mock.expire_access_tokens();
    for _ in 0..2 {
        let failed = client.execute(&connected.create_account("Never")).await.ended("failed");
        assert_eq!(
            (&failed["error_kind"], &failed["error"]["retryable"]),
            (&json!("refresh-in-progress"), &json!(true))
        );
    }
    let path = format!("/v1/connections/{}", connected.connection);
    unavailable(&client.post(&format!("{path}/refresh")).await);
    unavailable(&client.get("/readyz").await);
    assert_eq!((connected.refreshes(), &connected.shown().await["generation"]), (1, &json!(1)));
    assert_eq!(connected.mock.ledger().creates("Account"), 0);

    mend(connected.data.path());
    until(async || connected.shown().await["generation"] == 2).await;
    until(async || client.get("/readyz").await.status == 200).await;
    client.execute(&connected.create_account("Once")).await.ended("succeeded");
    assert_eq!((connected.refreshes(), connected.mock.ledger().creates("Account")), (1, 1));
    connected.no_refresh_token_was_used_twice();
}

#[tokio::test]
async fn s06_an_authorization_whose_tokens_wait_becomes_active_later() {
    let connected = Connected::start().await;
    refuse(&connected, TOKENS);
    let mut browser = crate::browser::Browser::new(connected.server.url());
    let begun = connected.authorize(&connected.tenant, &connected.connection).await;
    let location = browser.begin(&begun).await;
    let page = browser.get(&connected.allowed(&location)).await;
    assert_eq!(page.status, 503, "{page:?}");
    assert!(page.text().contains("becomes active as soon as they are stored"), "{page:?}");
    mend(connected.data.path());
    until(async || connected.shown().await["generation"] == 2).await;
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
}

/// The log is often on the same disk as the data.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s06_a_log_that_takes_no_writes_ends_nothing() {
    let connected = Connected::start().await;
    let full = std::fs::File::create("/dev/full").unwrap();
    let process = Process::logging_to(connected.data.path(), &[], full.into());
    let client = Client::new(&process.url, Some(&connected.tenant_token()));
    refuse(&connected, ENDS);
    client.execute_once("logged", &connected.create_account("Logged")).await.ended("unknown");
    mend(connected.data.path());
    let body = connected.create_account("Logged");
    // The first may still be running.
    until(async || {
        let reply = client.execute_once("logged", &body).await;
        reply.status != 409 && reply.json(200)["state"] == "succeeded"
    })
    .await;
    assert_eq!(client.get("/readyz").await.status, 200);
}

/// A small file system of its own; none where this user may not mount one.
struct SmallDisk {
    path: PathBuf,
    _above: tempfile::TempDir,
}

impl SmallDisk {
    fn mount() -> Option<SmallDisk> {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("disk");
        std::fs::create_dir(&path).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs"])
            .arg(&path)
            .stderr(Stdio::null())
            .status();
        if !mount.is_ok_and(|status| status.success()) {
            eprintln!("not run: it mounts a small tmpfs, which takes root and a Linux that lets root mount");
            return None;
        }
        Some(SmallDisk { path, _above: above })
    }

    /// Leaves no byte.
    fn fill(&self) {
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
        // The server may still hold its files.
        let _ = Command::new("umount").arg("--lazy").arg(&self.path).status();
    }
}

#[tokio::test]
async fn s06_on_a_full_disk_nothing_begins_and_no_end_is_lost() {
    let Some(disk) = SmallDisk::mount() else { return };
    let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    std::os::unix::fs::symlink(compiled, disk.path.join("compiled")).unwrap();
    let connected = Connected::with(|options| options.data = disk.path.clone()).await;
    let client = &connected.tenant;
    let created = || connected.mock.ledger().creates("Account");

    disk.fill();
    unavailable(&client.execute_once("full", &connected.create_account("Never")).await);
    unavailable(&client.get("/readyz").await);
    unavailable(&client.post_json("/v1/connections", &connected.fixture.connection("never")).await);
    assert_eq!((created(), client.get("/healthz").await.status.as_u16()), (0, 200));
    disk.make_room();
    client.execute_once("full", &connected.create_account("Once")).await.ended("succeeded");
    assert_eq!(client.get("/readyz").await.status, 200);

    // It fills up while a create is on its way.
    connected.mock.push_fault(Matcher::path(ACCOUNTS_PATH), Fault::Delay(Duration::from_secs(3)));
    let running = {
        let (client, body) = (client.clone(), connected.create_account("Twice"));
        tokio::spawn(async move { client.execute_once("twice", &body).await })
    };
    until(async || connected.mock.faults_waiting() == 0).await;
    disk.fill();
    let told = running.await.unwrap().ended("unknown");
    assert_eq!((&told["error_kind"], created()), (&json!("host-not-recorded"), 2));
    unavailable(&client.get("/readyz").await);
    disk.make_room();
    until(async || execution(client, &told["id"]).await["state"] == "succeeded").await;
    let known = client.execute_once("twice", &connected.create_account("Twice")).await.ended("succeeded");
    assert_eq!((&known["id"], created()), (&told["id"], 2));
}
