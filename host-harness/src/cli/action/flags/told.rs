//! What is wrong with an input, told of the flag that it came from.

use salesforce_actions::InputError;
use salesforce_actions::types::member;
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::types::ErrorKind;

use super::{Flags, Form, INPUT, Leaf, names};
use crate::cli::failure::Failure;

impl Flags<'_> {
    /// `query.batch_size: expected ...` becomes `--batch-size: expected ...`.
    pub(in super::super) fn told(&self, error: &InputError) -> String {
        let InputError::Input { expected, .. } = error else { return error.to_string() };
        let expected = without_column(expected);
        self.told_at(expected).unwrap_or_else(|| format!("{}: {expected}", self.action.name))
    }

    /// The same of an argument that the component refused.
    pub(in super::super) fn told_of_call(&self, mut failure: Failure) -> Failure {
        if let Failure::Call(ExecutionError::Connector(error), _) = &mut failure
            && error.kind == ErrorKind::InvalidArgument
            && let Some(told) = self.told_at(&error.message)
        {
            error.message = told;
        }
        failure
    }

    fn told_at(&self, expected: &str) -> Option<String> {
        if let Some(leaf) = self.missing(expected) {
            return Some(format!("{}: expected a value, found none", self.called(leaf)));
        }
        let (path, words) = expected.split_once(": ")?;
        let leads_to = |leaf: &&Leaf| {
            path.strip_prefix(&json_path(leaf)).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let leaf = self.leaves.iter().filter(leads_to).max_by_key(|leaf| leaf.path.len())?;
        let inside = path.strip_prefix(&json_path(leaf)).unwrap_or_default();
        Some(match leaf.form {
            Form::Json if !inside.is_empty() => {
                format!("{}: {}: {words}", self.called(leaf), inside.trim_start_matches('.'))
            }
            Form::Parameters if !inside.is_empty() => {
                format!("{} {}: {words}", self.called(leaf), inside.trim_start_matches('.'))
            }
            _ => format!("{}: {words}", self.called(leaf)),
        })
    }

    /// What is missing is named in the words, and not by the path: ``order: missing field `sku` ``.
    fn missing(&self, expected: &str) -> Option<&Leaf> {
        let (path, words) = expected.rsplit_once(": ").unwrap_or(("", expected));
        let name = words.strip_prefix("missing field `")?.strip_suffix('`')?;
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let is_there = |leaf: &&Leaf| {
            json_path(leaf).strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.leaves.iter().find(is_there)
    }

    /// What the flag of a place is called where the program is: `--batch-size`, or `<SOQL>` where it has no name.
    pub(in super::super) fn named(&self, path: &str) -> String {
        let leaf = self.leaves.iter().find(|leaf| leaf.path == path);
        leaf.map_or_else(|| path.strip_prefix(INPUT).unwrap_or(path).to_owned(), |leaf| self.called(leaf))
    }

    /// The same of the one that takes a file instead.
    pub(in super::super) fn file_named(&self, path: &str) -> String {
        let leaf = self.leaves.iter().find(|leaf| leaf.path == path);
        let file = leaf.and_then(|leaf| names::file(&leaf.flag, &leaf.form));
        file.map_or_else(|| self.named(path), |file| format!("--{file}"))
    }

    fn called(&self, leaf: &Leaf) -> String {
        let is_positional = self.positional().is_some_and(|positional| positional.path == leaf.path);
        if is_positional { format!("<{}>", leaf.value_name()) } else { format!("--{}", leaf.flag) }
    }
}

fn json_path(leaf: &Leaf) -> String {
    member(leaf.path.strip_prefix(INPUT).unwrap_or(&leaf.path))
}

/// The line and column are those of JSON that nobody has seen.
fn without_column(words: &str) -> &str {
    match words.rsplit_once(" at line ") {
        Some((before, place)) if place.contains(" column ") => before,
        _ => words,
    }
}
