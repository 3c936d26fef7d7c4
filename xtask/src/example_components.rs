//! `cargo xtask example-components`: the components of `examples/component/`, in Rust and in JavaScript, into
//! `target/examples/`; each is verified as a tenant's upload would be, and its actions are run against the mock.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::failure::{Failure, Outcome, passed_on};
use crate::installed::{node, node_packages};
use crate::second_implementation::copy;
use crate::serve::program::Program;
use crate::{built, toolchain, workspace};

/// Builds both, tries them, and says where they are.
pub(crate) fn run() -> Outcome {
    let node = node()?;
    let harness = built::harness()?;
    for component in [rust()?, javascript(&node)?] {
        // The engine is large; on a busy machine it compiles for longer than a connector may.
        let verify = Command::new(&harness).arg("verify").arg(&component).args(["--compile-seconds", "600"]).status();
        passed_on(verify.map_err(Failure::io("start the harness"))?)?;
        try_actions(&harness, &component)?;
        println!("{}", component.display());
    }
    Ok(())
}

/// Makes a quote, saves it again, and finds it.
fn try_actions(harness: &Path, component: &Path) -> Outcome {
    let file = workspace::target_folder("example-components")?.join("connection.json");
    let mut mock = Command::new(harness);
    mock.args(["--json", "mock", "--listen", "127.0.0.1:0", "--connection"]).arg(&file);
    let (_mock, _) = Program::start("the mock Salesforce", &mut mock)?;
    let run = |arguments: &[&str]| -> Outcome<Value> {
        let mut command = Command::new(harness);
        command.args(["--json", "--connection"]).arg(&file).args(arguments).stderr(Stdio::inherit());
        let output = command.output().map_err(Failure::io("start the harness"))?;
        passed_on(output.status)?;
        serde_json::from_slice(&output.stdout).map_err(|error| Failure::new(format!("{arguments:?}: {error}")))
    };
    let accounts = run(&["soql-query", "SELECT Id FROM Account LIMIT 1"])?;
    let account = accounts.pointer("/records/0/Id").and_then(Value::as_str).unwrap_or_default();
    let component = component.to_str().unwrap_or_default();
    let quote = ["--component", component, "upsert-quote", "Q-2026/117", "--account", account, "--status", "sent"];
    for created in [true, false] {
        let saved = run(&[&quote[..], &["--amount", "1250.50", "--issued", "2026-11-24"]].concat())?;
        expect(saved.get("created") == Some(&created.into()), || format!("`created` to be {created}: {saved}"))?;
    }
    let open = run(&["--component", component, "list-open-quotes", account])?;
    let found = open.as_array().into_iter().flatten().find(|quote| quote["number"] == "Q-2026/117");
    let is_whole = found.is_some_and(|quote| quote["status"] == "sent" && quote["fields"].is_object());
    expect(is_whole, || format!("the quote that was saved: {open}"))
}

fn expect(is_met: bool, what: impl FnOnce() -> String) -> Outcome {
    if is_met { Ok(()) } else { Err(Failure::new(format!("expected {}", what()))) }
}

/// The one in Rust: cargo for its core module, then `componentize` in the place of `wasm-tools component new`.
pub(crate) fn rust() -> Outcome<PathBuf> {
    toolchain::ensure_wasm_target()?;
    let component = place("quotes-rust.wasm")?;
    let target = workspace::target_folder("example-components/rust")?;
    eprintln!("Building {}.", component.display());
    let mut cargo = workspace::cargo();
    cargo.current_dir(sources("rust")).args(["build", "--quiet", "--locked", "--release"]);
    workspace::run(cargo.args(["--target", toolchain::WASM, "--target-dir"]).arg(&target))?;
    let module = target.join(toolchain::WASM).join("release/acme_quotes.wasm");
    workspace::run(built::tool("componentize")?.arg("encode").arg(module).arg(&component))?;
    Ok(component)
}

/// The one in JavaScript, with its engine.
pub(crate) fn javascript(node: &Path) -> Outcome<PathBuf> {
    let component = place("quotes-javascript.wasm")?;
    let own = sources("javascript");
    let folder = workspace::target_folder("example-components/javascript")?;
    node_packages(&own, &folder)?;
    // Node.js looks for packages beside the module that asks for them.
    for file in ["build.mjs", "src"] {
        copy(&own.join(file), &folder.join(file)).map_err(Failure::io(format!("copy {file}")))?;
    }
    eprintln!("Building {}: JavaScript, with its engine.", component.display());
    let mut build = Command::new(node);
    build.arg(folder.join("build.mjs")).arg(workspace::root().join("wit")).arg(sources("wit")).arg(&component);
    passed_on(build.stdin(Stdio::null()).status().map_err(Failure::io("start node"))?)?;
    Ok(component)
}

fn sources(name: &str) -> PathBuf {
    workspace::root().join("examples/component").join(name)
}

/// Where a component is put.
fn place(name: &str) -> Outcome<PathBuf> {
    let folder = workspace::target_folder("examples")?;
    fs::create_dir_all(&folder).map_err(Failure::io(format!("make {}", folder.display())))?;
    Ok(folder.join(name))
}
