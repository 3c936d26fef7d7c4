//! Schemas that no type of ours has: of actions, which the WIT describes, and of errors.

use salesforce_actions::schema::Schemas;
use salesforce_actions::{Action, Actions};
use serde_json::{Map, Value, json};

use super::set;
use crate::api::executions::LONGEST_ACTION;

/// The entries of a list stand in it whole, and generated clients would have a class for each list.
pub(super) fn name_entries_of_pages(schemas: &mut Map<String, Value>) {
    let entries = schemas.iter_mut().filter_map(|(name, schema)| {
        let entry = name.strip_prefix("Page_")?.to_owned();
        let items = schema.pointer_mut("/properties/items/items")?;
        let reference = json!({"$ref": format!("#/components/schemas/{entry}")});
        Some((entry, std::mem::replace(items, reference)))
    });
    let entries: Vec<_> = entries.collect();
    for (name, schema) in entries {
        schemas.entry(name).or_insert(schema);
    }
}

/// A component's actions are called by naming the component too.
pub(super) fn require_component(document: &mut Value, digest: &str) {
    let Some(submit) = document.pointer_mut("/components/schemas/Submit") else { return };
    if let Some(required) = submit.get_mut("required").and_then(Value::as_array_mut) {
        required.push("component".into());
    }
    if let Some(properties) = submit.get_mut("properties") {
        let described = "Digest of the component whose actions these are.";
        set(properties, "component", json!({"type": "string", "const": digest, "description": described}));
    }
}

/// What the WIT says of errors. Kinds are no `enum`: a later version may have more, and clients must read them.
pub(super) fn execution_error() -> Value {
    let listed = |name: &str| {
        let cases = Actions::cases_of_connector(name);
        cases
            .iter()
            .map(|case| format!("- `{}`: {}", case.name, Actions::said_of_json(&case.docs)))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let outcomes: Vec<_> = Actions::cases_of_connector("outcome").into_iter().map(|case| case.name).collect();
    let kinds = format!(
        "What went wrong, sorted by what the caller may do next:\n\n{}\n\n`tenant-suspended`, and those that begin with \
         `host-`, are this server's own: e.g. `host-bad-result`, the component gave a result that its interface does not allow or \
         that is no JSON. There may be more.",
        listed("error-kind")
    );
    json!({
        "type": "object",
        "description": "Why an execution did not do what was asked.",
        "required": ["kind", "outcome", "retryable", "message"],
        "properties": {
            "kind": {"type": "string", "description": kinds},
            "outcome": {"type": "string", "enum": outcomes, "description":
                format!("What became of the request at Salesforce:\n\n{}", listed("outcome"))},
            "retryable": {"type": "boolean", "description":
                "The same call, made again later without any change, may succeed and can double nothing."},
            "retry_after_ms": {"type": ["integer", "null"], "format": "int64", "minimum": 0, "maximum": 3_600_000, "description":
                "Milliseconds that Salesforce asked to wait."},
            "message": {"type": "string", "description": "One plain sentence for a person."},
            "status": {"type": ["integer", "null"], "format": "int32", "minimum": 100, "maximum": 999, "description":
                "HTTP status, if Salesforce answered."},
            "problems": {"type": "array", "description": "Salesforce's own errors, in its order.", "items": {
                "type": "object",
                "required": ["code", "message", "fields"],
                "properties": {
                    "code": {"type": "string", "description": "Salesforce's code, e.g. `REQUIRED_FIELD_MISSING`."},
                    "message": {"type": "string", "description": "Salesforce's message."},
                    "fields": {"type": "array", "items": {"type": "string"}, "description": "API names of the fields concerned."}
                }
            }},
            "detail": {"description": "Further data that Salesforce sends with some errors, e.g. `duplicateResult`."},
            "request_id": {"type": ["string", "null"], "description": "Salesforce's `x-sfdc-request-id`."}
        }
    })
}

/// Puts in what the WIT says of actions: their names, inputs and results.
pub(super) fn describe_actions(known: &mut Map<String, Value>, actions: &Actions, component: Option<&str>) {
    let schemas = Schemas::of(actions);
    for (name, schema) in schemas.named() {
        known.insert(name.clone(), json!(schema));
    }
    if component.is_none() {
        known.insert("BulkQueryInput".to_owned(), json!({"$ref": "#/components/schemas/CreateQueryJobInput"}));
    }
    // A component's binary says nothing of its actions but their names.
    let summary = |action: &Action| match action.docs.is_empty() {
        true => format!("- `{}`", action.name),
        false => format!("- `{}`: {}.", action.name, Actions::said_of_json(action.summary())),
    };
    let summaries = actions.iter().map(summary).collect::<Vec<_>>().join("\n");
    let names: Vec<_> = actions.iter().map(|action| &action.name).collect();
    let (which, others) = match component {
        None => ("one of these, or one of the component that is named", " A component may have others."),
        Some(_) => ("one of these of the component", ""),
    };
    known.insert(
        "ActionName".to_owned(),
        json!({"type": "string", "minLength": 1, "maxLength": LONGEST_ACTION, "examples": names, "description":
            format!("Name of an action: {which}.\n\n{summaries}")}),
    );
    let inputs: Vec<_> = schemas.inputs().map(|(_, schema)| schema).collect();
    let described = format!("What the action takes: the parameters of its function, by name.{others}");
    known.insert("ActionInput".to_owned(), json!({"anyOf": inputs, "description": described}));
    // Not as `anyOf`: generated clients take the first of their classes that reads it, whichever the action was.
    let results = schemas.results().map(|(name, schema)| {
        let schema = json!(schema);
        let named = |schema: &Value| Some(schema.get("$ref")?.as_str()?.rsplit('/').next()?.to_owned());
        let schema = match (named(&schema), schema.get("items").and_then(named)) {
            (Some(name), _) => format!("`{name}`"),
            (None, Some(name)) => format!("a list of `{name}`"),
            (None, None) => "JSON of its own".to_owned(),
        };
        format!("- `{name}`: {schema}")
    });
    let results = results.collect::<Vec<_>>().join("\n");
    let described = format!(
        "What the action gives; `null` where that is nothing. Numbers keep every digit. By its action it has the schema:\n\n{results}"
    );
    known.insert("ActionResult".to_owned(), json!({ "description": described }));
}
