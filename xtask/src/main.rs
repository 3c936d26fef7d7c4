//! The project's own commands: `cargo xtask --help` lists them.
//!
//! For: what has to happen around cargo (the wasm target, one shared build, third-party clients in their own folders).
//! Not for: anything that the harness itself can do (it is the product, this is the bench it stands on), nor for tests, which
//! are programs below `tests/` that are built and started here.
//!
//! ```text
//! main ── demo, serve ────┐
//!      ├─ test (browser)  ├── built (one build of the harness) ── toolchain (wasm target) ── workspace (root, cargo)
//!      ├─ clients, bench ─┤
//!      ├─ mock_clients ───┤
//!      ├─ packages ───────┤
//!      ├─ mcp ────────────┤
//!      ├─ hosts ──────────┤
//!      ├─ reliability ────┤
//!      ├─ openapi ────────┤
//!      ├─ generated_cl... ┤
//!      ├─ obelisk ────────┤
//!      ├─ postgres_store ─┤
//!      ├─ second_impl... ─┤
//!      ├─ crates ─────────┤
//!      ├─ codemirror ─────┤
//!      ├─ example_comp... ┤
//!      ├─ embedding ──────┤
//!      ├─ deploy ─────────┤
//!      ├─ fuzz, soak ─────┤
//!      ├─ same_component ─┤
//!      ├─ registry (OCI) ─┘
//!      └─ package (the component twice, permissions, bills of material, checksums)
//! ```

mod bench;
mod browser;
mod built;
mod clients;
mod codemirror;
mod crates;
mod debian;
mod demo;
mod deploy;
mod embedding;
mod example_components;
mod failure;
mod fuzz;
mod generated_client;
mod hosts;
mod installed;
mod mcp;
mod mock_clients;
mod obelisk;
mod openapi;
mod package;
mod packages;
mod postgres;
mod postgres_store;
mod registry;
mod reliability;
mod same_component;
mod second_implementation;
mod serve;
mod soak;
mod soql_grammar;
mod test;
mod toolchain;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Outcome;

/// The project's own commands
///
/// What is missing and can be installed is installed; otherwise the message says what to type.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything, then watch the connector work against the mock Salesforce
    #[command(disable_help_flag = true)]
    Demo(PassedOn),
    /// Build everything, then run the server and a mock Salesforce beside it until Ctrl-C
    ///
    /// It tells what to type into a browser. Its data stay in target/serve.
    Serve {
        /// Delete the data of earlier runs first
        #[arg(long)]
        fresh: bool,
        /// Passed on to `harness serve`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run every test of the workspace
    Test {
        /// Passed on to `cargo test --workspace`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run unmodified third-party Salesforce clients (jsforce, simple-salesforce) against the mock
    ///
    /// Needs Node.js 18 and Python 3.10 or later.
    Clients {
        /// Those and ours against a Salesforce that misbehaves, side by side
        #[arg(long)]
        faults: bool,
    },
    /// Test the packages that steer the mock from Python and JavaScript (clients/), and their examples
    ///
    /// Needs Node.js 20 and Python 3.10 or later.
    MockClients,
    /// Build the packages for hosts in Node.js and Python (packages/), install each from the built file, and run its tests
    ///
    /// Needs Node.js 20, `flock`, and Python 3.10 or later.
    Packages {
        /// Which; all unless told otherwise
        packages: Vec<packages::Package>,
    },
    /// Make the packages of the library crates, with the components inside, and compile a crate that adds them
    Crates,
    /// Run the official clients of the Model Context Protocol, and its inspector, against `harness mcp` and a server
    ///
    /// Needs Node.js 20.11 and Python 3.10 or later.
    Mcp,
    /// Run the same component in other hosts: the programs in examples/ and the wasmtime command line
    ///
    /// Needs Node.js 20 and Python 3.10 or later, and builds wasmtime's in some minutes, once.
    Hosts {
        /// Which; all unless told otherwise
        hosts: Vec<hosts::Host>,
    },
    /// Measure the connector beside its peers and write docs/BENCHMARKS.md
    ///
    /// Peers are hyper, reqwest, jsforce, simple-salesforce, other sandboxes and two other components. Needs Node.js 18 and Python
    /// 3.10 or later. `bench report` writes the document once more from docs/benchmarks.json; `--quick` and `--only WORK` make
    /// a run shorter. `bench rehearsal` is for CI.
    Bench {
        /// Passed on to the benchmark, e.g. `--only calls`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run every fuzz target, or one; needs a nightly compiler
    Fuzz {
        /// How long each runs
        #[arg(long, value_name = "N")]
        seconds: u32,
        /// Which; all unless told otherwise
        target: Option<String>,
    },
    /// Run executions of all actions at once, with everything going wrong, and see whether every promise was kept
    #[command(disable_help_flag = true)]
    Soak(PassedOn),
    /// Hold deploy/ against what reads it: systemd judges the unit, Prometheus tries the alerts, and the image is built and run
    ///
    /// Needs root on Debian, or systemd-analyze, promtool, buildah and mmdebstrap.
    Deploy,
    /// Hold the mock's SOQL parser against Salesforce's own grammar, with 400 queries and their mutants; needs Node.js 18
    SoqlGrammar,
    /// Run real server processes through storms, kills, floods and long streams, and check what was measured
    #[command(disable_help_flag = true)]
    Reliability(PassedOn),
    /// Run the server and hold it against its own OpenAPI document with Schemathesis; needs Python 3.10 or later
    ///
    /// With a tenant's token and with an administrator's.
    Openapi {
        /// Of the requests that are made up
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u32,
    },
    /// Generate a Java client from the server's OpenAPI document, and run examples/java with it
    ///
    /// Needs Python 3.10 or later, and a JDK (11 or later), which is installed if it is missing.
    GeneratedClient,
    /// Run the activities on two servers of the durable engine Obelisk, and kill servers in the middle
    ///
    /// Checks what was written, and measures. Installs the engine (15 minutes, once) and PostgreSQL.
    Obelisk {
        /// Take the activity from a registry (docker-registry)
        #[arg(long)]
        oci: bool,
        /// Only write the components of deploy/obelisk into this folder
        #[arg(long, value_name = "FOLDER")]
        components: Option<PathBuf>,
        /// Passed on to the trial: `--quick`, `--executions N`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run the example of a store of one's own (examples/postgres/) on a real PostgreSQL
    ///
    /// Installs PostgreSQL if it is missing.
    PostgresStore {
        /// Passed on to `cargo test`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build the JavaScript implementation of our WIT, test it and verify it as an uploaded component; needs Node.js 18
    SecondImplementation,
    /// Build the editor of the console's playground from its packages, and compare it with the file that the server carries; needs
    /// Node.js 18
    Codemirror {
        /// Let the server carry what was built
        #[arg(long)]
        write: bool,
    },
    /// Build the components of examples/component, in Rust and JavaScript, into target/examples, verify them and run their
    /// actions; needs Node.js 18
    ExampleComponents,
    /// Build the example of docs/EMBEDDING.md outside of the workspace and run it against the mock
    Embedding,
    /// Compare a component built another way with the one inside the harness: exports and imported interfaces
    SameComponent {
        /// The component
        file: PathBuf,
    },
    /// Build the component twice, in two folders, compare, and put it into a folder for whoever takes it
    ///
    /// With its WIT, permissions, bill of materials, checksums and the harness (built for release).
    Package(package::Options),
    /// Push a component to an OCI registry on loopback with wkg, pull it by its digest, and run what was pulled
    ///
    /// Needs docker-registry.
    Registry {
        /// Another component than the connector
        file: Option<PathBuf>,
    },
}

#[derive(clap::Args)]
struct PassedOn {
    /// Passed on; try --help
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(message) = failure.message() {
                eprintln!("error: {message}");
            }
            failure.exit_code()
        }
    }
}

fn run(command: Command) -> Outcome {
    match command {
        Command::Demo(PassedOn { arguments }) => demo::run(&arguments),
        Command::Serve { fresh, arguments } => serve::run(fresh, &arguments),
        Command::Test { arguments } => test::run(&arguments),
        Command::Clients { faults } => clients::run(faults),
        Command::MockClients => mock_clients::run(),
        Command::Packages { packages } => packages::run(&packages),
        Command::Crates => crates::run(),
        Command::Mcp => mcp::run(),
        Command::Hosts { hosts } => hosts::run(&hosts),
        Command::Bench { arguments } => bench::run(&arguments),
        Command::Fuzz { seconds, target } => fuzz::run(seconds, target.as_deref()),
        Command::Soak(PassedOn { arguments }) => soak::run(&arguments),
        Command::Deploy => deploy::check(),
        Command::SoqlGrammar => soql_grammar::compare(),
        Command::Reliability(PassedOn { arguments }) => reliability::run(&arguments),
        Command::Openapi { seed } => openapi::run(seed),
        Command::GeneratedClient => generated_client::run(),
        Command::Obelisk { oci, components, arguments } => obelisk::run(oci, components.as_deref(), &arguments),
        Command::PostgresStore { arguments } => postgres_store::run(&arguments),
        Command::SecondImplementation => second_implementation::run(),
        Command::Codemirror { write } => codemirror::run(write),
        Command::ExampleComponents => example_components::run(),
        Command::Embedding => embedding::run(),
        Command::SameComponent { file } => same_component::run(&file),
        Command::Package(options) => package::run(&options),
        Command::Registry { file } => registry::run(file.as_deref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn what_is_passed_on_is_passed_on_as_it_is() {
        let parsed = Arguments::try_parse_from(["cargo xtask", "test", "--locked", "--", "--nocapture"]).unwrap();
        assert!(
            matches!(parsed.command, Command::Test { arguments } if arguments == ["--locked", "--", "--nocapture"])
        );
        let parsed = Arguments::try_parse_from(["cargo xtask", "demo", "--help"]).unwrap();
        assert!(matches!(parsed.command, Command::Demo(PassedOn { arguments }) if arguments == ["--help"]));
        let parsed = Arguments::try_parse_from(["cargo xtask", "serve", "--fresh", "--listen", "127.0.0.1:0"]).unwrap();
        assert!(matches!(parsed.command, Command::Serve { fresh: true, arguments } if arguments.len() == 2));
    }
}
