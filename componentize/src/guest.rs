//! The core module of a package, by cargo.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::environment::{TARGET, cleaned};
use crate::error::Error;

/// Builds the core module of a package of the workspace in the target directory `target`.
///
/// A package has one file, whatever its features, so it is read before anybody else may build in that directory.
pub(crate) fn guest(workspace: &Path, package: &str, features: &[&str], target: &Path) -> Result<Vec<u8>, Error> {
    let _alone = alone(target)?;
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
    let file = target.join(TARGET).join("component").join(format!("{}.wasm", package.replace('-', "_")));
    fs::read(&file).map_err(|source| Error::Read { file, source })
}

/// Nobody else builds components in this directory until the file is closed.
fn alone(target: &Path) -> Result<File, Error> {
    let file = target.join("components.lock");
    let locked =
        fs::create_dir_all(target).and_then(|()| File::create(&file)).and_then(|lock| lock.lock().map(|()| lock));
    locked.map_err(|source| Error::Write { file, source })
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
