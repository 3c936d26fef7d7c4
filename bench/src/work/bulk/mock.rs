//! The mock, a process.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::OBJECT;
use super::clients::harness;
use crate::process::ProcessorTime;

/// A running mock. It ends when this is dropped.
pub(super) struct Mock {
    child: Child,
    reach: Reach,
    connection: PathBuf,
}

/// Of the line that it prints.
#[derive(Deserialize)]
struct Reach {
    url: String,
    access_token: String,
    ca_file: String,
}

/// Of what our command says about a query.
#[derive(Deserialize)]
struct Page {
    total_size: u64,
}

impl Mock {
    /// Starts one with so many records, or with none. Its files go into this folder.
    pub(super) fn start(folder: &Path, generated: Option<u32>) -> Result<Self> {
        let connection = folder.join("connection.json");
        let mut command = harness()?;
        // HTTPS, since simple-salesforce speaks nothing else.
        command.args(["mock", "--json", "--end-with-stdin", "--tls", "--ca-file"]).arg(folder.join("ca.pem"));
        command.arg("--connection").arg(&connection);
        if let Some(records) = generated {
            command.arg("--generate").arg(format!("{OBJECT}={records}"));
        }
        // Whatever connection the environment names is none of its business.
        command.env_remove("SALESFORCE_CONNECTION");
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start the mock")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("the mock has no pipe")?).read_line(&mut line)?;
        let reach = serde_json::from_str(&line).context("the mock did not say how to reach it")?;
        Ok(Self { child, reach, connection })
    }

    pub(super) fn url(&self) -> &str {
        &self.reach.url
    }

    pub(super) fn token(&self) -> &str {
        &self.reach.access_token
    }

    /// The authority to trust, in PEM.
    pub(super) fn ca(&self) -> &str {
        &self.reach.ca_file
    }

    /// A connection file for our commands.
    pub(super) fn connection(&self) -> &Path {
        &self.connection
    }

    /// Processor time that it has used so far.
    pub(super) fn usage(&self) -> Result<ProcessorTime> {
        ProcessorTime::of(self.child.id()).context("the mock has ended")
    }

    /// How many records there are.
    pub(super) fn count(&self) -> Result<u64> {
        let mut query = harness()?;
        query.env("SALESFORCE_CONNECTION", &self.connection).args(["--ca", self.ca(), "--json", "soql-query"]);
        let output = query.arg(format!("SELECT COUNT() FROM {OBJECT}")).stderr(Stdio::inherit()).output()?;
        ensure!(output.status.success(), "the records could not be counted: {}", output.status);
        let page: Page = serde_json::from_slice(&output.stdout).context("expected a page of a query")?;
        Ok(page.total_size)
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ended = self.child.wait();
    }
}
