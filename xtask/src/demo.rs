//! `cargo xtask demo`: set-up, one build, and the harness's own demonstration.

use std::process::Command;

use crate::built;
use crate::failure::{Failure, Outcome, passed_on};

/// Builds what is needed and runs `harness demo` with the given arguments.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let harness = built::harness()?;
    let status =
        Command::new(harness).arg("demo").args(arguments).status().map_err(Failure::io("start the harness"))?;
    passed_on(status)
}
