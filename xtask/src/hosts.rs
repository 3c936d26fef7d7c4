//! `cargo xtask hosts`: the very same component in several hosts.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use clap::ValueEnum as _;

use crate::failure::{Failure, Outcome, passed_on};
use crate::{built, installed, packages, workspace};

/// Of the wasmtime command line.
const VERSION: &str = "48.0.8";
/// What `wasmtime run --invoke` takes for components with HTTP of WASI 0.2 and 0.3, and nothing else.
const FEATURES: &str = "run,component-model,component-model-async,wasi-http,cranelift";

/// A host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Host {
    /// examples/rust
    Rust,
    /// examples/node
    Node,
    /// examples/python
    Python,
    /// The wasmtime command line
    Wasmtime,
}

/// Installs the hosts that were named, or all, and runs the example `hosts` with them.
pub(crate) fn run(named: &[Host]) -> Outcome {
    let hosts = if named.is_empty() { Host::value_variants() } else { named };
    // First what may be missing, then what takes long.
    let options = hosts.iter().map(|host| host.install()).collect::<Outcome<Vec<_>>>()?;
    let mut program = built::example("hosts")?;
    program.arg("--harness").arg(built::harness()?).arg("--folder").arg(workspace::target_folder("hosts")?);
    workspace::run(program.args(options.concat()))
}

impl Host {
    /// Makes it ready, and tells the option that names it.
    fn install(self) -> Outcome<Vec<OsString>> {
        Ok(match self {
            Self::Rust => vec!["--rust".into(), built::program("salesforce-example")?.into()],
            Self::Node => node()?,
            Self::Python => python()?,
            Self::Wasmtime => vec!["--wasmtime".into(), wasmtime()?.into()],
        })
    }
}

/// The programs in `examples/node`: one with the package that it uses, which has the component, those with streams with their
/// packages.
fn node() -> Outcome<Vec<OsString>> {
    let node = installed::node()?;
    let newer = installed::node_with_promise_integration(&node)?;
    let sources = workspace::root().join("examples/node");
    let folder = workspace::target_folder("hosts/node/packages")?;
    installed::node_packages(&sources, &folder)?;
    // Node.js looks for packages beside the module that asks for them.
    for file in ["large.mjs", "streams.mjs", "translated.mjs"] {
        fs::copy(sources.join(file), folder.join(file)).map_err(Failure::io(format!("copy {file}")))?;
    }
    let leaves = workspace::root().join("tests/hosts/streams/leaves.mjs");
    fs::copy(leaves, folder.join("leaves.mjs")).map_err(Failure::io("copy leaves.mjs"))?;
    let main = packages::node::ready(&built::harness()?)?.join("main.mjs");
    fs::copy(sources.join("main.mjs"), &main).map_err(Failure::io("copy main.mjs"))?;
    let script = |name| folder.join(name).into();
    let streams = ["--node-streams".into(), newer.into(), script("large.mjs"), script("leaves.mjs")];
    Ok(["--node".into(), node.into(), main.into()].into_iter().chain(streams).collect())
}

/// The program in `examples/python`, with the package that it uses, which has the component.
fn python() -> Outcome<Vec<OsString>> {
    let interpreter = packages::python::ready(&built::harness()?)?;
    Ok(vec!["--python".into(), interpreter.into(), workspace::root().join("examples/python/main.py").into()])
}

/// The wasmtime command line, built into cargo's target directory unless it is there.
fn wasmtime() -> Outcome<PathBuf> {
    let folder = workspace::target_folder("hosts/wasmtime/with-streams")?;
    let program = folder.join("bin").join(format!("wasmtime{}", std::env::consts::EXE_SUFFIX));
    let version = Command::new(&program).arg("--version").output();
    if version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(VERSION)) {
        return Ok(program);
    }
    eprintln!("Building the wasmtime command line {VERSION}, as much of it as is needed. It takes some minutes, once.");
    let build = folder.join("build");
    let status = workspace::cargo()
        .args(["install", "--locked", "--force", &format!("wasmtime-cli@{VERSION}")])
        .args(["--no-default-features", "--features", FEATURES, "--root"])
        .arg(&folder)
        .arg("--target-dir")
        .arg(&build)
        // A call then takes 3 seconds instead of half a second, and the build 7 minutes of processor time instead of 15
        // with the lowest optimisation.
        .envs([("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")])
        .status()
        .map_err(Failure::io("start cargo"))?;
    passed_on(status)?;
    fs::remove_dir_all(&build).map_err(Failure::io(format!("remove {}", build.display())))?;
    Ok(program)
}
