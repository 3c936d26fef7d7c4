//! The one build that all commands share.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::Outcome;
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

/// `--workspace`, and a test with few dependencies of its own, are there for cargo's feature unification: it resolves the
/// features of dev-dependencies too, exactly as `cargo test --workspace` does, so that the demo and the tests share every
/// compiled dependency. xtask itself is left out because it is running.
fn build(targets: &[&str]) -> Outcome {
    let mut cargo = cargo();
    cargo.args(["build", "--workspace", "--exclude", "xtask", "--test", "wit"]);
    run(cargo.args(targets))
}

fn file_name(program: &str) -> String {
    format!("{program}{}", std::env::consts::EXE_SUFFIX)
}
