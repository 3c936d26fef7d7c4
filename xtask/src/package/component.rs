//! The components, built here and once more in another folder: whoever has the sources gets the same bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::built;
use crate::failure::{Failure, Outcome, passed_on};
use crate::package::checksums::sha256;
use crate::workspace;

/// One component.
#[derive(Debug, Clone)]
pub(crate) struct Component {
    /// The crate's name.
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
    /// Its file in the package's folder.
    pub(crate) file: String,
    /// SHA-256 of the file.
    pub(crate) sha256: String,
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
}

/// What was built; names of files are those in the package's folder.
#[derive(Debug)]
pub(crate) struct Built {
    /// The compiler, as it calls itself.
    pub(crate) rustc: String,
    pub(crate) connector: Component,
    /// The component with streams.
    pub(crate) streams: Component,
    /// The file of its WIT, as text.
    pub(crate) streams_wit: String,
    /// The files of the activities.
    pub(crate) activities: Vec<String>,
    /// The file of their WIT, as text.
    pub(crate) activity_wit: String,
    /// The file of the binary WIT package.
    pub(crate) wit: String,
    /// The file of the same as text.
    pub(crate) wit_text: String,
    /// Its name and version.
    pub(crate) wit_package: String,
}

/// Builds components and WIT package into a folder, and fails unless a build of a copy of the sources gives the same.
pub(super) fn reproducible(folder: &Path) -> Outcome<Built> {
    eprintln!("Building the components.");
    let built = build(workspace::root(), folder)?;
    eprintln!("Building them once more, from a copy of the sources in another folder.");
    let copy = Copy::of_sources()?;
    let second = build(&copy.sources, &copy.folder)?;
    let files = |Built { connector, streams, wit, activities, .. }: &Built| {
        [&[connector.file.clone(), streams.file.clone(), wit.clone()], &activities[..]].concat()
    };
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
    let target = if sources == workspace::root() { workspace::target_folder("guests")? } else { folder.join("target") };
    let mut componentize = built::tool("componentize")?;
    componentize.args([sources, &target, folder]);
    let output = componentize.stderr(Stdio::inherit()).output().map_err(Failure::io("start componentize"))?;
    passed_on(output.status)?;
    let description = String::from_utf8_lossy(&output.stdout);
    let mut built = Built::parse(&description)?;
    for component in [&mut built.connector, &mut built.streams] {
        component.sha256 = sha256(&folder.join(&component.file))?;
    }
    Ok(built)
}

impl Built {
    fn parse(description: &str) -> Outcome<Self> {
        let description: Value = serde_json::from_str(description)
            .map_err(|error| Failure::new(format!("`componentize` must print JSON: {error}")))?;
        let all = Described(&description);
        Ok(Self {
            rustc: all.text("rustc")?,
            connector: Component::parse(&all.member("connector")?)?,
            streams: Component::parse(&all.member("streams")?)?,
            streams_wit: all.text("streams_wit")?,
            activities: all.list("activities")?,
            activity_wit: all.text("activity_wit")?,
            wit: all.text("wit")?,
            wit_text: all.text("wit_text")?,
            wit_package: all.text("wit_package")?,
        })
    }
}

impl Component {
    fn parse(described: &Described<'_>) -> Outcome<Self> {
        Ok(Self {
            name: described.text("name")?,
            version: described.text("version")?,
            description: described.text("description")?,
            file: described.text("file")?,
            sha256: String::new(),
            imports: described.list("imports")?,
            exports: described.list("exports")?,
        })
    }
}

/// What `componentize` says.
struct Described<'a>(&'a Value);

impl Described<'_> {
    fn member(&self, key: &str) -> Outcome<Described<'_>> {
        let member = self.0.get(key).map(Described);
        member.ok_or_else(|| Failure::new(format!("`componentize` must print \"{key}\"")))
    }

    fn text(&self, key: &str) -> Outcome<String> {
        Ok(self.member(key)?.0.as_str().unwrap_or_default().to_owned())
    }

    fn list(&self, key: &str) -> Outcome<Vec<String>> {
        let names = self.member(key)?.0.as_array().into_iter().flatten();
        Ok(names.filter_map(Value::as_str).map(str::to_owned).collect())
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
            let component = |name: &str, imports: &[&str], exports: &[&str]| Component {
                name: name.to_owned(),
                version: "1.2.3".to_owned(),
                description: "What it does.".to_owned(),
                file: format!("{name}-1.2.3.wasm"),
                sha256: "ab".repeat(32),
                imports: imports.iter().map(|&name| name.to_owned()).collect(),
                exports: exports.iter().map(|&name| name.to_owned()).collect(),
            };
            Self {
                rustc: "1.95.0 (abc 2026-01-01)".to_owned(),
                connector: component(
                    "salesforce-connector",
                    &["wasi:http/types@0.2.2", "wasi:random/random@0.2.2"],
                    &["workflow:salesforce/oauth@1.2.3", "workflow:salesforce/soql@1.2.3"],
                ),
                streams: component(
                    "salesforce-streams-component",
                    &["wasi:http/client@0.3.0", "wasi:random/random@0.3.0"],
                    &["workflow:salesforce-streams/queries@0.1.0"],
                ),
                streams_wit: "workflow-salesforce-streams-0.1.0.wit".to_owned(),
                activities: vec!["salesforce-activity-1.2.3.wasm".to_owned()],
                activity_wit: "workflow-salesforce-activity-1.2.3.wit".to_owned(),
                wit_text: "workflow-salesforce-1.2.3.wit".to_owned(),
                wit: "workflow-salesforce-wit-1.2.3.wasm".to_owned(),
                wit_package: "workflow:salesforce@1.2.3".to_owned(),
            }
        }
    }

    #[test]
    fn what_is_missing_of_the_description_is_named() {
        for (description, missing) in [
            (r#"{"rustc":"a"}"#, "connector"),
            (r#"{"rustc":"a","connector":{"name":"a","version":"1.2.3"}}"#, "description"),
        ] {
            let failure = Built::parse(description).unwrap_err();
            assert_eq!(failure.message(), Some(format!("`componentize` must print \"{missing}\"").as_str()));
        }
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
