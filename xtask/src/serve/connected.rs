//! A server with an org beside it, and its tenant connected: for commands that try the API.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::program::Program;
use super::text;
use crate::failure::{Failure, Outcome, passed_on};
use crate::workspace;

/// Both end when it is dropped.
pub(crate) struct Connected {
    pub(crate) url: String,
    /// The id of the tenant's connection.
    pub(crate) connection: String,
    data: PathBuf,
    _server: Program,
    _org: Program,
}

impl Connected {
    /// Starts both on free ports of loopback. The server's data and log are in `folder`; the data begin anew.
    pub(crate) fn start(harness: &Path, python: &Path, folder: &Path) -> Outcome<Connected> {
        let data = folder.join("data");
        if data.exists() {
            fs::remove_dir_all(&data).map_err(Failure::io("delete the data of the run before"))?;
        }
        let mut serve = Command::new(harness);
        serve.args(["serve", "--allow-loopback-orgs", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
        // What it logs would hide the report.
        serve.stderr(fs::File::create(folder.join("server.log")).map_err(Failure::io("create the server's log"))?);
        let (server, reach) = Program::start("the server", &mut serve)?;
        let url = text(&reach, "url")?.to_owned();
        let mut mock = Command::new(harness);
        mock.args(["mock", "--listen", "127.0.0.1:0", "--callback-url", text(&reach, "callback_url")?]);
        let (mock, org) = Program::start("the mock Salesforce", &mut mock)?;
        let connection = connect(python, &url, &token(&data, "tenant-token")?, &org)?;
        Ok(Connected { url, connection, data, _server: server, _org: mock })
    }

    pub(crate) fn tenant_token(&self) -> Outcome<String> {
        token(&self.data, "tenant-token")
    }

    pub(crate) fn administrator_token(&self) -> Outcome<String> {
        token(&self.data, "admin-token")
    }
}

fn token(data: &Path, file: &str) -> Outcome<String> {
    let token = fs::read_to_string(data.join(file)).map_err(Failure::io(format!("read the server's {file}")))?;
    Ok(token.trim().to_owned())
}

/// Connects the tenant to the mock, and tells the connection's id.
fn connect(python: &Path, url: &str, token: &str, org: &Value) -> Outcome<String> {
    let output = Command::new(python)
        .arg(workspace::root().join("tests/openapi/org.py"))
        .args([url, token, &org.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(Failure::io("start Python"))?;
    passed_on(output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
