//! A host that is a program: one of `examples/`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::timeout;

use super::stage::Stage;
use super::told::Told;

/// How long a program may take: they share two processors, and wait 12 seconds for an answer that never comes.
const MOST: Duration = Duration::from_secs(300);

/// How to start it; what it takes comes after.
#[derive(Debug)]
pub(crate) struct Program {
    /// A file, and the script that it runs, if any.
    pub(crate) command: Vec<PathBuf>,
    /// Whether it has the component itself, and does not take it as an argument.
    pub(crate) has_component: bool,
}

/// What a program gives that reads nothing, and is killed if it does not end in time.
pub(crate) fn output(mut command: Command) -> io::Result<Output> {
    command.stdin(Stdio::null());
    let mut command = tokio::process::Command::from(command);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(async { timeout(MOST, command.kill_on_drop(true).output()).await });
    ended.unwrap_or_else(|_| Err(io::Error::other(format!("it was killed: it ran for more than {} s", MOST.as_secs()))))
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
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).env("SALESFORCE_CONNECTION", &stage.connection);
        if !self.has_component {
            command.arg(&stage.component);
        }
        // No compiled code beside the sources.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        let output = match output(command) {
            Ok(output) => output,
            Err(error) => return Told { lines: Vec::new(), ended: Err(error.to_string()) },
        };
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
