//! `cargo xtask crates`: the library crates as packages (`cargo package`), compiled from these packages by a crate that adds them all.
//!
//! They are made in a copy of the repository, where the crates that carry components find them built: nothing is left behind in the
//! sources, and no package has components of another day.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::failure::{Failure, Outcome, passed_on};
use crate::second_implementation::copy;
use crate::{built, workspace};

/// The folder of a package that has the components; `componentize/bundle.rs` reads it.
const COMPONENTS: &str = "components";
const VERSION: &str = env!("CARGO_PKG_VERSION");
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// A crate that can be published.
struct Library {
    name: String,
    /// Below the root of the workspace.
    folder: PathBuf,
}

/// Writes the packages into `target/crates/packages`, and compiles them.
pub(crate) fn run() -> Outcome {
    let libraries = libraries()?;
    let folder = workspace::target_folder("crates")?;
    let sources = folder.join("sources");
    copied(&sources)?;
    for library in &libraries {
        for licence in LICENCES {
            let file = sources.join(&library.folder).join(licence);
            fs::copy(workspace::root().join(licence), file).map_err(Failure::io(format!("copy {licence}")))?;
        }
    }
    carried(&libraries, &sources)?;
    let target = folder.join("target");
    let mut cargo = workspace::cargo();
    // Cargo itself would compile wasmtime once for each crate, with other features each time.
    cargo.current_dir(&sources).args(["package", "--locked", "--quiet", "--no-verify", "--target-dir"]).arg(&target);
    for library in &libraries {
        cargo.args(["--package", &library.name]);
    }
    workspace::run(&mut cargo)?;
    let packages = folder.join("packages");
    emptied(&packages)?;
    for library in &libraries {
        let file = format!("{}-{}.crate", library.name, VERSION);
        let from = target.join("package").join(&file);
        fs::copy(&from, packages.join(&file)).map_err(Failure::io(format!("copy {}", from.display())))?;
    }
    added(&libraries, &packages, &folder.join("user"), &target)?;
    eprintln!("{} packages are in {}", libraries.len(), packages.display());
    Ok(())
}

/// A crate that adds all of them, with their components, and is compiled.
fn added(libraries: &[Library], packages: &Path, user: &Path, target: &Path) -> Outcome {
    emptied(user)?;
    let (mut dependencies, mut patches) = (String::new(), String::new());
    for Library { name, .. } in libraries {
        let unpacked = format!("{name}-{VERSION}");
        let archive = packages.join(format!("{unpacked}.crate"));
        workspace::run(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(user))?;
        let features = if user.join(&unpacked).join(COMPONENTS).exists() { "\"bundled\"" } else { "" };
        dependencies += &format!("{name} = {{ version = \"{VERSION}\", features = [{features}] }}\n");
        patches += &format!("{name} = {{ path = \"{unpacked}\" }}\n");
    }
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"user\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n[patch.crates-io]\n{patches}"
    );
    let lock = fs::copy(workspace::root().join("Cargo.lock"), user.join("Cargo.lock")).map(drop);
    let written = lock.and_then(|()| fs::write(user.join("Cargo.toml"), manifest));
    let made =
        written.and_then(|()| fs::create_dir(user.join("src"))).and_then(|()| fs::write(user.join("src/lib.rs"), ""));
    made.map_err(Failure::io(format!("write {}", user.display())))?;
    let mut cargo = workspace::cargo();
    cargo.current_dir(user).args(["check", "--target-dir"]).arg(target);
    workspace::run(&mut cargo)
}

/// The members of the workspace that may be published.
fn libraries() -> Outcome<Vec<Library>> {
    let mut cargo = workspace::cargo();
    let output = cargo.args(["metadata", "--no-deps", "--locked", "--format-version", "1"]).stderr(Stdio::inherit());
    let output = output.output().map_err(Failure::io("start cargo"))?;
    passed_on(output.status)?;
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(not_understood)?;
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    packages.filter(|package| package.get("publish").is_some_and(Value::is_null)).map(Library::parse).collect()
}

impl Library {
    fn parse(package: &Value) -> Outcome<Self> {
        let text =
            |key: &str| package.get(key).and_then(Value::as_str).ok_or_else(|| not_understood(format!("no {key}")));
        let manifest = Path::new(text("manifest_path")?);
        let folder = manifest.parent().and_then(|folder| folder.strip_prefix(workspace::root()).ok());
        let folder = folder.ok_or_else(|| not_understood("a member outside of the workspace"))?;
        Ok(Self { name: text("name")?.to_owned(), folder: folder.to_owned() })
    }
}

/// What git knows, or would take, with files in the place of links to them.
fn copied(to: &Path) -> Outcome {
    emptied(to)?;
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(workspace::root());
    let output = git.stderr(Stdio::inherit()).output().map_err(Failure::io("start git"))?;
    passed_on(output.status)?;
    let names = String::from_utf8_lossy(&output.stdout);
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (workspace::root().join(name), to.join(name));
        // A file that was deleted, and not committed yet.
        if !from.exists() {
            continue;
        }
        let made = to.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| copy(&from, &to)).map_err(Failure::io(format!("copy {name}")))?;
    }
    Ok(())
}

/// Puts the components of the workspace's build beside the crates that carry them.
fn carried(libraries: &[Library], sources: &Path) -> Outcome {
    for library in libraries.iter().filter(|library| sources.join(&library.folder).join("bundle.rs").exists()) {
        let built = built::out_dir(&library.name)?;
        let folder = sources.join(&library.folder).join(COMPONENTS);
        let entries = fs::read_dir(&built).map_err(Failure::io(format!("list {}", built.display())))?;
        let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
        for file in files.filter(|file| file.extension().is_some_and(|extension| extension == "wasm")) {
            let name = file.file_name().unwrap_or_default();
            let copied = fs::create_dir_all(&folder).and_then(|()| fs::copy(&file, folder.join(name)));
            copied.map_err(Failure::io(format!("copy {}", file.display())))?;
        }
    }
    Ok(())
}

fn emptied(folder: &Path) -> Outcome {
    let removed = if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) };
    let made = removed.and_then(|()| fs::create_dir_all(folder));
    made.map_err(Failure::io(format!("empty {}", folder.display())))
}

fn not_understood(error: impl std::fmt::Display) -> Failure {
    Failure::new(format!("`cargo metadata` must print JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_can_add_is_the_core_and_the_crates_of_the_host_side() {
        let mut names: Vec<_> = libraries().unwrap().into_iter().map(|library| library.name).collect();
        names.sort();
        let expected = [
            "canonical-abi",
            "mock-salesforce",
            "salesforce-actions",
            "salesforce-connections",
            "salesforce-connector",
            "salesforce-mcp",
            "salesforce-runtime",
            "salesforce-server",
            "salesforce-streams",
            "salesforce-verify",
        ];
        assert_eq!(names, expected);
    }
}
