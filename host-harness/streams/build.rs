//! With the feature `bundled`, the crate carries the streams component.

mod bundle;

use std::process::ExitCode;

use bundle::Component;

fn main() -> ExitCode {
    let streams = Component { file: "streams.wasm", package: "salesforce-streams-component", features: "" };
    bundle::bundle(&[streams], &["streams"])
}
