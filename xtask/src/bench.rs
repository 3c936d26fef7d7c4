//! `cargo xtask bench`: the connector beside its peers. Here the peers are built and installed; the program `bench`
//! measures.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::clients::Clients;
use crate::failure::{Failure, Outcome, passed_on};
use crate::{second_implementation, toolchain, workspace};

/// Builds the program and what it compares with, and runs it; it knows its arguments.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let peers = if measures(arguments) { Some(Peers::ready()?) } else { None };
    toolchain::ensure_wasm_target()?;
    eprintln!("Building the benchmark with optimisation. Its first build compiles wasmtime and takes many minutes.");
    optimised(workspace::cargo().args(["build", "--package", "bench"]))?;
    let program = format!("release/bench{}", std::env::consts::EXE_SUFFIX);
    let mut bench = Command::new(workspace::target_folder(&program)?);
    // With backtraces, whoever makes errors in the ordinary course is slower, and a machine may ask for them or not.
    bench.env_remove("RUST_BACKTRACE").env_remove("RUST_LIB_BACKTRACE");
    bench.current_dir(workspace::root()).args(subcommand(arguments)).args(arguments);
    if let Some(peers) = &peers {
        bench.envs(peers.environment());
    }
    passed_on(bench.status().map_err(Failure::io("start the benchmark"))?)
}

/// Whether the arguments are for a run beside the peers: any but another subcommand and a plea for help.
fn measures(arguments: &[String]) -> bool {
    let helps = arguments.iter().any(|argument| matches!(argument.as_str(), "-h" | "--help" | "help"));
    !helps && arguments.first().is_none_or(|first| first == "run" || first.starts_with('-'))
}

/// `run`, where only its options were given.
fn subcommand(arguments: &[String]) -> Option<&'static str> {
    (measures(arguments) && arguments.first().is_none_or(|first| first != "run")).then_some("run")
}

/// Everything that is measured beside the connector.
struct Peers {
    native: PathBuf,
    usual: PathBuf,
    javascript: PathBuf,
    clients: Clients,
}

impl Peers {
    /// Builds and installs them. What is missing on the machine is found before anything long begins.
    fn ready() -> Outcome<Self> {
        toolchain::ensure_wasip2_target()?;
        let clients = Clients::ready()?;
        let javascript = second_implementation::build(&clients.node)?;
        eprintln!("Building the native peers and the component that is written the usual way.");
        let native = own_workspace("native", &[])?;
        let usual = own_workspace("usual", &["--target", toolchain::WASIP2])?;
        Ok(Self {
            native: native.join(format!("release/native{}", std::env::consts::EXE_SUFFIX)),
            usual: usual.join(toolchain::WASIP2).join("release/usual.wasm"),
            javascript,
            clients,
        })
    }

    /// Where the program finds them: one variable for a component's file or a command line.
    fn environment(&self) -> Vec<(&'static str, OsString)> {
        let scripts = workspace::root().join("bench");
        let script = |interpreter: &Path, script: &str| {
            let mut command = interpreter.as_os_str().to_owned();
            command.push(" ");
            command.push(scripts.join(script));
            command
        };
        vec![
            ("NODE_PATH", self.clients.node_modules.clone().into()),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
            ("BENCH_NATIVE", self.native.clone().into()),
            ("BENCH_USUAL", self.usual.clone().into()),
            ("BENCH_JAVASCRIPT", self.javascript.clone().into()),
            ("BENCH_NODE", script(&self.clients.node, "jsforce.mjs")),
            ("BENCH_PYTHON", script(&self.clients.python, "simple_salesforce.py")),
        ]
    }
}

/// Builds a workspace of its own below `bench/`; gives back its target directory.
fn own_workspace(name: &str, arguments: &[&str]) -> Outcome<PathBuf> {
    let target = workspace::target_folder(&format!("bench/{name}"))?;
    let mut cargo = workspace::cargo();
    cargo.current_dir(workspace::root().join("bench").join(name)).env("CARGO_TARGET_DIR", &target);
    optimised(cargo.args(["build", "--locked"]).args(arguments))?;
    Ok(target)
}

/// Runs `cargo build` for release.
fn optimised(cargo: &mut Command) -> Outcome {
    passed_on(cargo.arg("--release").status().map_err(Failure::io("start cargo"))?)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_peers_are_made_ready_for_a_run_and_for_nothing_else() {
        for (line, peers, first) in [
            ("", true, Some("run")),
            ("--quick", true, Some("run")),
            ("--only page", true, Some("run")),
            ("run --quick", true, None),
            ("report", false, None),
            ("org --tls", false, None),
            ("--help", false, None),
            ("run --help", false, None),
        ] {
            assert_eq!(measures(&words(line)), peers, "{line}");
            assert_eq!(subcommand(&words(line)), first, "{line}");
        }
    }

    #[test]
    fn every_peer_is_told_in_its_own_variable() {
        let clients = Clients { node: "node".into(), node_modules: "modules".into(), python: "venv/python3".into() };
        let peers = Peers { native: "n".into(), usual: "u.wasm".into(), javascript: "j.wasm".into(), clients };
        let environment: HashMap<_, _> =
            peers.environment().into_iter().map(|(name, value)| (name, value.into_string().unwrap())).collect();
        assert_eq!(environment["NODE_PATH"], "modules");
        assert_eq!(environment["BENCH_NATIVE"], "n");
        assert_eq!(environment["BENCH_USUAL"], "u.wasm");
        assert_eq!(environment["BENCH_JAVASCRIPT"], "j.wasm");
        for (variable, interpreter) in [("BENCH_NODE", "node"), ("BENCH_PYTHON", "venv/python3")] {
            let (program, script) = environment[variable].split_once(' ').unwrap();
            assert_eq!(program, interpreter);
            assert!(Path::new(script).is_file(), "{script}");
        }
    }
}
