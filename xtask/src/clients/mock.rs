//! A `harness mock` in a process of its own that ends when its value is dropped.

use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::failure::{Failure, Outcome};
use crate::workspace;

/// How a client reaches the mock.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Transport {
    Plain,
    Tls,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "http",
            Self::Tls => "https",
        })
    }
}

/// A started mock; dropping it ends the process.
#[derive(Debug)]
pub(crate) struct RunningMock {
    process: Child,
    ready_line: String,
    ca_file: Option<PathBuf>,
}

impl RunningMock {
    /// Starts `harness mock` on a free port and waits for the line that tells how to reach it.
    pub(crate) fn start(harness: &Path, transport: Transport) -> Outcome<Self> {
        Self::start_with(harness, transport, &[])
    }

    /// As [`Self::start`], and the mock writes a connection file.
    pub(crate) fn start_with_connection(harness: &Path, file: &Path) -> Outcome<Self> {
        Self::start_with(harness, Transport::Plain, &["--connection".as_ref(), file.as_os_str()])
    }

    fn start_with(harness: &Path, transport: Transport, options: &[&OsStr]) -> Outcome<Self> {
        let mut command = Command::new(harness);
        command.arg("--json").args(options).args(["mock", "--listen", "127.0.0.1:0"]);
        let ca_file = match transport {
            Transport::Plain => None,
            Transport::Tls => Some(workspace::target_folder("clients")?.join("mock-ca.pem")),
        };
        if let Some(ca_file) = &ca_file {
            command.args(["--tls", "--ca-file"]).arg(ca_file);
        }
        let process =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(Failure::io("start `harness mock`"))?;
        let mut mock = Self { process, ready_line: String::new(), ca_file };
        if let Some(stdout) = mock.process.stdout.as_mut() {
            BufReader::new(stdout)
                .read_line(&mut mock.ready_line)
                .map_err(Failure::io("read what `harness mock` prints"))?;
        }
        if mock.ready_line.is_empty() {
            return Err(Failure::new(
                "`harness mock --json` ended without the line of JSON that tells how to reach it",
            ));
        }
        Ok(mock)
    }

    /// One line of JSON: url, client_id, client_secret, username, password, tokens.
    pub(crate) fn ready_line(&self) -> &str {
        self.ready_line.trim_end()
    }

    /// The certificate that a client must trust, with TLS.
    pub(crate) fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }
}

impl Drop for RunningMock {
    fn drop(&mut self) {
        // Both fail only when the process has ended already, and then there is nothing left to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
