//! The fault server, in a process of its own that ends when its value is dropped.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;
use support::sources::workspace;

/// A started fault server.
#[derive(Debug)]
pub(crate) struct FaultServer {
    process: Child,
    stdout: BufReader<ChildStdout>,
    ready_line: String,
    org: String,
    ca_file: PathBuf,
}

/// What arrived of one client in one row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Arrived {
    /// At the org, token requests among them.
    pub(crate) requests: u64,
    pub(crate) creates: u64,
    pub(crate) refreshes: u64,
    /// At the other host.
    pub(crate) elsewhere: u64,
    /// Of these, with the access token.
    pub(crate) token_elsewhere: u64,
    /// The client went on until the server told it to stop.
    pub(crate) stopped: bool,
}

/// What arrived of all clients.
#[derive(Debug)]
pub(crate) struct Log(HashMap<String, Value>);

impl FaultServer {
    /// Starts it on free ports, with its certificate in `folder`, and waits for the line that tells how to reach it.
    pub(crate) fn start(python: &Path, folder: &Path) -> Self {
        let mut process = Command::new(python)
            .arg(workspace().join("tests/clients/faults/server.py"))
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("start the fault server");
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut ready_line = String::new();
        stdout.read_line(&mut ready_line).unwrap();
        let ready: Value =
            serde_json::from_str(&ready_line).expect("the line that tells how to reach the fault server");
        let text = |name: &str| ready[name].as_str().unwrap().to_owned();
        let (org, ca_file) = (text("org"), text("ca_file").into());
        Self { process, stdout, ready_line, org, ca_file }
    }

    /// One line of JSON: org, other, ca_file.
    pub(crate) fn ready_line(&self) -> &str {
        self.ready_line.trim_end()
    }

    /// The org's origin.
    pub(crate) fn org(&self) -> &str {
        &self.org
    }

    /// The authority that a client must trust.
    pub(crate) fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// What has arrived. The server ends with it.
    pub(crate) fn log(&mut self) -> Log {
        drop(self.process.stdin.take());
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        Log(serde_json::from_str(&line).expect("the log of the fault server"))
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        // Both fail only when the process has ended already, and then there is nothing left to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Arrived {
    /// At the org, without those for tokens where the row is about something else.
    pub(crate) fn data_requests(&self) -> u64 {
        if self.refreshes == self.requests { self.requests } else { self.requests - self.refreshes }
    }
}

impl Log {
    /// What arrived of this client in this row.
    pub(crate) fn of(&self, client: &str, row: &str) -> Arrived {
        let Some(noted) = self.0.get(&format!("{client}.{row}")) else { return Arrived::default() };
        let number = |name| noted.get(name).and_then(Value::as_u64).unwrap_or(0);
        Arrived {
            requests: number("requests"),
            creates: number("creates"),
            refreshes: number("refreshes"),
            elsewhere: number("elsewhere"),
            token_elsewhere: number("token_elsewhere"),
            stopped: noted.get("stopped").and_then(Value::as_bool).unwrap_or(false),
        }
    }
}
