//! The project's own commands: `cargo xtask demo`, `serve`, `test`, `clients`, `hosts`, `bench`, `fuzz`, `soak`,
//! `reliability`, `openapi`, `obelisk`, `second-implementation`, `same-component`, `package` and `registry`.
//!
//! For: what has to happen around cargo (the wasm target, one shared build, third-party clients in their own folders).
//! Not for: anything that the harness itself can do; it is the product, this is the bench it stands on.
//!
//! ```text
//! main ── demo, serve ────┐
//!      ├─ test (browser)  ├── workspace (root, cargo, one build of the harness) ── toolchain (wasm target)
//!      ├─ clients, bench ─┤
//!      ├─ hosts ──────────┤
//!      ├─ reliability ────┤
//!      ├─ openapi ────────┤
//!      ├─ obelisk ────────┤
//!      ├─ second_impl... ─┤
//!      ├─ fuzz, soak ─────┤
//!      ├─ same_component ─┤
//!      ├─ registry (OCI) ─┘
//!      └─ package (the component twice, permissions, bills of material, checksums)
//! ```

mod bench;
mod browser;
mod clients;
mod debian;
mod demo;
mod failure;
mod fuzz;
mod hosts;
mod obelisk;
mod openapi;
mod package;
mod registry;
mod reliability;
mod same_component;
mod second_implementation;
mod serve;
mod soak;
mod test;
mod toolchain;
mod workspace;

use std::process::ExitCode;

use failure::{Failure, Outcome};

const USAGE: &str = "\
Usage: cargo xtask COMMAND [ARGS]

Commands:
  demo [ARGS]            build everything, then watch the connector work against the mock Salesforce;
                         ARGS go to `harness demo` (try --help)
  serve [--fresh] [ARGS] build everything, then run the server and a mock Salesforce beside it until Ctrl-C,
                         and tell what to type into a browser; its data stay in target/serve unless
                         --fresh deletes them first; ARGS go to `harness serve`
  test [ARGS]            run every test of the workspace; ARGS go to `cargo test --workspace`
  clients                run unmodified third-party Salesforce clients (jsforce, simple-salesforce)
                         against the mock; needs Node.js 18 and Python 3.10 or later
  clients --faults       the same clients and ours against a Salesforce that misbehaves, side by side
  hosts [rust] [node] [python] [wasmtime]
                         run the same component in other hosts, all or those named: the programs in
                         examples/ and the wasmtime command line; needs Node.js 18 and Python 3.10
                         or later, and builds wasmtime's in some minutes, once
  bench [--quick] [--only WORK]
                         measure the connector beside its peers (hyper, reqwest, jsforce,
                         simple-salesforce, two other components) and write docs/BENCHMARKS.md;
                         needs Node.js 18 and Python 3.10 or later
  bench report           write docs/BENCHMARKS.md once more from docs/benchmarks.json
  fuzz --seconds N [TARGET]
                         run every fuzz target, or one, for N seconds; needs a nightly compiler
  soak --minutes N --seed S
                         run executions of all actions at once, with everything going wrong, and see
                         whether every promise was kept
  reliability [storm|kill|rotation|fairness|stream|busy|clients|memory|disk] [--quick] [--rounds N] [--seed S]
                         run real server processes through storms, kills, floods and long streams,
                         print what was measured and check it
  openapi [--seed N]     run the server and hold it against its own OpenAPI document with Schemathesis, with a
                         tenant's token and an administrator's; needs Python 3.10 or later
  obelisk [--quick] [--executions N] [--oci] | --components FOLDER
                         run the activities on two servers of the durable engine Obelisk, kill servers in
                         the middle, check what was written, and measure; installs the engine (15 minutes,
                         once) and PostgreSQL; with --oci the activity comes from a registry (docker-registry);
                         --components only writes the components of deploy/obelisk
  second-implementation  build the JavaScript implementation of our WIT, test it and verify it as an uploaded
                         component; needs Node.js 18
  same-component FILE    compare a component built another way with the one inside the harness:
                         same exports, same imported interfaces
  package [--out FOLDER] [--skip-harness]
                         build the component twice, in two folders, compare, and put it into dist/ with
                         its WIT, permissions, bill of materials, checksums and the harness
                         (built for release)
  registry [FILE]        push the component, or another, to an OCI registry on loopback with wkg, pull it
                         by its digest, and run what was pulled; needs docker-registry

Everything that is missing and can be installed is installed; otherwise the message says what to type.
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next();
    let rest: Vec<String> = arguments.collect();
    match run(command.as_deref(), &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(message) = failure.message() {
                eprintln!("error: {message}");
            }
            failure.exit_code()
        }
    }
}

fn run(command: Option<&str>, arguments: &[String]) -> Outcome {
    match (command, arguments) {
        (Some("demo"), _) => demo::run(arguments),
        (Some("serve"), _) => serve::run(arguments),
        (Some("test"), _) => test::run(arguments),
        (Some("clients"), []) => clients::run(),
        (Some("clients"), [flag]) if flag == "--faults" => clients::faults::run(),
        (Some("hosts"), _) => hosts::run(arguments),
        (Some("bench"), _) => bench::run(arguments),
        (Some("fuzz"), _) => fuzz::run(arguments),
        (Some("soak"), _) => soak::run(arguments),
        (Some("reliability"), _) => reliability::run(arguments),
        (Some("openapi"), _) => openapi::run(arguments),
        (Some("obelisk"), _) => obelisk::run(arguments),
        (Some("second-implementation"), []) => second_implementation::run(),
        (Some("same-component"), [file]) => same_component::run(file.as_ref()),
        (Some("package"), _) => package::run(arguments),
        (Some("registry"), _) => registry::run(arguments),
        (Some("help" | "-h" | "--help"), _) => {
            print!("{USAGE}");
            Ok(())
        }
        (Some(command), _) => Err(Failure::usage(format!(
            "`cargo xtask {command}` with {} argument(s) is not a command of this project\n\n{USAGE}",
            arguments.len()
        ))),
        (None, _) => Err(Failure::usage(format!("a command is missing\n\n{USAGE}"))),
    }
}
