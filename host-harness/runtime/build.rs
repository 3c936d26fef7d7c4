//! With the feature `bundled`, the crate carries the connector: over WASI, and for this runtime alone.

mod bundle;

use std::process::ExitCode;

use bundle::Component;

fn main() -> ExitCode {
    let connector = |file, features| Component { file, package: "salesforce-connector", features };
    bundle::bundle(&[connector("salesforce.wasm", ""), connector("hosted.wasm", "hosted")], &[])
}
