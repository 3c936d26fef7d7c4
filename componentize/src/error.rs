//! Why there is no component.

use std::io;
use std::path::PathBuf;

use crate::environment::TARGET;

/// Why there is no component, in words for whoever called cargo.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A program of the tool chain did not start.
    #[error("{program} could not be started: {source}")]
    Start {
        /// What was called.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// The standard library for WebAssembly is not installed.
    #[error("The target {TARGET} is missing. Type: rustup target add {TARGET}")]
    TargetMissing,
    /// The guest does not compile.
    #[error("cannot build the component:\n{0}")]
    Build(String),
    /// What cargo built is not there.
    #[error("cannot read {file}, which cargo has built: {source}", file = file.display())]
    Read {
        /// Where it should be.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Cargo or rustc does not tell what was asked.
    #[error("{0}")]
    Unknown(String),
    /// A file could not be written.
    #[error("cannot write {file}: {source}", file = file.display())]
    Write {
        /// Where it should be.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The interfaces are not what WIT is.
    #[error("cannot read the WIT: {0}")]
    Wit(String),
    /// What was built is not the WebAssembly that is expected.
    #[error("cannot make a component of what cargo has built: {0}")]
    Wasm(String),
}

impl Error {
    /// An error of a WebAssembly library, causes included.
    pub(crate) fn wasm(error: impl std::fmt::Display) -> Self {
        Self::Wasm(format!("{error:#}"))
    }

    /// An error of a WIT library, causes included.
    pub(crate) fn wit(error: impl std::fmt::Display) -> Self {
        Self::Wit(format!("{error:#}"))
    }
}
