//! What a request brings is bounded, as the OpenAPI document says, and what is wrong with it is never repeated.

use http::Method;
use serde_json::{Value, json};

use crate::client::Client;
use crate::fixture::{Connected, Fixture};
use crate::log;

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";
const HUSH: &str = "SENTINEL-in-the-wrong-place";

/// The smallest value that a schema of the document takes.
fn smallest(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    for of in ["oneOf", "anyOf"] {
        if let Some(parts) = schema[of].as_array() {
            return smallest(document, parts.iter().find(|part| part["type"] != "null").unwrap());
        }
    }
    let number = |name: &str| schema[name].as_u64().unwrap_or(0);
    match kind(schema) {
        // Of the ids, one has hyphens.
        "string" if number("minLength") == 36 => json!(NOBODY),
        "string" => json!("a".repeat(number("minLength") as usize)),
        "integer" => json!(number("minimum")),
        "boolean" => json!(false),
        "array" => (0..number("minItems")).map(|_| smallest(document, &schema["items"])).collect(),
        "object" => {
            let required = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
            Value::Object(
                required.map(|name| (name.to_owned(), smallest(document, &schema["properties"][name]))).collect(),
            )
        }
        other => panic!("{other}: {schema}"),
    }
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => resolved(document, document.pointer(reference.trim_start_matches('#')).unwrap()),
        None => schema,
    }
}

fn kind(schema: &Value) -> &str {
    let types = schema["type"].as_array().and_then(|types| types.iter().find(|kind| *kind != "null"));
    types.unwrap_or(&schema["type"]).as_str().unwrap_or_default()
}

/// Values that are just beyond what a schema takes, each with the place of it in the body.
fn beyond(document: &Value, schema: &Value, place: &[String], found: &mut Vec<(Vec<String>, Value)>) {
    let schema = resolved(document, schema);
    let mut add = |value: Value| found.push((place.to_vec(), value));
    let number = |name: &str| schema[name].as_u64();
    match kind(schema) {
        "string" => {
            if let Some(longest) = number("maxLength").filter(|longest| *longest <= 100_000) {
                add(json!("x".repeat(longest as usize + 1)));
            }
        }
        "integer" => {
            // Of 64 bits there is no number beyond.
            if let Some(beyond) = number("maximum").unwrap().checked_add(1) {
                add(json!(beyond));
            }
            add(json!(-1));
        }
        "array" => {
            let entry = smallest(document, &schema["items"]);
            add(vec![entry; number("maxItems").unwrap() as usize + 1].into());
        }
        // In the order of its members, as some would read it.
        "object" => {
            let members = schema["properties"].as_object().into_iter().flat_map(|members| members.values());
            add(members.map(|member| smallest(document, member)).collect());
        }
        _ => (),
    }
    for of in ["oneOf", "anyOf"] {
        let parts = schema[of].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut of_parts = Vec::new();
        parts.iter().for_each(|part| beyond(document, part, place, &mut of_parts));
        // A list that is no object of one part may be a list of another one.
        let takes_lists = parts.iter().any(|part| kind(part) == "array");
        of_parts
            .retain(|(at, value)| !takes_lists || at != place || value.as_array().is_none_or(|list| list.len() > 100));
        found.append(&mut of_parts);
    }
    for (name, part) in schema["properties"].as_object().into_iter().flatten() {
        beyond(document, part, &[place, std::slice::from_ref(name)].concat(), found);
    }
    if let Some(most) = number("maxProperties").filter(|_| schema["additionalProperties"].is_object()) {
        let many = (0..=most).map(|index| (format!("m{index}"), json!(1))).collect();
        found.push((place.to_vec(), Value::Object(many)));
    }
}

/// The body with another value at a place.
fn with(body: &Value, place: &[String], value: Value) -> Value {
    let mut body = body.clone();
    let mut part = &mut body;
    for name in place {
        if !part.is_object() {
            *part = json!({});
        }
        part = &mut part[name];
    }
    *part = value;
    body
}

#[tokio::test]
async fn s05_what_is_beyond_a_bound_is_refused_by_its_name() {
    let fixture = Fixture::start().await;
    let document = fixture.tenant.get("/openapi.json").await.json(200);
    let mut tried = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            let is_administrators = path.starts_with("/v1/tenants") || path.starts_with("/v1/administrator");
            let client = if is_administrators { &fixture.administrator } else { &fixture.tenant };
            let (method, path): (Method, _) = (method.to_uppercase().parse().unwrap(), path.replace("{id}", NOBODY));
            let body = smallest(&document, schema);
            let mut wrong = Vec::new();
            beyond(&document, schema, &[], &mut wrong);
            for (place, value) in
                wrong.into_iter().filter(|(place, _)| place.first().is_none_or(|name| name != "input"))
            {
                tried += 1;
                let sent = with(&body, &place, value).to_string();
                let headers = [("content-type", "application/json")];
                let reply = client.send(method.clone(), &path, &headers, sent.into()).await;
                let detail = reply.problem(400, "invalid-request");
                let name = place.last().map_or("body", String::as_str);
                assert!(detail.contains(name) && detail.len() < 500, "{method} {path} {place:?}: {detail}");
            }
        }
    }
    assert!(tried > 10, "{tried}");
}

#[tokio::test]
async fn s05_what_is_beyond_a_bound_of_an_input_is_refused_by_its_name() {
    let connected = Connected::start().await;
    let document = connected.tenant.get("/openapi.json").await.json(200);
    for (action, schema) in [
        ("soql-query", "SoqlQueryInput"),
        ("next-page", "NextPageInput"),
        ("get-record-field-values", "GetRecordFieldValuesInput"),
        ("create-or-update-record", "CreateOrUpdateRecordInput"),
    ] {
        let schema = &document["components"]["schemas"][schema];
        let input = smallest(&document, schema);
        let mut wrong = Vec::new();
        beyond(&document, schema, &[], &mut wrong);
        assert!(!wrong.is_empty(), "{action}");
        for (place, value) in wrong {
            let input = with(&input, &place, value);
            let detail =
                connected.tenant.execute(&connected.action(action, input)).await.problem(400, "invalid-request");
            assert!(
                detail.contains(place.last().map_or(action, String::as_str)) && detail.len() < 500,
                "{action} {place:?}: {detail}"
            );
        }
    }
    assert_eq!(connected.tenant.get("/v1/executions").await.json(200)["items"], json!([]), "nothing was begun");
}

#[tokio::test]
async fn s05_a_body_is_as_large_and_as_deep_as_the_document_says() {
    let connected = Connected::start().await;
    let json = [("content-type", "application/json")];
    let authorize = format!("/v1/connections/{}/authorize", connected.connection);
    for (client, path, most) in [
        (&connected.tenant, "/v1/connections", 64 << 10),
        (&connected.tenant, authorize.as_str(), 64 << 10),
        (&connected.tenant, "/v1/executions", 5 << 20),
        (&connected.administrator, "/v1/tenants", 64 << 10),
    ] {
        let body = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
        client.send(Method::POST, path, &json, body(most).into()).await.problem(400, "invalid-request");
        let detail = client.send(Method::POST, path, &json, body(most + 1).into()).await.problem(413, "too-large");
        assert!(detail.contains(&most.to_string()), "{detail}");
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
        let detail = client.send(Method::POST, path, &json, deep.into()).await.problem(400, "invalid-request");
        assert!(detail.contains("deep"), "{detail}");
    }
    let fields = format!(r#"{{"a":{}1{}}}"#, "[".repeat(40), "]".repeat(40));
    let input =
        json!({"object": "Account", "target": "create", "fields": serde_json::from_str::<Value>(&fields).unwrap()});
    let save = connected.action("create-or-update-record", input);
    assert!(connected.tenant.execute(&save).await.problem(400, "invalid-request").contains("deep"));
}

/// Method, path, headers and body.
type Misplaced = (Method, String, Vec<(&'static str, &'static str)>, String);

/// Requests with a secret where none belongs.
fn misplaced(connection: &str) -> Vec<Misplaced> {
    let json = || vec![("content-type", "application/json")];
    let post = |path: &str, body: Value| (Method::POST, path.to_owned(), json(), body.to_string());
    let run = |input: Value| {
        post("/v1/executions", json!({"connection": connection, "action": "soql-query", "input": input}))
    };
    let new = |name: &str, value: Value| {
        let mut body = json!({"name": "n", "client_id": "c"});
        body[name] = value;
        post("/v1/connections", body)
    };
    let mut requests = vec![
        post("/v1/connections", json!(HUSH)),
        post("/v1/connections", json!({ HUSH: 1 })),
        post("/v1/executions", json!({"connection": HUSH, "action": "soql-query", "input": {}})),
        post("/v1/executions", json!({"connection": connection, "action": HUSH, "input": {}})),
        post(
            "/v1/executions",
            json!({"connection": connection, "component": HUSH, "action": "soql-query", "input": {}}),
        ),
        post("/v1/executions", json!({"connection": connection, "action": "soql-query", "input": {}, "options": HUSH})),
        run(json!(HUSH)),
        run(json!({ HUSH: 1 })),
        run(json!({"query": {"soql": [HUSH]}})),
        run(json!({"query": {"soql": "q", "max_records": HUSH}})),
        run(json!({"query": {"soql": "q", "parameters": HUSH}})),
        run(json!({"query": {"soql": "q", "parameters": {HUSH: [[1]]}}})),
        run(json!({"query": {"soql": "q", "parameters": {"a": {"integer": HUSH}}}})),
        run(json!({"query": {"soql": "q", "parameters": {"a": {HUSH: "1"}}}})),
        run(json!({"query": {"soql": "q", "parameters": {"a": {"boolean": HUSH}}}})),
        (Method::POST, "/v1/connections".to_owned(), vec![("content-type", HUSH)], "{}".to_owned()),
        (Method::POST, "/v1/connections".to_owned(), json(), HUSH.to_owned()),
        (Method::GET, format!("/v1/connections?{HUSH}=1"), Vec::new(), String::new()),
        (Method::GET, format!("/v1/connections?expected%20{HUSH}=1"), Vec::new(), String::new()),
        (Method::GET, format!("/v1/connections?limit={HUSH}"), Vec::new(), String::new()),
        (Method::GET, format!("/v1/connections?after={HUSH}"), Vec::new(), String::new()),
        (Method::GET, format!("/v1/executions?state={HUSH}"), Vec::new(), String::new()),
        (Method::GET, format!("/v1/connections/{HUSH}"), Vec::new(), String::new()),
        (Method::GET, format!("/v1/components/{HUSH}"), Vec::new(), String::new()),
        (Method::GET, format!("/{HUSH}"), Vec::new(), String::new()),
        (HUSH.parse().unwrap(), "/v1/connections".to_owned(), Vec::new(), String::new()),
        (Method::PUT, format!("/v1/components?{HUSH}=1"), Vec::new(), String::new()),
    ];
    for name in ["name", "login_url", "client_id", "api_version", "scopes"] {
        requests.push(new(name, json!({ HUSH: HUSH })));
        requests.push(new(name, json!([[HUSH]])));
    }
    for name in ["api_version", "scopes"] {
        requests.push(new(name, json!(HUSH)));
    }
    // Without the mark it could be the name of a My Domain.
    requests.push(new("login_url", json!(format!("{HUSH}!"))));
    requests.push(new("client_secret", json!([HUSH])));
    requests.push(new("client_secret", json!({ "secret": HUSH })));
    requests
}

#[tokio::test]
async fn s05_a_secret_in_the_wrong_place_is_not_repeated() {
    let connected = Connected::start().await;
    for (method, path, headers, body) in misplaced(&connected.connection) {
        let what = format!("{method} {path} {headers:?} {body}");
        let reply = connected.tenant.send(method, &path, &headers, body.into()).await;
        assert!(reply.status.is_client_error(), "{what}: {reply:?}");
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{what}: {reply:?}");
        assert!(!format!("{reply:?}").contains("SENTINEL-in"), "{what}: {reply:?}");
    }
    let anybody = Client::new(connected.server.url(), Some(HUSH));
    assert!(!anybody.get("/v1/connections").await.problem(401, "unauthorized").contains(HUSH));
    let log = log::bytes();
    assert!(memchr::memmem::find(&log, HUSH.as_bytes()).is_none(), "it is in the log");
}
