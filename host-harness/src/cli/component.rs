//! `harness component`.

use std::path::PathBuf;

use clap::Args;
use salesforce_runtime::component;
use serde::Serialize;

use super::App;
use super::failure::Failure;

/// Describe the component, or write it to a file
///
/// Prints {"bytes":..,"sha256":..,"imports":[..],"exports":[..]} of the component inside this program, or of the one named
/// with --component. Imports are all that it can ask of its host.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  harness component\n  harness component --out salesforce.wasm")]
pub(crate) struct Component {
    /// Also write the component to this file
    #[arg(long, value_name = "FILE.wasm")]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Described {
    bytes: usize,
    sha256: String,
    imports: Vec<String>,
    exports: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<PathBuf>,
}

impl Component {
    pub(crate) fn run(self, app: &App) -> Result<(), Failure> {
        let wasm = app.component()?;
        let description = component::describe(&wasm).map_err(|error| Failure::Local(error.to_string()))?;
        if let Some(path) = &self.out {
            std::fs::write(path, &wasm)
                .map_err(|error| Failure::Local(format!("cannot write {}: {error}", path.display())))?;
        }
        app.output.write(&Described {
            bytes: description.size,
            sha256: component::digest(&wasm),
            imports: description.imports,
            exports: description.exports,
            written: self.out,
        })
    }
}
