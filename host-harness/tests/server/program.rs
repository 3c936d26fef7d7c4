//! The program `harness`, as an operator runs it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::fixture::PROGRAM;

/// `harness serve` on a data directory, and where it is. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    pub(crate) url: String,
}

/// Variables of a program's environment; it has no others.
pub(crate) type Environment<'a> = &'a [(&'a str, &'a str)];

impl Process {
    pub(crate) fn start(data: &Path) -> Process {
        Process::with(data, &[])
    }

    pub(crate) fn with(data: &Path, environment: Environment<'_>) -> Process {
        Process::logging_to(data, environment, Stdio::null())
    }

    pub(crate) fn logging_to(data: &Path, environment: Environment<'_>, log: Stdio) -> Process {
        let mut child = serve(data, environment).stderr(log).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let reach: Value = serde_json::from_str(&line).unwrap();
        assert!(reach.as_object().unwrap().values().all(Value::is_string), "{line}");
        Process { url: reach["url"].as_str().unwrap().to_owned(), child }
    }

    /// What `harness serve` says when it does not start.
    #[track_caller]
    pub(crate) fn refused(data: &Path, environment: Environment<'_>) -> String {
        words_of_failure(&serve(data, environment).output().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL; it may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `harness rotate-key` on a data directory.
pub(crate) fn rotate_key(data: &Path, environment: Environment<'_>) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["rotate-key", "--json", "--data"]).arg(data).env_clear().envs(environment.iter().copied());
    command.stdin(Stdio::null());
    command
}

/// `harness backup` of a data directory, or `harness restore` to one.
pub(crate) fn copying(what: &str, backup: &Path, data: &Path, environment: Environment<'_>) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args([what, "--json"]).arg(backup).arg("--data").arg(data).env_clear().envs(environment.iter().copied());
    command.stdin(Stdio::null());
    command
}

/// What a program has said that failed.
#[track_caller]
pub(crate) fn words_of_failure(output: &Output) -> String {
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "it has succeeded: {words}");
    words
}

fn serve(data: &Path, environment: Environment<'_>) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--allow-loopback-orgs", "--data"]).arg(data);
    command.env_clear().envs(environment.iter().copied()).stdin(Stdio::null());
    command
}
