//! `cargo xtask postgres-store`: the example of a store of one's own (`examples/postgres/`) on a real PostgreSQL.

use crate::failure::{Failure, Outcome, passed_on};
use crate::{postgres, toolchain, workspace};

/// Runs the test, which `cargo test` leaves out: it needs a PostgreSQL, and does not pass without.
///
/// Of the whole workspace, so that what `cargo xtask test` has compiled is shared.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let programs = postgres::programs("the test")?;
    toolchain::ensure_wasm_target()?;
    let status = workspace::cargo()
        .args(["test", "--workspace", "--test", "postgres"])
        .args(arguments)
        .env("POSTGRES_PROGRAMS", programs)
        .status()
        .map_err(Failure::io("start cargo"))?;
    passed_on(status)
}
