//! A backup or restore that is killed: what it has left is taken for nothing, and the next one is whole.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use salesforce_runtime::component::CONNECTOR;

use crate::backup::answer;
use crate::fixture::Fixture;
use crate::program::{copying, words_of_failure};

/// Long enough for a busy machine; only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server's data with a component, and the path of that below it.
async fn data() -> (Fixture, String) {
    let fixture = Fixture::start().await;
    let wasm = Bytes::from_static(CONNECTOR);
    let header = [("content-type", "application/wasm")];
    let uploaded = fixture.tenant.send(Method::PUT, "/v1/components", &header, wasm).await.json(200);
    let path = format!("components/{}.wasm", uploaded["digest"].as_str().unwrap());
    (fixture, path)
}

/// Runs a command until it reads this file, which is a pipe for that time, and kills it there.
fn kill_where_it_reads(path: &Path, mut command: Command) {
    let elsewhere = tempfile::tempdir().unwrap();
    let aside = elsewhere.path().join("aside");
    fs::rename(path, &aside).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo is needed").success());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let (sender, opened) = mpsc::channel();
    let pipe = path.to_owned();
    // It opens once somebody reads.
    std::thread::spawn(move || sender.send(File::options().write(true).open(pipe)));
    let writing = opened.recv_timeout(PATIENCE).expect("it never read the file").unwrap();
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
    drop(writing);
    fs::rename(aside, path).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s15_a_backup_that_was_killed_is_none_and_the_next_one_is_whole() {
    let (fixture, component) = data().await;
    let (data, place) = (fixture.data.path(), tempfile::tempdir().unwrap());
    let (copy, unfinished) = (place.path().join("copy"), place.path().join("copy.unfinished"));
    for name in [component.as_str(), "admin-token", "tenant-token"] {
        let mut command = copying("backup", &copy, data, &[]);
        command.arg("--with-keys");
        kill_where_it_reads(&data.join(name), command);
        assert!(unfinished.join("harness.sqlite").exists() && !copy.exists(), "{name}");
        let elsewhere = place.path().join("restored");
        let words = words_of_failure(&copying("restore", &unfinished, &elsewhere, &[]).output().unwrap());
        assert!(words.contains("only half of one") && !elsewhere.exists(), "{name}: {words}");
    }
    answer(&copying("backup", &copy, data, &[]).arg("--with-keys").output().unwrap());
    assert!(!unfinished.exists());
    let restored = place.path().join("restored");
    answer(&copying("restore", &copy, &restored, &[]).output().unwrap());
    assert_eq!(fs::read(restored.join(&component)).unwrap(), CONNECTOR);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s15_a_restore_that_was_killed_leaves_nothing_to_start_on_and_the_next_one_is_whole() {
    let (fixture, component) = data().await;
    let place = tempfile::tempdir().unwrap();
    let (copy, restored) = (place.path().join("copy"), place.path().join("restored"));
    let unfinished = place.path().join("restored.unfinished");
    answer(&copying("backup", &copy, fixture.data.path(), &[]).arg("--with-keys").output().unwrap());
    for name in ["harness.sqlite", "key", component.as_str(), "tenant-token"] {
        kill_where_it_reads(&copy.join(name), copying("restore", &copy, &restored, &[]));
        assert!(unfinished.exists() && !restored.exists(), "{name}");
    }
    answer(&copying("restore", &copy, &restored, &[]).output().unwrap());
    assert!(!unfinished.exists() && restored.join("harness.sqlite").exists());
    assert_eq!(fs::read(restored.join(&component)).unwrap(), CONNECTOR);
}
