//! `cargo xtask deploy`: what is made for operators (`deploy/`), each held against the program that reads it.

mod container;
mod prometheus;
mod systemd;

use crate::failure::Outcome;

/// Checks all of it.
pub(crate) fn check() -> Outcome {
    systemd::check()?;
    prometheus::check()?;
    container::check()
}
