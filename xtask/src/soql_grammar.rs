//! `cargo xtask soql-grammar`: the mock's SOQL parser against Salesforce's own grammar, from npm.

use crate::built;
use crate::failure::Outcome;
use crate::installed::{node, node_packages};
use crate::workspace::{root, run, target_folder};

/// Installs the grammar, and compares.
pub(crate) fn compare() -> Outcome {
    let node = node()?;
    let (sources, folder) = (root().join("tests/soql"), target_folder("soql-grammar")?);
    node_packages(&sources, &folder)?;
    let mut grammar = built::example_alone("soql-grammar")?;
    run(grammar.arg(node).arg(sources).env("NODE_PATH", folder.join("node_modules")))
}
