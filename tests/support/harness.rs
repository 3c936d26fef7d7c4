//! The program `harness` as a process: what a command prints, and a `harness mock` that ends when its value is dropped.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// What a command of the harness prints with `--json`.
///
/// # Errors
/// It failed: what it says on standard error.
pub fn asked(command: &mut Command) -> Result<Value, String> {
    let output = command.stdin(Stdio::null()).output().unwrap();
    match serde_json::from_slice(&output.stdout) {
        Ok(value) if output.status.success() => Ok(value),
        _ => Err(format!("the harness failed: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// A started mock; dropping it ends the process.
#[derive(Debug)]
pub struct Mock {
    process: Child,
    ready_line: String,
}

impl Mock {
    /// Starts `harness mock` on a free port and waits for the line that tells how to reach it.
    ///
    /// # Panics
    /// It does not start.
    pub fn start(harness: &Path, options: &[&OsStr]) -> Self {
        let mut command = Command::new(harness);
        command.args(["--json", "mock", "--listen", "127.0.0.1:0"]).args(options);
        let process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("start `harness mock`");
        let mut mock = Self { process, ready_line: String::new() };
        BufReader::new(mock.process.stdout.as_mut().unwrap()).read_line(&mut mock.ready_line).unwrap();
        assert!(!mock.ready_line.is_empty(), "`harness mock` ended without the line that tells how to reach it");
        mock
    }

    /// One line of JSON: url, client_id, client_secret, username, password, tokens.
    pub fn ready_line(&self) -> &str {
        self.ready_line.trim_end()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // Both fail only when the process has ended already, and then there is nothing left to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
