//! The package for hosts in Python: a wheel and a source distribution.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{fresh_copy, read, same, take_component};
use crate::failure::{Failure, Outcome};
use crate::{installed, workspace};

/// Builds both forms into the folder that follows, with the component inside. Their bytes do not depend on the time.
const BUILD: &str = "import sys; from flit_core import buildapi; print(buildapi.build_wheel(sys.argv[1])); buildapi.build_sdist(sys.argv[1])";
/// The earliest time that a zip file can tell: 1980-01-01.
const EPOCH: &str = "315532800";

/// Builds it, and runs its tests against the mock.
pub(super) fn test(harness: &Path) -> Outcome {
    let interpreter = ready(harness)?;
    let (sources, folder) = (workspace::root().join("packages/python"), workspace::target_folder("packages/python")?);
    let mock_client = workspace::root().join("clients/python");
    workspace::run(pip_install(&interpreter).arg(mock_client).stdin(Stdio::null()))?;
    let call = |arguments: &[&str]| {
        let mut call = Command::new(&interpreter);
        call.arg("-m").args(arguments).current_dir(&sources).stdin(Stdio::null());
        call.env("PYTHONDONTWRITEBYTECODE", "1").env("MOCK_SALESFORCE_HARNESS", harness);
        call
    };
    workspace::run(call(&["mypy", "src", "--cache-dir"]).arg(folder.join("mypy")))?;
    workspace::run(&mut call(&["pytest", "-p", "no:cacheprovider"]))
}

/// Builds the package for Python into `target/packages`, installs it from the built file, and tells the interpreter that has it.
pub(crate) fn ready(harness: &Path) -> Outcome<PathBuf> {
    let sources = workspace::root().join("packages/python");
    let environment = workspace::target_folder("packages/python/environment")?;
    let interpreter =
        installed::python_packages(&installed::python()?, &sources.join("requirements.txt"), &environment)?;
    let wheel = build(&interpreter, &sources, harness)?;
    same(&wheel, &built_from_sources(&interpreter, &wheel)?)?;
    workspace::run(pip_install(&interpreter).arg(&wheel).stdin(Stdio::null()))?;
    eprintln!("Built {} ({} bytes)", wheel.display(), read(&wheel)?.len());
    Ok(interpreter)
}

/// Builds in a copy of the sources, beside which the built files are.
fn build(interpreter: &Path, sources: &Path, harness: &Path) -> Outcome<PathBuf> {
    let folder = workspace::target_folder("packages/python/first")?;
    let package = fresh_copy(sources, &folder)?;
    take_component(harness, &package.join("src/salesforce_connector/connector.wasm"))?;
    flit(interpreter, &package, &folder.join("built"))
}

/// Builds once more, from the source distribution alone.
fn built_from_sources(interpreter: &Path, wheel: &Path) -> Outcome<PathBuf> {
    let name = format!("salesforce_connector-{}", env!("CARGO_PKG_VERSION"));
    let folder = workspace::target_folder("packages/python/again")?;
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Failure::io(format!("remove {}", folder.display())))?;
    }
    fs::create_dir_all(&folder).map_err(Failure::io(format!("create {}", folder.display())))?;
    let archive = wheel.with_file_name(format!("{name}.tar.gz"));
    workspace::run(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(&folder))?;
    flit(interpreter, &folder.join(name), &folder.join("built"))
}

/// Builds the package in a folder, and tells the wheel.
fn flit(interpreter: &Path, package: &Path, built: &Path) -> Outcome<PathBuf> {
    fs::create_dir_all(built).map_err(Failure::io(format!("create {}", built.display())))?;
    let mut flit = Command::new(interpreter);
    flit.args(["-c", BUILD]).arg(built).current_dir(package).env("SOURCE_DATE_EPOCH", EPOCH).stdin(Stdio::null());
    let output = flit.stderr(Stdio::inherit()).output().map_err(Failure::io("start Python"))?;
    crate::failure::passed_on(output.status)?;
    Ok(built.join(String::from_utf8_lossy(&output.stdout).trim()))
}

/// Without what it depends on, which the pins name.
fn pip_install(interpreter: &Path) -> Command {
    let mut pip = Command::new(interpreter);
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--force-reinstall"]);
    pip.arg("--disable-pip-version-check");
    pip
}
