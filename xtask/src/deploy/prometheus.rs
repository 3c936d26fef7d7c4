//! The configuration and the alerts, as Prometheus reads them.

use std::process::Command;

use crate::failure::Outcome;
use crate::{debian, workspace};

/// Lets `promtool` read the files, and try the rules on series that are made up. It installs Prometheus on Debian, if it is missing.
pub(super) fn check() -> Outcome {
    let what_for = "this needs `promtool`, to read the rules";
    debian::present(|| debian::on_path("promtool"), &["prometheus"], what_for)?;
    let folder = workspace::root().join("deploy/prometheus");
    let promtool = |arguments: &[&str]| workspace::run(Command::new("promtool").args(arguments).current_dir(&folder));
    promtool(&["check", "config", "prometheus.yml"])?;
    promtool(&["test", "rules", "alerts.test.yml"])
}
