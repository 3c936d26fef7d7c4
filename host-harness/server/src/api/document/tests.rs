use std::collections::HashSet;

use super::*;
use crate::api::described;

const BOUNDS: Bounds = Bounds { component: 1 << 20, load: 1 << 30 };

/// What a request may bring without bound.
struct Unbounded<'a> {
    document: &'a Value,
    seen: HashSet<String>,
    found: Vec<String>,
}

impl Unbounded<'_> {
    fn look(&mut self, schema: &Value, place: &str) {
        if let Some(reference) = schema["$ref"].as_str() {
            if self.seen.insert(reference.to_owned()) {
                let named = self.document.pointer(reference.trim_start_matches('#')).unwrap();
                self.look(named, &format!("{place} ({})", reference.rsplit('/').next().unwrap()));
            }
            return;
        }
        let mut parts =
            ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|of| schema[of].as_array()).flatten().peekable();
        if schema["enum"].is_array() || !schema["const"].is_null() {
            return;
        }
        if parts.peek().is_some() {
            return parts.for_each(|part| self.look(part, place));
        }
        let types: Vec<_> = match &schema["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            other => other.as_str().into_iter().collect(),
        };
        let has = |names: &[&str]| names.iter().all(|name| !schema[name].is_null());
        let is_bounded = !types.is_empty()
            && types.iter().all(|kind| match *kind {
                "string" => has(&["maxLength"]),
                "integer" => has(&["minimum", "maximum"]),
                "array" => has(&["items", "maxItems"]),
                "object" => {
                    schema["additionalProperties"] == json!(false)
                        || has(&["additionalProperties", "maxProperties", "propertyNames"])
                }
                "boolean" | "null" | "number" => true,
                _ => false,
            });
        if !is_bounded {
            self.found.push(format!("{place}: {schema}"));
        }
        self.look_if_there(&schema["items"], &format!("{place}[]"));
        self.look_if_there(&schema["additionalProperties"], &format!("{place}.*"));
        self.look_if_there(&schema["propertyNames"], &format!("{place}, names"));
        for (name, part) in schema["properties"].as_object().into_iter().flatten() {
            self.look(part, &format!("{place}.{name}"));
        }
    }

    fn look_if_there(&mut self, schema: &Value, place: &str) {
        if schema.is_object() {
            self.look(schema, place);
        }
    }
}

fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, operations)| {
        operations.as_object().unwrap().iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

#[test]
fn s05_every_field_of_every_request_has_its_bound_in_the_document() {
    let document = complete(&described().to_openapi(), Actions::of_connector(), BOUNDS, None);
    let mut unbounded = Unbounded { document: &document, seen: HashSet::new(), found: Vec::new() };
    for (what, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            unbounded.look(&parameter["schema"], &format!("{what} {}", parameter["name"]));
        }
        for content in operation["requestBody"]["content"].as_object().into_iter().flat_map(Map::values) {
            unbounded.look(&content["schema"], &what);
        }
    }
    assert!(unbounded.seen.len() > 5, "{:?}", unbounded.seen);
    assert!(unbounded.found.is_empty(), "{:#?}", unbounded.found);
}

#[test]
fn s05_what_is_unbounded_is_found() {
    for schema in [
        json!({}),
        json!({"type": "string"}),
        json!({"type": ["string", "null"]}),
        json!({"type": "integer", "minimum": 1}),
        json!({"type": "array", "items": {"type": "boolean"}}),
        json!({"type": "array", "maxItems": 3}),
        json!({"type": "array", "maxItems": 3, "items": {"type": "string"}}),
        json!({"type": "object"}),
        json!({"type": "object", "properties": {"a": {"type": "boolean"}}}),
        json!({"type": "object", "additionalProperties": {"type": "boolean"}, "maxProperties": 3}),
        json!({"anyOf": [{"type": "null"}, {"type": "string"}]}),
    ] {
        let mut unbounded = Unbounded { document: &Value::Null, seen: HashSet::new(), found: Vec::new() };
        unbounded.look(&schema, "");
        assert_eq!(unbounded.found.len(), 1, "{schema}: {:?}", unbounded.found);
    }
}

/// The document with the actions of the connector, and with those of a component.
fn both() -> [Value; 2] {
    let text = r#"{"types":[{"shape":"json"},{"shape":{"option":0}},{"shape":{"integer":{"signed":false,"bits":64}}},
        {"name":{"interface":"acme:quotes/actions","name":"quote"},"shape":{"record":[{"name":"raw","type":1}]}}],
        "actions":[{"interface":"acme:quotes/actions@1.0.0","function":"quote","name":"quote","effect":"writes","result":3,
        "parameters":[{"name":"raw","type":1},{"name":"count","type":2}]}]}"#;
    let actions: Actions = serde_json::from_str(text).unwrap();
    let document = described().to_openapi();
    [complete(&document, Actions::of_connector(), BOUNDS, None), complete(&document, &actions, BOUNDS, Some(DIGEST))]
}

const DIGEST: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Looks at every object in the document, with the name that it has there.
fn each(value: &Value, name: &str, look: &mut impl FnMut(&str, &Map<String, Value>)) {
    if let Value::Object(members) = value {
        look(name, members);
    }
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| each(value, name, look)),
        Value::Array(values) => values.iter().for_each(|value| each(value, name, look)),
        _ => (),
    }
}

#[test]
fn what_is_described_is_described_in_words_and_every_reference_leads_somewhere() {
    for document in both() {
        each(&document, "", &mut |name, object| {
            assert_ne!(object.get("description"), Some(&json!("")), "{name}: {object:?}");
            if let Some(Value::String(reference)) = object.get("$ref") {
                assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
            }
            let is_text =
                object.get("type").is_some_and(|kind| *kind == "string" || *kind == json!(["string", "null"]));
            if is_text && (name == "at" || name.ends_with("_at")) {
                assert_eq!(object.get("format"), Some(&json!("date-time")), "{name}");
            }
        });
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for (name, page) in schemas.iter().filter(|(name, _)| name.starts_with("Page_")) {
            let entries = &page["properties"]["items"]["items"]["$ref"];
            assert_eq!(*entries, format!("#/components/schemas/{}", name.trim_start_matches("Page_")), "{page}");
        }
        let kinds = schemas["ExecutionError"]["properties"]["kind"]["description"].as_str().unwrap();
        assert!(kinds.contains("- `session-expired`: The access token is expired or revoked"), "{kinds}");
    }
}

#[test]
fn a_components_document_says_how_its_actions_are_called() {
    let [own, of_component] = both().map(|document| document["components"]["schemas"].clone());
    let required = |schemas: &Value| schemas["Submit"]["required"].as_array().unwrap().contains(&json!("component"));
    assert!(!required(&own) && required(&of_component));
    assert_eq!(of_component["Submit"]["properties"]["component"]["const"], DIGEST);
    assert_eq!(of_component["ActionName"]["examples"], json!(["quote"]));
    // JSON may be null by itself.
    let input = &of_component["QuoteInput"]["properties"];
    assert_eq!(input["raw"]["$ref"], "#/components/schemas/FieldValue");
    let count = &input["count"];
    assert_eq!(
        (&count["format"], &count["minimum"], &count["maximum"]),
        (&json!("uint64"), &json!(0), &json!(u64::MAX))
    );
    assert_eq!(of_component["AcmeQuotesActionsQuote"]["properties"]["raw"].get("oneOf"), None);
}

/// What the WIT says of a type would take the place of what a handler says of another.
#[test]
fn no_type_of_the_connector_has_the_name_of_one_of_the_servers() {
    let described = described().to_openapi();
    let schemas = described.components.map(|components| components.schemas).unwrap_or_default();
    for (name, _) in salesforce_actions::schema::Schemas::of(Actions::of_connector()).named() {
        assert!(!schemas.contains_key(name), "{name}");
    }
}

/// Generators make 32 or 64 bits of these formats.
#[test]
fn the_bounds_of_a_whole_number_fit_its_format() {
    for document in both() {
        each(&document, "", &mut |name, object| {
            let (least, most) = match object.get("format").and_then(Value::as_str) {
                Some("int32") => (i32::MIN.into(), i32::MAX.into()),
                Some("int64") => (i64::MIN, i64::MAX),
                _ => return,
            };
            for bound in [object.get("minimum"), object.get("maximum")].into_iter().flatten() {
                assert!(bound.as_i64().is_some_and(|bound| (least..=most).contains(&bound)), "{name}: {object:?}");
            }
        });
    }
}

#[test]
fn descriptions_name_members_as_json_has_them() {
    for document in both() {
        let text = document.to_string();
        for name in
            ["`batch-size`", "`max-records`", "`external-id`", "`retry-after-ms`", "`already-deleted`", "`total-size`"]
        {
            assert!(!text.contains(name), "{name}");
        }
    }
    let [own, _] = both();
    let schemas = &own["components"]["schemas"];
    let kinds = schemas["ExecutionError"]["properties"]["kind"]["description"].as_str().unwrap();
    assert!(kinds.contains("`retry_after_ms` says how long") && kinds.contains("`deadline_ms` passed"), "{kinds}");
    let usual = schemas["ActionName"]["description"].as_str().unwrap();
    assert!(usual.contains("or several (`max_records`)"), "{usual}");
}

#[test]
fn every_error_is_a_problem_and_every_operation_says_which_it_has() {
    let document = complete(&described().to_openapi(), Actions::of_connector(), BOUNDS, None);
    for (what, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        for (status, response) in responses {
            assert!(response["headers"]["x-request-id"].is_object(), "{what} {status}");
            let is_error = status.starts_with(['4', '5']);
            assert_eq!(response["content"][PROBLEM].is_object(), is_error, "{what} {status}");
        }
        if what.contains("/v1/") {
            for status in ["401", "403", "429", "500", "503"] {
                assert!(responses.contains_key(status), "{what} does not say {status}");
            }
            assert!(responses["401"]["headers"]["www-authenticate"].is_object(), "{what}");
        }
        let has_body = operation["requestBody"].is_object();
        for status in ["413", "415"] {
            assert_eq!(responses.contains_key(status), has_body, "{what} {status}");
        }
        assert!(responses.contains_key("404") || !what.contains('{'), "{what} does not say 404");
    }
}
