//! `cargo xtask clients`: third-party Salesforce clients, unmodified, against the mock.
//!
//! They exercise what we did not write: if jsforce and simple-salesforce log in, page, write and understand the errors,
//! the mock behaves like an org for reasons other than our own reading of the documentation. Each client lives in
//! `tests/clients/NAME` (pinned dependencies and one script) and is installed into `target/clients/NAME`.

pub(crate) mod faults;
pub(crate) mod installed;
pub(crate) mod mock;
pub(crate) mod report;

use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{Failure, Outcome};
use crate::workspace;
use installed::Installed;
use mock::{RunningMock, Transport};
use report::Report;

/// Installs the clients, runs each against a mock of its own and prints what was checked.
pub(crate) fn run() -> Outcome {
    let node = installed::node()?;
    let python = installed::python()?;
    let harness = workspace::harness()?;
    let jsforce = installed::jsforce(&node)?;
    let simple_salesforce = installed::simple_salesforce(&python)?;

    let mut reports = Vec::new();
    for (client, transport) in
        [(&jsforce, Transport::Plain), (&jsforce, Transport::Tls), (&simple_salesforce, Transport::Tls)]
    {
        let report = checked(client, &harness, transport)?;
        print!("{report}");
        reports.push(report);
    }

    let passed: usize = reports.iter().map(Report::passed).sum();
    let failed: usize = reports.iter().map(Report::failed).sum();
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::new(format!("{failed} check(s) of third-party clients failed, see above")))
    }
}

/// Runs one client against a fresh mock. The mock ends with this function, whatever happens.
fn checked(client: &Installed, harness: &Path, transport: Transport) -> Outcome<Report> {
    let mock = RunningMock::start(harness, transport)?;
    let mut script = Command::new(&client.interpreter);
    script
        .arg(&client.script)
        .envs(client.environment.iter().map(|(name, value)| (name, value)))
        .env("MOCK", mock.ready_line())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    if let Some(ca_file) = mock.ca_file() {
        script.env("NODE_EXTRA_CA_CERTS", ca_file);
    }
    let output = script.output().map_err(Failure::io(format!("start {}", client.interpreter.display())))?;
    let title = format!("{} over {transport}", client.title);
    Ok(Report::read(title, &String::from_utf8_lossy(&output.stdout), output.status))
}
