//! What a host is shown: an org, a connection to it whose session has expired, and the component.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use support::harness::{Mock, asked};

use super::middle::Middle;

/// A mock of one's own, and what belongs to it.
#[derive(Debug)]
pub(crate) struct Stage {
    /// Ends with the stage.
    _mock: Mock,
    pub(crate) middle: Middle,
    /// What the host gets: through the middle, with an access token that has expired.
    pub(crate) connection: PathBuf,
    /// What we look with: straight to the mock, with a good one.
    pub(crate) own: PathBuf,
    pub(crate) component: PathBuf,
    harness: PathBuf,
}

impl Stage {
    /// Sets up a stage in a folder.
    pub(crate) fn set(folder: &Path, harness: &Path, component: &Path) -> Stage {
        fs::create_dir_all(folder).unwrap();
        let [connection, own] = ["connection.json", "own.json"].map(|file| folder.join(file));
        let mock = Mock::start(harness, &[OsStr::new("--connection"), own.as_os_str()]);
        let mut stored: Value = serde_json::from_str(&fs::read_to_string(&own).unwrap()).unwrap();
        let middle = Middle::start(stored["instance_url"].as_str().unwrap());
        let expired = format!("{}!expired", stored["access_token"].as_str().unwrap().split('!').next().unwrap());
        for (name, value) in [("login_url", &middle.url), ("instance_url", &middle.url), ("access_token", &expired)] {
            stored[name] = json!(value);
        }
        // A copy first, for the mode of the file: only its owner may read it.
        fs::copy(&own, &connection).unwrap();
        fs::write(&connection, stored.to_string()).unwrap();
        Stage { _mock: mock, middle, connection, own, component: component.to_owned(), harness: harness.to_owned() }
    }

    /// What a command of the harness prints, with one of the connections.
    pub(crate) fn harness(&self, connection: &Path, arguments: &[&str]) -> Result<Value, String> {
        asked(Command::new(&self.harness).arg("--connection").arg(connection).arg("--json").args(arguments))
    }

    /// What a query gives, with our own connection.
    pub(crate) fn query(&self, arguments: &[&str]) -> Value {
        self.harness(&self.own, &[&["soql-query"], arguments].concat()).unwrap()
    }
}

/// The component inside the harness, written to a file, and its SHA-256.
pub(crate) fn component(harness: &Path, folder: &Path) -> (PathBuf, String) {
    fs::create_dir_all(folder).unwrap();
    let file = folder.join("salesforce.wasm");
    let described = asked(Command::new(harness).args(["--json", "component", "--out"]).arg(&file)).unwrap();
    (file, described["sha256"].as_str().unwrap().to_owned())
}
