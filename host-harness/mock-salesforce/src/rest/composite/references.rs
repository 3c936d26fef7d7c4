//! `@{ref.field}`: a value of an earlier answer in the URL or the body of a later request. Case matters: a create gives
//! `id`, a read gives `Id`.
//!
//! Source: REST API Developer Guide, "Composite": "Using Reference IDs". The words of the error are from its examples.

use std::collections::HashMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::ApiError;

/// The bodies of the answers so far, by reference id. Those of requests that failed are not among them.
#[derive(Debug, Default)]
pub(super) struct References(HashMap<String, Value>);

impl References {
    pub(super) fn insert(&mut self, id: &str, body: Value) {
        self.0.insert(id.to_owned(), body);
    }

    /// A URL with its references filled in and encoded.
    pub(super) fn fill_url(&self, url: &str) -> Result<String, ApiError> {
        fill(url, |reference| {
            let value = text(self.value(reference)?);
            Ok(utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string())
        })
    }

    /// A body with its references filled in. One that is a whole text keeps its type.
    pub(super) fn fill_body(&self, body: &Value) -> Result<Value, ApiError> {
        match body {
            Value::String(whole) => match parts(whole).as_slice() {
                [Part::Reference(reference)] => self.value(reference).cloned(),
                _ => fill(whole, |reference| Ok(text(self.value(reference)?))).map(Value::String),
            },
            Value::Array(items) => items.iter().map(|item| self.fill_body(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| Ok((name.clone(), self.fill_body(value)?))).collect()
            }
            _ => Ok(body.clone()),
        }
    }

    fn value(&self, reference: &str) -> Result<&Value, ApiError> {
        let (id, path) = split(reference);
        self.0.get(id).and_then(|body| follow(body, path)).filter(|value| !value.is_null()).ok_or_else(|| {
            let message = format!("Invalid reference specified. No value for {reference} found in {id}");
            ApiError::bad_request("PROCESSING_HALTED", message)
        })
    }
}

/// The ids of the requests that a URL and a body refer to.
pub(super) fn referred<'a>(url: &'a str, body: Option<&'a Value>) -> Vec<&'a str> {
    fn collect<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::String(text) => found.extend(ids(text)),
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            Value::Object(members) => members.values().for_each(|member| collect(member, found)),
            _ => {}
        }
    }
    let mut found: Vec<&str> = ids(url).collect();
    if let Some(body) = body {
        collect(body, &mut found);
    }
    found
}

fn ids(text: &str) -> impl Iterator<Item = &str> {
    parts(text).into_iter().filter_map(|part| match part {
        Part::Reference(reference) => Some(split(reference).0),
        Part::Text(_) => None,
    })
}

enum Part<'a> {
    Text(&'a str),
    Reference(&'a str),
}

fn parts(mut text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    while let Some((before, rest)) = text.split_once("@{") {
        let Some((reference, after)) = rest.split_once('}') else { break };
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        parts.push(Part::Reference(reference));
        text = after;
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    parts
}

fn fill(text: &str, value: impl Fn(&str) -> Result<String, ApiError>) -> Result<String, ApiError> {
    let part = |part| match part {
        Part::Text(text) => Ok(text.to_owned()),
        Part::Reference(reference) => value(reference),
    };
    parts(text).into_iter().map(part).collect()
}

/// The id of the request, and the path into its answer.
fn split(reference: &str) -> (&str, &str) {
    let end = reference.find(['.', '[']).unwrap_or(reference.len());
    reference.split_at(end)
}

/// The value at a path such as `.records[0].Id`.
fn follow<'a>(mut value: &'a Value, path: &str) -> Option<&'a Value> {
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (index, after) = inner.split_once(']')?;
            value = value.get(index.parse::<usize>().ok()?)?;
            rest = after;
        } else {
            let inner = rest.strip_prefix('.')?;
            let end = inner.find(['.', '[']).unwrap_or(inner.len());
            let (name, after) = inner.split_at(end);
            value = value.get(name)?;
            rest = after;
        }
    }
    Some(value)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn references() -> References {
        let mut references = References::default();
        references.insert("made", json!({"id": "001", "success": true}));
        references.insert("found", json!({"records": [{"Id": "003", "Name": "A & B"}], "totalSize": 1}));
        references.insert("several", json!([{"id": "007"}]));
        references
    }

    #[test]
    fn a_reference_leads_into_objects_and_lists() {
        let references = references();
        for (url, filled) in [
            ("/x/@{made.id}", "/x/001"),
            ("/x/@{found.records[0].Id}/y?name=@{found.records[0].Name}", "/x/003/y?name=A%20%26%20B"),
            ("/x/@{several[0].id}", "/x/007"),
            ("/x/@{open", "/x/@{open"),
        ] {
            assert_eq!(references.fill_url(url).unwrap(), filled);
        }
    }

    #[test]
    fn a_whole_text_keeps_its_type_and_a_part_does_not() {
        let body = json!({"a": "@{found.totalSize}", "b": ["n=@{found.totalSize}"], "c": 1});
        assert_eq!(references().fill_body(&body).unwrap(), json!({"a": 1, "b": ["n=1"], "c": 1}));
    }

    #[test]
    fn what_leads_nowhere_halts() {
        for reference in ["made.Id", "other.id", "found.records[1].Id", "made[0]"] {
            let error = references().fill_url(&format!("/@{{{reference}}}")).unwrap_err();
            assert_eq!((error.status, error.code), (400, "PROCESSING_HALTED"), "{reference}");
        }
        let error = references().fill_url("/@{made.Id}").unwrap_err();
        assert_eq!(error.message, "Invalid reference specified. No value for made.Id found in made");
    }

    #[test]
    fn references_are_found_in_urls_and_bodies() {
        let body = json!({"a": ["x@{two[0].id}"], "b": "@{three.id}"});
        assert_eq!(referred("/@{one.id}", Some(&body)), ["one", "two", "three"]);
    }
}
