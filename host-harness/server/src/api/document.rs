//! The OpenAPI document, whole: what all operations have in common is added here to what their handlers say.
//!
//! Every error is a problem (RFC 9457), every path parameter has its form, every body its size, and every answer its headers.

use salesforce_actions::Actions;
use salesforce_actions::schema::Schemas;
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use super::body::USUAL_BYTES;
use super::executions::{LONGEST_ACTION, NDJSON, SUBMIT_BYTES};

const PROBLEM: &str = "application/problem+json";
const WASM: &str = "application/wasm";
/// Operations that need a component's or Salesforce's answer about a connection's tokens.
const ASKS_SALESFORCE: [&str; 4] = ["authorize_connection", "refresh_connection", "revoke_connection", "run_action"];

/// The document with these actions, and with what its operations have in common. `most_bytes`: of a component.
pub(super) fn complete(document: &OpenApi, actions: &Actions, most_bytes: u64) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, operations) in paths.into_iter().flatten() {
        for operation in operations.as_object_mut().into_iter().flat_map(Map::values_mut) {
            complete_operation(path, operation, most_bytes);
        }
    }
    merge_descriptions(&mut document);
    describe_actions(&mut document, actions);
    document
}

/// Puts in what the WIT says of actions: their names, inputs and results.
fn describe_actions(document: &mut Value, actions: &Actions) {
    let schemas = Schemas::of(actions);
    let Some(known) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    for (name, schema) in schemas.named() {
        known.insert(name.clone(), json!(schema));
    }
    let summaries: Vec<_> =
        actions.iter().map(|action| format!("- `{}`: {}.", action.name, action.summary())).collect();
    let names: Vec<_> = actions.iter().map(|action| &action.name).collect();
    known.insert(
        "ActionName".to_owned(),
        json!({"type": "string", "minLength": 1, "maxLength": LONGEST_ACTION, "examples": names, "description":
            format!("Name of an action: one of these, or one of the component that is named.\n\n{}", summaries.join("\n"))}),
    );
    let inputs: Vec<_> = schemas.inputs().map(|(_, schema)| schema).collect();
    let described = "What the action takes: the parameters of its function, by name. A component may have others.";
    known.insert("ActionInput".to_owned(), json!({"anyOf": inputs, "description": described}));
    // Not as `anyOf`: generated clients take the first of their classes that reads it, whichever the action was.
    let results = schemas.results().map(|(name, schema)| {
        let reference = json!(schema).get("$ref").and_then(Value::as_str).map(str::to_owned).unwrap_or_default();
        let schema =
            reference.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("JSON of its own").to_owned();
        format!("- `{name}`: `{schema}`")
    });
    let results = results.collect::<Vec<_>>().join("\n");
    let described = format!(
        "What the action gives; `null` where that is nothing. Numbers keep every digit. By its action it has the schema:\n\n{results}"
    );
    known.insert("ActionResult".to_owned(), json!({ "description": described }));
}

/// A described field of an inlined type comes as "its schema, and an object that is described": no value is both. The
/// description goes into the schema.
fn merge_descriptions(part: &mut Value) {
    let described = part.get("allOf").and_then(Value::as_array).and_then(|all| match all.as_slice() {
        [schema, Value::Object(described)] if described.keys().all(|key| key == "type" || key == "description") => {
            let mut schema = schema.clone();
            set(&mut schema, "description", described.get("description")?.clone());
            Some(schema)
        }
        _ => None,
    });
    if let Some(schema) = described {
        *part = schema;
    }
    match part {
        Value::Object(members) => members.values_mut().for_each(merge_descriptions),
        Value::Array(entries) => entries.iter_mut().for_each(merge_descriptions),
        _ => (),
    }
}

fn complete_operation(path: &str, operation: &mut Value, most_bytes: u64) {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let body = operation.get("requestBody").is_some();
    let mut in_path = false;
    let mut asked = body;
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        let is_in_path = parameter.get("in").is_some_and(|place| place == "path");
        in_path |= is_in_path;
        asked |= !is_in_path;
        if is_in_path {
            describe_path_parameter(parameter);
        }
    }
    if let Some(body) = operation.get_mut("requestBody") {
        let bytes = match id.as_str() {
            "upload_component" => most_bytes,
            "run_action" => SUBMIT_BYTES as u64,
            _ => USUAL_BYTES as u64,
        };
        describe_body(body, bytes);
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    let is_ours = path.starts_with("/v1/");
    let wrong_token = match path.starts_with("/v1/tenants") || path.starts_with("/v1/administrator") {
        true => "The token is a tenant's, and this is an administrator's.",
        false => "The token is an administrator's, and this is a tenant's; or the tenant is suspended.",
    };
    for (status, applies, description) in [
        ("400", asked, "The request is not what was expected."),
        ("401", is_ours, "There is no valid token."),
        ("403", is_ours, wrong_token),
        ("404", in_path, "There is nothing of this id."),
        ("413", body, "The body is larger than allowed."),
        ("415", body, "The body is of another content type."),
        ("429", is_ours, "A limit is reached."),
        ("500", is_ours, "This server failed."),
        ("502", ASKS_SALESFORCE.contains(&id.as_str()), "Salesforce did not do what was asked."),
        ("503", is_ours, "This server cannot work now; nothing was begun."),
    ] {
        if applies {
            let response = responses.entry(status).or_insert_with(|| json!({}));
            let given = response.get("description").and_then(Value::as_str).unwrap_or_default();
            if given.is_empty() {
                set(response, "description", description.into());
            }
        }
    }
    if id == "run_action"
        && let Some(content) = responses.get_mut("200").and_then(|response| response.get_mut("content"))
    {
        set(
            content,
            NDJSON,
            json!({"schema": {"type": "string", "description":
            "A page of the query in each line, as in `result`; the last line is an object with `ended`."}}),
        );
    }
    for (status, response) in responses {
        let given = response.get("description").and_then(Value::as_str).unwrap_or_default();
        if given.is_empty() {
            set(response, "description", if status.starts_with('2') { "Done." } else { "Refused." }.into());
        }
        describe_response(&id, status, response);
    }
}

/// Its form, where its type does not say it.
fn describe_path_parameter(parameter: &mut Value) {
    let pattern = match parameter.get("name").and_then(Value::as_str) {
        Some("digest") => "^[0-9a-f]{64}$",
        Some("token_id") => "^[0-9a-f]{32}$",
        _ => "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    };
    let is_bounded = parameter.pointer("/schema/maxLength").is_some() || parameter.pointer("/schema/$ref").is_some();
    if !is_bounded {
        let longest = match pattern {
            "^[0-9a-f]{64}$" => 64,
            "^[0-9a-f]{32}$" => 32,
            _ => 36,
        };
        set(
            parameter,
            "schema",
            json!({"type": "string", "pattern": pattern, "minLength": longest, "maxLength": longest}),
        );
    }
}

fn describe_body(body: &mut Value, bytes: u64) {
    let given = body.get("description").and_then(Value::as_str).unwrap_or_default();
    let description = format!("{given} At most {bytes} bytes.").trim_start().to_owned();
    set(body, "description", description.into());
    if let Some(content) = body.pointer_mut("/content/application~1wasm") {
        let schema =
            json!({"type": "string", "format": "binary", "contentMediaType": WASM, "minLength": 1, "maxLength": bytes});
        set(content, "schema", schema);
    }
}

fn describe_response(operation: &str, status: &str, response: &mut Value) {
    let mut headers = vec![("x-request-id", "Names the request, in the server's log too.")];
    headers.extend(match (operation, status) {
        (_, "401") => &[("www-authenticate", "`Bearer`.")][..],
        (_, "409" | "429" | "503") => &[("retry-after", "Seconds to wait, where waiting helps.")],
        ("create_connection", "201") => &[("location", "The path of the connection.")],
        ("run_action", "200") => &[
            ("idempotency-replayed", "`true`: this is the recorded answer, and nothing was sent."),
            ("execution-id", "Of a stream: the id of its execution."),
        ],
        _ => &[],
    });
    if status.starts_with(['4', '5']) {
        set(response, "content", json!({PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}));
    }
    let header = |(name, words): (&str, &str)| {
        (name.to_owned(), json!({"description": words, "schema": {"type": "string", "maxLength": 200}}))
    };
    set(response, "headers", Value::Object(headers.into_iter().map(header).collect()));
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::api::described;

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
            operations
                .as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
    }

    #[test]
    fn s05_every_field_of_every_request_has_its_bound_in_the_document() {
        let document = complete(&described().to_openapi(), Actions::of_connector(), 1 << 20);
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

    #[test]
    fn every_error_is_a_problem_and_every_operation_says_which_it_has() {
        let document = complete(&described().to_openapi(), Actions::of_connector(), 1 << 20);
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
}
