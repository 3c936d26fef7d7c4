//! The component, built here and once more in another folder: whoever has the sources gets the same bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::built;
use crate::failure::{Failure, Outcome, passed_on};
use crate::package::checksums::sha256;
use crate::workspace;

/// What was built; names of files are those in the package's folder.
#[derive(Debug)]
pub(crate) struct Built {
    /// The crate's name.
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
    /// The compiler, as it calls itself.
    pub(crate) rustc: String,
    /// The component's file.
    pub(crate) component: String,
    /// The files of the activities.
    pub(crate) activities: Vec<String>,
    /// The file of their WIT, as text.
    pub(crate) activity_wit: String,
    /// SHA-256 of the component.
    pub(crate) sha256: String,
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
    /// The file of the binary WIT package.
    pub(crate) wit: String,
    /// The file of the same as text.
    pub(crate) wit_text: String,
    /// Its name and version.
    pub(crate) wit_package: String,
}

/// Builds component and WIT package into a folder, and fails unless a build of a copy of the sources gives the same.
pub(super) fn reproducible(folder: &Path) -> Outcome<Built> {
    eprintln!("Building the component.");
    let built = build(workspace::root(), folder)?;
    eprintln!("Building it once more, from a copy of the sources in another folder.");
    let copy = Copy::of_sources()?;
    let second = build(&copy.sources, &copy.folder)?;
    let files = |built: &Built| [&[built.component.clone(), built.wit.clone()], &built.activities[..]].concat();
    for (file, again) in files(&built).iter().zip(files(&second)) {
        let [here, there] = [folder.join(file), copy.folder.join(again)];
        if sha256(&here)? != sha256(&there)? {
            return Err(Failure::new(format!(
                "{file} is not reproducible: a copy of the sources in {} gave other bytes. Something of the folder gets \
                 in, or a source that git does not track",
                copy.sources.display()
            )));
        }
    }
    Ok(built)
}

/// Runs the program `componentize` of this workspace on a workspace like it.
fn build(sources: &Path, folder: &Path) -> Outcome<Built> {
    let target =
        if sources == workspace::root() { workspace::target_folder("package")? } else { folder.join("target") };
    let mut componentize = built::tool("componentize")?;
    componentize.args([sources, &target, folder]);
    let output = componentize.stderr(Stdio::inherit()).output().map_err(Failure::io("start componentize"))?;
    passed_on(output.status)?;
    let description = String::from_utf8_lossy(&output.stdout);
    let mut built = Built::parse(&description)?;
    built.sha256 = sha256(&folder.join(&built.component))?;
    Ok(built)
}

impl Built {
    fn parse(description: &str) -> Outcome<Self> {
        let description: Value = serde_json::from_str(description)
            .map_err(|error| Failure::new(format!("`componentize` must print JSON: {error}")))?;
        let missing = |key: &str| Failure::new(format!("`componentize` must print \"{key}\""));
        let text =
            |key: &str| description.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| missing(key));
        let list = |key: &str| {
            let names = description.get(key).and_then(Value::as_array).ok_or_else(|| missing(key))?;
            Ok(names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        };
        Ok(Self {
            name: text("name")?,
            version: text("version")?,
            description: text("description")?,
            rustc: text("rustc")?,
            component: text("component")?,
            activities: list("activities")?,
            activity_wit: text("activity_wit")?,
            sha256: String::new(),
            imports: list("imports")?,
            exports: list("exports")?,
            wit: text("wit")?,
            wit_text: text("wit_text")?,
            wit_package: text("wit_package")?,
        })
    }
}

/// A copy of what git tracks, as it is in the working tree; it goes when it is dropped.
struct Copy {
    folder: PathBuf,
    sources: PathBuf,
}

impl Copy {
    fn of_sources() -> Outcome<Self> {
        let folder = std::env::temp_dir().join(format!("salesforce-connector-{}", std::process::id()));
        // Deeper than the first and with another name, in case that mattered.
        let copy = Self { sources: folder.join("a/copy of the sources"), folder };
        for file in tracked()? {
            let (from, to) = (workspace::root().join(&file), copy.sources.join(&file));
            // A file that was deleted but not yet committed.
            if from.is_file() {
                fs::create_dir_all(to.parent().unwrap_or(&to)).map_err(Failure::io("make a second folder"))?;
                fs::copy(&from, to).map_err(Failure::io(format!("copy {file}")))?;
            }
        }
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What is left of it is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The files of the sources.
fn tracked() -> Outcome<Vec<String>> {
    let needed = "the second build needs git, and a clone of the repository, to know which files are sources";
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(workspace::root()).output();
    let output = output.map_err(|error| {
        Failure::new(format!("{needed}; git could not be started ({error}). Install it (Debian: apt-get install git)"))
    })?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("{needed}; git says: {}", told.trim())));
    }
    let names = String::from_utf8_lossy(&output.stdout);
    Ok(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Built {
        /// What the tests of a package describe.
        pub(crate) fn example() -> Self {
            Self {
                name: "salesforce-connector".to_owned(),
                version: "1.2.3".to_owned(),
                description: "What it does.".to_owned(),
                rustc: "1.95.0 (abc 2026-01-01)".to_owned(),
                component: "salesforce-connector-1.2.3.wasm".to_owned(),
                activities: vec!["salesforce-activity-1.2.3.wasm".to_owned()],
                activity_wit: "workflow-salesforce-activity-1.2.3.wit".to_owned(),
                sha256: "ab".repeat(32),
                imports: vec!["wasi:http/types@0.2.2".to_owned(), "wasi:random/random@0.2.2".to_owned()],
                exports: vec!["workflow:salesforce/soql@1.2.3".to_owned()],
                wit_text: "workflow-salesforce-1.2.3.wit".to_owned(),
                wit: "workflow-salesforce-wit-1.2.3.wasm".to_owned(),
                wit_package: "workflow:salesforce@1.2.3".to_owned(),
            }
        }
    }

    #[test]
    fn what_is_missing_of_the_description_is_named() {
        let failure = Built::parse(r#"{"name":"a","version":"1.2.3"}"#).unwrap_err();
        assert_eq!(failure.message(), Some("`componentize` must print \"description\""));
    }

    #[test]
    fn the_copy_has_the_sources_and_goes_when_it_is_dropped() {
        let copy = Copy::of_sources().unwrap();
        for file in ["Cargo.lock", "src/lib.rs", ".cargo/config.toml", "wit/types.wit"] {
            assert!(copy.sources.join(file).is_file(), "{file}");
        }
        assert!(!copy.sources.join("target").exists());
        let folder = copy.folder.clone();
        drop(copy);
        assert!(!folder.exists());
    }
}
