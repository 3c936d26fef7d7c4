//! The very same component in several hosts: `cargo xtask hosts`.
//!
//! The programs of `examples/` (Rust, Node.js, Python) and the wasmtime command line each run it against a mock of
//! their own: a refresh, the three actions, an error of each, and a create whose answer never comes. What they tell is
//! compared with what the org says afterwards. The component with streams is run by the program of `examples/node` for large
//! results, and shown to the command line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a program for tests: what cannot go on stops it"
)]

mod expected;
mod message;
mod middle;
mod program;
mod stage;
mod streams;
mod told;
mod wasmtime;
mod wave;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::thread;

use clap::Parser;
use program::Program;
use stage::Stage;
use support::report::{Report, printed};
use wasmtime::CommandLine;

/// Runs the same component in several hosts; their tools are installed beforehand
#[derive(Parser)]
struct Arguments {
    /// The `harness` that has the component
    #[arg(long, value_name = "FILE")]
    harness: PathBuf,
    /// For the component and what belongs to each host
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
    /// The program of examples/rust
    #[arg(long, value_name = "FILE")]
    rust: Option<PathBuf>,
    /// Node.js, and main.mjs of examples/node beside the package that it uses
    #[arg(long, num_args = 2, value_names = ["FILE", "SCRIPT"])]
    node: Option<Vec<PathBuf>>,
    /// Node.js with JavaScript Promise Integration, and large.mjs of examples/node and leaves.mjs of this program beside its packages
    #[arg(long, num_args = 3, value_names = ["FILE", "SCRIPT", "SCRIPT"])]
    node_streams: Option<Vec<PathBuf>>,
    /// A Python with its packages, and main.py of examples/python
    #[arg(long, num_args = 2, value_names = ["FILE", "SCRIPT"])]
    python: Option<Vec<PathBuf>>,
    /// The wasmtime command line
    #[arg(long, value_name = "FILE")]
    wasmtime: Option<PathBuf>,
}

/// A host that is ready to run.
struct Host {
    name: &'static str,
    title: String,
    /// Whether it can keep a component from connecting to anywhere.
    confines: bool,
    runner: Runner,
}

enum Runner {
    Program(Program),
    CommandLine(CommandLine),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (component, digest) = stage::component(&arguments.harness, &arguments.folder);
    println!("The component in every host: {} (SHA-256 {digest})", component.display());
    eprintln!("In each, a query waits 10.5 seconds for its answer, and a create 12 seconds for one that never comes.");
    let shown = |host: Host| {
        let stage = Stage::set(&arguments.folder.join(host.name).join("stage"), &arguments.harness, &component);
        let told = match &host.runner {
            Runner::Program(program) => program.tell(&stage),
            Runner::CommandLine(command_line) => command_line.tell(&stage, &digest),
        };
        Report::of(host.title, expected::checks(&stage, &digest, host.confines, told))
    };
    let reports: Vec<_> = thread::scope(|scope| {
        let shown = &shown;
        let running: Vec<_> = hosts(&arguments).into_iter().map(|host| scope.spawn(move || shown(host))).collect();
        running.into_iter().map(|host| host.join().unwrap()).collect()
    });
    printed(reports.into_iter().chain(of_streams(&arguments)))
}

/// Those that were given, with the component that has streams.
fn of_streams(arguments: &Arguments) -> Vec<Report> {
    let Arguments { node_streams, wasmtime, harness, .. } = arguments;
    let folder = arguments.folder.join("streams");
    let component = LazyLock::new(|| streams::component(&folder));
    let node = node_streams.as_deref().map(|command| {
        let [node, scripts @ ..] = command else { panic!("expected Node.js") };
        let title =
            format!("Node.js {}: jco-transpile 0.15.0, preview3-shim 0.7.0, with streams", program::version(node));
        Report::of(title, streams::checks(&folder.join("node"), harness, &component, node, scripts))
    });
    let wasmtime = wasmtime.as_ref().map(|file| {
        let command_line = CommandLine(file.clone());
        let title = format!("The wasmtime command line {}, with streams", command_line.version());
        let folder = folder.join("wasmtime");
        Report::of(title, streams::of_the_command_line(&folder, harness, &component, &command_line))
    });
    node.into_iter().chain(wasmtime).collect()
}

/// Those that were given.
fn hosts(arguments: &Arguments) -> Vec<Host> {
    let program = |name, title: &str, confines, has_component, command: &[PathBuf]| Host {
        name,
        title: title.to_owned(),
        confines,
        runner: Runner::Program(Program { command: command.to_vec(), has_component }),
    };
    let mut hosts = Vec::new();
    if let Some(file) = &arguments.rust {
        hosts.push(program("rust", "Rust: salesforce-runtime as a library", true, false, std::slice::from_ref(file)));
    }
    if let Some(command) = &arguments.node {
        let title = "Node.js: the package salesforce-connector, preview2-shim 0.26.1";
        hosts.push(program("node", title, true, true, command));
    }
    if let Some(command) = &arguments.python {
        hosts.push(program(
            "python",
            "Python: the package salesforce-connector, wasmtime 50.0.1",
            false,
            true,
            command,
        ));
    }
    if let Some(file) = &arguments.wasmtime {
        let command_line = CommandLine(file.clone());
        let title = format!("The wasmtime command line {}", command_line.version());
        hosts.push(Host { name: "wasmtime", title, confines: false, runner: Runner::CommandLine(command_line) });
    }
    hosts
}
