//! With the feature `bundled`: builds the connector component, over WASI and for this runtime alone, so that this crate carries it inside.

use std::process::ExitCode;

#[cfg(not(feature = "bundled"))]
fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    ExitCode::SUCCESS
}

#[cfg(feature = "bundled")]
fn main() -> ExitCode {
    componentize::bundle(
        "../..".as_ref(),
        componentize::CONNECTOR,
        &[],
        &[("salesforce.wasm", &[]), ("hosted.wasm", &["hosted"])],
    )
}
