//! `cargo xtask demo`: set-up, one build, and the harness's own demonstration.

use std::process::Command;

use crate::failure::{Failure, Outcome, passed_on};
use crate::workspace;

/// Builds what is needed and runs `harness demo` with the given arguments.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let harness = workspace::harness()?;
    let status =
        Command::new(harness).arg("demo").args(arguments).status().map_err(Failure::io("start the harness"))?;
    passed_on(status)
}
