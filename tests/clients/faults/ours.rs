//! This connector through the faults: the harness's command line, with a connection file for each row.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::Told;
use super::rows::{Action, ROWS, Row};
use super::server::FaultServer;

/// What a caller of this connector is told of each row.
pub(crate) fn all_told(harness: &Path, server: &FaultServer, folder: &Path) -> HashMap<String, Told> {
    ROWS.iter().map(|row| (row.name.to_owned(), told(harness, server, folder, row))).collect()
}

fn told(harness: &Path, server: &FaultServer, folder: &Path, row: &Row) -> Told {
    let connection = connection_file(server, folder, row);
    let long = format!("SELECT Id FROM Account WHERE Name IN ('{}')", "x".repeat(20_000));
    let mut command = Command::new(harness);
    command.args(["--json", "--deadline-ms", "20000"]);
    command.arg("--connection").arg(&connection).arg("--ca").arg(server.ca_file());
    command.args(match row.action {
        Action::Query => vec!["soql-query", "SELECT Id FROM Account", "--all"],
        Action::LongQuery => vec!["soql-query", &long],
        Action::Create => vec!["create-or-update-record", "Account", "--create", "--fields", r#"{"Name":"Once"}"#],
        Action::Refresh => vec!["refresh"],
    });
    let output = command.stdin(Stdio::null()).output().expect("start the harness");
    fs::remove_file(&connection).unwrap();
    read(&output, matches!(row.action, Action::Create | Action::Refresh))
}

/// What the harness has printed: a result, or an error as one line of JSON. What became of a write matters.
fn read(output: &Output, writes: bool) -> Told {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        return Told::Result(text(&output.stdout));
    }
    let stderr = text(&output.stderr);
    let told: Value = serde_json::from_str(&stderr).unwrap_or_default();
    let word = |name: &str| told.get("error").and_then(|error| error.get(name)).and_then(Value::as_str);
    Told::Error(match (word("kind"), word("outcome")) {
        (Some(kind), Some("unknown")) if writes => format!("{kind}, outcome unknown"),
        (Some(kind), _) => kind.to_owned(),
        (None, _) => stderr,
    })
}

/// A connection to the server's org, whose tokens name the row.
fn connection_file(server: &FaultServer, folder: &Path, row: &Row) -> PathBuf {
    let key = format!("ours.{}", row.name);
    let mut document = json!({
        "version": 1,
        "login_url": server.org(),
        "client_id": key,
        "instance_url": server.org(),
        "access_token": format!("00D000000000001!{key}"),
        "refresh_token": format!("5Aep!{key}"),
        "api_version": "v60.0",
    });
    if let (Action::Refresh, Some(fields)) = (row.action, document.as_object_mut()) {
        // What the signature is checked with.
        fields.insert("client_secret".to_owned(), json!("secret"));
    }
    let path = folder.join(format!("{key}.json"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&path).unwrap().write_all(document.to_string().as_bytes()).unwrap();
    path
}
