//! Where the workspace is, how cargo is called in it, and the one build that all commands share.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome, passed_on};
use crate::toolchain;

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// The cargo that runs xtask, called in the root of the workspace.
///
/// It does not inherit what cargo told xtask of xtask: some build scripts (ring's) run again when these variables change,
/// and everything above them would be compiled again whenever xtask and a plain `cargo` take turns.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let told = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| told.starts_with(prefix)) {
            cargo.env_remove(&name);
        }
    }
    cargo.current_dir(root());
    cargo
}

/// A folder of cargo's target directory that belongs to xtask, such as `target/clients`.
pub(crate) fn target_folder(name: &str) -> Outcome<PathBuf> {
    let profile = profile_folder()?;
    Ok(profile.parent().unwrap_or(&profile).join(name))
}

/// Builds the harness, with cargo's own progress on the terminal, and tells where it is.
pub(crate) fn harness() -> Outcome<PathBuf> {
    program("harness")
}

/// Builds the harness and another program of the workspace, and tells where that is.
pub(crate) fn program(name: &str) -> Outcome<PathBuf> {
    build(&["--bin", name])?;
    Ok(profile_folder()?.join(file_name(name)))
}

/// Builds the harness and an example of the workspace, ready to be started.
pub(crate) fn example(name: &str) -> Outcome<Command> {
    build(&["--example", name])?;
    Ok(Command::new(profile_folder()?.join("examples").join(file_name(name))))
}

/// `--workspace`, and a test with few dependencies of its own, are there for cargo's feature unification: it resolves the
/// features of dev-dependencies too, exactly as `cargo test --workspace` does, so that the demo and the tests share every
/// compiled dependency. xtask itself is left out because it is running.
fn build(targets: &[&str]) -> Outcome {
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
    let mut cargo = cargo();
    cargo.args(["build", "--workspace", "--exclude", "xtask", "--test", "wit", "--bin", "harness"]);
    run(cargo.args(targets))
}

fn file_name(program: &str) -> String {
    format!("{program}{}", std::env::consts::EXE_SUFFIX)
}

/// Runs a program, with its output on the terminal.
pub(crate) fn run(program: &mut Command) -> Outcome {
    passed_on(program.status().map_err(Failure::io(format!("start {}", program.get_program().display())))?)
}

/// `target/debug` (or wherever the target directory is): the folder that xtask itself runs from.
fn profile_folder() -> Outcome<PathBuf> {
    let own = std::env::current_exe().map_err(Failure::io("find xtask's own file"))?;
    own.parent()
        .map(Path::to_owned)
        .ok_or_else(|| Failure::new("xtask must be started through cargo: cargo xtask COMMAND"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_called_as_from_a_terminal() {
        let cargo = cargo();
        let removed: Vec<_> = cargo.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        // The cargo that runs this test has set them.
        for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME"] {
            assert!(std::env::var_os(name).is_some() && removed.contains(&name.as_ref()), "{name}: {removed:?}");
        }
    }
}
