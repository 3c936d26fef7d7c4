//! The exports of a world as Rust, for a build script: an implementation of [`Lift`](crate::Lift) for each type of
//! an argument, one of [`Lower`](crate::Lower) for each type of a result, and a function for each export.

mod build;
mod flat;
mod functions;
mod names;
mod types;

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

pub use build::build;
use wit_parser::{Interface, LiveTypes, Resolve, SizeAlign, WorldId, WorldItem, WorldKey};

/// Why there is no code for a world.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The WIT cannot be read.
    #[error("{0}: {1}")]
    Wit(String, String),
    /// Something that is not known here.
    #[error("{0}: expected {1}")]
    Unknown(String, &'static str),
    /// The file of a build script cannot be written.
    #[error("{}: {}", .0.display(), .1)]
    Unwritten(PathBuf, io::Error),
}

/// A world, and where its types are in Rust.
struct World<'a> {
    resolve: &'a Resolve,
    sizes: SizeAlign,
    /// The types of arguments.
    lifted: LiveTypes,
    /// The types of results.
    lowered: LiveTypes,
    bindings: &'a str,
    component: &'a str,
}

/// Rust for all interfaces that a world exports.
///
/// `wit` are folders with a package each, those that others need first. `bindings` is the path of the module with what
/// `wit_bindgen::generate!` made of the same world, e.g. `crate::world`, and `component` that of the type which implements its
/// `Guest` traits.
///
/// # Errors
/// The last folder holds no such world, or the world exports what this crate does not know: something else than an interface, a
/// type other than records, variants, enums, options, results, lists, strings, integers and booleans, or a function whose
/// result is no `result`.
pub fn exports(wit: &[&Path], world: &str, bindings: &str, component: &str) -> Result<String, Error> {
    let unreadable =
        |folder: &Path, error: &dyn Display| Error::Wit(folder.display().to_string(), format!("{error:#}"));
    let mut resolve = Resolve::default();
    let mut found = Err(Error::Unknown("no folder".to_owned(), "the folder of a package"));
    for folder in wit {
        let (package, _) = resolve.push_path(folder).map_err(|error| unreadable(folder, &error))?;
        found = resolve.select_world(&[package], Some(world)).map_err(|error| unreadable(folder, &error));
    }
    let id = found?;
    let mut sizes = SizeAlign::default();
    sizes.fill(&resolve);
    let (mut lifted, mut lowered) = (LiveTypes::default(), LiveTypes::default());
    let interfaces = exported(&resolve, id)?;
    for function in interfaces.iter().flat_map(|(_, interface)| interface.functions.values()) {
        for parameter in &function.params {
            lifted.add_type(&resolve, &parameter.ty);
        }
        if let Some(result) = &function.result {
            lowered.add_type(&resolve, result);
        }
    }
    let world = World { resolve: &resolve, sizes, lifted, lowered, bindings, component };

    let mut rust = String::new();
    for (name, interface) in interfaces {
        world.interface(&name, interface, &mut rust)?;
    }
    Ok(rust)
}

/// The interfaces that a world exports, with their names.
fn exported(resolve: &Resolve, world: WorldId) -> Result<Vec<(String, &Interface)>, Error> {
    let exports = resolve.worlds.get(world).into_iter().flat_map(|world| &world.exports);
    let interface = |(key, item): (&WorldKey, &WorldItem)| {
        let name = resolve.name_world_key(key);
        match item {
            WorldItem::Interface { id, .. } => resolve.interfaces.get(*id).map(|interface| (name.clone(), interface)),
            WorldItem::Function(_) | WorldItem::Type { .. } => None,
        }
        .ok_or(Error::Unknown(name, "an interface as export of the world"))
    };
    exports.map(interface).collect()
}

impl World<'_> {
    fn interface(&self, name: &str, interface: &Interface, rust: &mut String) -> Result<(), Error> {
        let module = self.module(interface)?;
        for id in interface.types.values() {
            self.named_type(&module, *id, rust)?;
        }
        for function in interface.functions.values() {
            self.function(&module, name, function, rust)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
