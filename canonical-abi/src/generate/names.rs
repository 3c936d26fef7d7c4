//! Names as `wit-bindgen` writes them in Rust.

use heck::{ToSnakeCase, ToUpperCamelCase};
use wit_parser::Interface;

use super::{Error, World};

/// The words of Rust that WIT allows as names; `wit-bindgen` puts an underscore behind each.
const KEYWORDS: [&str; 50] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// A field, a function or a module.
pub(super) fn snake(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("{name}_") } else { name.to_snake_case() }
}

/// A type or a case.
pub(super) fn camel(name: &str) -> String {
    name.to_upper_camel_case()
}

impl World<'_> {
    /// The path of an interface's module.
    pub(super) fn module(&self, interface: &Interface) -> Result<String, Error> {
        let package = interface.package.and_then(|id| self.resolve.packages.get(id));
        let (Some(package), Some(interface)) = (package, &interface.name) else {
            return Err(Error::Unknown("an export".to_owned(), "an interface with a name of its own, in a package"));
        };
        let (namespace, package) = (snake(&package.name.namespace), snake(&package.name.name));
        Ok(format!("{}::exports::{namespace}::{package}::{}", self.bindings, snake(interface)))
    }
}
