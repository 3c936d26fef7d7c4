//! `cargo xtask obelisk`: the connector on the durable engine Obelisk. Here the engine is installed and PostgreSQL found; the
//! program `obelisk-trial` (`deploy/obelisk/trial/`) runs both and counts.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome, passed_on};
use crate::{built, debian, postgres, registry, workspace};

const VERSION: &str = "0.38.3";

/// Builds and installs what is needed and runs the program, which knows its arguments.
pub(crate) fn run(oci: bool, components: Option<&Path>, arguments: &[String]) -> Outcome {
    let mut options = Vec::<OsString>::new();
    match components {
        Some(folder) => options.extend(["--components".into(), folder.into()]),
        None => options.extend([
            "--postgres".into(),
            postgres::programs("the trial")?.into(),
            "--obelisk".into(),
            engine()?.into(),
        ]),
    }
    if oci {
        options.extend(["--wkg".into(), registry::wkg()?.into()]);
    }
    let mut trial = Command::new(built::program("obelisk-trial")?);
    trial.arg("--workspace").arg(workspace::root()).args(options).args(arguments);
    passed_on(trial.status().map_err(Failure::io("start the trial"))?)
}

/// The engine from cargo's registry, in a folder of its own. It is a program beside the project, not a part of it: its
/// licence is the AGPL.
fn engine() -> Outcome<PathBuf> {
    let folder = workspace::target_folder("obelisk")?;
    let program = folder.join("bin").join(format!("obelisk{}", std::env::consts::EXE_SUFFIX));
    let version = Command::new(&program).arg("--version").output();
    if version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim().ends_with(VERSION)) {
        return Ok(program);
    }
    protobuf()?;
    eprintln!("Building Obelisk {VERSION} with optimisation. It takes about 15 minutes on two cores, once.");
    let status = workspace::cargo()
        .args(["install", "--locked", "--force", &format!("obelisk@{VERSION}"), "--root"])
        .arg(&folder)
        .arg("--target-dir")
        .arg(folder.join("build"))
        .status()
        .map_err(Failure::io("start cargo"))?;
    passed_on(status)?;
    let build = folder.join("build");
    std::fs::remove_dir_all(&build).map_err(Failure::io(format!("remove {}", build.display())))?;
    Ok(program)
}

/// Building the engine needs the compiler of protocol buffers, with the types that come with it.
fn protobuf() -> Outcome {
    let is_there = || {
        let well_known = Path::new("/usr/include/google/protobuf/timestamp.proto");
        debian::on_path("protoc") && (well_known.exists() || std::env::var_os("PROTOC_INCLUDE").is_some())
    };
    debian::present(
        is_there,
        &["protobuf-compiler", "libprotobuf-dev"],
        "Obelisk is built with protoc and the files google/protobuf/*.proto. Elsewhere set PROTOC_INCLUDE to their folder",
    )
}
