//! For build scripts.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, exports};

/// Writes [`exports`] to `exports.rs` in the build script's `OUT_DIR`, which the crate includes in the place of `export!`.
/// Nothing on targets other than WebAssembly, where nothing is exported.
///
/// # Errors
/// Those of [`exports`], and a file that cannot be written.
pub fn build(wit: &[&Path], world: &str, bindings: &str, component: &str) -> Result<(), Error> {
    println!("cargo::rerun-if-changed=build.rs");
    for folder in wit {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        let file = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("exports.rs");
        let exports = exports(wit, world, bindings, component)?;
        fs::write(&file, exports).map_err(|error| Error::Unwritten(file, error))?;
    }
    Ok(())
}
