//! What a component says of itself, in the sections that `wasm-tools metadata show`, jco and registries read.
//!
//! It is taken from the package's Cargo.toml, so there is one place to change it.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use wasm_encoder::{ComponentSection, CustomSection};
use wasm_metadata::{AddMetadata, AddMetadataField};

use crate::environment::cleaned;
use crate::error::Error;
use crate::guest::{cargo, output};

/// What a component says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The package's name.
    pub name: String,
    /// The custom sections that registries know as OCI annotations: name and text, in the order in which they are
    /// written. What Cargo.toml does not have is not there.
    pub annotations: Vec<(&'static str, String)>,
    /// Version and commit of the compiler, as rustc puts them.
    pub rustc: String,
}

impl Identity {
    /// What a package's Cargo.toml says, and which compiler builds it.
    ///
    /// # Errors
    /// There is no such package, or no cargo or rustc to ask.
    pub fn of(workspace: &Path, package: &str) -> Result<Self, Error> {
        let metadata = output(cargo(workspace).args(["metadata", "--no-deps", "--format-version", "1"]))?;
        if !metadata.status.success() {
            let told = String::from_utf8_lossy(&metadata.stderr);
            return Err(Error::Unknown(told.trim_start_matches("error: ").trim().to_owned()));
        }
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        let version = output(cleaned(&mut rustc).current_dir(workspace).arg("--version"))?;
        Self::parse(&metadata.stdout, package, &String::from_utf8_lossy(&version.stdout))
    }

    /// One of the annotations.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str())
    }

    /// Reads what cargo and rustc print.
    fn parse(metadata: &[u8], package: &str, rustc: &str) -> Result<Self, Error> {
        let metadata: Value = serde_json::from_slice(metadata)
            .map_err(|error| Error::Unknown(format!("`cargo metadata` must print JSON: {error}")))?;
        let mut packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
        let manifest = packages
            .find(|candidate| candidate.get("name").and_then(Value::as_str) == Some(package))
            .ok_or_else(|| Error::Unknown(format!("there is no package {package} in this workspace")))?;
        let text = |key: &str| manifest.get(key).and_then(Value::as_str).map(str::to_owned);
        let authors = manifest.get("authors").and_then(Value::as_array).into_iter().flatten();
        let authors: Vec<_> = authors.filter_map(Value::as_str).collect();
        let annotations = [
            ("version", text("version")),
            ("description", text("description")),
            ("licenses", text("license")),
            ("authors", (!authors.is_empty()).then(|| authors.join(", "))),
            ("source", text("repository")),
            ("homepage", text("homepage")),
        ];
        let rustc = rustc.trim();
        Ok(Self {
            name: package.to_owned(),
            annotations: annotations.into_iter().filter_map(|(name, text)| Some((name, text?))).collect(),
            rustc: rustc.strip_prefix("rustc ").unwrap_or(rustc).to_owned(),
        })
    }

    /// The component with its identity at the end; what its tools say of themselves is kept.
    ///
    /// # Errors
    /// It is not WebAssembly.
    pub fn write_into(&self, component: &[u8]) -> Result<Vec<u8>, Error> {
        let mut metadata = AddMetadata::default();
        metadata.name = AddMetadataField::Set(self.name.clone());
        // By convention a language has no version: that is its compiler's.
        metadata.language = vec![("Rust".to_owned(), String::new())];
        metadata.processed_by = vec![("rustc".to_owned(), self.rustc.clone())];
        let mut component = metadata.to_wasm(component).map_err(Error::wasm)?;
        for (name, text) in &self.annotations {
            CustomSection { name: (*name).into(), data: text.as_bytes().into() }.append_to_component(&mut component);
        }
        Ok(component)
    }
}

#[cfg(test)]
mod tests {
    use wasm_metadata::Producers;
    use wasmparser::{KnownCustom, Parser, Payload};

    use super::*;
    use crate::encode;

    const METADATA: &[u8] = br#"{"packages":[
        {"name":"other","version":"9.9.9","description":null,"license":null,"authors":[]},
        {"name":"guest","version":"1.2.3","description":"What it does.","license":"MIT","authors":["A","B"],
         "repository":"https://example.com/guest","homepage":null}
    ]}"#;

    #[test]
    fn what_the_manifest_does_not_say_is_left_out() {
        let identity = Identity::parse(METADATA, "other", "rustc 1.95.0 (abc 2026-01-01)\n").unwrap();
        assert_eq!(identity.annotations, [("version", "9.9.9".to_owned())]);
        assert_eq!(identity.rustc, "1.95.0 (abc 2026-01-01)");
    }

    #[test]
    fn a_component_says_what_it_is_and_what_made_it() {
        let component = encode(&wasm_encoder::Module::new().finish()).unwrap();
        let identity = Identity::parse(METADATA, "guest", "rustc 1.95.0").unwrap();
        let component = identity.write_into(&component).unwrap();

        let mut name = None;
        let mut annotations = Vec::new();
        for payload in Parser::new(0).parse_all(&component) {
            let Payload::CustomSection(section) = payload.unwrap() else { continue };
            match section.as_known() {
                KnownCustom::ComponentName(_) => name = Some(String::from_utf8_lossy(section.data())),
                KnownCustom::Unknown => {
                    annotations.push((section.name(), std::str::from_utf8(section.data()).unwrap()));
                }
                _ => {}
            }
        }
        assert!(name.as_ref().is_some_and(|name| name.ends_with("guest")), "{name:?}");
        assert_eq!(
            annotations,
            [
                ("version", "1.2.3"),
                ("description", "What it does."),
                ("licenses", "MIT"),
                ("authors", "A, B"),
                ("source", "https://example.com/guest"),
            ]
        );
        let producers = Producers::from_wasm(&component).unwrap().unwrap();
        let said = |field: &str, name: &str| producers.get(field).and_then(|field| field.get(name).cloned());
        assert_eq!(said("language", "Rust").as_deref(), Some(""));
        assert_eq!(said("processed-by", "rustc").as_deref(), Some("1.95.0"));
        assert!(said("processed-by", "wit-component").is_some());
    }

    #[test]
    fn an_unknown_package_is_named() {
        let error = Identity::parse(METADATA, "guests", "").unwrap_err().to_string();
        assert_eq!(error, "there is no package guests in this workspace");
    }
}
