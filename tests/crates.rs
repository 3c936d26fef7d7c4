//! What each crate of the host side may depend on: who embeds one of them compiles nothing that it does not need. And how
//! the crates of the workspace are compiled.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test: what cannot be stops it")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::sources::workspace;

/// Crates of this workspace, and those that each may name in its manifest. An arrow leads down, to a line above its own.
const MAY_DEPEND_ON: [(&str, &[&str]); 9] = [
    ("mock-salesforce", &[]),
    ("salesforce-runtime", &["salesforce-connector"]),
    ("salesforce-streams", &["salesforce-runtime"]),
    ("salesforce-connections", &["salesforce-runtime"]),
    ("salesforce-actions", &["salesforce-runtime"]),
    ("salesforce-mcp", &["salesforce-runtime", "salesforce-actions"]),
    ("salesforce-verify", &["salesforce-runtime", "salesforce-actions", "mock-salesforce"]),
    (
        "salesforce-server",
        &[
            "salesforce-runtime",
            "salesforce-connections",
            "salesforce-actions",
            "salesforce-mcp",
            "salesforce-verify",
            "salesforce-connector",
        ],
    ),
    (
        "host-harness",
        &[
            "salesforce-runtime",
            "salesforce-connections",
            "salesforce-actions",
            "salesforce-mcp",
            "salesforce-verify",
            "salesforce-server",
            "salesforce-streams",
            "salesforce-connector",
            "mock-salesforce",
        ],
    ),
];

/// What an embedder of the runtime, the connections or the actions does not compile.
const NOT_FOR_EMBEDDERS: [&str; 10] = [
    "axum",
    "rusqlite",
    "clap",
    "maud",
    "utoipa-axum",
    "componentize",
    "mock-salesforce",
    "rmcp",
    "salesforce-server",
    "salesforce-verify",
];

/// Crates that the runtime brings along, itself and procedural macros included.
const CLOSURE_OF_THE_RUNTIME: usize = 200;

#[test]
fn each_crate_names_those_below_it_alone() {
    for (name, allowed) in MAY_DEPEND_ON {
        let own = own_dependencies(name);
        let beyond: Vec<_> = own.iter().filter(|dependency| !allowed.contains(&dependency.as_str())).collect();
        assert!(beyond.is_empty(), "{name} depends on {beyond:?}");
    }
    let mut below = vec!["salesforce-connector"];
    for (name, allowed) in MAY_DEPEND_ON {
        assert!(allowed.iter().all(|dependency| below.contains(dependency)), "an arrow of {name} leads up");
        below.push(name);
    }
}

#[test]
fn every_crate_of_the_host_side_is_in_the_list() {
    let below = workspace().canonicalize().unwrap().join("host-harness");
    let is_of_the_host = |package: &&Value| Path::new(package["manifest_path"].as_str().unwrap()).starts_with(&below);
    let metadata = metadata();
    let found = metadata["packages"].as_array().unwrap().iter().filter(is_of_the_host);
    let found: BTreeSet<_> = found.map(|package| package["name"].as_str().unwrap()).collect();
    // A component that does harm is a guest.
    let listed = MAY_DEPEND_ON.iter().map(|(name, _)| *name).chain(["hostile-connector"]).collect();
    assert_eq!(found, listed);
}

#[test]
fn an_embedder_compiles_no_server_no_command_line_and_no_mock() {
    for name in ["salesforce-runtime", "salesforce-connections", "salesforce-actions"] {
        let closure = closure(name);
        let found: Vec<_> = NOT_FOR_EMBEDDERS.iter().filter(|crate_| closure_has(&closure, crate_)).collect();
        assert!(found.is_empty(), "{name} brings along {found:?}");
    }
}

#[test]
fn the_runtime_brings_few_crates_along() {
    let closure = closure("salesforce-runtime");
    assert!(closure_has(&closure, "wasmtime"), "expected the tree of dependencies, found {closure:?}");
    assert!(closure.len() <= CLOSURE_OF_THE_RUNTIME, "{} crates: {closure:#?}", closure.len());
}

/// Beside xtask alone a crate has other features than in the whole workspace, its build dependencies' included: cargo would
/// compile it, and all above it, anew in turn, whenever xtask and what it builds take turns.
#[test]
fn xtask_shares_no_crate_with_what_it_builds() {
    assert_eq!(own_dependencies("xtask"), [""; 0]);
}

/// A crate that is not in the list is optimised like a dependency, each time it is compiled.
#[test]
fn every_crate_of_the_workspace_is_compiled_without_optimisation() {
    let manifest = std::fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
    for package in metadata()["packages"].as_array().unwrap() {
        let line = format!("\n{}.opt-level = 0\n", package["name"].as_str().unwrap());
        assert!(manifest.contains(&line), "[profile.dev.package] of Cargo.toml lacks {line}");
    }
}

fn closure_has(closure: &BTreeSet<String>, name: &str) -> bool {
    closure.iter().any(|package| package.split(' ').next() == Some(name))
}

/// All that is linked, with versions, as somebody has it who takes this crate with its default features.
fn closure(name: &str) -> BTreeSet<String> {
    let tree = cargo(&["tree", "--package", name, "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    let version = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    tree.lines().filter(|line| !line.is_empty()).map(version).collect()
}

/// The crates of this workspace that a manifest names, but for tests.
fn own_dependencies(name: &str) -> Vec<String> {
    let metadata = metadata();
    let package = metadata["packages"].as_array().unwrap().iter().find(|package| package["name"] == name);
    let dependencies = package.unwrap_or_else(|| panic!("no package {name}"))["dependencies"].as_array().unwrap();
    let own = dependencies.iter().filter(|it| it["kind"] != "dev" && it["source"].is_null());
    own.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

fn metadata() -> Value {
    serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])).unwrap()
}

fn cargo(arguments: &[&str]) -> String {
    let program = std::env::var_os("CARGO").unwrap();
    let output = Command::new(program)
        .current_dir(workspace())
        .args(arguments)
        .args(["--offline", "--locked"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
