//! `cargo xtask reliability`: what the server promises, measured on real processes.

use std::process::Command;

use crate::failure::{Failure, Outcome, passed_on};
use crate::workspace;

/// Builds the harness and runs the example `reliability` with it, which knows its arguments.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let harness = workspace::harness()?;
    let program = format!("reliability{}", std::env::consts::EXE_SUFFIX);
    let status = Command::new(harness.with_file_name("examples").join(program))
        .arg("--harness")
        .arg(harness)
        .args(arguments)
        .status()
        .map_err(Failure::io("start the reliability program"))?;
    passed_on(status)
}
