//! Builds the connector component, so that this crate carries it inside: cargo for the guest, then wit-component.

use std::error::Error;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use wasmparser::{Chunk, Parser, Payload};
use wit_component::ComponentEncoder;

const TARGET: &str = "wasm32-unknown-unknown";
const GUEST: &str = "salesforce-connector";

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let workspace = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..");
    for input in ["src", "wit", ".cargo", "build.rs", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", workspace.join(input).display());
    }
    println!("cargo::rerun-if-changed=build.rs");

    let module = build_guest(&workspace, &out.join("guest"))?;
    let module = without(&["producers", "target_features"], &fs::read(module)?)?;
    let component = ComponentEncoder::default().module(&module)?.validate(true).encode()?;
    fs::write(out.join("salesforce.wasm"), without(&["component-name"], &component)?)?;
    Ok(())
}

/// A module or component without its custom sections of these names: they are for debuggers and linkers, and together a
/// twentieth of its size.
fn without(names: &[&str], wasm: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut kept = Vec::with_capacity(wasm.len());
    let mut parser = Parser::new(0);
    let mut rest = wasm;
    while let Chunk::Parsed { mut consumed, payload } = parser.parse(rest, true)? {
        if let Payload::ModuleSection { unchecked_range, .. } | Payload::ComponentSection { unchecked_range, .. } =
            &payload
        {
            consumed += unchecked_range.len();
        }
        let (section, following) = rest.split_at_checked(consumed).ok_or("the WebAssembly is truncated")?;
        rest = following;
        match payload {
            Payload::CustomSection(section) if names.contains(&section.name()) => {}
            Payload::End(_) => return Ok(kept),
            _ => kept.extend_from_slice(section),
        }
    }
    Err("the WebAssembly is truncated".into())
}

/// Builds the core module in a target directory of its own: this build holds the lock of the usual one.
fn build_guest(workspace: &Path, target: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // With the rlib that tests link there would be no link-time optimisation, and half as much again of a component.
    cargo.current_dir(workspace).args(["rustc", "--quiet", "--lib", "--crate-type", "cdylib", "--package", GUEST]);
    cargo.args(["--profile", "component", "--target", TARGET, "--target-dir"]).arg(target);
    for registry in registries() {
        // The component names no folder of the machine that built it.
        cargo.arg("--config").arg(format!("target.{TARGET}.rustflags=['--remap-path-prefix={registry}/=']"));
    }
    if workspace.join("Cargo.lock").exists() {
        cargo.arg("--locked");
    }
    for (name, _) in env::vars_os() {
        if belongs_to_the_host_build(&name) {
            cargo.env_remove(name);
        }
    }
    let output = cargo.output()?;
    if !output.status.success() {
        let log = String::from_utf8_lossy(&output.stderr);
        if log.contains("target may not be installed") {
            let help = format!("The target {TARGET} is missing. Type: rustup target add {TARGET}");
            return Err(help.into());
        }
        return Err(format!("cannot build the component:\n{log}").into());
    }
    Ok(target.join(TARGET).join("component").join(format!("{}.wasm", GUEST.replace('-', "_"))))
}

/// The folders where cargo keeps the sources of dependencies, one for each registry.
fn registries() -> Vec<String> {
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    let folders = cargo.and_then(|cargo| fs::read_dir(cargo.join("registry").join("src")).ok());
    let paths =
        folders.into_iter().flatten().flatten().filter_map(|folder| folder.path().into_os_string().into_string().ok());
    paths.filter(|path| !path.contains('\'')).collect()
}

/// True for what cargo, clippy or a coverage tool set for the crate being built: flags, wrappers, `CARGO_CFG_...`. The
/// guest is built the same way whoever asks for it. `CARGO_HOME`, `CARGO_NET_...` and the like are left as they are.
fn belongs_to_the_host_build(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let exact = [
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CLIPPY_ARGS",
        "CLIPPY_CONF_DIR",
        "TARGET",
        "HOST",
        "OUT_DIR",
        "PROFILE",
        "DEBUG",
        "OPT_LEVEL",
        "NUM_JOBS",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_MANIFEST_LINKS",
        "CARGO_TARGET_DIR",
        "CARGO_BUILD_TARGET",
        "CARGO_BUILD_RUSTFLAGS",
        "CARGO_BUILD_TARGET_DIR",
    ];
    let prefixes = ["CARGO_CFG_", "CARGO_PKG_", "CARGO_FEATURE_", "CARGO_PROFILE_", "CARGO_TARGET_", "DEP_"];
    exact.contains(&&*name) || prefixes.iter().any(|prefix| name.starts_with(prefix))
}
