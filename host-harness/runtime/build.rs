//! With the feature `bundled`: builds the connector component, so that this crate carries it inside.

use std::process::ExitCode;

#[cfg(not(feature = "bundled"))]
fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    ExitCode::SUCCESS
}

#[cfg(feature = "bundled")]
fn main() -> ExitCode {
    match bundled::build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(feature = "bundled")]
mod bundled {
    use std::error::Error;
    use std::path::PathBuf;
    use std::{env, fs};

    pub(super) fn build() -> Result<(), Box<dyn Error>> {
        let out = PathBuf::from(env::var("OUT_DIR")?);
        let workspace = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../..");
        for input in ["src", "wit", ".cargo", "build.rs", "Cargo.toml", "Cargo.lock"] {
            println!("cargo::rerun-if-changed={}", workspace.join(input).display());
        }
        println!("cargo::rerun-if-changed=build.rs");

        // A target directory of its own: this build holds the lock of the usual one.
        let component = componentize::connector(&workspace, &out.join("guest"))?;
        fs::write(out.join("salesforce.wasm"), component)?;
        Ok(())
    }
}
