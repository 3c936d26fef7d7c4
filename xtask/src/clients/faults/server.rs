//! The fault server, in a process of its own that ends when its value is dropped.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::workspace;

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
    /// Starts it on free ports and waits for the line that tells how to reach it.
    pub(crate) fn start(python: &Path) -> Outcome<Self> {
        let folder = folder()?;
        let mut process = Command::new(python)
            .arg(workspace::root().join("tests/clients/faults/server.py"))
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Failure::io("start the fault server"))?;
        let told_nothing =
            || Failure::new("the fault server ended without the line of JSON that tells how to reach it");
        let mut stdout = BufReader::new(process.stdout.take().ok_or_else(told_nothing)?);
        let mut ready_line = String::new();
        stdout.read_line(&mut ready_line).map_err(Failure::io("read what the fault server prints"))?;
        let ready: Value = serde_json::from_str(&ready_line).map_err(|_| told_nothing())?;
        let text = |name| ready.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(told_nothing);
        let (org, ca_file) = (text("org")?, text("ca_file")?.into());
        Ok(Self { process, stdout, ready_line, org, ca_file })
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
    pub(crate) fn log(&mut self) -> Outcome<Log> {
        drop(self.process.stdin.take());
        let mut line = String::new();
        self.stdout.read_line(&mut line).map_err(Failure::io("read the log of the fault server"))?;
        let log = serde_json::from_str(&line);
        log.map(Log).map_err(|error| Failure::new(format!("the log of the fault server is no JSON: {error}")))
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

/// Where the certificate and our connection files go.
pub(crate) fn folder() -> Outcome<PathBuf> {
    let folder = workspace::target_folder("clients/faults")?;
    std::fs::create_dir_all(&folder).map_err(Failure::io(format!("create {}", folder.display())))?;
    Ok(folder)
}
