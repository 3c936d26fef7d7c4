//! Third-party Salesforce clients, unmodified, against the mock, or with `--faults` among faults: `cargo xtask clients`.
//!
//! They exercise what we did not write: if jsforce, simple-salesforce and Salesforce's own command line log in, page, write and
//! understand the errors, the mock behaves like an org for reasons other than our own reading of the documentation. Each client lives in
//! `tests/clients/NAME`: pinned dependencies, which are installed beforehand, and its scripts. What jsforce and simple-salesforce give
//! is also compared with what the connector gives (`compare`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a program for tests: what cannot go on stops it"
)]

mod compare;
mod faults;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::Parser;
use support::harness::Mock;
use support::report::{Report, printed};
use support::sources::workspace;

/// Name and pinned version.
const JSFORCE: &str = "jsforce 3.10.16";
const SIMPLE_SALESFORCE: &str = "simple-salesforce 1.12.10";

/// Runs third-party clients against the mock
#[derive(Parser)]
struct Arguments {
    /// Those and ours against a Salesforce that misbehaves, side by side
    #[arg(long)]
    faults: bool,
    /// The `harness` to run
    #[arg(long, value_name = "FILE")]
    harness: PathBuf,
    /// Node.js
    #[arg(long, value_name = "FILE")]
    node: PathBuf,
    /// Where jsforce is installed
    #[arg(long, value_name = "FOLDER")]
    node_modules: PathBuf,
    /// The entry point of Salesforce's command line
    #[arg(long, value_name = "FILE", conflicts_with = "faults")]
    sf: Option<PathBuf>,
    /// A Python that has simple-salesforce
    #[arg(long, value_name = "FILE")]
    python: PathBuf,
    /// For certificates and connections
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
}

/// A client that is ready to run.
struct Client {
    name: &'static str,
    /// Name and pinned version, for the report.
    title: &'static str,
    interpreter: PathBuf,
    /// Where its scripts are, and how their names end.
    scripts: (&'static str, &'static str),
    environment: (&'static str, OsString),
}

fn main() -> ExitCode {
    let Arguments { faults, harness, node, node_modules, sf, python, folder } = Arguments::parse();
    let jsforce = Client {
        name: "jsforce",
        title: JSFORCE,
        interpreter: node.clone(),
        scripts: ("jsforce", "cjs"),
        environment: ("NODE_PATH", node_modules.into()),
    };
    let simple_salesforce = Client {
        name: "simple-salesforce",
        title: SIMPLE_SALESFORCE,
        interpreter: python,
        scripts: ("simple_salesforce", "py"),
        environment: ("PYTHONDONTWRITEBYTECODE", "1".into()),
    };
    if faults {
        return faults::run(&harness, &jsforce, &simple_salesforce, &folder.join("faults"));
    }
    let ca_file = folder.join("mock-ca.pem");
    let ca_file = Some(ca_file.as_path());
    let sf = sf.map(|sf| Client {
        name: "sf",
        title: "Salesforce CLI 2.130.9",
        interpreter: node,
        scripts: ("sf", "cjs"),
        environment: ("SF", sf.into()),
    });
    let runs = [(&jsforce, None), (&jsforce, ca_file), (&simple_salesforce, ca_file)];
    let runs = runs.into_iter().chain(sf.iter().map(|sf| (sf, ca_file)));
    let compared = compare::run(&[&jsforce, &simple_salesforce], &folder);
    printed(compared.into_iter().chain(runs.map(|(client, ca_file)| checked(client, &harness, ca_file))))
}

impl Client {
    fn script(&self, script: &str) -> Command {
        let mut command = Command::new(&self.interpreter);
        let (name, value) = &self.environment;
        let (folder, extension) = self.scripts;
        let script = workspace().join("tests/clients").join(folder).join(script).with_extension(extension);
        command.arg(script).env(name, value);
        command.stdin(Stdio::null()).stderr(Stdio::inherit());
        command
    }
}

/// Runs one client against a fresh mock; over https if there is a place for the authority that it must trust.
fn checked(client: &Client, harness: &Path, ca_file: Option<&Path>) -> Report {
    let options = ca_file.map(|ca_file| [OsStr::new("--tls"), OsStr::new("--ca-file"), ca_file.as_os_str()]);
    let mock = Mock::start(harness, options.as_ref().map_or(&[], |options| options.as_slice()));
    let mut script = client.script("check");
    script.env("MOCK", mock.ready_line()).envs(ca_file.map(|ca_file| ("NODE_EXTRA_CA_CERTS", ca_file)));
    let output = script.output().expect("start the client");
    let title = format!("{} over {}", client.title, if ca_file.is_some() { "https" } else { "http" });
    Report::read(title, &String::from_utf8_lossy(&output.stdout), output.status)
}
