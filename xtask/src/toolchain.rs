//! The one thing besides Rust that a build needs: the standard library for `wasm32-unknown-unknown`.

use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::workspace;

const TARGET: &str = "wasm32-unknown-unknown";

/// Adds the wasm target through rustup when the active toolchain lacks it.
///
/// # Errors
/// When rustup is missing or fails: what to type.
pub(crate) fn ensure_wasm_target() -> Outcome {
    if is_installed()? {
        return Ok(());
    }
    eprintln!("The target {TARGET} is missing: adding it with rustup.");
    let added = Command::new("rustup").args(["target", "add", TARGET]).current_dir(workspace::root()).status();
    let what_failed = match added {
        Ok(status) if status.success() && is_installed()? => return Ok(()),
        Ok(status) => format!("rustup could not add it ({status})"),
        Err(error) => format!("rustup could not be started ({error})"),
    };
    Err(Failure::new(format!(
        "the connector is built for {TARGET}, and the standard library of that target is not installed; {what_failed}.\n\
         Type this in the folder {root}, then repeat the command:\n\n    rustup target add {TARGET}\n\n\
         Without rustup: install it as https://rustup.rs says, or your distribution's package of Rust's wasm32 \
         standard library (Debian: libstd-rust-dev-wasm32).",
        root = workspace::root().display(),
    )))
}

/// Whether the toolchain that cargo will use has the target: asked of rustc, so that it works without rustup too.
fn is_installed() -> Outcome<bool> {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(workspace::root())
        .output()
        .map_err(Failure::io("start rustc, which comes with Rust (https://rustup.rs)"))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("rustc does not know the target {TARGET}: {told}")));
    }
    let folder = String::from_utf8_lossy(&output.stdout);
    Ok(Path::new(folder.trim()).is_dir())
}
