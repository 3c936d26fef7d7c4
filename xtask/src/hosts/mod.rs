//! `cargo xtask hosts`: the very same component in several hosts.
//!
//! The programs of `examples/` (Rust, Node.js, Python) and the wasmtime command line each run it against a mock of
//! their own: a refresh, the three actions, an error of each, and a create whose answer never comes. What they tell is
//! compared with what the org says afterwards.

mod expected;
mod middle;
mod program;
mod stage;
mod wasmtime;
mod wave;

use std::thread;

use clap::ValueEnum as _;

use crate::clients::report::Report;
use crate::failure::{Failure, Outcome};
use crate::workspace;
use expected::Told;
use program::Program;
use stage::Stage;
pub(crate) use stage::asked;
use wasmtime::CommandLine;

/// A host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Host {
    /// examples/rust
    Rust,
    /// examples/nodejs
    Node,
    /// examples/python
    Python,
    /// The wasmtime command line
    Wasmtime,
}

/// A host whose tools are installed.
enum Ready {
    Program(Program),
    CommandLine(CommandLine),
}

impl Host {
    fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Node => "node",
            Self::Python => "python",
            Self::Wasmtime => "wasmtime",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Rust => "Rust: salesforce-runtime as a library",
            Self::Node => "Node.js: jco-transpile 0.15.0, preview2-shim 0.26.1",
            Self::Python => "Python: wasmtime 50.0.1",
            Self::Wasmtime => wasmtime::TITLE,
        }
    }

    /// Whether it can keep a component from connecting to anywhere.
    fn confines(self) -> bool {
        matches!(self, Self::Rust | Self::Node)
    }

    fn install(self) -> Outcome<Ready> {
        Ok(match self {
            Self::Rust => Ready::Program(program::rust()?),
            Self::Node => Ready::Program(program::node()?),
            Self::Python => Ready::Program(program::python()?),
            Self::Wasmtime => Ready::CommandLine(CommandLine::install()?),
        })
    }
}

impl Ready {
    fn tell(&self, stage: &Stage, digest: &str) -> Outcome<Told> {
        match self {
            Self::Program(program) => program.tell(stage),
            Self::CommandLine(command_line) => command_line.tell(stage, digest),
        }
    }
}

/// Runs the hosts that were named, or all.
pub(crate) fn run(named: Vec<Host>) -> Outcome {
    let hosts = if named.is_empty() { Host::value_variants().to_vec() } else { named };
    // First what may be missing, then what takes long.
    let ready = hosts.iter().map(|host| Ok((*host, host.install()?))).collect::<Outcome<Vec<_>>>()?;
    let harness = workspace::harness()?;
    let (component, digest) = stage::component(&harness)?;
    println!("The component in every host: {} (SHA-256 {digest})", component.display());
    eprintln!("In each, a create waits 12 seconds for an answer that never comes.");

    let reports = thread::scope(|scope| {
        let shown = |(host, ready): &(Host, Ready)| -> Outcome<Report> {
            let stage = Stage::set(host.name(), &harness, &component)?;
            let told = ready.tell(&stage, &digest)?;
            Ok(Report::of(host.title().to_owned(), expected::checks(&stage, &digest, host.confines(), told)?))
        };
        let running: Vec<_> = ready.iter().map(|host| scope.spawn(move || shown(host))).collect();
        let panicked = |_| Err(Failure::new("a host could not be looked after"));
        running.into_iter().map(|host| host.join().unwrap_or_else(panicked)).collect::<Outcome<Vec<_>>>()
    })?;

    for report in &reports {
        print!("{report}");
    }
    let passed: usize = reports.iter().map(Report::passed).sum();
    let failed: usize = reports.iter().map(Report::failed).sum();
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { Err(Failure::new(format!("{failed} check(s) of other hosts failed, see above"))) }
}
