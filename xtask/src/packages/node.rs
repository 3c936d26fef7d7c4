//! The package for hosts in Node.js: what `npm pack` makes of it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{fresh_copy, read, same, take_component};
use crate::failure::{Failure, Outcome, passed_on};
use crate::second_implementation::copy;
use crate::{installed, workspace};

/// Builds it, and runs its tests against the mock.
pub(super) fn test(harness: &Path) -> Outcome {
    let folder = ready(harness)?;
    let tests = folder.join("tests");
    if tests.exists() {
        fs::remove_dir_all(&tests).map_err(Failure::io("remove earlier tests"))?;
    }
    copy(&workspace::root().join("packages/node/tests"), &tests).map_err(Failure::io("copy the tests"))?;
    let call = |arguments: &[OsString]| {
        let mut call = Command::new("node");
        call.args(arguments).current_dir(&folder).stdin(Stdio::null()).env("MOCK_SALESFORCE_HARNESS", harness);
        call
    };
    let compiler = workspace::target_folder("packages/node")?.join("node_modules/typescript/bin/tsc");
    workspace::run(&mut call(&[compiler.into(), "--project".into(), "tests".into()]))?;
    let files = ["calls", "file", "session"].map(|name| format!("tests/{name}.test.js"));
    workspace::run(call(&["--test".into()]).args(files))
}

/// Builds the package for Node.js into `target/packages`, installs it from the built file beside the mock's client, and tells the
/// folder that has it.
pub(crate) fn ready(harness: &Path) -> Outcome<PathBuf> {
    let node = installed::node()?;
    let sources = workspace::root().join("packages/node");
    let folder = workspace::target_folder("packages/node")?;
    // Node.js looks for what a build needs in the folders above it, too.
    installed::node_packages(&sources, &folder)?;
    let built = build(&node, &sources, harness, &folder.join("first"))?;
    same(&built, &build(&node, &sources, harness, &folder.join("again"))?)?;
    let installed = workspace::target_folder("packages/node-installed")?;
    if installed.exists() {
        fs::remove_dir_all(&installed).map_err(Failure::io(format!("remove {}", installed.display())))?;
    }
    fs::create_dir_all(&installed).map_err(Failure::io(format!("create {}", installed.display())))?;
    let manifest = r#"{"private": true, "type": "module"}"#;
    fs::write(installed.join("package.json"), manifest).map_err(Failure::io("write package.json"))?;
    let mut install = installed::npm();
    install.args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]).arg(&built);
    install.arg(workspace::root().join("clients/javascript")).current_dir(&installed).stdin(Stdio::null());
    workspace::run(&mut install)?;
    eprintln!("Built {} ({} bytes)", built.display(), read(&built)?.len());
    Ok(installed)
}

/// Builds in a copy of the sources.
fn build(node: &Path, sources: &Path, harness: &Path, folder: &Path) -> Outcome<PathBuf> {
    let package = fresh_copy(sources, folder)?;
    let component = folder.join("salesforce.wasm");
    take_component(harness, &component)?;
    let mut translated = Command::new(node);
    workspace::run(translated.arg("build.mjs").arg(component).current_dir(&package).stdin(Stdio::null()))?;
    let mut pack = installed::npm();
    pack.args(["pack", "--silent", "--pack-destination"]).arg(folder).current_dir(&package).stdin(Stdio::null());
    let output = pack.stderr(Stdio::inherit()).output().map_err(Failure::io("start npm"))?;
    passed_on(output.status)?;
    Ok(folder.join(String::from_utf8_lossy(&output.stdout).trim()))
}
