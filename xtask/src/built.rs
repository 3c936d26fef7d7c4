//! The one build that all commands share.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::failure::{Failure, Outcome, passed_on};
use crate::toolchain;
use crate::workspace::{cargo, profile_folder, run};

/// Builds the harness, with cargo's own progress on the terminal, and tells where it is.
pub(crate) fn harness() -> Outcome<PathBuf> {
    program("harness")
}

/// Builds the harness and another program of the workspace, and tells where that is.
pub(crate) fn program(name: &str) -> Outcome<PathBuf> {
    with_harness(&["--bin", name])?;
    Ok(profile_folder()?.join(file_name(name)))
}

/// Builds the harness and an example of the workspace, ready to be started.
pub(crate) fn example(name: &str) -> Outcome<Command> {
    with_harness(&["--example", name])?;
    built_example(name)
}

/// Builds a program of the workspace that needs neither harness nor connector.
pub(crate) fn tool(name: &str) -> Outcome<Command> {
    build(&["--bin", name])?;
    Ok(Command::new(profile_folder()?.join(file_name(name))))
}

/// Builds an example of the workspace that needs neither harness nor connector.
pub(crate) fn example_alone(name: &str) -> Outcome<Command> {
    build(&["--example", name])?;
    built_example(name)
}

fn built_example(name: &str) -> Outcome<Command> {
    Ok(Command::new(profile_folder()?.join("examples").join(file_name(name))))
}

fn with_harness(targets: &[&str]) -> Outcome {
    toolchain::ensure_wasm_target()?;
    if profile_folder()?.join(file_name("harness")).exists() {
        eprintln!("Building the harness with the connector inside (nothing to do when nothing changed).");
    } else {
        eprintln!(
            "First build: the connector for wasm32-unknown-unknown, then wasmtime and the harness, about 300 crates.\n\
             It takes about 8 minutes on two cores; cargo shows how far it is. Later builds take seconds, and\n\
             `cargo xtask demo`, `cargo xtask test` and `cargo test` share it."
        );
    }
    build(&[&["--bin", "harness"], targets].concat())
}

/// Builds the harness, and tells what the build script of a crate has written: the folder.
pub(crate) fn out_dir(name: &str) -> Outcome<PathBuf> {
    harness()?;
    let mut cargo = command();
    let output = cargo.args(["--bin", "harness"]).arg("--message-format=json").stderr(Stdio::inherit()).output();
    let output = output.map_err(Failure::io("start cargo"))?;
    passed_on(output.status)?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let id = format!("#{name}@");
    let script = messages.find(|message| {
        message["reason"] == "build-script-executed"
            && message["package_id"].as_str().is_some_and(|told| told.contains(&id))
    });
    let folder = script.and_then(|script| script.get("out_dir")?.as_str().map(PathBuf::from));
    folder.ok_or_else(|| Failure::new(format!("cargo did not tell where the build script of {name} writes")))
}

/// `--workspace`, and a test with few dependencies of its own, are there for cargo's feature unification: it resolves the
/// features of dev-dependencies too, exactly as `cargo test --workspace` does, so that the demo and the tests share every
/// compiled dependency. xtask itself is left out because it is running.
fn build(targets: &[&str]) -> Outcome {
    run(command().args(targets))
}

fn command() -> Command {
    let mut cargo = cargo();
    cargo.args(["build", "--workspace", "--exclude", "xtask", "--test", "wit"]);
    cargo
}

fn file_name(program: &str) -> String {
    format!("{program}{}", std::env::consts::EXE_SUFFIX)
}
