//! Writes the component's exports.

use std::env;
use std::path::Path;

use canonical_abi::generate::{Error, build};

fn main() -> Result<(), Error> {
    let world = if env::var_os("CARGO_FEATURE_CREATE").is_some() { "create-activity" } else { "activity" };
    build(&[Path::new("../wit"), Path::new("../wit/activity")], world, "crate::world", "crate::world::Activity")
}
