//! SECURITY.md says which test holds each statement: here the statements are held to that.

use std::collections::HashSet;
use std::fs;

use support::sources::{tests_below, workspace};

const PLACES: [&str; 3] = ["host-harness", "src", "tests"];

#[test]
fn every_statement_names_a_test_and_every_test_that_is_named_is_there() {
    let tests: HashSet<String> = tests_below(&PLACES).into_iter().collect();
    let document = fs::read_to_string(workspace().join("SECURITY.md")).unwrap();
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
