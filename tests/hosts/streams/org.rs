//! An org for large results: a mock of one's own that is steered from here, and programs that are run against it.

use std::ffi::OsStr;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use support::harness::{Mock, asked};

use crate::message::Message;
use crate::program::output;

/// Where further pages of a query are.
const FURTHER: &str = "/services/data/v67.0/query/";
/// Where a query begins.
const BEGIN: &str = "/services/data/v67.0/query";

/// The mock, with a connection to it.
#[derive(Debug)]
pub(crate) struct Org {
    mock: Mock,
    /// The file of the connection.
    pub(crate) connection: PathBuf,
    component: PathBuf,
    harness: PathBuf,
}

/// What a program wrote.
#[derive(Debug)]
pub(crate) struct Written {
    /// Whether it ended with status 0.
    pub(crate) whole: bool,
    /// On standard output.
    pub(crate) text: String,
    /// The last line on standard error, as JSON; null if it is none.
    pub(crate) told: Value,
    /// All of standard error.
    pub(crate) complaint: String,
}

impl Org {
    pub(crate) fn start(folder: &Path, harness: &Path, component: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        let connection = folder.join("connection.json");
        let options = [OsStr::new("--control"), OsStr::new("--connection"), connection.as_os_str()];
        let mock = Mock::start(harness, &options);
        let org = Self { mock, connection, component: component.to_owned(), harness: harness.to_owned() };
        org.steer("PUT /__mock/bulk-jobs", json!({"take_seconds": 0}));
        org
    }

    /// Runs a program that takes the component and then these, and finds a connection in its environment.
    pub(crate) fn run(&self, [file, script]: &[&Path; 2], arguments: &[&str]) -> Written {
        let mut command = Command::new(file);
        command.arg(script).arg(&self.component).args(arguments).env("SALESFORCE_CONNECTION", &self.connection);
        let output = output(command).unwrap_or_else(|error| panic!("run {}: {error}", file.display()));
        let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let told = complaint.lines().last().and_then(|line| serde_json::from_str(line).ok());
        Written {
            whole: output.status.success(),
            text: String::from_utf8_lossy(&output.stdout).into_owned(),
            told: told.unwrap_or_default(),
            complaint,
        }
    }

    /// Lets so many requests for further pages meet an answer that breaks.
    pub(crate) fn break_pages(&self, count: usize) {
        let begun =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999\r\n\r\n{\"totalSize\":2086,";
        for _ in 0..count {
            let fault = json!({"match": {"path_prefix": FURTHER}, "fault": {"wire": [{"write": {"text": begun}}]}});
            self.steer("POST /__mock/faults", fault);
        }
    }

    /// Lets the next query wait for its answer.
    pub(crate) fn delay_a_query(&self, delay: Duration) {
        let fault = json!({"match": {"path": BEGIN}, "fault": {"delay": {"ms": delay.as_millis() as u64}}});
        self.steer("POST /__mock/faults", fault);
    }

    /// How many requests have come.
    pub(crate) fn requests(&self) -> usize {
        self.steer("GET /__mock/ledger", Value::Null)["entries"].as_array().unwrap().len()
    }

    /// Ends all sessions: the token of the connection is good no more.
    pub(crate) fn expire_sessions(&self) {
        self.steer("DELETE /__mock/sessions", Value::Null);
    }

    /// The records of a query by the connector, a line each.
    pub(crate) fn by_the_connector(&self, soql: &str) -> String {
        String::from_utf8(self.harness(&["soql-query", "--all", soql]).output().unwrap().stdout).unwrap()
    }

    /// The cursor of the results of a job that has run a query.
    pub(crate) fn job(&self, soql: &str) -> String {
        let job = asked(&mut self.harness(&["create-query-job", soql])).unwrap();
        format!("/services/data/v67.0/jobs/query/{}/results", job["id"].as_str().unwrap())
    }

    fn harness(&self, arguments: &[&str]) -> Command {
        let mut harness = Command::new(&self.harness);
        harness.arg("--connection").arg(&self.connection).arg("--json").args(arguments).stdin(Stdio::null());
        harness
    }

    /// What the mock's control plane answers.
    fn steer(&self, method_and_path: &str, body: Value) -> Value {
        let ready: Value = serde_json::from_str(self.mock.ready_line()).unwrap();
        let [url, token] = ["control_url", "control_token"].map(|name| ready[name].as_str().unwrap());
        let address = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
        let headers = vec![format!("Authorization: Bearer {token}"), "Content-Type: application/json".to_owned()];
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let stream = TcpStream::connect(address).unwrap();
        Message { start: format!("{method_and_path} HTTP/1.0"), headers, body }.write(&stream).unwrap();
        let answer = Message::read(&stream).unwrap().unwrap();
        assert!(answer.start.contains(" 20"), "{method_and_path}: {answer:?}");
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }
}
