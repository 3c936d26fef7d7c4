//! `harness backup` and `harness restore`: all of a data directory, whole or not at all.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Output;

use bytes::Bytes;
use http::Method;
use mock_salesforce::{Fault, Matcher};
use salesforce_runtime::component::CONNECTOR;
use salesforce_server::{KeySource, rotate_key};
use serde_json::{Value, json};

use crate::client::Client;
use crate::fixture::{ACCOUNTS_PATH, Connected, Fixture, until};
use crate::program::{Environment, Process, copying, words_of_failure};

const ONE: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// What becomes of a file; none: it goes.
type Damage<'a> = &'a dyn Fn(&[u8]) -> Option<Vec<u8>>;

/// What a program has answered that succeeded.
#[track_caller]
pub(crate) fn answer(output: &Output) -> Value {
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn backup(data: &Path, to: &Path, more: &[&str]) -> Value {
    answer(&copying("backup", to, data, &[]).args(more).output().unwrap())
}

#[track_caller]
fn restore(from: &Path, data: &Path) -> Value {
    answer(&copying("restore", from, data, &[]).output().unwrap())
}

#[track_caller]
fn refused(what: &str, backup: &Path, data: &Path, environment: Environment<'_>, more: &[&str]) -> String {
    words_of_failure(&copying(what, backup, data, environment).args(more).output().unwrap())
}

/// Modes of a directory, and of all that is in it.
fn modes(path: &Path) -> Vec<u32> {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let below = |path: PathBuf| if path.is_dir() { modes(&path) } else { vec![mode(&path)] };
    let entries = fs::read_dir(path).unwrap().flat_map(|entry| below(entry.unwrap().path()));
    std::iter::once(mode(path)).chain(entries).collect()
}

async fn upload(client: &Client) -> String {
    let wasm = Bytes::from_static(CONNECTOR);
    let uploaded = client.send(Method::PUT, "/v1/components", &[("content-type", "application/wasm")], wasm).await;
    uploaded.json(200)["digest"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s15_a_backup_of_a_running_server_serves_elsewhere() {
    let connected = Connected::start().await;
    let data = connected.data.path();
    let mut body = connected.count();
    body["component"] = json!(upload(&connected.tenant).await);
    let ended = connected.tenant.execute_once("once", &body).await.ended("succeeded");
    let create = connected.create_account("Held");
    connected.mock.push_fault(Matcher::path(ACCOUNTS_PATH), Fault::HangAfterWork);
    let held = {
        let (client, create) = (connected.tenant.clone(), create.clone());
        tokio::spawn(async move { client.execute_once("held", &create).await })
    };
    until(async || connected.mock.ledger().creates("Account") == 1).await;
    let place = tempfile::tempdir().unwrap();
    let (copy, restored) = (place.path().join("copy"), place.path().join("new/restored"));
    let made = backup(data, &copy, &["--with-keys"]);
    assert_eq!((&made["components"], &made["has_keys"]), (&json!(1), &json!(true)), "{made}");
    assert!(made["note"].as_str().unwrap().contains("the key is in the backup"), "{made}");
    // What comes after it is not in it.
    connected.tenant.execute_once("later", &connected.count()).await.ended("succeeded");
    let answer = restore(&copy, &restored);
    assert!(answer["note"].as_str().unwrap().contains("the key was in the backup"), "{answer}");
    assert!(modes(&copy).iter().chain(&modes(&restored)).all(|mode| mode & 0o077 == 0));
    held.abort();

    symlink(fs::read_link(data.join("compiled")).unwrap(), restored.join("compiled")).unwrap();
    let process = Process::start(&restored);
    let token = fs::read_to_string(restored.join("tenant-token")).unwrap();
    let client = Client::new(&process.url, Some(token.trim()));
    let again = client.execute_once("once", &body).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.ended("succeeded"), ended);
    client.execute_once("held", &create).await.ended("unknown");
    assert_eq!(connected.mock.ledger().creates("Account"), 1);
    client.execute(&body).await.ended("succeeded");
    connected.mock.expire_access_tokens();
    client.execute(&connected.count()).await.ended("succeeded");
    let log = client.get("/v1/executions").await.json(200);
    let keys: Vec<_> = log["items"].as_array().unwrap().iter().map(|item| &item["idempotency_key"]).collect();
    assert_eq!(keys, [&json!(null), &json!(null), &json!("held"), &json!("once")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s03_a_backup_without_its_key_says_so_and_starts_with_that_key_alone() {
    let connected = Connected::start().await;
    let (data, place) = (connected.data.path(), tempfile::tempdir().unwrap());
    let (copy, restored) = (place.path().join("copy"), place.path().join("restored"));
    let made = backup(data, &copy, &[]);
    let note = made["note"].as_str().unwrap();
    assert!(note.contains("not in the backup") && note.contains(data.join("key").to_str().unwrap()), "{made}");
    assert!(note.contains(made["keys_needed"][0].as_str().unwrap()), "{made}");
    assert!(["key", "tenant-token", "admin-token"].iter().all(|secret| !copy.join(secret).exists()));
    let words = refused("restore", &copy, &restored, &[("HARNESS_KEY", ONE)], &[]);
    assert!(words.contains("HARNESS_KEY is not the key") && !words.contains(ONE), "{words}");
    assert!(!restored.exists());

    let answer = restore(&copy, &restored);
    let note = answer["note"].as_str().unwrap();
    assert!(note.contains("before the start") && note.contains(restored.join("key").to_str().unwrap()), "{answer}");
    let words = Process::refused(&restored, &[]);
    assert!(words.contains("does not fit the data") && !restored.join("key").exists(), "{words}");
    fs::copy(data.join("key"), restored.join("key")).unwrap();
    symlink(fs::read_link(data.join("compiled")).unwrap(), restored.join("compiled")).unwrap();
    let process = Process::start(&restored);
    Client::new(&process.url, Some(&connected.tenant_token())).execute(&connected.count()).await.ended("succeeded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s03_a_key_that_is_given_is_never_written() {
    let fixture = Fixture::with(|options| {
        options.key = KeySource::Given { current: ONE.to_owned().into(), previous: None };
    })
    .await;
    let (data, place) = (fixture.data.path(), tempfile::tempdir().unwrap());
    let copy = place.path().join("copy");
    for environment in [&[("HARNESS_KEY", ONE)][..], &[]] {
        let words = refused("backup", &copy, data, environment, &["--with-keys"]);
        assert!(words.contains("HARNESS_KEY") && !words.contains(ONE), "{words}");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
    let made = backup(data, &copy, &[]);
    assert!(made["note"].as_str().unwrap().contains("HARNESS_KEY"), "{made}");
    let restored = place.path().join("restored");
    let answer = answer(&copying("restore", &copy, &restored, &[("HARNESS_KEY", ONE)]).output().unwrap());
    assert!(answer["note"].as_str().unwrap().contains("is the key of this backup"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s02_a_backup_with_keys_fits_while_the_key_is_changed() {
    let connected = Connected::start().await;
    let (data, place) = (connected.data.path().to_owned(), tempfile::tempdir().unwrap());
    let rotating = {
        let data = data.clone();
        tokio::spawn(async move {
            for _ in 0..3 {
                rotate_key(&data, KeySource::in_directory(&data), std::time::Duration::from_secs(60)).await.unwrap();
            }
        })
    };
    for number in 0..5 {
        let (copy, restored) = (place.path().join(format!("copy-{number}")), place.path().join(number.to_string()));
        backup(&data, &copy, &["--with-keys"]);
        restore(&copy, &restored);
    }
    rotating.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s15_a_backup_that_is_damaged_or_foreign_restores_nothing() {
    let fixture = Fixture::start().await;
    let digest = upload(&fixture.tenant).await;
    let place = tempfile::tempdir().unwrap();
    let (copy, restored) = (place.path().join("copy"), place.path().join("restored"));
    backup(fixture.data.path(), &copy, &["--with-keys"]);
    let component = format!("components/{digest}.wasm");
    let flip = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        Some(bytes)
    };
    let cut = |bytes: &[u8]| Some(bytes[..bytes.len() / 2].to_vec());
    let gone = |_: &[u8]| None;
    let later =
        |bytes: &[u8]| Some(String::from_utf8_lossy(bytes).replace("\"format\": 1", "\"format\": 2").into_bytes());
    let foreign = |_: &[u8]| Some(b"{\"kind\": \"other\", \"format\": 1}".to_vec());
    let cases: [(&str, Damage<'_>, &str); 12] = [
        ("harness.sqlite", &flip, "damaged"),
        ("harness.sqlite", &cut, "damaged"),
        ("harness.sqlite", &gone, "missing"),
        (&component, &flip, "damaged"),
        (&component, &gone, "missing"),
        ("key", &flip, "damaged"),
        ("key", &gone, "missing"),
        ("tenant-token", &cut, "damaged"),
        ("manifest.json", &cut, "damaged"),
        ("manifest.json", &gone, "no backup"),
        ("manifest.json", &later, "later program"),
        ("manifest.json", &foreign, "expected a harness-backup"),
    ];
    for (name, damage, expected) in cases {
        let path = copy.join(name);
        let whole = fs::read(&path).unwrap();
        match damage(&whole) {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let words = refused("restore", &copy, &restored, &[], &[]);
        assert!(words.contains(expected), "{name}: {words}");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "{name}: something was left");
        fs::write(&path, whole).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }
    restore(&copy, &restored);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s15_a_backup_tells_of_components_that_were_damaged_before() {
    let fixture = Fixture::start().await;
    let digest = upload(&fixture.tenant).await;
    fs::write(fixture.data.path().join(format!("components/{digest}.wasm")), "other").unwrap();
    let place = tempfile::tempdir().unwrap();
    let (copy, restored) = (place.path().join("copy"), place.path().join("restored"));
    let made = backup(fixture.data.path(), &copy, &[]);
    assert_eq!((&made["components"], &made["damaged_components"]), (&json!(0), &json!([digest])));
    restore(&copy, &restored);
    assert_eq!(fs::read_dir(restored.join("components")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s15_nothing_that_is_there_is_overwritten() {
    let fixture = Fixture::start().await;
    let (data, place) = (fixture.data.path(), tempfile::tempdir().unwrap());
    let (copy, other) = (place.path().join("copy"), place.path().join("other"));
    let words = refused("backup", &copy, &other, &[], &[]);
    assert!(words.contains("no database") && !copy.exists(), "{words}");
    backup(data, &copy, &[]);
    for there in [copy.clone(), data.to_owned()] {
        let words = refused("backup", &there, data, &[], &[]);
        assert!(words.contains("it exists"), "{words}");
    }
    let words = refused("restore", &copy, data, &[], &[]);
    assert!(words.contains("a server is running on it"), "{words}");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("mine"), "").unwrap();
    let words = refused("restore", &copy, &other, &[], &[]);
    assert!(words.contains("not empty"), "{words}");
    fs::remove_file(other.join("mine")).unwrap();

    let unfinished = place.path().join("other.unfinished");
    fs::create_dir(&unfinished).unwrap();
    fs::write(unfinished.join("mine"), "").unwrap();
    let words = refused("restore", &copy, &other, &[], &[]);
    assert!(words.contains("move the directory away") && unfinished.join("mine").exists(), "{words}");
    fs::remove_file(unfinished.join("mine")).unwrap();
    let lock = fs::File::open(&unfinished).unwrap();
    lock.lock().unwrap();
    let words = refused("restore", &copy, &other, &[], &[]);
    assert!(words.contains("another backup or restore"), "{words}");
    drop(lock);
    restore(&copy, &other);
    assert!(other.join("harness.sqlite").exists() && !unfinished.exists());
}
