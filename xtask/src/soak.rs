//! `cargo xtask soak`: many executions at once with everything going wrong, for as long as it is told to.

use crate::failure::Outcome;
use crate::{built, workspace};

/// Runs the example `soak`, which knows its arguments.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    workspace::run(built::example("soak")?.args(arguments))
}
