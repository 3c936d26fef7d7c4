//! Where the workspace is, and how cargo is called in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome, passed_on};

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// The cargo that runs xtask, called in the root of the workspace.
///
/// It does not inherit what cargo told xtask of xtask: some build scripts (ring's) run again when these variables change,
/// and everything above them would be compiled again whenever xtask and a plain `cargo` take turns.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let told = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| told.starts_with(prefix)) {
            cargo.env_remove(&name);
        }
    }
    cargo.current_dir(root());
    cargo
}

/// A folder of cargo's target directory that belongs to xtask, such as `target/clients`.
pub(crate) fn target_folder(name: &str) -> Outcome<PathBuf> {
    let profile = profile_folder()?;
    Ok(profile.parent().unwrap_or(&profile).join(name))
}

/// Runs a program, with its output on the terminal.
pub(crate) fn run(program: &mut Command) -> Outcome {
    passed_on(program.status().map_err(Failure::io(format!("start {}", program.get_program().display())))?)
}

/// `target/debug` (or wherever the target directory is): the folder that xtask itself runs from.
pub(crate) fn profile_folder() -> Outcome<PathBuf> {
    let own = std::env::current_exe().map_err(Failure::io("find xtask's own file"))?;
    own.parent()
        .map(Path::to_owned)
        .ok_or_else(|| Failure::new("xtask must be started through cargo: cargo xtask COMMAND"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_called_as_from_a_terminal() {
        let cargo = cargo();
        let removed: Vec<_> = cargo.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        // The cargo that runs this test has set them.
        for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME"] {
            assert!(std::env::var_os(name).is_some() && removed.contains(&name.as_ref()), "{name}: {removed:?}");
        }
    }
}
