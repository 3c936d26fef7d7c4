//! `cargo xtask reliability`: what the server promises, measured on real processes.

use crate::failure::Outcome;
use crate::{built, workspace};

/// Runs the example `reliability` with the harness, which knows its arguments.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let mut reliability = built::example("reliability")?;
    reliability.arg("--harness").arg(built::harness()?);
    workspace::run(reliability.args(arguments))
}
