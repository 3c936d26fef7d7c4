//! What is inside a component, and inside the harness, as CycloneDX 1.6: the crates that are compiled into it for its
//! target and with its features, as cargo resolves them, and Rust's standard library. Crates that only run during a build
//! (build scripts, procedural macros) are not in it.
//!
//! The same sources give the same text: the serial number comes from the program's digest, and the time is the commit's.
//!
//! cargo-cyclonedx 0.5.9 was tried in its place: it lists procedural macros and all they bring (for the component 71 crates, where
//! 23 are in it), and neither the standard library nor the program's own digest, and writes CycloneDX 1.5 at most.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::failure::{Failure, Outcome};
use crate::package::{Component, sha256};
use crate::workspace;

/// What cargo resolved for one program.
#[derive(Debug, Default)]
struct Tree {
    /// The package that the program is; it is not among `crates`.
    root: String,
    /// By package URL.
    crates: BTreeMap<String, Crate>,
    /// What depends on what, by package URL.
    edges: BTreeMap<String, BTreeSet<String>>,
}

/// One package, as cargo tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Crate {
    name: String,
    version: String,
    licence: String,
    repository: String,
}

/// The program that a bill is about.
struct Subject<'a> {
    kind: &'a str,
    description: &'a str,
    sha256: &'a str,
    rustc: &'a str,
    built_at: &'a str,
}

/// The bill of a component that this compiler built.
pub(super) fn of_component(component: &Component, rustc: &str) -> Outcome<Value> {
    let tree = Tree::parse(&cargo_tree(&["--package", &component.name, "--target", "wasm32-unknown-unknown"])?)?;
    let subject = Subject {
        kind: "library",
        description: &component.description,
        sha256: &component.sha256,
        rustc,
        built_at: &time_of_commit()?,
    };
    bill(&tree, &checksums()?, &subject)
}

/// The bill of the harness, for the system that it was built on.
pub(super) fn of_harness(program: &Path, rustc: &str) -> Outcome<Value> {
    let tree = Tree::parse(&cargo_tree(&["--package", "host-harness"])?)?;
    let subject = Subject {
        kind: "application",
        description: "Runs the component that is named beside it; that has a bill of its own.",
        sha256: &sha256(program)?,
        rustc,
        built_at: &time_of_commit()?,
    };
    bill(&tree, &checksums()?, &subject)
}

/// A line for each package, its depth first. A package's own lines follow it where it is named first.
fn cargo_tree(of: &[&str]) -> Outcome<String> {
    let mut cargo = workspace::cargo();
    cargo.args(["tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "depth", "--charset", "ascii"]);
    let output = cargo.args(["--format", "\t{p}\t{l}\t{r}"]).args(of).output().map_err(Failure::io("start cargo"))?;
    said(&output, "cargo tree")
}

fn time_of_commit() -> Outcome<String> {
    let mut git = Command::new("git");
    git.args(["log", "-1", "--format=%cI"]).current_dir(workspace::root());
    let output = git.output().map_err(Failure::io("start git"))?;
    Ok(said(&output, "git log")?.trim().to_owned())
}

fn said(output: &std::process::Output, program: &str) -> Outcome<String> {
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("`{program}` failed: {}", told.trim())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// SHA-256 of each crate's archive, by package URL, from Cargo.lock. Cargo writes one `key = "value"` a line.
fn checksums() -> Outcome<BTreeMap<String, String>> {
    let lock = fs::read_to_string(workspace::root().join("Cargo.lock")).map_err(Failure::io("read Cargo.lock"))?;
    let sections = lock.split("[[package]]").filter_map(|section| {
        let value = |key: &str| {
            let line = section.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""))?;
            line.strip_suffix('"').map(str::to_owned)
        };
        Some((purl(&value("name")?, &value("version")?), value("checksum")?))
    });
    Ok(sections.collect())
}

fn purl(name: &str, version: &str) -> String {
    // Of what a version may contain, only the plus sign is not taken as it is.
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

impl Tree {
    fn parse(lines: &str) -> Outcome<Self> {
        let mut tree = Self::default();
        let mut above: Vec<String> = Vec::new();
        for line in lines.lines() {
            let parts: Vec<_> = line.trim_end_matches(" (*)").split('\t').collect();
            let [depth, package, licence, repository] = parts.as_slice() else {
                return Err(Failure::new(format!("`cargo tree` must print four fields a line, not {line:?}")));
            };
            let mut words = package.split(' ');
            let name = words.next().unwrap_or_default();
            let version = words.next().and_then(|version| version.strip_prefix('v'));
            let (Ok(depth), Some(version)) = (depth.parse::<usize>(), version) else {
                return Err(Failure::new(format!("`cargo tree` must print depth, name and version, not {line:?}")));
            };
            let purl = purl(name, version);
            above.truncate(depth);
            match above.last() {
                None => tree.root = purl.clone(),
                Some(parent) => {
                    tree.edges.entry(parent.clone()).or_default().insert(purl.clone());
                }
            }
            tree.edges.entry(purl.clone()).or_default();
            let package = Crate {
                name: name.to_owned(),
                version: version.to_owned(),
                // As Cargo.toml was allowed to put it before it took SPDX expressions.
                licence: licence.trim().replace(" / ", " OR ").replace('/', " OR "),
                repository: repository.trim().to_owned(),
            };
            tree.crates.insert(purl.clone(), package);
            above.push(purl);
        }
        Ok(tree)
    }
}

fn bill(tree: &Tree, checksums: &BTreeMap<String, String>, subject: &Subject<'_>) -> Outcome<Value> {
    let root = tree.crates.get(&tree.root).ok_or_else(|| Failure::new("`cargo tree` printed nothing"))?;
    let mut main = described(&tree.root, root, Some(subject.sha256), subject.kind);
    if let Some(main) = main.as_object_mut() {
        main.insert("description".to_owned(), subject.description.into());
    }
    let crates = tree.crates.iter().filter(|(purl, _)| **purl != tree.root);
    let mut components: Vec<Value> = crates
        .map(|(purl, package)| described(purl, package, checksums.get(purl).map(String::as_str), "library"))
        .collect();

    let version = subject.rustc.split(' ').next().unwrap_or_default().to_owned();
    let std = format!("pkg:generic/rust-std@{version}");
    let licence = "MIT OR Apache-2.0".to_owned();
    let repository = "https://github.com/rust-lang/rust".to_owned();
    components.push(described(
        &std,
        &Crate { name: "rust-std".to_owned(), version, licence, repository },
        None,
        "library",
    ));

    let mut edges = tree.edges.clone();
    edges.entry(tree.root.clone()).or_default().insert(std.clone());
    edges.insert(std, BTreeSet::new());
    let dependencies: Vec<_> = edges.iter().map(|(purl, on)| json!({ "ref": purl, "dependsOn": on })).collect();
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial_number(subject.sha256),
        "version": 1,
        "metadata": { "timestamp": subject.built_at, "component": main },
        "components": components,
        "dependencies": dependencies,
    }))
}

fn described(purl: &str, package: &Crate, sha256: Option<&str>, kind: &str) -> Value {
    let hashes: Vec<_> = sha256.into_iter().map(|digest| json!({ "alg": "SHA-256", "content": digest })).collect();
    let references = Some(&package.repository).filter(|url| !url.is_empty());
    let references: Vec<_> = references.into_iter().map(|url| json!({ "type": "vcs", "url": url })).collect();
    json!({
        "type": kind,
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "licenses": [{ "expression": package.licence }],
        "purl": purl,
        "hashes": hashes,
        "externalReferences": references,
    })
}

/// A UUID of version 8 (RFC 9562: one's own) of a digest.
fn serial_number(sha256: &str) -> String {
    let digits = |from: usize, to: usize| sha256.get(from..to).unwrap_or_default();
    format!("urn:uuid:{}-{}-8{}-8{}-{}", digits(0, 8), digits(8, 12), digits(13, 16), digits(17, 20), digits(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Built;

    const TREE: &str = "0\tmain v1.0.0 (/somewhere)\tMIT OR Apache-2.0\t\n\
                        1\tone v0.1.0\tMIT/Apache-2.0\thttps://example.com/one\n\
                        2\tdeep v2.0.0+sys-3\tMIT\t\n\
                        1\ttwo v0.2.0\tApache-2.0 / MIT\t\n\
                        2\tone v0.1.0\tMIT/Apache-2.0\thttps://example.com/one (*)\n";

    fn example() -> Value {
        let sha256 = "0123456789abcdef".repeat(4);
        let subject = Subject {
            kind: "library",
            description: "What it does.",
            sha256: &sha256,
            rustc: "1.95.0 (abc 2026-01-01)",
            built_at: "2026-01-01T00:00:00+00:00",
        };
        let checksums = BTreeMap::from([("pkg:cargo/one@0.1.0".to_owned(), "cd".repeat(32))]);
        bill(&Tree::parse(TREE).unwrap(), &checksums, &subject).unwrap()
    }

    /// What the schema of CycloneDX 1.6 asks of the parts that a bill of ours has.
    fn assert_valid(bill: &Value) {
        assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&"CycloneDX".into(), &"1.6".into()));
        let serial = bill["serialNumber"].as_str().unwrap().strip_prefix("urn:uuid:").unwrap();
        let lengths: Vec<_> = serial.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        let hexadecimal = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        assert!(hexadecimal(&serial.replace('-', "")));

        let mut known = BTreeSet::new();
        let components = bill["components"].as_array().unwrap().iter().chain([&bill["metadata"]["component"]]);
        for component in components {
            for required in ["name", "version", "purl"] {
                assert!(component[required].as_str().is_some_and(|text| !text.is_empty()), "{component}");
            }
            assert!(matches!(component["type"].as_str(), Some("library" | "application")), "{component}");
            let licences = component["licenses"].as_array().unwrap();
            assert!(licences.len() == 1 && !licences[0]["expression"].as_str().unwrap().contains('/'), "{component}");
            for hash in component["hashes"].as_array().unwrap() {
                assert_eq!(hash["alg"], "SHA-256");
                let digest = hash["content"].as_str().unwrap();
                assert!(digest.len() == 64 && hexadecimal(digest), "{digest}");
            }
            assert!(known.insert(component["bom-ref"].as_str().unwrap()), "{component} is there twice");
        }
        let mut told = BTreeSet::new();
        for dependency in bill["dependencies"].as_array().unwrap() {
            assert!(told.insert(dependency["ref"].as_str().unwrap()), "{dependency} is there twice");
            for on in dependency["dependsOn"].as_array().unwrap() {
                assert!(known.contains(on.as_str().unwrap()), "{on} is not described");
            }
        }
        assert_eq!(told, known);
    }

    #[test]
    fn a_bill_follows_the_schema_and_names_every_crate_once() {
        let bill = example();
        assert_valid(&bill);
        let names: Vec<_> = bill["components"].as_array().unwrap().iter().map(|each| &each["purl"]).collect();
        assert_eq!(
            names,
            [
                "pkg:cargo/deep@2.0.0%2Bsys-3",
                "pkg:cargo/one@0.1.0",
                "pkg:cargo/two@0.2.0",
                "pkg:generic/rust-std@1.95.0"
            ]
        );
        assert_eq!(bill["components"][1]["hashes"][0]["content"], "cd".repeat(32));
        assert_eq!(bill["components"][1]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(bill["metadata"]["component"]["purl"], "pkg:cargo/main@1.0.0");
        assert_eq!(bill["serialNumber"], "urn:uuid:01234567-89ab-8def-8123-456789abcdef");
    }

    #[test]
    fn who_depends_on_whom_is_kept_where_cargo_shortens_its_tree() {
        let bill = example();
        let edges = bill["dependencies"].as_array().unwrap();
        let on = |purl: &str| edges.iter().find(|edge| edge["ref"] == purl).unwrap()["dependsOn"].clone();
        assert_eq!(on("pkg:cargo/two@0.2.0"), json!(["pkg:cargo/one@0.1.0"]));
        assert_eq!(on("pkg:cargo/one@0.1.0"), json!(["pkg:cargo/deep@2.0.0%2Bsys-3"]));
        assert_eq!(
            on("pkg:cargo/main@1.0.0"),
            json!(["pkg:cargo/one@0.1.0", "pkg:cargo/two@0.2.0", "pkg:generic/rust-std@1.95.0"])
        );
    }

    #[test]
    fn the_bills_of_the_components_have_their_crates_with_checksums_and_none_of_the_build() {
        let built = Built::example();
        for component in [&built.connector, &built.streams] {
            let bill = of_component(component, &built.rustc).unwrap();
            assert_valid(&bill);
            let components = bill["components"].as_array().unwrap();
            let named = |name: &str| components.iter().find(|component| component["name"] == name);
            assert_eq!(named("sha2").unwrap()["hashes"].as_array().unwrap().len(), 1, "{}", component.name);
            for absent in ["syn", "wit-parser", "wasmtime", "proptest", "wit-bindgen-rust-macro"] {
                assert!(named(absent).is_none(), "{}: {absent}", component.name);
            }
        }
    }
}
