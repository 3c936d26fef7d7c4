//! The key and the data belong together: a server with another key does not start, and one that runs keeps its own.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use salesforce_server::Server;

use crate::client::Client;
use crate::fixture::{Connected, data_directory, options, until};
use crate::program::Process;

const ONE: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const TWO: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s03_a_key_file_that_goes_while_a_server_runs_is_not_made_anew() {
    let connected = Connected::start().await;
    let data = connected.data.path();
    let key = data.join("key");
    let kept = fs::read(&key).unwrap();
    assert_eq!(connected.tenant.get("/readyz").await.text(), "ready\n");
    fs::remove_file(&key).unwrap();
    until(async || connected.tenant.get("/readyz").await.text() != "ready\n").await;
    let ready = connected.tenant.get("/readyz").await;
    assert!(ready.status == 200 && ready.text().contains("key"), "{ready:?}");

    let words = Process::refused(data, &[]);
    assert!(words.contains("is missing") && words.contains("put it back"), "{words}");
    assert!(!key.exists(), "a new key was made over old data");
    let words = Process::refused(data, &[("HARNESS_KEY", ONE)]);
    assert!(words.contains("HARNESS_KEY") && !words.contains(ONE), "{words}");

    // The server that runs goes on: it refreshes, and keeps results.
    connected.mock.expire_access_tokens();
    let ended = connected.tenant.execute_once("kept", &connected.count()).await.ended("succeeded");
    fs::write(&key, &kept).unwrap();
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    until(async || connected.tenant.get("/readyz").await.text() == "ready\n").await;
    let other = Process::start(data);
    let client = Client::new(&other.url, Some(&connected.tenant_token()));
    assert_eq!(client.execute_once("kept", &connected.count()).await.ended("succeeded"), ended);
    connected.mock.expire_access_tokens();
    client.execute(&connected.count()).await.ended("succeeded");
}

#[tokio::test]
async fn s03_a_directory_that_has_lost_its_database_is_not_begun_anew() {
    let data = data_directory();
    drop(Server::start(options(data.path())).await.unwrap());
    let database = data.path().join("harness.sqlite");
    let token = fs::read(data.path().join("tenant-token")).unwrap();
    for lost in [true, false] {
        if lost {
            fs::remove_file(&database).unwrap()
        } else {
            fs::write(&database, "").unwrap()
        }
        let error = Server::start(options(data.path())).await.err().unwrap().to_string();
        assert!(error.contains("harness.sqlite is missing or empty") && error.contains("restore"), "{error}");
        assert_eq!(fs::read(data.path().join("tenant-token")).unwrap(), token);
    }
    let backup = data_directory();
    fs::write(backup.path().join("manifest.json"), "{}").unwrap();
    let error = Server::start(options(backup.path())).await.err().unwrap().to_string();
    assert!(error.contains("it is a backup"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s03_two_servers_with_different_keys_never_run_on_one_directory() {
    let connected = Connected::start().await;
    let another = data_directory();
    drop(Server::start(options(another.path())).await.unwrap());
    // The other directory's key, in place of this one's; the server that runs was started with this one's.
    let (key, others) = (connected.data.path().join("key"), another.path().join("key"));
    let kept = fs::read(&key).unwrap();
    fs::copy(others, &key).unwrap();
    let error = Server::start(options(connected.data.path())).await.err().unwrap().to_string();
    assert!(error.contains("does not fit the data"), "{error}");
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    fs::write(&key, kept).unwrap();
    let (_server, client) = connected.another().await;
    client.execute(&connected.count()).await.ended("succeeded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s03_of_two_first_starts_with_different_given_keys_one_is_refused() {
    let data = data_directory();
    let first = Process::with(data.path(), &[("HARNESS_KEY", ONE)]);
    let words = Process::refused(data.path(), &[("HARNESS_KEY", TWO)]);
    assert!(words.contains("does not fit the data") && words.contains("HARNESS_PREVIOUS_KEY"), "{words}");
    let words = Process::refused(data.path(), &[]);
    assert!(words.contains("is missing") && !data.path().join("key").exists(), "{words}");
    drop(first);
    Process::with(data.path(), &[("HARNESS_KEY", ONE)]);
}
