//! `cargo xtask test`: set-up (the wasm target, a browser) and every test of the workspace, on the build that the demo
//! uses.

use crate::failure::{Failure, Outcome, passed_on};
use crate::{browser, toolchain, workspace};

/// Runs `cargo test --workspace` with the given arguments.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    toolchain::ensure_wasm_target()?;
    browser::ensure()?;
    eprintln!(
        "Running every test of the workspace. Dependencies are compiled once (about 10 minutes on two cores, shared \
         with the demo), then only what changed."
    );
    let status = workspace::cargo()
        .args(["test", "--workspace"])
        .args(arguments)
        .status()
        .map_err(Failure::io("start cargo"))?;
    passed_on(status)
}
