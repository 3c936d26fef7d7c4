//! `cargo xtask clients`: third-party clients from their registries, each in a folder of its own under `target/clients`, against
//! the mock or among faults.

use std::path::PathBuf;

use crate::failure::Outcome;
use crate::installed::{node, node_packages, python, python_packages};
use crate::{built, workspace};

/// jsforce and simple-salesforce, installed.
pub(crate) struct Clients {
    pub(crate) node: PathBuf,
    /// What has jsforce.
    pub(crate) node_modules: PathBuf,
    /// A Python that has simple-salesforce.
    pub(crate) python: PathBuf,
}

impl Clients {
    /// Installs what their pins name.
    pub(crate) fn ready() -> Outcome<Self> {
        let (node, python) = (node()?, python()?);
        let (sources, folder) = (workspace::root().join("tests/clients"), workspace::target_folder("clients")?);
        let jsforce = folder.join("jsforce");
        node_packages(&sources.join("jsforce"), &jsforce)?;
        let requirements = sources.join("simple_salesforce/requirements.txt");
        let python = python_packages(&python, &requirements, &folder.join("simple_salesforce"))?;
        Ok(Self { node, node_modules: jsforce.join("node_modules"), python })
    }
}

/// Salesforce's command line, installed: its entry point.
fn sf() -> Outcome<PathBuf> {
    let folder = workspace::target_folder("clients")?.join("sf");
    node_packages(&workspace::root().join("tests/clients/sf"), &folder)?;
    Ok(folder.join("node_modules/@salesforce/cli/bin/run.js"))
}

/// Runs the example `clients` with them; not all of them among faults.
pub(crate) fn run(faults: bool) -> Outcome {
    let Clients { node, node_modules, python } = Clients::ready()?;
    let mut clients = built::example("clients")?;
    clients.arg("--harness").arg(built::harness()?).arg("--folder").arg(workspace::target_folder("clients")?);
    clients.arg("--node").arg(node).arg("--node-modules").arg(node_modules).arg("--python").arg(python);
    if faults {
        clients.arg("--faults");
    } else {
        clients.arg("--sf").arg(sf()?);
    }
    workspace::run(&mut clients)
}
