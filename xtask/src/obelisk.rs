//! `cargo xtask obelisk`: the connector on the durable engine Obelisk. Here the engine is installed and PostgreSQL found; the
//! program `obelisk-trial` (`deploy/obelisk/trial/`) runs both and counts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Outcome, passed_on};
use crate::{registry, workspace};

const VERSION: &str = "0.38.3";

/// Builds and installs what is needed and runs the program, which knows its arguments.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let (oci, arguments): (Vec<&String>, Vec<&String>) = arguments.iter().partition(|argument| *argument == "--oci");
    let wkg = if oci.is_empty() { None } else { Some(registry::wkg()?) };
    let postgres = postgres()?;
    let obelisk = engine()?;
    let harness = workspace::harness()?;
    let program = harness.with_file_name(format!("obelisk-trial{}", std::env::consts::EXE_SUFFIX));
    let mut trial = Command::new(program);
    if let Some(wkg) = wkg {
        trial.arg("--wkg").arg(wkg);
    }
    let status = trial
        .arg("--obelisk")
        .arg(obelisk)
        .arg("--postgres")
        .arg(postgres)
        .arg("--workspace")
        .arg(workspace::root())
        .args(arguments)
        .status()
        .map_err(Failure::io("start the trial"))?;
    passed_on(status)
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
    let well_known = Path::new("/usr/include/google/protobuf/timestamp.proto");
    if answers("protoc") && (well_known.exists() || std::env::var_os("PROTOC_INCLUDE").is_some()) {
        return Ok(());
    }
    packages(&["protobuf-compiler", "libprotobuf-dev"]);
    if answers("protoc") && well_known.exists() {
        return Ok(());
    }
    Err(Failure::new(
        "Obelisk is built with protoc and the files google/protobuf/*.proto: install them (Debian: apt-get install \
         protobuf-compiler libprotobuf-dev; elsewhere set PROTOC_INCLUDE to their folder) and repeat",
    ))
}

/// The folder with `initdb` and `postgres`: Debian keeps them off PATH.
fn postgres() -> Outcome<PathBuf> {
    if let Some(found) = installed_postgres() {
        return Ok(found);
    }
    packages(&["postgresql"]);
    installed_postgres().ok_or_else(|| {
        Failure::new(
            "the trial runs a PostgreSQL of its own, and initdb was found neither on PATH nor in /usr/lib/postgresql: \
             install it (Debian: apt-get install postgresql) and repeat",
        )
    })
}

fn installed_postgres() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = debian.map(|version| version.path().join("bin")).chain(std::env::split_paths(&path));
    folders.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// Installs Debian's packages where that is possible; otherwise whoever asked says what to install.
fn packages(names: &[&str]) {
    eprintln!("Installing {} with apt-get.", names.join(" "));
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(names);
    install.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    if let Err(error) = install.status() {
        eprintln!("apt-get could not be started ({error}).");
    }
}

fn answers(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}
