//! `cargo xtask example-components`: the components of `examples/component/`, in Rust and in JavaScript, into
//! `target/examples/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::clients::installed::{node, node_packages};
use crate::failure::{Failure, Outcome, passed_on};
use crate::second_implementation::copy;
use crate::{toolchain, workspace};

/// Builds both, and says where they are.
pub(crate) fn run() -> Outcome {
    let node = node()?;
    for component in [rust()?, javascript(&node)?] {
        println!("{}", component.display());
    }
    Ok(())
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
    let mut componentize = workspace::cargo();
    componentize.args(["run", "--quiet", "--locked", "--package", "componentize", "--", "encode"]);
    workspace::run(componentize.arg(module).arg(&component))?;
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
