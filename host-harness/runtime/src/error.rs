//! Why a runtime cannot be set up, or a component not be loaded.

use std::path::PathBuf;

use crate::component::DescribeError;
use crate::imports;

/// A runtime cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// wasmtime does not take the limits, or the machine does not offer what they need.
    #[error("cannot set up the WebAssembly engine with these limits: {0}")]
    Engine(String),
    /// TLS cannot be set up: one of the extra roots is not a CA certificate.
    #[error("cannot set up TLS; expected every extra root to be a CA certificate in DER: {0}")]
    Tls(#[from] rustls::Error),
    /// The directory for compiled code cannot be used.
    #[error("cannot keep compiled code in {}; expected a directory that this user owns and nobody else can write to: {reason}", path.display())]
    CodeCache {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// A component cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes are not a component.
    #[error(transparent)]
    NotAComponent(#[from] DescribeError),
    /// It needs more of the host than HTTP, a monotonic clock and random bytes.
    #[error("the component needs {}, which this host does not offer; it offers {}", names.join(", "), imports::offered())]
    Import {
        /// What it needs and does not get, with versions, in the component's order.
        names: Vec<String>,
    },
    /// It is valid, but not a connector: an export of the world is missing or has another type.
    #[error("the component does not export the world `workflow:salesforce/connector@0.2.1`: {0}")]
    Export(String),
    /// It does not compile, or is beyond the runtime's limits from the start.
    #[error("the component cannot be compiled: {0}")]
    Compile(String),
}
