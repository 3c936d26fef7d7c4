//! Makes components of the crates of this workspace that are compiled to WebAssembly: cargo for the core module, then
//! wit-component, then what the component says of itself.
//!
//! The same sources give the same bytes in every folder and on every account of a machine, whoever asks for the build:
//! nothing of the surrounding build gets in. Tests use the library, and build scripts the program: `bundle.rs` is their part of it.
//!
//! ```text
//! component ── guest (cargo)  ── environment (what is kept from it)
//!           ├─ encode (wit-component)
//!           └─ identity (name, version, licence, producers)
//! interfaces (what a component imports and exports; the WIT as a package that tools fetch)
//! ```

mod encode;
mod environment;
mod error;
mod guest;
mod identity;
mod interfaces;

use std::path::Path;

use guest::guest;

pub use encode::encode;
pub use environment::TARGET;
pub use error::Error;
pub use identity::Identity;
pub use interfaces::{Surface, WitPackage};

/// The package that is the connector.
pub const CONNECTOR: &str = "salesforce-connector";

/// The components that are the connector's activities: what each is called, and the features of [`ACTIVITY`] it has.
pub const ACTIVITIES: [(&str, &[&str]); 2] =
    [("salesforce-activity", &[]), ("salesforce-create-activity", &["create"])];

/// The package that is the activities.
pub const ACTIVITY: &str = "salesforce-activity";

/// The package that gives large results as streams of WASI 0.3.
pub const STREAMS: &str = "salesforce-streams-component";

/// The folder in the target directory of a build in which all that belongs to it build components, so that what these have in common
/// is compiled once. It is none that a running build has locked.
pub const TARGET_FOLDER: &str = "guests";

/// A package of the workspace, with these of its features, as a component that says what it is. `workspace` is the root of this
/// workspace; cargo builds in the directory `target`, which must not be one that a running build has locked.
///
/// # Errors
/// The build fails, or the target is not installed: what to type.
pub fn component(workspace: &Path, package: &str, features: &[&str], target: &Path) -> Result<Vec<u8>, Error> {
    let identity = Identity::of(workspace, package)?;
    identity.write_into(&encode(&guest(workspace, package, features, target)?)?)
}
