//! The unit, as systemd itself judges it.

use std::process::Command;

use crate::failure::Outcome;
use crate::{debian, workspace};

/// Ten times the exposure that the unit may have.
const THRESHOLD: u32 = 20;

/// Asks systemd how exposed the unit is. It installs systemd's tools on Debian, if they are missing.
pub(super) fn check() -> Outcome {
    let what_for = "this needs `systemd-analyze`, to judge the unit";
    debian::present(|| debian::on_path("systemd-analyze"), &["systemd"], what_for)?;
    let unit = workspace::root().join("deploy/systemd/harness.service");
    let mut analyze = Command::new("systemd-analyze");
    analyze.args(["security", "--offline=true", "--no-pager"]).arg(format!("--threshold={THRESHOLD}"));
    workspace::run(analyze.arg(unit))
}
