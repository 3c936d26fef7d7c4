//! The connector component, and what any component's bytes say about it. Runs nothing and compiles nothing.

mod nested;

use std::fmt;

use sha2::{Digest, Sha256};
use wasmparser::{BinaryReader, Encoding, Parser, Payload};

use super::text;

/// The Salesforce connector: built from the workspace's root crate for `wasm32-unknown-unknown`, with no adapter.
#[cfg(feature = "bundled")]
pub static CONNECTOR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/salesforce.wasm"));

/// The same connector for this runtime alone, as [`Runtime::load_bundled`](crate::Runtime::load_bundled) loads it: it imports
/// `workflow:salesforce-host/egress` in place of WASI, so that a call costs less. What it does and answers is the same.
#[cfg(feature = "bundled")]
pub static HOSTED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hosted.wasm"));

/// Components in one another, and types in one another. What reads them recurses, in the validator as in the compiler,
/// and would end with this program's stack.
const MOST_NESTED: usize = 100;

/// What a component needs and what it offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Size in bytes.
    pub size: usize,
    /// What it needs of the host, e.g. `wasi:http/types@0.2.2`, in the component's order.
    pub imports: Vec<String>,
    /// What it offers, e.g. `workflow:salesforce/soql@0.2.1`, in the component's order.
    pub exports: Vec<String>,
}

/// The bytes are not a WebAssembly component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DescribeError {
    /// A core module: the product of a compiler that has not been made a component yet.
    CoreModule,
    /// Not WebAssembly at all.
    NotWebAssembly,
    /// WebAssembly, but damaged; with the parser's words.
    Malformed(String),
    /// Its components or types are declared too deep in one another.
    TooDeep,
}

/// SHA-256 of a component, 64 hexadecimal digits: its name at a server.
#[must_use]
pub fn digest(component: &[u8]) -> String {
    Sha256::digest(component).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a component's size, imports and exports.
///
/// # Errors
///
/// [`DescribeError`] if the bytes are not a component in the binary format.
pub fn describe(component: &[u8]) -> Result<Description, DescribeError> {
    if !component.starts_with(b"\0asm") {
        return Err(DescribeError::NotWebAssembly);
    }
    let mut description = Description { size: component.len(), imports: Vec::new(), exports: Vec::new() };
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(malformed)? {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => return Err(DescribeError::CoreModule),
            Payload::Version { .. } if depth == MOST_NESTED => return Err(DescribeError::TooDeep),
            Payload::Version { .. } => depth += 1,
            Payload::ComponentTypeSection(types) => {
                let range = types.range();
                let section = component.get(range.clone()).unwrap_or_default();
                if nested::types(BinaryReader::new(section, range.start), MOST_NESTED).map_err(malformed)? {
                    return Err(DescribeError::TooDeep);
                }
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(imports) if depth == 1 => {
                for import in imports {
                    description.imports.push(import.map_err(malformed)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(exports) if depth == 1 => {
                for export in exports {
                    description.exports.push(export.map_err(malformed)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(description)
}

fn malformed(error: wasmparser::BinaryReaderError) -> DescribeError {
    DescribeError::Malformed(error.to_string())
}

impl fmt::Display for DescribeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CoreModule => f.write_str(
                "this is a core WebAssembly module; expected a component (wrap it with `wasm-tools component new`)",
            ),
            Self::NotWebAssembly => {
                f.write_str("expected a WebAssembly component in the binary format, but this is no WebAssembly")
            }
            Self::TooDeep => {
                write!(f, "expected components and types at most {MOST_NESTED} deep in one another, found them deeper")
            }
            Self::Malformed(why) => {
                write!(f, "expected a WebAssembly component in the binary format: {}", text::one_line(why))
            }
        }
    }
}

impl std::error::Error for DescribeError {}

#[cfg(all(test, feature = "bundled"))]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_connector_says_what_it_is_and_what_made_it() {
        let mut sections = BTreeMap::new();
        let mut depth = 0;
        for payload in Parser::new(0).parse_all(CONNECTOR) {
            match payload.unwrap() {
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                Payload::CustomSection(section) if depth == 1 => {
                    sections.insert(section.name(), String::from_utf8_lossy(section.data()));
                }
                _ => {}
            }
        }
        assert_eq!(sections["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(sections["licenses"], "MIT OR Apache-2.0");
        assert!(sections["description"].starts_with("A Salesforce connector"), "{}", sections["description"]);
        assert!(sections["component-name"].contains("salesforce-connector"));
        for part in ["language", "Rust", "processed-by", "rustc", "wit-component"] {
            assert!(sections["producers"].contains(part), "{part} is not in {:?}", sections["producers"]);
        }
    }
}
