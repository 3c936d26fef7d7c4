//! Every member of every body that the OpenAPI document tells, given a value of a wrong type.

use serde_json::{Value, json};

use super::problem;
use crate::client::call;
use crate::fixture::*;

/// Words of the types that the bodies are read into.
const RUST: [&str; 14] = [
    "u8", "u16", "u32", "u64", "usize", "i64", "f64", "struct", "map", "sequence", "column", "variant", "tuple", "unit",
];

/// The members of a schema with their own schemas, whichever of several forms has them.
fn members<'a>(document: &'a Value, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
    if let Some(to) = schema["$ref"].as_str() {
        return members(document, document.pointer(to.trim_start_matches('#')).expect("a schema"));
    }
    let forms = ["oneOf", "anyOf", "allOf"].iter().filter_map(|name| schema[name].as_array()).flatten();
    let own = schema["properties"].as_object().into_iter().flatten().map(|(name, schema)| (name.as_str(), schema));
    own.filter(|(_, schema)| schema["readOnly"] != true).chain(forms.flat_map(|form| members(document, form))).collect()
}

/// Bodies with one wrong value each, and the place of that value.
fn wrong_bodies(
    document: &Value,
    schema: &Value,
    place: &str,
    around: &dyn Fn(Value) -> Value,
) -> Vec<(String, Value)> {
    let mut bodies = Vec::new();
    for (name, schema) in members(document, schema) {
        let place = format!("{place}.{name}");
        let with = |value: Value| around(json!({name: value}));
        // Any JSON will do.
        if ["json", "replace"].contains(&name) {
            assert!(schema["type"].is_null(), "{place}: {schema}");
            continue;
        }
        for wrong in [json!("x"), json!(-1), json!(1.5), json!([[]]), json!({"wrong": []})] {
            bodies.push((place.clone(), with(wrong)));
        }
        bodies.extend(wrong_bodies(document, schema, &place, &with));
    }
    bodies
}

#[tokio::test]
async fn a_wrong_type_is_told_by_its_place_and_in_plain_words() {
    let mock = steered().await;
    let document = call(&mock, "GET", "/__mock/openapi.json").send().await.json();
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let mut told = std::collections::BTreeMap::new();
            for (place, body) in wrong_bodies(&document, schema, "body", &|body| body) {
                let target = path.trim_start_matches("/__mock/").replace("{object}", "Account").replace(['{', '}'], "");
                let answer = control(&mock, &method.to_uppercase(), &target).json(&body).send().await;
                let told = told.entry(place.clone()).or_insert(false);
                if answer.status.is_success() {
                    continue;
                }
                let (_, at, got, expected) = problem(&answer);
                let words = expected.split(|letter: char| !letter.is_ascii_alphanumeric());
                let rust: Vec<_> = words.filter(|word| RUST.contains(word)).collect();
                let is_plain = rust.is_empty() && !expected.starts_with("what GET ");
                assert!(is_plain, "{method} {path} {body}: {at}, {got}, {expected}");
                *told |= at.starts_with(&place);
                tried += 1;
            }
            let untold: Vec<_> = told.iter().filter(|(_, told)| !**told).map(|(place, _)| place).collect();
            // Records and describe answers are read by the org's own loaders.
            let is_loaded = ["/__mock/records", "/__mock/schema"].iter().any(|loaded| path.starts_with(loaded));
            assert!(is_loaded || untold.is_empty(), "{method} {path}: {untold:?}");
        }
    }
    assert!(tried > 200, "{tried}");
}
