//! The organisation's process, seen from the one that started it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{Address, Options, Usage};

/// A running organisation. It ends when this is dropped.
pub(crate) struct Org {
    address: Address,
    child: Child,
    /// None once it has been told to end.
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Org {
    /// Starts this program once more, as the organisation.
    pub(crate) fn start(options: Options) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["org", "--latency-ms", &options.latency_ms.to_string()]);
        if options.tls {
            command.arg("--tls");
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start the org")?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("the org has no pipes")
        };
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let address = serde_json::from_str(&line).context("the org did not say where it is")?;
        Ok(Self { address, child, stdin: Some(stdin), stdout })
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Processor time that it has used so far.
    pub(crate) fn usage(&mut self) -> Result<Duration> {
        let stdin = self.stdin.as_mut().context("the org has ended")?;
        stdin.write_all(b"usage\n").context("the org has ended")?;
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        let usage: Usage = serde_json::from_str(&line).context("the org did not tell its processor time")?;
        Ok(Duration::from_nanos(usage.nanoseconds))
    }
}

impl Drop for Org {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ended = self.child.wait();
    }
}
