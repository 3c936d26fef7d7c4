//! `cargo xtask packages`: the packages of `packages/` for hosts in other languages, built, installed from the built file, and tested.

pub(crate) mod node;
pub(crate) mod python;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::ValueEnum as _;

use crate::failure::{Failure, Outcome};
use crate::second_implementation::copy;
use crate::{built, workspace};

/// A package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Package {
    /// packages/node
    Node,
    /// packages/python
    Python,
}

/// Builds the packages that were named, or all, and runs their tests against the mock.
pub(crate) fn run(named: &[Package]) -> Outcome {
    let harness = built::harness()?;
    let packages = if named.is_empty() { Package::value_variants() } else { named };
    packages.iter().try_for_each(|package| match package {
        Package::Node => node::test(&harness),
        Package::Python => python::test(&harness),
    })
}

/// Copies the sources of a package into a folder of their own in this one, which is emptied, and tells where they are.
fn fresh_copy(sources: &Path, folder: &Path) -> Outcome<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Failure::io(format!("remove {}", folder.display())))?;
    }
    let package = folder.join("package");
    copy(sources, &package).map_err(Failure::io("copy the package"))?;
    Ok(package)
}

/// Writes the component.
fn take_component(harness: &Path, file: &Path) -> Outcome {
    let mut taken = Command::new(harness);
    workspace::run(taken.args(["component", "--out"]).arg(file).stdin(Stdio::null()).stdout(Stdio::null()))
}

/// Two builds must give the same bytes.
fn same(first: &Path, again: &Path) -> Outcome {
    if read(first)? != read(again)? {
        return Err(Failure::new(format!("{} is not what a second build gives", first.display())));
    }
    Ok(())
}

fn read(file: &Path) -> Outcome<Vec<u8>> {
    fs::read(file).map_err(Failure::io(format!("read {}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packages_have_the_version_of_the_workspace() {
        let read = |file: &str| fs::read_to_string(workspace::root().join(file)).unwrap();
        let manifest = read("Cargo.toml");
        let line = manifest.lines().find(|line| line.starts_with("version = ")).unwrap();
        assert!(read("packages/python/pyproject.toml").lines().any(|other| other == line), "{line}");
        let module = read("packages/python/src/salesforce_connector/__init__.py");
        assert!(module.contains(&format!("__{}", line.replacen("version", "version__", 1))), "{line}");
        let version = line.replacen("version = ", "  \"version\": ", 1);
        for (file, times) in [("package.json", 1), ("package-lock.json", 1)] {
            let found =
                read(&format!("packages/node/{file}")).lines().filter(|line| line.starts_with(&version)).count();
            assert_eq!(found, times, "{file}: {version}");
        }
    }
}
