//! The core knows no WASI, clock, randomness or environment: neither its sources nor what it is built from.

use std::fs;
use std::process::Command;

use support::sources::{rust_below, workspace};

const FORBIDDEN: [&str; 14] = [
    "std::time",
    "Instant",
    "SystemTime",
    "std::env",
    "env::var",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "waki",
    "wit_bindgen",
    "wasi",
    "getrandom",
    "rand::",
];

/// What a source uses beyond its tests and comments that the core must not know.
fn impurities(source: &str) -> Vec<&'static str> {
    let code = source.split("#[cfg(test)]\nmod tests").next().unwrap();
    // The slashes of an address begin no comment.
    let lines = code.lines().map(|line| line.replace("://", ":").split("//").next().unwrap().to_owned());
    let code = lines.collect::<Vec<_>>().join("\n");
    FORBIDDEN.into_iter().filter(|name| code.contains(name)).collect()
}

#[test]
fn the_core_names_no_wasi_clock_randomness_or_environment() {
    let files = rust_below("src/core");
    assert!(files.len() > 20, "expected the files of the core, found {files:?}");
    for file in files {
        let found = impurities(&fs::read_to_string(&file).unwrap());
        assert!(found.is_empty(), "{} names {found:?}", file.display());
    }
}

#[test]
fn the_check_finds_what_it_looks_for() {
    let source =
        "//! wasi is for others\nfn now() { std::time::Instant::now(); }\n#[cfg(test)]\nmod tests { use rand::x; }";
    assert_eq!(impurities(source), ["std::time", "Instant"]);
    assert!(impurities("let url = \"https://x\"; // std::env").is_empty());
    assert_eq!(impurities("let url = (\"https://x\", std::env::var(\"X\"));"), ["std::env", "env::var"]);
}

#[test]
fn the_core_is_built_from_nothing_that_knows_them() {
    let cargo = std::env::var_os("CARGO").unwrap();
    let tree = Command::new(cargo)
        .current_dir(workspace())
        .args(["tree", "--offline", "--locked", "--package", "salesforce-connector", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"sha2"), "expected the tree of dependencies, found {names:?}");
    for name in ["waki", "wit-bindgen", "getrandom", "rand", "wasi", "tokio", "chrono", "time", "jiff"] {
        assert!(!names.contains(&name), "the core depends on {name}");
    }
}
