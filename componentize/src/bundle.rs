//! What the build script of a crate does that carries a component inside.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use crate::component;
use crate::error::Error;

/// What every guest is made of: the core with its WIT, and how it is built.
const SOURCES: [&str; 7] = ["src", "wit", "canonical-abi", ".cargo", "build.rs", "Cargo.toml", "Cargo.lock"];

/// Builds a package of the workspace, whose root is `workspace`, for the build script that calls this: the component becomes `file` in
/// `OUT_DIR`. It is built anew when the core, the WIT or one of the further `sources` has changed. What goes wrong is told on standard
/// error.
#[must_use]
pub fn bundle(workspace: &Path, package: &str, sources: &[&str], file: &str) -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    for source in SOURCES.iter().chain(sources) {
        println!("cargo::rerun-if-changed={}", workspace.join(source).display());
    }
    match written(workspace, package, file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn written(workspace: &Path, package: &str, file: &str) -> Result<(), Error> {
    let out = env::var_os("OUT_DIR").map(PathBuf::from);
    let out = out.ok_or_else(|| Error::Unknown("OUT_DIR is not set: this is for build scripts".to_owned()))?;
    // A target directory of its own: the build that runs the script holds the lock of the usual one.
    let component = component(workspace, package, &[], &out.join("guest"))?;
    let file = out.join(file);
    fs::write(&file, component).map_err(|source| Error::Write { file, source })
}
