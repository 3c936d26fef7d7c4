//! What the build script of a crate does that carries a component inside.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use crate::error::Error;
use crate::{TARGET_FOLDER, component};

/// What every guest is made of: the core with its WIT, and how it is built.
const SOURCES: [&str; 7] = ["src", "wit", "canonical-abi", ".cargo", "build.rs", "Cargo.toml", "Cargo.lock"];

/// Builds a package of the workspace, whose root is `workspace`, for the build script that calls this: once for each of `files`, which
/// it becomes in `OUT_DIR`, with the features beside it. It is built anew when the core, the WIT or one of the further `sources` has
/// changed. What goes wrong is told on standard error.
#[must_use]
pub fn bundle(workspace: &Path, package: &str, sources: &[&str], files: &[(&str, &[&str])]) -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    for source in SOURCES.iter().chain(sources) {
        println!("cargo::rerun-if-changed={}", workspace.join(source).display());
    }
    match files.iter().try_for_each(|(file, features)| written(workspace, package, features, file)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn written(workspace: &Path, package: &str, features: &[&str], file: &str) -> Result<(), Error> {
    let out = env::var_os("OUT_DIR").map(PathBuf::from);
    let out = out.ok_or_else(|| Error::Unknown("OUT_DIR is not set: this is for build scripts".to_owned()))?;
    // `OUT_DIR` is target/PROFILE/build/PACKAGE/out.
    let target = out.ancestors().nth(4).unwrap_or(&out).join(TARGET_FOLDER);
    let component = component(workspace, package, features, &target)?;
    let file = out.join(file);
    fs::write(&file, component).map_err(|source| Error::Write { file, source })
}
