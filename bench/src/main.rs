//! Measures the connector beside its peers, all against one organisation whose answers are prepared: see
//! `cargo xtask bench`.
//!
//! ```text
//! run ── work (start, calls, pages, in_flight, https, bulk) ──┬── org: the organisation, a process; for bulk, the mock
//!  │                                                          └── peers: the contestants, a process each
//!  └── results: docs/benchmarks.json ── report: docs/BENCHMARKS.md, docs/benchmarks/
//! ```

mod machine;
mod measurement;
mod org;
mod peers;
mod process;
mod report;
mod results;
mod summary;
mod work;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};

use results::Results;
use work::{Effort, Kind};

/// Measures the connector beside its peers.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Run,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure everything, or one kind of work (this is what happens without a command).
    Run(Run),
    /// Write the report again, from the results of an earlier run.
    Report(Output),
    /// Be the organisation.
    Org(org::Options),
    /// Be a contestant.
    Peer(peers::Options),
    /// Be a host with many executions in flight.
    InFlight(work::in_flight::Options),
}

#[derive(Debug, Args)]
struct Run {
    /// A short run, which proves that everything works.
    #[arg(long)]
    quick: bool,
    /// One kind of work; the results of others stay as they are.
    #[arg(long)]
    only: Option<Kind>,
    /// Rows of a file in bulk, where they are not a million.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rows: Option<u32>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct Output {
    /// Where `benchmarks.json` is, and the report goes.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs"))]
    docs: PathBuf,
}

impl Output {
    fn results(&self) -> PathBuf {
        self.docs.join("benchmarks.json")
    }
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Report(output)) => report::write(&Results::read(&output.results())?, &output.docs),
        Some(Command::Org(options)) => org::run(options),
        Some(Command::Peer(options)) => peers::run(options),
        Some(Command::InFlight(options)) => work::in_flight::run(&options),
        Some(Command::Run(run)) => measure(&run),
        None => measure(&cli.run),
    }
}

fn measure(run: &Run) -> Result<()> {
    fs::create_dir_all(&run.output.docs).with_context(|| format!("cannot make {}", run.output.docs.display()))?;
    let file = run.output.results();
    let earlier = match run.only {
        Some(_) if file.exists() => Some(Results::read(&file)?),
        _ => None,
    };
    let mut effort = if run.quick { Effort::QUICK } else { Effort::FULL };
    effort.rows = run.rows.unwrap_or(effort.rows);
    let mut results = Results::new(run.quick, machine::describe()?, earlier);
    for kind in run.only.map_or(Kind::ALL.to_vec(), |only| vec![only]) {
        let outcome = kind.run(effort)?;
        print!("{}", summary::of(&outcome.measurements));
        results.add(outcome);
    }
    results.write(&file)?;
    report::write(&results, &run.output.docs)?;
    eprintln!("Results: {}", run.output.docs.join("BENCHMARKS.md").display());
    Ok(())
}
