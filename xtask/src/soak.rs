//! `cargo xtask soak`: many executions at once with everything going wrong, for as long as it is told to.

use crate::failure::{Failure, Outcome, passed_on};
use crate::{toolchain, workspace};

/// Runs the example `soak`, which knows its arguments.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    toolchain::ensure_wasm_target()?;
    let status = workspace::cargo()
        .args(["run", "--package", "salesforce-connector", "--example", "soak", "--"])
        .args(arguments)
        .status()
        .map_err(Failure::io("start cargo"))?;
    passed_on(status)
}
