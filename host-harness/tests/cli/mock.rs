//! `mock`: what it prints is enough to reach it, and Ctrl-C is the way to end it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::fixture::{Org, PROGRAM, interrupt, mode};

/// A running `harness mock`.
struct Mock {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Mock {
    fn start(mut command: Command) -> Mock {
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Mock { child, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// Presses Ctrl-C; the mock ends well and says nothing more.
    fn end(mut self) {
        interrupt(&self.child);
        let (mut rest, mut errors) = (String::new(), String::new());
        self.output.read_to_string(&mut rest).unwrap();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut errors).unwrap();
        }
        let status = self.child.wait().unwrap();
        assert_eq!((status.code(), errors.as_str(), rest.as_str()), (Some(0), "", ""));
    }
}

/// A test that fails leaves no server behind.
impl Drop for Mock {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// For its directory and its environment.
async fn place() -> Org {
    Org::bare().await
}

/// A mock that writes the connection file of the place.
fn connecting(place: &Org, arguments: &[&str]) -> Command {
    let file = place.connection_file();
    place.harness(&[&["mock", "--connection", file.to_str().unwrap()][..], arguments].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_file_of_it_is_ready_to_use() {
    let place = place().await;
    let mut mock = Mock::start(connecting(&place, &[]));
    let reach: Value = serde_json::from_str(&mock.line()).unwrap();
    assert_eq!(reach["connection"], json!(place.connection_file()));
    assert!(reach["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    let page = place.run(&["soql-query", "SELECT COUNT() FROM Account"]).done();
    assert_eq!(page["total_size"], json!(2086));
    assert_eq!(place.run(&["user-info"]).done()["username"], reach["username"]);
    place.run(&["refresh"]).done();
    mock.end();

    let again = Mock::start(connecting(&place, &[]));
    let mut again = again;
    again.line();
    place.run(&["user-info"]).done();
    again.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_its_authority_is_in_a_file() {
    let place = place().await;
    let mut mock = Mock::start(connecting(&place, &["--tls"]));
    let reach: Value = serde_json::from_str(&mock.line()).unwrap();
    let ca = reach["ca_file"].as_str().unwrap();
    let untrusted = place.run(&["user-info"]);
    assert!(untrusted.failed(7).contains("--ca FILE"), "{untrusted:?}");
    place.run(&["--ca", ca, "user-info"]).done();
    mock.end();
    assert!(!Path::new(ca).exists(), "a temporary file goes with the mock");

    let named = place.path("ca.pem");
    let mut mock = Mock::start(connecting(&place, &["--tls", "--ca-file", named.to_str().unwrap()]));
    mock.line();
    let mut by_environment = place.harness(&["user-info"]);
    by_environment.env("SALESFORCE_CA", &named);
    place.end(by_environment).done();
    mock.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn for_people_it_prints_commands_that_work_as_they_are() {
    let place = place().await;
    let mut mock = Mock::start(connecting(&place, &["--pretty"]));
    while mock.line() != "In another terminal:\n" {}
    let command = mock.line();
    let mut shell = Command::new("/bin/sh");
    let path = Path::new(PROGRAM).parent().unwrap();
    shell.args(["-c", command.trim()]).env_clear().env("PATH", path);
    shell.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR")).stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = place.end(shell);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{command}");
    assert!(run.stdout.contains("Acme Corporation") && run.stdout.contains("5 of 5 records"), "{}", run.stdout);
    mock.line();
    mock.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_it_did_not_make_is_not_overwritten() {
    let place = place().await;
    for (login, instance) in [
        ("https://login.salesforce.com", "https://example.my.salesforce.com"),
        ("http://127.0.0.1:1", "https://example.my.salesforce.com"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"),
    ] {
        let file = place.file(
            "connection.json",
            &format!(
                r#"{{"version":1,"login_url":"{login}","client_id":"a",
                    "instance_url":"{instance}","access_token":"kept"}}"#
            ),
        );
        mode(&file, 0o600);
        let run = place.end(connecting(&place, &[]));
        assert!(run.failed(12).contains(&format!("holds a connection to {instance}")), "{run:?}");
        assert_eq!(place.connection()["access_token"], json!("kept"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_environment_names_is_not_written() {
    let place = place().await;
    let mut mock = Mock::start(place.harness(&["mock"]));
    let reach: Value = serde_json::from_str(&mock.line()).unwrap();
    assert_eq!((&reach["connection"], place.connection_file().exists()), (&Value::Null, false));
    mock.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_written_over_none_but_its_own() {
    let place = place().await;
    let named = place.file("ca.pem", "-----BEGIN CERTIFICATE-----\n");
    let arguments = ["mock", "--tls", "--ca-file", named.to_str().unwrap()];
    let run = place.run(&arguments);
    assert!(run.failed(12).contains("is no certificate that this command made"), "{run:?}");
    std::fs::remove_file(&named).unwrap();
    for _ in 0..2 {
        let mut mock = Mock::start(place.harness(&arguments));
        mock.line();
        mock.end();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_with_its_standard_input() {
    let place = place().await;
    let mut command = connecting(&place, &["--end-with-stdin"]);
    command.stdin(Stdio::piped());
    let mut mock = Mock::start(command);
    mock.line();
    drop(mock.child.stdin.take());
    assert_eq!(mock.child.wait().unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_leaves_it_reachable() {
    let place = place().await;
    let arguments = ["mock", "--public-url", "https://mock.example.org", "--control"];
    let mut command = place.harness(&arguments);
    command.env_remove("SALESFORCE_CONNECTION");
    let mut mock = Mock::start(command);
    let reach: Value = serde_json::from_str(&mock.line()).unwrap();
    let local = reach["local_url"].as_str().unwrap();
    assert_eq!(reach["url"], "https://mock.example.org");
    assert!(local.starts_with("http://127.0.0.1:") && !local.ends_with(":0"), "{local}");
    assert_eq!(reach["control_url"], format!("{local}/__mock"));
    mock.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_told() {
    let place = place().await;
    let taken = place.mock.address().to_string();
    let run = place.run(&["mock", "--listen", &taken]);
    assert!(run.failed(12).contains(&taken), "{run:?}");
    assert!(!place.connection_file().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_this_machine_is_an_address_to_listen_on() {
    let place = place().await;
    let mut mock = Mock::start(connecting(&place, &["--listen", "localhost:0"]));
    let reach: Value = serde_json::from_str(&mock.line()).unwrap();
    place.run(&["user-info"]).done();
    assert_ne!(reach["url"].as_str().unwrap().rsplit(':').next(), Some("0"));
    mock.end();
    let data = place.path("data");
    let serve = ["serve", "--json", "--listen", "localhost:0", "--data", data.to_str().unwrap()];
    let mut server = Mock::start(place.harness(&serve));
    let reach: Value = serde_json::from_str(&server.line()).unwrap();
    assert!(reach["url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{reach}");
    for elsewhere in ["nowhere.invalid:0", "localhost", "localhost:x"] {
        for command in ["mock", "serve"] {
            let run = place.run(&[command, "--listen", elsewhere]);
            assert!(run.failed(2).contains("localhost:8713"), "{run:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_file_names_no_address_that_the_connector_would_refuse() {
    let org = Org::bare().await;
    for address in ["0.0.0.0:0", "[::]:0", "127.0.0.2:0"] {
        let run = org.end(connecting(&org, &["--listen", address]));
        assert!(run.failed(2).contains("expected 127.0.0.1 or [::1]"), "{address}: {run:?}");
        assert_eq!(org.connection(), Value::Null);
    }
}
