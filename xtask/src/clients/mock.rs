//! A `harness mock` in a process of its own that ends when its value is dropped.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::failure::{Failure, Outcome};

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
    ca_file: Option<String>,
}

impl RunningMock {
    /// Starts `harness mock` on a free port and waits for the line that tells how to reach it.
    pub(crate) fn start(harness: &Path, transport: Transport) -> Outcome<Self> {
        let mut command = Command::new(harness);
        command.args(["--json", "mock", "--listen", "127.0.0.1:0"]);
        if let Transport::Tls = transport {
            command.arg("--tls");
        }
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Failure::io("start `harness mock`"))?;
        let mut mock = Self {
            process,
            ready_line: String::new(),
            ca_file: None,
        };
        mock.read_ready_line(transport)?;
        Ok(mock)
    }

    fn read_ready_line(&mut self, transport: Transport) -> Outcome {
        if let Some(stdout) = self.process.stdout.as_mut() {
            BufReader::new(stdout)
                .read_line(&mut self.ready_line)
                .map_err(Failure::io("read what `harness mock` prints"))?;
        }
        let ready: Value = serde_json::from_str(&self.ready_line).map_err(|error| {
            Failure::new(format!(
                "`harness mock --json` must print one line of JSON that tells how to reach it: {error}"
            ))
        })?;
        self.ca_file = ready
            .get("ca_file")
            .and_then(Value::as_str)
            .map(str::to_owned);
        match (transport, &self.ca_file) {
            (Transport::Tls, None) => Err(Failure::new(
                "`harness mock --json --tls` must tell \"ca_file\", the certificate to trust",
            )),
            _ => Ok(()),
        }
    }

    /// One line of JSON: url, client_id, client_secret, username, password, tokens.
    pub(crate) fn ready_line(&self) -> &str {
        self.ready_line.trim_end()
    }

    /// The certificate that a client must trust, with TLS.
    pub(crate) fn ca_file(&self) -> Option<&str> {
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
