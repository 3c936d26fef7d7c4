//! A host that is a program: one of `examples/`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::expected::Told;
use super::stage::Stage;
use crate::clients::installed;
use crate::failure::{Failure, Outcome};
use crate::workspace;

/// How to start it; what it takes comes after.
#[derive(Debug)]
pub(super) struct Program {
    file: PathBuf,
    arguments: Vec<OsString>,
}

/// The program in `examples/rust`.
pub(super) fn rust() -> Outcome<Program> {
    Ok(Program { file: workspace::program("salesforce-example")?, arguments: Vec::new() })
}

/// The program in `examples/node`, with its packages.
pub(super) fn node() -> Outcome<Program> {
    let node = installed::node()?;
    let sources = workspace::root().join("examples/node");
    let folder = workspace::target_folder("hosts/node/packages")?;
    installed::node_packages(&sources, &folder)?;
    // Node.js looks for packages beside the module that asks for them.
    for file in ["main.mjs", "connector.mjs", "session.mjs"] {
        std::fs::copy(sources.join(file), folder.join(file)).map_err(Failure::io(format!("copy {file}")))?;
    }
    Ok(Program { file: node, arguments: vec![folder.join("main.mjs").into()] })
}

/// The program in `examples/python`, with its packages.
pub(super) fn python() -> Outcome<Program> {
    let python = installed::python()?;
    let sources = workspace::root().join("examples/python");
    let folder = workspace::target_folder("hosts/python/packages")?;
    let interpreter = installed::python_packages(&python, &sources.join("requirements.txt"), &folder)?;
    // No compiled code beside the sources.
    Ok(Program { file: interpreter, arguments: vec!["-B".into(), sources.join("main.py").into()] })
}

impl Program {
    /// Runs it on a stage.
    pub(super) fn tell(&self, stage: &Stage) -> Outcome<Told> {
        let output = Command::new(&self.file)
            .args(&self.arguments)
            .arg(&stage.component)
            .env("SALESFORCE_CONNECTION", &stage.connection)
            .stdin(Stdio::null())
            .output()
            .map_err(Failure::io(format!("start {}", self.file.display())))?;
        let lines = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let complaint = String::from_utf8_lossy(&output.stderr);
        let ended =
            if output.status.success() { Ok(()) } else { Err(format!("{}: {}", output.status, complaint.trim())) };
        Ok(Told { lines, ended })
    }
}
