//! The core module of a package, by cargo.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use crate::environment::{TARGET, cleaned};
use crate::error::Error;

/// Builds the core module of a package of the workspace in the target directory `target` and tells where it is.
///
/// It must be a directory of its own where another build has locked the usual one, as in a build script.
///
/// # Errors
/// The build fails, or the target is not installed: what to type.
pub fn guest(workspace: &Path, package: &str, features: &[&str], target: &Path) -> Result<PathBuf, Error> {
    let mut cargo = cargo(workspace);
    // With the rlib that tests link there would be no link-time optimisation, and half as much again of a component.
    cargo.args(["rustc", "--quiet", "--lib", "--crate-type", "cdylib", "--package", package]);
    if !features.is_empty() {
        cargo.arg("--features").arg(features.join(","));
    }
    cargo.args(["--profile", "component", "--target", TARGET, "--target-dir"]).arg(target);
    for registry in registries() {
        // The component names no folder of the machine that built it.
        cargo.arg("--config").arg(format!("target.{TARGET}.rustflags=['--remap-path-prefix={registry}/=']"));
    }
    if workspace.join("Cargo.lock").exists() {
        cargo.arg("--locked");
    }
    let output = output(&mut cargo)?;
    if !output.status.success() {
        let log = String::from_utf8_lossy(&output.stderr);
        if log.contains("target may not be installed") {
            return Err(Error::TargetMissing);
        }
        return Err(Error::Build(log.into_owned()));
    }
    Ok(target.join(TARGET).join("component").join(format!("{}.wasm", package.replace('-', "_"))))
}

/// The cargo that asks for the component, else the one on PATH, in the workspace and with a clean environment.
pub(crate) fn cargo(workspace: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cleaned(&mut cargo).current_dir(workspace);
    cargo
}

/// Runs a program to its end.
pub(crate) fn output(command: &mut Command) -> Result<Output, Error> {
    let program = || command.get_program().to_string_lossy().into_owned();
    let program = program();
    command.output().map_err(|source| Error::Start { program, source })
}

/// The folders where cargo keeps the sources of dependencies, one for each registry.
fn registries() -> Vec<String> {
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    let folders = cargo.and_then(|cargo| fs::read_dir(cargo.join("registry").join("src")).ok());
    let paths =
        folders.into_iter().flatten().flatten().filter_map(|folder| folder.path().into_os_string().into_string().ok());
    paths.filter(|path| !path.contains('\'')).collect()
}
