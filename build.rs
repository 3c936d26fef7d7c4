//! Writes the component's exports, and links them tightly.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=wit");
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        link_tightly();
        write_exports(&PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?))?;
    }
    Ok(())
}

/// Addresses as short as they are, not padded for a linker that never comes back. wasm-ld refuses it where there is debug
/// information.
fn link_tightly() {
    if env::var("DEBUG").is_ok_and(|debug| debug == "false") {
        println!("cargo::rustc-link-arg-cdylib=--compress-relocations");
    }
}

/// What `src/world.rs` includes in the place of `export!`.
fn write_exports(folder: &Path) -> Result<(), Box<dyn Error>> {
    let (bindings, component) = ("crate::world", "crate::exports::Connector");
    let exports = canonical_abi::generate::exports(&[Path::new("wit")], "connector", bindings, component)?;
    Ok(fs::write(folder.join("exports.rs"), exports)?)
}
