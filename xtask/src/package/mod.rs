//! `cargo xtask package`: all that somebody needs who takes the connector without its sources, in one folder.
//!
//! ```text
//! components and WIT (built twice) ────────┐
//! harness (built for release) ─────────────┤
//! permissions (of connector and streams) ──┼─ checksums
//! sbom (of these and of the harness) ──────┤
//! licences, README ────────────────────────┘
//! ```

mod checksums;
mod component;
mod permissions;
mod sbom;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::{Failure, Outcome, passed_on};
use crate::{toolchain, workspace};

pub(crate) use checksums::sha256;
pub(crate) use component::{Built, Component};

/// The file that every package has, and by which a folder is known for one.
const CHECKSUMS: &str = "SHA256SUMS";
/// The texts that go along as they are.
const TEXTS: [&str; 4] = ["LICENSE-APACHE", "LICENSE-MIT", "CHANGELOG.md", "SECURITY.md"];

/// What was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where the package goes
    #[arg(long, value_name = "FOLDER", default_value_os_t = workspace::root().join("dist"))]
    out: PathBuf,
    /// Leave the harness out, which takes many minutes to build
    #[arg(long)]
    skip_harness: bool,
}

/// Makes the package.
pub(crate) fn run(options: &Options) -> Outcome {
    toolchain::ensure_wasm_target()?;
    let dist = &std::path::absolute(&options.out).map_err(Failure::io("read the path after --out"))?;
    emptied(dist)?;
    let built = component::reproducible(dist)?;
    for (component, prefix) in [(&built.connector, ""), (&built.streams, "streams.")] {
        write_json(&dist.join(format!("{prefix}permissions.json")), &permissions::of(component)?)?;
        write_json(&dist.join(format!("{prefix}sbom.cdx.json")), &sbom::of_component(component, &built.rustc)?)?;
    }
    if !options.skip_harness {
        harness(dist, &built)?;
    }
    for text in TEXTS {
        fs::copy(workspace::root().join(text), dist.join(text)).map_err(Failure::io(format!("copy {text}")))?;
    }
    write(&dist.join("README.md"), readme(&built, !options.skip_harness).as_bytes())?;
    let checksums = checksums::of_folder(dist)?;
    write(&dist.join(CHECKSUMS), checksums.as_bytes())?;
    report(dist, &checksums)
}

/// Makes the folder, without what an earlier package left in it; a folder that holds anything else is not touched.
fn emptied(folder: &Path) -> Outcome {
    let occupied = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if occupied && !folder.join(CHECKSUMS).is_file() {
        let folder = folder.display();
        return Err(Failure::new(format!(
            "{folder} is not empty and is no package that was made here (it has no {CHECKSUMS}); expected an empty \
             folder, a new one or an earlier package"
        )));
    }
    if occupied {
        fs::remove_dir_all(folder).map_err(Failure::io(format!("remove {}", folder.display())))?;
    }
    fs::create_dir_all(folder).map_err(Failure::io(format!("create {}", folder.display())))?;
    // Until the package is whole, so that what is left of an interrupted one is known for what it is.
    write(&folder.join(CHECKSUMS), b"")
}

/// Builds the harness for release and sees that it carries the very component of the package.
fn harness(dist: &Path, built: &Built) -> Outcome {
    eprintln!(
        "Building the harness for release. Its first build compiles wasmtime with full optimisation and takes 5 to 15\n\
         minutes; `--skip-harness` leaves it out."
    );
    let status = workspace::cargo()
        .args(["build", "--release", "--locked", "--package", "host-harness", "--bin", "harness"])
        .status()
        .map_err(Failure::io("start cargo"))?;
    passed_on(status)?;
    let name = format!("harness{}", std::env::consts::EXE_SUFFIX);
    let program = dist.join(&name);
    let from = workspace::target_folder(&format!("release/{name}"))?;
    fs::copy(from, &program).map_err(Failure::io("copy the harness"))?;

    let described = Command::new(&program).args(["--json", "component"]).output();
    let described = described.map_err(Failure::io("start the harness"))?;
    passed_on(described.status)?;
    let described: Value = serde_json::from_slice(&described.stdout)
        .map_err(|error| Failure::new(format!("`harness component` must print JSON: {error}")))?;
    let own = described.get("sha256").and_then(Value::as_str);
    if own != Some(&built.connector.sha256) {
        return Err(Failure::new(format!(
            "the harness carries another component ({}) than the package ({})",
            own.unwrap_or("unnamed"),
            built.connector.sha256
        )));
    }
    write_json(&dist.join("harness.sbom.cdx.json"), &sbom::of_harness(&program, &built.rustc)?)
}

/// What is where, for whoever unpacks it.
fn readme(built: &Built, with_harness: bool) -> String {
    let harness = if with_harness { include_str!("harness.md") } else { "" };
    include_str!("README.md")
        .replace("{harness}", harness)
        .replace("{component}", &built.connector.file)
        .replace("{streams}", &built.streams.file)
        .replace("{streams-wit}", &built.streams_wit)
        .replace(
            "{activities}",
            &built.activities.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", "),
        )
        .replace("{activity-wit}", &built.activity_wit)
        .replace("{wit}", &built.wit)
        .replace("{wit-text}", &built.wit_text)
        .replace("{wit-package}", &built.wit_package)
        .replace("{version}", &built.connector.version)
        .replace("{rustc}", &built.rustc)
}

fn report(dist: &Path, checksums: &str) -> Outcome {
    println!("{}:", dist.display());
    for line in checksums.lines() {
        if let Some((digest, file)) = line.split_once("  ") {
            let size = fs::metadata(dist.join(file)).map_err(Failure::io(format!("measure {file}")))?.len();
            println!("{size:>10}  {}  {file}", digest.get(..12).unwrap_or(digest));
        }
    }
    println!("The components were built twice, in two folders: the same bytes.");
    Ok(())
}

fn write_json(file: &Path, value: &Value) -> Outcome {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::new(error.to_string()))?;
    write(file, format!("{text}\n").as_bytes())
}

fn write(file: &Path, bytes: &[u8]) -> Outcome {
    fs::write(file, bytes).map_err(Failure::io(format!("write {}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_something_else_is_left_alone_and_an_earlier_package_replaced() {
        let folder = std::env::temp_dir().join(format!("xtask-package-{}", std::process::id()));
        emptied(&folder).unwrap();
        write(&folder.join("harness"), b"old").unwrap();
        emptied(&folder).unwrap();
        assert!(!folder.join("harness").exists());

        write(&folder.join("thesis.txt"), b"precious").unwrap();
        fs::remove_file(folder.join(CHECKSUMS)).unwrap();
        let failure = emptied(&folder).unwrap_err();
        assert!(failure.message().unwrap().contains("is not empty"));
        assert!(folder.join("thesis.txt").exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_readme_has_no_place_left_to_fill_in() {
        let built = Built::example();
        for with_harness in [true, false] {
            let readme = readme(&built, with_harness);
            assert!(!readme.contains(['{', '}']), "{readme}");
            assert_eq!(readme.contains("harness.sbom.cdx.json"), with_harness);
            assert!(readme.contains(&built.connector.file) && readme.contains(&built.streams.file));
        }
    }
}
