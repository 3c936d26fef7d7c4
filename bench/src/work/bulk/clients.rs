//! Who moves rows in bulk, and how each is told to.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::mock::Mock;
use super::{Direction, OBJECT, rows};
use crate::peers::named;

/// A contestant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    /// This project's command line.
    Ours,
    /// `bench/node/bulk.mjs`
    Jsforce,
    /// `bench/python/bulk.py`
    SimpleSalesforce,
}

/// In the order of the results.
pub(super) const CLIENTS: [Client; 3] = [Client::Ours, Client::Jsforce, Client::SimpleSalesforce];

/// The program of this project: ours, and the mock.
pub(super) fn harness() -> Result<Command> {
    named("BENCH_HARNESS", "target/release/harness")
        .context("target/release/harness is not there: build it, or name one in BENCH_HARNESS")
}

impl Client {
    /// As in the results.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Jsforce => "jsforce",
            Self::SimpleSalesforce => "simple-salesforce",
        }
    }

    fn program(self) -> Result<Command> {
        match self {
            Self::Ours => harness(),
            Self::Jsforce => {
                named("BENCH_NODE_BULK", "node bench/node/bulk.mjs").context("bench/node/bulk.mjs is not there")
            }
            Self::SimpleSalesforce => {
                named("BENCH_PYTHON_BULK", "python3 bench/python/bulk.py").context("bench/python/bulk.py is not there")
            }
        }
    }

    /// Whether it can take part. A script says so later; of our program it takes the two commands.
    pub(super) fn is_there(self) -> bool {
        let Ok(mut program) = self.program() else { return false };
        let help = program.args(["bulk-query", "--help"]).stdout(Stdio::null()).stderr(Stdio::null());
        self != Self::Ours || help.status().is_ok_and(|status| status.success())
    }

    /// Moves rows between this mock and this file. What it says on standard output is nothing that is measured.
    pub(super) fn command(self, direction: Direction, mock: &Mock, file: &Path) -> Result<Command> {
        let mut command = self.program()?;
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let soql = rows::query();
        match self {
            Self::Ours => {
                command.env("SALESFORCE_CONNECTION", mock.connection()).arg("--ca").arg(mock.ca());
                match direction {
                    Direction::Query => command.args(["bulk-query", &soql, "--out"]).arg(file),
                    Direction::Load => command.args(["bulk-load", OBJECT]).arg(file).args(["--operation", "insert"]),
                };
            }
            Self::Jsforce | Self::SimpleSalesforce => {
                command.args(["--url", mock.url(), "--token", mock.token(), "--ca", mock.ca()]);
                match direction {
                    Direction::Query => command.args(["--query", &soql]),
                    Direction::Load => command.args(["--load", OBJECT]),
                };
                command.arg("--file").arg(file);
            }
        }
        Ok(command)
    }
}
