//! The workspace's own sources, for tests that hold lists and documents to them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust sources below a folder of the workspace, e.g. `host-harness/server/src`.
pub fn rust_below(folder: &str) -> Vec<PathBuf> {
    below(&workspace().join(folder))
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let entries = entries.map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The names of all tests below these folders of the workspace.
pub fn tests_below(folders: &[&str]) -> Vec<String> {
    let sources = folders.iter().flat_map(|folder| rust_below(folder));
    sources.flat_map(|source| tests_of(&fs::read_to_string(source).unwrap())).collect()
}

/// The names of the tests in a source.
pub fn tests_of(source: &str) -> Vec<String> {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let test = |pair: &[&str]| {
        let [attribute, function] = pair else { return None };
        let is_test = attribute.starts_with("#[test]") || attribute.starts_with("#[tokio::test");
        let name = function.strip_prefix("async ").unwrap_or(function).strip_prefix("fn ")?.split('(').next()?;
        is_test.then(|| name.to_owned())
    };
    lines.windows(2).filter_map(test).collect()
}

/// Each row of a list has a test below these folders that begins with its letter and number, from 1, e.g. `f07_...`, and
/// each such test has its row.
///
/// # Panics
/// They do not.
pub fn assert_rows_have_tests(rows: &[&str], letter: char, folders: &[&str]) {
    let mut tests: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for name in tests_below(folders) {
        if let Some(row) = row_of(&name, letter) {
            tests.entry(row).or_default().push(name);
        }
    }
    let without: Vec<_> = (1..).zip(rows).filter(|(row, _)| !tests.contains_key(row)).collect();
    assert!(without.is_empty(), "rows without a test: {without:#?}");
    let of_no_row: Vec<_> = tests.iter().filter(|(row, _)| !(1..=rows.len()).contains(*row)).collect();
    assert!(of_no_row.is_empty(), "tests of no row: {of_no_row:?}");
}

fn row_of(name: &str, letter: char) -> Option<usize> {
    name.strip_prefix(letter)?.split_once('_')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_test_counts() {
        let source =
            "#[test]\nfn s01_a() {}\n#[tokio::test(flavor = \"x\")]\nasync fn s12_b() {}\nfn s03_c() {}\n// fn s04_d()";
        assert_eq!(tests_of(source), ["s01_a", "s12_b"]);
        assert_eq!(row_of("s12_b", 's'), Some(12));
        assert_eq!(row_of("s12_b", 'f'), None);
        assert_eq!(row_of("sources_are_read", 's'), None);
    }

    #[test]
    #[should_panic(expected = "rows without a test")]
    fn a_row_without_a_test_is_found() {
        assert_rows_have_tests(&["a row that nobody has a test for"], 'z', &["tests/support"]);
    }
}
