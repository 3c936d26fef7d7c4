//! The OpenAPI document, whole: what all operations have in common is added here to what their handlers say.
//!
//! Every error is a problem (RFC 9457), every path parameter has its form, every body its size, and every answer its headers.

mod schemas;

use salesforce_actions::Actions;
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use super::Bounds;
use super::body::USUAL_BYTES;
use super::executions::{NDJSON, SUBMIT_BYTES};

const PROBLEM: &str = "application/problem+json";
const WASM: &str = "application/wasm";
/// Operations that need a component's or Salesforce's answer about a connection's tokens.
const ASKS_SALESFORCE: [&str; 7] = [
    "authorize_connection",
    "refresh_connection",
    "revoke_connection",
    "run_action",
    "begin_bulk_query",
    "begin_bulk_load",
    "download_rows",
];

/// The document with these actions, and with what its operations have in common. `component`: the
/// digest of the one whose actions these are; none: the connector.
pub(super) fn complete(document: &OpenApi, actions: &Actions, bounds: Bounds, component: Option<&str>) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, operations) in paths.into_iter().flatten() {
        for operation in operations.as_object_mut().into_iter().flat_map(Map::values_mut) {
            complete_operation(path, operation, bounds);
        }
    }
    merge_descriptions(&mut document);
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas::name_entries_of_pages(schemas);
        schemas::describe_actions(schemas, actions, component);
        schemas.insert("ExecutionError".to_owned(), schemas::execution_error());
    }
    if let Some(digest) = component {
        schemas::require_component(&mut document, digest);
    }
    document
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

fn complete_operation(path: &str, operation: &mut Value, bounds: Bounds) {
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
            "upload_component" => bounds.component,
            "run_action" | "begin_bulk_query" => SUBMIT_BYTES as u64,
            "begin_bulk_load" => bounds.load,
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
        ("400", asked, "The request is invalid."),
        ("401", is_ours, "There is no valid token."),
        ("403", is_ours, wrong_token),
        ("404", in_path, "Nothing has this id."),
        ("413", body, "The body is larger than allowed."),
        ("415", body, "The body has the wrong content type."),
        ("429", is_ours, "The tenant has reached a limit."),
        ("500", is_ours, "The server failed."),
        ("502", ASKS_SALESFORCE.contains(&id.as_str()), "Salesforce did not do what was asked."),
        ("503", is_ours, "The server cannot do it now. Nothing was started."),
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
    if let Some(content) = body.pointer_mut("/content/text~1csv") {
        set(
            content,
            "schema",
            json!({"type": "string", "contentMediaType": "text/csv", "minLength": 1, "maxLength": bytes}),
        );
    }
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
        ("begin_bulk_query" | "begin_bulk_load", "202") => &[
            ("location", "The path of the execution."),
            ("idempotency-replayed", "`true`: this is the execution that the key began before."),
        ],
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
mod tests;
