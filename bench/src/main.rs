//! Measures the connector beside its peers, all against one organisation whose answers are prepared: see
//! `cargo xtask bench`.
//!
//! ```text
//! run ── work (start, calls, pages, https) ──┬── org: the organisation, a process
//!  │                                         └── peers: the contestants, a process each
//!  └── results: docs/benchmarks.json
//! ```

mod machine;
mod measurement;
mod org;
mod peers;
mod process;
mod results;
mod summary;
mod work;

use std::path::PathBuf;

use anyhow::Result;
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
    /// Be the organisation.
    Org(org::Options),
    /// Be a contestant.
    Peer(peers::Options),
}

#[derive(Debug, Args)]
struct Run {
    /// A short run, which proves that everything works.
    #[arg(long)]
    quick: bool,
    /// One kind of work; the results of others stay as they are.
    #[arg(long)]
    only: Option<Kind>,
    /// Where the results go.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/benchmarks.json"))]
    output: PathBuf,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Org(options)) => org::run(options),
        Some(Command::Peer(options)) => peers::run(options),
        Some(Command::Run(run)) => measure(&run),
        None => measure(&cli.run),
    }
}

fn measure(run: &Run) -> Result<()> {
    let earlier = match run.only {
        Some(_) if run.output.exists() => Some(Results::read(&run.output)?),
        _ => None,
    };
    let effort = if run.quick { Effort::QUICK } else { Effort::FULL };
    let mut results = Results::new(run.quick, machine::describe()?, earlier);
    for kind in run.only.map_or(Kind::ALL.to_vec(), |only| vec![only]) {
        let outcome = kind.run(effort)?;
        print!("{}", summary::of(&outcome.measurements));
        results.add(outcome);
    }
    results.write(&run.output)?;
    eprintln!("Results: {}", run.output.display());
    Ok(())
}
