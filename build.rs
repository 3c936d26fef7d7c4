//! Writes the component's exports, and links them tightly.

use std::env;
use std::path::Path;

use canonical_abi::generate::{Error, build};

fn main() -> Result<(), Error> {
    link_tightly();
    build(&[Path::new("wit")], "connector", "crate::world", "crate::exports::Connector")
}

/// Addresses as short as they are, not padded for a linker that never comes back. wasm-ld refuses it where there is debug
/// information.
fn link_tightly() {
    let is_wasm = env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    if is_wasm && env::var("DEBUG").is_ok_and(|debug| debug == "false") {
        println!("cargo::rustc-link-arg-cdylib=--compress-relocations");
    }
}
