//! `cargo xtask bench`: the connector beside its peers. Here the peers are built and installed; the program `bench`
//! measures.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::clients::Clients;
use crate::failure::{Failure, Outcome, passed_on};
use crate::installed::{compiled_package, node_packages};
use crate::{built, second_implementation, toolchain, workspace};

/// Builds the program and what it compares with, and runs it; it knows its arguments.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    if arguments.iter().eq(["rehearsal"]) {
        return rehearsal();
    }
    let peers = if measures(arguments) { Some(Peers::ready()?) } else { None };
    toolchain::ensure_wasm_target()?;
    eprintln!("Building the benchmark with optimisation. Its first build compiles wasmtime and takes many minutes.");
    let packages = ["--package", "bench", "--package", "host-harness", "--bin", "bench", "--bin", "harness"];
    optimised(workspace::cargo().arg("build").args(packages))?;
    let mut bench = program(&workspace::target_folder(&format!("release/bench{}", std::env::consts::EXE_SUFFIX))?);
    bench.args(subcommand(arguments)).args(arguments);
    if let Some(peers) = &peers {
        bench.envs(peers.environment()?);
    }
    workspace::run(&mut bench)
}

/// A few calls and rows with the build that the tests share: whether the peers from npm and PyPI still do what the benchmark asks
/// of them. What is built for it alone takes no part.
fn rehearsal() -> Outcome {
    let installed = Installed { clients: Clients::ready()?, isolated_vm: None };
    let (bench, harness) = (built::program("bench")?, built::harness()?);
    let docs = workspace::target_folder("bench/rehearsal")?;
    for work in ["calls", "bulk"] {
        let mut bench = program(&bench);
        bench.args(["run", "--quick", "--only", work, "--docs"]).arg(&docs);
        bench.envs(installed.environment()?).env("BENCH_HARNESS", &harness);
        bench.envs(["BENCH_NATIVE", "BENCH_EXTISM", "BENCH_USUAL", "BENCH_JAVASCRIPT"].map(|name| (name, "")));
        workspace::run(&mut bench)?;
    }
    Ok(())
}

/// The program in this file.
fn program(file: &Path) -> Command {
    let mut bench = Command::new(file);
    // With backtraces, whoever makes errors in the ordinary course is slower, and a machine may ask for them or not.
    bench.env_remove("RUST_BACKTRACE").env_remove("RUST_LIB_BACKTRACE").current_dir(workspace::root());
    bench
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
    /// The program that runs a plugin of Extism, and the plugin.
    extism: [PathBuf; 2],
    usual: PathBuf,
    javascript: PathBuf,
    /// This project's command line, which is measured in bulk.
    harness: PathBuf,
    installed: Installed,
}

/// Peers from npm and PyPI.
struct Installed {
    clients: Clients,
    /// Where isolated-vm is; none if it takes no part.
    isolated_vm: Option<PathBuf>,
}

impl Peers {
    /// Builds and installs them. What is missing on the machine is found before anything long begins.
    fn ready() -> Outcome<Self> {
        toolchain::ensure_wasip2_target()?;
        toolchain::ensure_wasm_target()?;
        let clients = Clients::ready()?;
        let javascript = second_implementation::build(&clients.node)?;
        let isolated_vm = isolated_vm(&clients.node)?;
        eprintln!("Building the native peers, the plugin of Extism, and the component that is written the usual way.");
        let native = own_workspace("native", &[])?;
        let extism = own_workspace("extism", &["--package", "extism-peer"])?;
        own_workspace("extism", &["--package", "extism-plugin", "--target", toolchain::WASM])?;
        let usual = own_workspace("usual", &["--target", toolchain::WASIP2])?;
        let program = |name: &str| format!("release/{name}{}", std::env::consts::EXE_SUFFIX);
        Ok(Self {
            native: native.join(program("native")),
            extism: [
                extism.join(program("extism-peer")),
                extism.join(toolchain::WASM).join("release/extism_plugin.wasm"),
            ],
            usual: usual.join(toolchain::WASIP2).join("release/usual.wasm"),
            javascript,
            harness: workspace::target_folder(&program("harness"))?,
            installed: Installed { clients, isolated_vm },
        })
    }

    /// Where the program finds them: one variable for a component's file or a command line.
    fn environment(&self) -> Outcome<Vec<(&'static str, OsString)>> {
        let mut environment = vec![
            ("BENCH_NATIVE", self.native.clone().into()),
            ("BENCH_EXTISM", words(self.extism.iter().map(PathBuf::as_path))),
            ("BENCH_USUAL", self.usual.clone().into()),
            ("BENCH_JAVASCRIPT", self.javascript.clone().into()),
            ("BENCH_HARNESS", self.harness.clone().into()),
        ];
        environment.extend(self.installed.environment()?);
        Ok(environment)
    }
}

impl Installed {
    /// As that of [`Peers`]. A variable that is empty says that its peer takes no part.
    fn environment(&self) -> Outcome<Vec<(&'static str, OsString)>> {
        let Self { clients: Clients { node, node_modules, python }, isolated_vm } = self;
        let script =
            |interpreter: &Path, script: &str| words([interpreter, &workspace::root().join("bench").join(script)]);
        let modules = std::env::join_paths([Some(node_modules), isolated_vm.as_ref()].into_iter().flatten())
            .map_err(|error| Failure::new(format!("could not tell Node.js where packages are: {error}")))?;
        // isolated-vm asks for it: a snapshot of Node.js' own start does not fit further isolates.
        let node_for_isolates = PathBuf::from(words([node.as_path(), Path::new("--no-node-snapshot")]));
        let isolate = isolated_vm.as_ref().map(|_| script(&node_for_isolates, "node/isolate_per_call.mjs"));
        Ok(vec![
            ("NODE_PATH", modules),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
            ("BENCH_ISOLATE", isolate.unwrap_or_default()),
            ("BENCH_PROCESS", script(node, "node/process_per_call.mjs")),
            ("BENCH_NODE", script(node, "node/jsforce.mjs")),
            ("BENCH_NODE_BULK", script(node, "node/bulk.mjs")),
            ("BENCH_PYTHON", script(python, "python/simple_salesforce.py")),
            ("BENCH_PYTHON_BULK", script(python, "python/bulk.py")),
        ])
    }
}

/// A command line.
fn words<'a>(words: impl IntoIterator<Item = &'a Path>) -> OsString {
    words.into_iter().map(Path::as_os_str).collect::<Vec<_>>().join(OsStr::new(" "))
}

/// Installs and compiles isolated-vm. It is the one peer that needs a C++ compiler: without one, it takes no part.
fn isolated_vm(node: &Path) -> Outcome<Option<PathBuf>> {
    let folder = workspace::target_folder("bench/isolated-vm")?;
    node_packages(&workspace::root().join("bench/node/isolated-vm"), &folder)?;
    match compiled_package(node, &folder, "isolated-vm", "out/isolated_vm.node") {
        Ok(()) => Ok(Some(folder.join("node_modules"))),
        Err(failure) => {
            let why = failure.message().unwrap_or("npm says above why");
            eprintln!("isolated-vm could not be compiled and takes no part: {why}");
            Ok(None)
        }
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
            ("rehearsal", false, None),
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
        let mut peers = Peers {
            native: "n".into(),
            extism: ["e".into(), "p.wasm".into()],
            usual: "u.wasm".into(),
            javascript: "j.wasm".into(),
            harness: "h".into(),
            installed: Installed { clients, isolated_vm: Some("isolates".into()) },
        };
        let environment = |peers: &Peers| -> HashMap<_, _> {
            let told = peers.environment().unwrap();
            told.into_iter().map(|(name, value)| (name, value.into_string().unwrap())).collect()
        };
        let told = environment(&peers);
        assert_eq!(std::env::split_paths(&told["NODE_PATH"]).count(), 2, "{told:?}");
        for (variable, file) in [
            ("BENCH_NATIVE", "n"),
            ("BENCH_EXTISM", "e p.wasm"),
            ("BENCH_USUAL", "u.wasm"),
            ("BENCH_JAVASCRIPT", "j.wasm"),
            ("BENCH_HARNESS", "h"),
        ] {
            assert_eq!(told[variable], file);
        }
        for (variable, interpreter) in [
            ("BENCH_NODE", "node"),
            ("BENCH_NODE_BULK", "node"),
            ("BENCH_PROCESS", "node"),
            ("BENCH_ISOLATE", "node --no-node-snapshot"),
            ("BENCH_PYTHON", "venv/python3"),
            ("BENCH_PYTHON_BULK", "venv/python3"),
        ] {
            let (program, script) = told[variable].rsplit_once(' ').unwrap();
            assert_eq!(program, interpreter);
            assert!(Path::new(script).is_file(), "{script}");
        }

        peers.installed.isolated_vm = None;
        let told = environment(&peers);
        assert_eq!((told["NODE_PATH"].as_str(), told["BENCH_ISOLATE"].as_str()), ("modules", ""));
    }
}
