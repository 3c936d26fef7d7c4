//! For the build script of a crate that carries components: in the repository they are built by the program `componentize`, and a package
//! of the crate brings them along (`cargo xtask crates`), so that whoever depends on it needs neither that program nor its target.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

/// The root of the repository, as a crate of the host side sees it.
const REPOSITORY: &str = "../..";
/// The folder of a package that has the built components.
const PACKAGED: &str = "components";
/// What every component is made of, and how.
const SOURCES: [&str; 8] =
    ["src", "wit", "canonical-abi", "componentize", ".cargo", "build.rs", "Cargo.toml", "Cargo.lock"];

/// A component that the crate carries.
pub(crate) struct Component {
    /// What it is called in `OUT_DIR`.
    pub(crate) file: &'static str,
    /// The package that is built.
    pub(crate) package: &'static str,
    /// Its features, with commas.
    pub(crate) features: &'static str,
}

/// Puts the components into `OUT_DIR` if the crate has its feature `bundled`. `sources` are what they are made of beside the core.
pub(crate) fn bundle(components: &[Component], sources: &[&str]) -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    let in_repository = Path::new(REPOSITORY).join("componentize/Cargo.toml").is_file();
    let is_bundled = env::var_os("CARGO_FEATURE_BUNDLED").is_some();
    let done = match (in_repository, is_bundled) {
        (true, true) => {
            for source in SOURCES.iter().chain(sources) {
                println!("cargo::rerun-if-changed={REPOSITORY}/{source}");
            }
            components.iter().try_for_each(build)
        }
        (true, false) => Ok(()),
        (false, _) => components.iter().try_for_each(|component| copy(component, is_bundled)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// From the package. One that lacks a component is refused whatever its features, so that `cargo package` cannot make it.
fn copy(component: &Component, is_bundled: bool) -> Result<(), String> {
    let file = Path::new(PACKAGED).join(component.file);
    println!("cargo::rerun-if-changed={}", file.display());
    if !file.is_file() {
        return Err(format!("the package lacks {}: `cargo xtask crates` makes it with its components", file.display()));
    }
    if is_bundled {
        fs::copy(&file, out_dir()?.join(component.file)).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

/// From the sources, by a cargo of its own: a build dependency would be one of the package too.
fn build(component: &Component) -> Result<(), String> {
    let out = out_dir()?;
    // `OUT_DIR` is target/PROFILE/build/PACKAGE/out, and the running build has locked target/PROFILE.
    let target = out.ancestors().nth(4).unwrap_or(&out).join("guests");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(REPOSITORY).stdin(Stdio::null());
    cargo.args(["run", "--quiet", "--locked", "--package", "componentize", "--target-dir"]).arg(&target);
    // For this machine, whatever the build is for, and as if nobody had asked for it.
    if let Some(host) = env::var_os("HOST") {
        cargo.arg("--target").arg(host);
    }
    for name in ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
        cargo.env_remove(name);
    }
    cargo.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0");
    cargo.args(["--", "build", "."]).arg(&target).args([component.package, component.features]);
    let output = cargo.arg(out.join(component.file)).output().map_err(|error| format!("start cargo: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

fn out_dir() -> Result<PathBuf, String> {
    env::var_os("OUT_DIR").map(PathBuf::from).ok_or_else(|| "OUT_DIR is not set: this is for build scripts".to_owned())
}
