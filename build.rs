//! Links the component tightly: addresses as short as they are, not padded for a linker that never comes back.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_component = env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    // wasm-ld refuses it where there is debug information.
    let has_debug_info = env::var("DEBUG").is_ok_and(|debug| debug != "false");
    if is_component && !has_debug_info {
        println!("cargo::rustc-link-arg-cdylib=--compress-relocations");
    }
}
