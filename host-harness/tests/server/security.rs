//! SECURITY.md says which test holds each statement: here the statements are held to that.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

const PLACES: [&str; 4] = ["src", "tests", "../tests/component", "../src"];

#[test]
fn every_statement_names_a_test_and_every_test_that_is_named_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests: HashSet<String> = PLACES
        .iter()
        .flat_map(|place| sources(&root.join(place)))
        .flat_map(|source| tests_of(&fs::read_to_string(source).unwrap()))
        .collect();
    let document = fs::read_to_string(root.join("../SECURITY.md")).unwrap();
    let boundaries = document.split("## Boundaries").nth(1).unwrap().split("\n## ").next().unwrap();
    let statements: Vec<String> = statements(boundaries);
    assert!(statements.len() > 40, "{} statements", statements.len());
    let without: Vec<_> = statements.iter().filter(|statement| named(statement).is_empty()).collect();
    assert!(without.is_empty(), "statements that name no test: {without:#?}");
    let missing: Vec<_> = named(boundaries).into_iter().filter(|name| !tests.contains(name)).collect();
    assert!(missing.is_empty(), "tests that are named and not there: {missing:#?}");
}

/// The entries of the lists, each in one line.
fn statements(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut in_list = false;
    for line in text.lines() {
        match line.strip_prefix("- ") {
            Some(first) => all.push(first.to_owned()),
            None if in_list && line.starts_with("  ") => all.last_mut().unwrap().push_str(line),
            None => {}
        }
        in_list = line.starts_with("- ") || (in_list && line.starts_with("  "));
    }
    all
}

/// What stands in backquotes and has the form of a test's name.
fn named(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_name = |name: &&str| {
        name.matches('_').count() >= 2
            && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    quoted.filter(is_name).map(str::to_owned).collect()
}

fn tests_of(source: &str) -> Vec<String> {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let test = |pair: &[&str]| {
        let [attribute, function] = pair else { return None };
        let is_test = attribute.starts_with("#[test]") || attribute.starts_with("#[tokio::test");
        let name = function.strip_prefix("async ").unwrap_or(function).strip_prefix("fn ")?.split('(').next()?;
        is_test.then(|| name.to_owned())
    };
    lines.windows(2).filter_map(test).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}
