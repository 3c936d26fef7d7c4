//! JSON field by field: which fields one has and the other lacks, and which differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::names::NAMES;

/// A step into JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Name(String),
    Place(usize),
}

type Path = Vec<Step>;

/// What differs, a line for each kind of field: `only ours: PATH`, `only theirs: PATH`, `other value: PATH`. A path has its names in
/// their spelling, and `[]` for any place of a list. `places` says where parts of ours are in theirs.
pub(super) fn differences(ours: &Value, theirs: &Value, places: &[(&str, &str)]) -> BTreeSet<String> {
    let ours: BTreeMap<Path, Value> =
        leaves(ours).into_iter().map(|(path, value)| (moved(&path, places), value)).collect();
    let theirs = leaves(theirs);
    let mut found = BTreeSet::new();
    for (path, value) in &ours {
        match theirs.get(path) {
            Some(other) if is_same(value, other) => {}
            Some(_) => _ = found.insert(format!("other value: {}", shown(path))),
            // What is none is not told by them.
            None if value.is_null() => {}
            None => _ = found.insert(format!("only ours: {}", shown(path))),
        }
    }
    found.extend(
        theirs.keys().filter(|path| !ours.contains_key(*path)).map(|path| format!("only theirs: {}", shown(path))),
    );
    found
}

/// Numbers may be written in several ways, as long as they have no more digits than every language keeps.
fn is_same(one: &Value, other: &Value) -> bool {
    let is_short = |value: &Value| value.to_string().chars().filter(char::is_ascii_digit).count() <= 15;
    match (one, other) {
        (Value::Number(a), Value::Number(b)) if is_short(one) && is_short(other) => a.as_f64() == b.as_f64(),
        _ => one == other,
    }
}

/// Everything that has no parts, and what is empty.
fn leaves(value: &Value) -> BTreeMap<Path, Value> {
    fn look(value: &Value, path: &mut Path, found: &mut BTreeMap<Path, Value>) {
        let parts: Vec<(Step, &Value)> = match value {
            Value::Array(list) => list.iter().enumerate().map(|(place, value)| (Step::Place(place), value)).collect(),
            Value::Object(members) => members.iter().map(|(name, value)| (Step::Name(name.clone()), value)).collect(),
            _ => Vec::new(),
        };
        if parts.is_empty() {
            found.insert(path.clone(), value.clone());
        }
        for (step, part) in parts {
            path.push(step);
            look(part, path, found);
            path.pop();
        }
    }
    let mut found = BTreeMap::new();
    look(value, &mut Vec::new(), &mut found);
    found
}

/// Where this part of ours is in theirs: by the longest of the places that it begins with, then by the names.
fn moved(path: &Path, places: &[(&str, &str)]) -> Path {
    let fits = places.iter().filter_map(|(from, to)| Some((begins(path, &steps(from))?, to)));
    let (rest, mut moved) = match fits.min_by_key(|(rest, _)| rest.len()) {
        Some((rest, to)) => (rest, steps(to)),
        None => (path.as_slice(), Vec::new()),
    };
    let taken = path.get(..path.len() - rest.len()).unwrap_or_default();
    let mut indexes = taken.iter().filter(|step| matches!(step, Step::Place(_)));
    for step in moved.iter_mut().filter(|step| matches!(step, Step::Place(_))) {
        *step = indexes.next().cloned().unwrap_or(Step::Place(0));
    }
    moved.extend(rest.iter().map(|step| match step {
        Step::Name(name) => Step::Name(
            NAMES.iter().find(|(ours, _)| ours == name).map_or(name.as_str(), |(_, theirs)| theirs).to_owned(),
        ),
        Step::Place(place) => Step::Place(*place),
    }));
    moved
}

/// What comes after this beginning.
fn begins<'a>(path: &'a [Step], beginning: &[Step]) -> Option<&'a [Step]> {
    let (first, rest) = path.split_at_checked(beginning.len())?;
    let same = |(one, other): (&Step, &Step)| one == other || matches!((one, other), (Step::Place(_), Step::Place(_)));
    first.iter().zip(beginning).all(same).then_some(rest)
}

/// Reads `records[].Name`.
fn steps(text: &str) -> Path {
    let mut steps = Vec::new();
    for part in text.split('.').filter(|part| !part.is_empty()) {
        let name = part.trim_end_matches("[]");
        if !name.is_empty() {
            steps.push(Step::Name(name.to_owned()));
        }
        steps.extend((0..(part.len() - name.len()) / 2).map(|_| Step::Place(0)));
    }
    steps
}

fn shown(path: &Path) -> String {
    if path.is_empty() {
        return "the whole".to_owned();
    }
    let mut text = String::new();
    for step in path {
        match step {
            Step::Place(_) => text.push_str("[]"),
            Step::Name(name) if text.is_empty() => text.push_str(name),
            Step::Name(name) => text.extend([".", name]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lines(ours: Value, theirs: Value, places: &[(&str, &str)]) -> Vec<String> {
        differences(&ours, &theirs, places).into_iter().collect()
    }

    #[test]
    fn the_same_has_no_differences_whatever_its_names_and_places() {
        let ours = json!({"objects": [{"label_plural": "As", "custom": false}], "next": null});
        assert!(
            lines(ours, json!({"sobjects": [{"labelPlural": "As", "custom": false}]}), &[("objects", "sobjects")])
                .is_empty()
        );
        let results = json!({"results": [{"ok": {"id": "1"}}, {"ok": {"id": "2"}}]});
        assert!(lines(results, json!([{"id": "1"}, {"id": "2"}]), &[("results[].ok", "[]")]).is_empty());
        assert!(lines(json!({"a": 1}), json!({"a": 1.0}), &[]).is_empty());
    }

    #[test]
    fn what_differs_is_told_once_for_each_kind_of_field() {
        let ours = json!({"records": [{"a": 1, "b": 2}, {"a": 1, "b": 3}]});
        let theirs = json!({"records": [{"a": 1, "c": null}, {"a": 2, "c": 3}, {"a": 4}]});
        let expected = [
            "only ours: records[].b",
            "only theirs: records[].a",
            "only theirs: records[].c",
            "other value: records[].a",
        ];
        assert_eq!(lines(ours, theirs, &[]), expected);
        let long: Value = serde_json::from_str(r#"{"n":9007199254740993}"#).unwrap();
        assert_eq!(lines(long, json!({"n": 9_007_199_254_740_992_u64}), &[]), ["other value: n"]);
        assert_eq!(lines(json!({"l": []}), json!({"l": null}), &[]), ["other value: l"]);
    }
}
