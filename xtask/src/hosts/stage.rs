//! What a host is shown: an org, a connection to it whose session has expired, and the component.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::middle::Middle;
use crate::clients::mock::RunningMock;
use crate::failure::{Failure, Outcome};
use crate::workspace;

/// A mock of one's own, and what belongs to it.
#[derive(Debug)]
pub(super) struct Stage {
    /// Ends with the stage.
    _mock: RunningMock,
    pub(super) middle: Middle,
    /// What the host gets: through the middle, with an access token that has expired.
    pub(super) connection: PathBuf,
    /// What we look with: straight to the mock, with a good one.
    pub(super) own: PathBuf,
    pub(super) component: PathBuf,
    harness: PathBuf,
}

impl Stage {
    /// Sets up a stage in `target/hosts/NAME`.
    pub(super) fn set(name: &str, harness: &Path, component: &Path) -> Outcome<Stage> {
        let folder = workspace::target_folder("hosts")?.join(name).join("stage");
        fs::create_dir_all(&folder).map_err(Failure::io(format!("create {}", folder.display())))?;
        let [connection, own] = ["connection.json", "own.json"].map(|file| folder.join(file));
        let mock = RunningMock::start_with_connection(harness, &own)?;
        let mut stored = json_file(&own)?;
        let org = text(&stored, "instance_url")?;
        let middle = Middle::start(&org)?;
        let expired = format!("{}!expired", text(&stored, "access_token")?.split('!').next().unwrap_or_default());
        for (name, value) in [("login_url", &middle.url), ("instance_url", &middle.url), ("access_token", &expired)] {
            if let Some(field) = stored.get_mut(name) {
                *field = json!(value);
            }
        }
        // A copy first, for the mode of the file: only its owner may read it.
        fs::copy(&own, &connection)
            .and_then(|_| fs::write(&connection, stored.to_string()))
            .map_err(Failure::io(format!("write {}", connection.display())))?;
        Ok(Stage { _mock: mock, middle, connection, own, component: component.to_owned(), harness: harness.to_owned() })
    }

    /// What a command of the harness prints, with one of the connections.
    pub(super) fn harness(&self, connection: &Path, arguments: &[&str]) -> Outcome<Value> {
        asked(Command::new(&self.harness).arg("--connection").arg(connection).arg("--json").args(arguments))
    }
}

/// The component inside the harness, written to a file, and its SHA-256.
pub(super) fn component(harness: &Path) -> Outcome<(PathBuf, String)> {
    let folder = workspace::target_folder("hosts")?;
    fs::create_dir_all(&folder).map_err(Failure::io(format!("create {}", folder.display())))?;
    let file = folder.join("salesforce.wasm");
    let described = asked(Command::new(harness).args(["--json", "component", "--out"]).arg(&file))?;
    Ok((file, text(&described, "sha256")?))
}

/// The JSON that a program prints when it succeeds.
pub(crate) fn asked(command: &mut Command) -> Outcome<Value> {
    let output = command.output().map_err(Failure::io("start the harness"))?;
    let (told, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    match serde_json::from_str(&told) {
        Ok(value) if output.status.success() => Ok(value),
        _ => Err(Failure::new(format!("the harness failed: {}", complaint.trim()))),
    }
}

fn json_file(path: &Path) -> Outcome<Value> {
    let text = fs::read_to_string(path).map_err(Failure::io(format!("read {}", path.display())))?;
    serde_json::from_str(&text).map_err(|error| Failure::new(format!("{} is no JSON: {error}", path.display())))
}

fn text(value: &Value, name: &str) -> Outcome<String> {
    let missing = || Failure::new(format!("expected a text `{name}` where the harness writes JSON"));
    value.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(missing)
}
