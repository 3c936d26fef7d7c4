//! `cargo xtask second-implementation`: the JavaScript implementation of our WIT, tested by itself, built, and verified as a
//! tenant's upload would be.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Outcome, passed_on};
use crate::installed::{node, node_packages};
use crate::{built, workspace};

/// Builds it, runs its own tests, and `harness verify` on it.
pub(crate) fn run() -> Outcome {
    let node = node()?;
    let harness = built::harness()?;
    let component = build(&node)?;
    test(&node)?;
    // The engine is large; on a busy machine it compiles for longer than a connector may.
    let verified = Command::new(harness).arg("verify").arg(&component).args(["--compile-seconds", "600"]).status();
    passed_on(verified.map_err(Failure::io("start the harness"))?)
}

/// Builds it into `target/second-implementation`.
pub(crate) fn build(node: &Path) -> Outcome<PathBuf> {
    let sources = workspace::root().join("tests/second-implementation");
    let folder = workspace::target_folder("second-implementation")?;
    node_packages(&sources, &folder)?;
    // Node.js looks for packages beside the module that asks for them.
    for file in ["build.mjs", "src", "tests", "wit"] {
        copy(&sources.join(file), &folder.join(file)).map_err(Failure::io(format!("copy {file}")))?;
    }
    let component = folder.join("salesforce.wasm");
    eprintln!("Building {}: JavaScript, with its engine.", component.display());
    let mut build = Command::new(node);
    build.arg(folder.join("build.mjs")).arg(workspace::root().join("wit")).arg(&component).stdin(Stdio::null());
    passed_on(build.status().map_err(Failure::io("start node"))?)?;
    Ok(component)
}

/// Runs its tests, in Node.js itself. What they print is shown if one fails.
fn test(node: &Path) -> Outcome {
    let folder = workspace::target_folder("second-implementation")?.join("tests");
    let entries = fs::read_dir(&folder).map_err(Failure::io("list the tests"))?;
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let tests = files.filter(|file| file.to_string_lossy().ends_with(".test.mjs"));
    let output = Command::new(node).arg("--test").args(tests).output().map_err(Failure::io("start node"))?;
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stdout));
    }
    passed_on(output.status)
}

/// A file, or a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(|_| ());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
