//! What a run leaves behind: `docs/benchmarks.json`, from which the report is made.
//!
//! | work | peers | quantity | parameter |
//! |---|---|---|---|
//! | `compile` | ours, usual, javascript | `time`; `size`: bytes of the component | threads that compile |
//! | `load` | ours, usual, javascript | `time`: from the code cache, checked; `size`: bytes of its file there | none |
//! | `instantiate` | ours, usual, javascript | `time`: store, instance, and both gone again | none |
//! | `create`, `get-fields`, `page` | all that speak plain HTTP | `time`; `user`, `system`: processor time of an operation | none |
//! | `page` | ours | `time` of a page of so many records | records |
//! | `page` | in-process components | `guest-memory`: peak linear memory of the execution | bytes of the body |
//! | `pages` | all that speak plain HTTP | `time`, `user`, `system` of 50 pages; `host-rss`: peak of the process; a component's counts from the first page on, so without its compilation | none |
//! | `pages` | in-process components | `guest-memory` of the execution of each page | page, from 1 |
//! | `create-tls`, `page-tls` | ours, hyper, both `-unpooled` too; simple-salesforce | `time`, `user`, `system` | none |
//! | `in-flight` | see `work/in_flight.rs` | `throughput`, `p50`, `mean`, `p99`, `processor`, `host-rss` | executions in flight |
//! | `bulk-query`, `bulk-load` | ours, jsforce, simple-salesforce | `time`, `user`, `system`; `host-rss`: peak of the process | rows |

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::measurement::Measurement;

/// Everything of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Results {
    /// A short run, which proves that the benchmark works and little else.
    pub(crate) quick: bool,
    /// Where it ran.
    pub(crate) machine: Machine,
    /// Who took part.
    pub(crate) contestants: Vec<Contestant>,
    /// What came out.
    pub(crate) measurements: Vec<Measurement>,
}

/// The machine, and what the connector was built with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// Model of the processor.
    pub(crate) processor: String,
    /// Processors that this program may use.
    pub(crate) cores: usize,
    /// Name and release of the kernel.
    pub(crate) kernel: String,
    /// Main memory.
    pub(crate) memory_bytes: u64,
    /// `rustc --version`.
    pub(crate) rustc: String,
    /// Version of wasmtime.
    pub(crate) wasmtime: String,
    /// Day of the run, `2026-11-24`.
    pub(crate) date: String,
    /// Abbreviated commit; `-dirty` behind it if the working copy had changes.
    pub(crate) commit: String,
}

/// One contestant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contestant {
    /// As in [`Measurement::peer`].
    pub(crate) name: String,
    /// What it is made of, with versions: `Node.js 22.11.0, jsforce 3.8.1`.
    pub(crate) version: String,
}

/// What came of one kind of work.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// Who took part.
    pub(crate) contestants: Vec<Contestant>,
    /// What was measured.
    pub(crate) measurements: Vec<Measurement>,
}

impl Results {
    /// Of a run that begins; with `earlier`, it is a part of that one made anew.
    pub(crate) fn new(quick: bool, machine: Machine, earlier: Option<Self>) -> Self {
        let mut results = earlier.unwrap_or(Self {
            quick,
            machine: machine.clone(),
            contestants: Vec::new(),
            measurements: Vec::new(),
        });
        results.quick |= quick;
        results.machine = machine;
        results
    }

    /// Reads an earlier run.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not what a run writes", path.display()))
    }

    /// Writes the run to a file.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let text = format!("{}\n", serde_json::to_string_pretty(self)?);
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Takes over what came of one kind of work, in the place of what came of the same work before.
    pub(crate) fn add(&mut self, outcome: Outcome) {
        let Outcome { contestants, measurements } = outcome;
        self.measurements.retain(|old| !measurements.iter().any(|new| new.work == old.work));
        self.measurements.extend(measurements);
        self.contestants.retain(|old| !contestants.iter().any(|new| new.name == old.name));
        self.contestants.extend(contestants);
    }
}
