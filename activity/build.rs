//! Writes the component's exports.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// What `src/world.rs` includes in the place of `export!`.
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../wit");
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        let world = if env::var_os("CARGO_FEATURE_CREATE").is_some() { "create-activity" } else { "activity" };
        let wit = [Path::new("../wit"), Path::new("../wit/activity")];
        let exports = canonical_abi::generate::exports(&wit, world, "crate::world", "crate::world::Activity")?;
        let folder = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
        fs::write(folder.join("exports.rs"), exports)?;
    }
    Ok(())
}
