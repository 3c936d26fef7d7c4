//! The kinds of attack and mishap that the server survives, and the check that each has tests and no test is of another.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where tests of rows stand: here for what a client sees, in the sources for what only one part can show, and with the
/// components that were made to do harm.
const PLACES: [&str; 4] = ["tests/server", "tests/cli", "tests/hostile", "src"];

/// What can happen, and what becomes of it. The number of a row is its place, from 1: `s01_...`.
const ROWS: [&str; 15] = [
    "an id is not of its form, or names another tenant's: 404, and nothing is touched",
    "the key is rotated at any moment of a refresh, an execution, an upload: nothing sealed becomes unreadable",
    "the key is missing, wrong, or of another directory: no start, with words, and never a new key over old data",
    "a component returns texts, lists or numbers without measure: bounded before they are copied, cleaned, sealed",
    "a field of a request is too long or too large: refused, and the OpenAPI document has the bound",
    "the disk is full or read-only: nothing begins that could not be recorded, and what was sent is kept until it is",
    "a tenant's components are busy: another tenant's executions take at most twice as long",
    "clients are slow or half-open: their connections end, others are served",
    "a tenant uses up disk, memory, places or connections: its own quota ends it, and what is refused leaves nothing",
    "a component claims what the host's ledger contradicts: the ledger wins",
    "a component behaves only while it is watched: verification looks as an execution does",
    "an authorization begun at one issuer never sends its code or verifier to another",
    "rate limits bind whatever runs, streams included",
    "the clock jumps: no key is forgotten early, no record of an execution is deleted",
    "the process is killed at any point: no temporary file stays, nothing stays in progress without an owner",
];

#[test]
fn every_row_has_a_test_and_every_test_its_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for source in PLACES.iter().flat_map(|place| sources(&root.join(place))) {
        for (row, name) in tests_of_rows(&fs::read_to_string(source).unwrap()) {
            tests.entry(row).or_default().push(name);
        }
    }
    let without: Vec<_> = (1..).zip(ROWS).filter(|(row, _)| !tests.contains_key(row)).collect();
    assert!(without.is_empty(), "rows without a test: {without:#?}");
    let of_no_row: Vec<_> = tests.iter().filter(|(row, _)| !(1..=ROWS.len()).contains(*row)).collect();
    assert!(of_no_row.is_empty(), "tests of no row: {of_no_row:?}");
}

#[test]
fn only_a_test_counts() {
    let source = "#[test]\nfn s01_a() {}\n#[tokio::test(x)]\nasync fn s12_b() {}\nfn s03_c() {}\n// fn s04_d()";
    assert_eq!(tests_of_rows(source), [(1, "s01_a".to_owned()), (12, "s12_b".to_owned())]);
}

/// The tests in a source that are named for a row.
fn tests_of_rows(source: &str) -> Vec<(usize, String)> {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let named = |pair: &[&str]| {
        let [attribute, function] = pair else { return None };
        let is_test = attribute.starts_with("#[test]") || attribute.starts_with("#[tokio::test");
        let name = function.strip_prefix("async ").unwrap_or(function).strip_prefix("fn ")?.split('(').next()?;
        let (row, _) = name.strip_prefix('s')?.split_once('_')?;
        is_test.then_some((row.parse().ok()?, name.to_owned()))
    };
    lines.windows(2).filter_map(named).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}
