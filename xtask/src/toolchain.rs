//! What a build needs besides Rust: the standard library for `wasm32-unknown-unknown`, and the benchmark that for
//! `wasm32-wasip2` too.

use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::workspace;

/// What components are built for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// What the component is built for that is written the usual way.
pub(crate) const WASIP2: &str = "wasm32-wasip2";

/// Adds the connector's target through rustup when the active toolchain lacks it.
///
/// # Errors
/// When rustup is missing or fails: what to type.
pub(crate) fn ensure_wasm_target() -> Outcome {
    ensure(
        WASM,
        "the connector is built",
        "install it as https://rustup.rs says, or your distribution's package of Rust's wasm32 standard library \
         (Debian: libstd-rust-dev-wasm32)",
    )
}

/// Adds [`WASIP2`], as [`ensure_wasm_target`] does with the other.
///
/// # Errors
/// When rustup is missing or fails: what to type.
pub(crate) fn ensure_wasip2_target() -> Outcome {
    ensure(WASIP2, "the benchmark's usual component is built", "install it as https://rustup.rs says")
}

fn ensure(target: &str, what_is_built: &str, without_rustup: &str) -> Outcome {
    if is_installed(target)? {
        return Ok(());
    }
    eprintln!("The target {target} is missing: adding it with rustup.");
    let added = Command::new("rustup").args(["target", "add", target]).current_dir(workspace::root()).status();
    let what_failed = match added {
        Ok(status) if status.success() && is_installed(target)? => return Ok(()),
        Ok(status) => format!("rustup could not add it ({status})"),
        Err(error) => format!("rustup could not be started ({error})"),
    };
    Err(Failure::new(format!(
        "{what_is_built} for {target}, and the standard library of that target is not installed; {what_failed}.\n\
         Type this in the folder {root}, then repeat the command:\n\n    rustup target add {target}\n\n\
         Without rustup: {without_rustup}.",
        root = workspace::root().display(),
    )))
}

/// Whether the toolchain that cargo will use has the target: asked of rustc, so that it works without rustup too.
fn is_installed(target: &str) -> Outcome<bool> {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", target])
        .current_dir(workspace::root())
        .output()
        .map_err(Failure::io("start rustc, which comes with Rust (https://rustup.rs)"))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("rustc does not know the target {target}: {told}")));
    }
    let folder = String::from_utf8_lossy(&output.stdout);
    Ok(Path::new(folder.trim()).is_dir())
}
