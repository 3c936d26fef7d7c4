//! A host that is a program: one of `examples/`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::stage::Stage;
use super::told::Told;

/// How to start it; what it takes comes after.
#[derive(Debug)]
pub(crate) struct Program {
    /// A file, and the script that it runs, if any.
    pub(crate) command: Vec<PathBuf>,
}

/// What a program says of its version.
pub(crate) fn version(file: &Path) -> String {
    let output = Command::new(file).arg("--version").output();
    let output = output.unwrap_or_else(|error| panic!("start {}: {error}", file.display()));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

impl Program {
    /// Runs it on a stage.
    pub(crate) fn tell(&self, stage: &Stage) -> Told {
        let output = Command::new(&self.command[0])
            .args(&self.command[1..])
            .arg(&stage.component)
            .env("SALESFORCE_CONNECTION", &stage.connection)
            // No compiled code beside the sources.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("start {}: {error}", self.command[0].display()));
        let lines = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let complaint = String::from_utf8_lossy(&output.stderr);
        let ended =
            if output.status.success() { Ok(()) } else { Err(format!("{}: {}", output.status, complaint.trim())) };
        Told { lines, ended }
    }
}
