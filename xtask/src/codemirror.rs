//! `cargo xtask codemirror`: the editor of the console's playground, made anew of the packages that its lock file names, and
//! compared with the built file that the server carries.

use std::fs;
use std::process::{Command, Stdio};

use crate::failure::{Failure, Outcome, passed_on};
use crate::installed::{node, node_packages};
use crate::workspace;

/// Its sources, and the built file among them.
const SOURCES: &str = "host-harness/server/src/console/playground/codemirror";
const BUILT: &str = "codemirror.js";

/// Builds it. With `write` the server carries what was built from now on.
///
/// # Errors
/// Without `write`: what the server carries is something else.
pub(crate) fn run(write: bool) -> Outcome {
    let node = node()?;
    let sources = workspace::root().join(SOURCES);
    let folder = workspace::target_folder("codemirror")?;
    node_packages(&sources, &folder)?;
    for file in ["LICENSE", "build.mjs", "entry.js"] {
        fs::copy(sources.join(file), folder.join(file)).map_err(Failure::io(format!("copy {file}")))?;
    }
    let mut build = Command::new(node);
    build.args(["build.mjs", BUILT]).current_dir(&folder).stdin(Stdio::null());
    passed_on(build.status().map_err(Failure::io("start node"))?)?;
    let read = |path: &std::path::Path| fs::read(path).map_err(Failure::io(format!("read {}", path.display())));
    let (built, carried) = (read(&folder.join(BUILT))?, sources.join(BUILT));
    let first_line =
        String::from_utf8_lossy(built.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned();
    println!("{} bytes\n{first_line}", built.len());
    if write {
        return fs::write(&carried, built).map_err(Failure::io(format!("write {}", carried.display())));
    }
    if built == read(&carried)? {
        println!("The server carries the same bytes.");
        return Ok(());
    }
    Err(Failure::new(format!(
        "{SOURCES}/{BUILT} is not what its packages build to: after an update of package-lock.json, cargo xtask codemirror \
         --write"
    )))
}
