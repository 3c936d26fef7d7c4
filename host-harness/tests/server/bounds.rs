//! What an execution gives is bounded, and what it was asked and gave is encrypted.

use http::Method;
use serde_json::{Value, json};

use crate::console::Console;
use crate::fixture::{Connected, until};
use crate::log;
use support::hostile;

/// A tenant whose executions give little, and a request of it.
async fn narrow(connected: &Connected, soql: &str) -> (crate::client::Client, Value) {
    let client = connected.new_tenant("narrow", &json!({"result_kib": 1})).await;
    let connection = connected.connect(&client, "org").await;
    let body = json!({"connection": connection, "action": "soql-query", "input": {"query": {"soql": soql}}});
    (client, body)
}

#[tokio::test]
async fn s04_a_result_beyond_the_tenants_limit_is_not_passed_on() {
    let connected = Connected::start().await;
    let (client, mut body) = narrow(&connected, "SELECT Id, Name FROM Account").await;
    let failed = client.execute_once("large", &body).await.ended("failed");
    assert_eq!((&failed["outcome"], failed.get("result")), (&json!("unknown"), None), "{failed}");
    let path = format!("/v1/executions/{}", failed["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.json(200)["error"], failed["error"]);
    body["input"]["query"]["soql"] = json!("SELECT Id FROM Account LIMIT 3");
    client.execute(&body).await.ended("succeeded");
    connected.tenant.execute(&connected.query("SELECT Id, Name FROM Account")).await.ended("succeeded");
}

/// A tenant's sleeper, and a query that wakes it.
pub(crate) async fn asleep(connected: &Connected) -> impl Fn(&str) -> Value {
    let wasm = hostile::component(hostile::SLEEPER).into();
    let headers = [("content-type", "application/wasm")];
    let uploaded = connected.tenant.send(Method::PUT, "/v1/components?name=sleeper", &headers, wasm).await.json(200);
    let body = connected.query("");
    move |deed| {
        let mut body = body.clone();
        body["component"] = uploaded["digest"].clone();
        body["input"]["query"]["soql"] = json!(format!("SELECT Id FROM Account WHERE Name = 'hostile:{deed}'"));
        body
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s04_what_a_component_gives_is_bounded_as_json_and_reaches_neither_log_nor_database() {
    let connected = Connected::start().await;
    let query = asleep(&connected).await;
    // Within the bytes of a result, until each becomes six as JSON: no bytes, or another thing than it says.
    for deed in ["ones:2000000", "quoted-ones:9000000", "large:9000000", "no-json"] {
        let failed = connected.tenant.execute(&query(deed)).await.ended("failed");
        let kind = failed["error_kind"].as_str().unwrap();
        assert!(["host-resource-exhausted", "host-bad-result"].contains(&kind), "{deed}: {failed}");
        assert_eq!(failed["outcome"], "unknown", "{deed}: {failed}");
        assert_eq!(failed["error"]["retryable"], false, "{deed}: {failed}");
    }
    for deed in ["control", "megabytes:1000000", "problems:5000", "usage"] {
        let told = connected.tenant.execute(&query(deed)).await;
        assert!(told.status == 200 && told.body.len() < 256 << 10, "{deed}: {} bytes", told.body.len());
    }
    for name in ["harness.sqlite", "harness.sqlite-wal"] {
        let file = std::fs::read(connected.data.path().join(name)).unwrap();
        assert!(!file.windows(64).any(|window| window == "m".repeat(64).as_bytes()), "{name}");
    }
    assert_ne!(connected.shown().await["api_usage"]["used"], json!(u32::MAX));
    assert!(log::bytes().split(|byte| *byte == b'\n').all(|line| line.len() < 16 << 10), "a line of the log");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s04_a_page_however_deep_is_shown_in_bounds() {
    let connected = Connected::start().await;
    let query = asleep(&connected).await;
    // Deeper than any reader of JSON takes it.
    for deep in [129, 50_000] {
        let failed = connected.tenant.execute(&query(&format!("nested:{deep}"))).await.ended("failed");
        assert_eq!(failed["error_kind"], "host-bad-result");
        assert!(failed["error"]["message"].as_str().unwrap().contains("more than 128 deep"), "{failed}");
    }
    let given = connected.tenant.execute(&query("nested:120")).await.ended("succeeded");
    let console = Console::log_in(&connected).await;
    let page = console.page(&format!("/console/executions/{}", given["id"].as_str().unwrap())).await;
    assert!(page.len() < 400 << 10, "{}", page.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s04_lines_of_a_stream_are_bounded_and_one_that_is_no_json_fails_it() {
    let connected = Connected::start().await;
    let query = asleep(&connected).await;
    let headers = [("content-type", "application/json"), ("accept", "application/x-ndjson")];
    for (deed, kind) in [("no-json-later", "host-bad-result"), ("quoted-ones:9000000", "host-resource-exhausted")] {
        let body = query(deed).to_string();
        let reply = connected.tenant.send(Method::POST, "/v1/executions", &headers, body.into()).await;
        let last: Value = serde_json::from_str(reply.text().lines().last().unwrap()).unwrap();
        assert_eq!(
            (&last["ended"]["state"], &last["ended"]["error"]["kind"]),
            (&json!("failed"), &json!(kind)),
            "{last}"
        );
        let path = format!("/v1/executions/{}", reply.header("execution-id").unwrap());
        until(async || connected.tenant.get(&path).await.json(200)["state"] == "failed").await;
    }
}

#[tokio::test]
async fn s04_an_idempotency_key_has_a_form_and_comes_once() {
    let connected = Connected::start().await;
    let body = connected.create_account("Never").to_string();
    let with_keys = async |keys: &[&str]| {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(keys.iter().map(|key| ("idempotency-key", *key)));
        connected.tenant.send(Method::POST, "/v1/executions", &headers, body.clone().into()).await
    };
    let long = "k".repeat(201);
    for keys in [&["a b"][..], &["a\tb"], &["a", "b"], &["a", "a"], &["a", ""], &[""], &[&long]] {
        let detail = with_keys(keys).await.problem(400, "invalid-request");
        assert!(detail.contains("Idempotency-Key") && detail.contains("no blanks"), "{detail}");
    }
    assert_eq!(connected.mock.ledger().creates("Account"), 0);
    with_keys(&["\"8e03978e-40d5\""]).await.ended("succeeded");
}

#[tokio::test]
async fn what_was_asked_is_kept_encrypted_and_shown_of_one_execution() {
    let connected = Connected::start().await;
    let input = json!({"object": "Account", "target": "create", "fields": {"Name": "SENTINEL asked"}});
    let body = connected.action("create-or-update-record", input.clone());
    let ended = connected.tenant.execute(&body).await.ended("succeeded");
    let path = format!("/v1/executions/{}", ended["id"].as_str().unwrap());
    assert_eq!(connected.tenant.get(&path).await.json(200)["request"], input);
    let log = connected.tenant.get("/v1/executions").await.json(200);
    assert_eq!(log["items"][0].get("request"), None);
    for name in ["harness.sqlite", "harness.sqlite-wal"] {
        let file = std::fs::read(connected.data.path().join(name)).unwrap();
        assert!(!file.windows(14).any(|window| window == b"SENTINEL asked"), "{name}");
    }
    let stranger = connected.new_tenant("stranger", &json!({})).await;
    stranger.get(&path).await.problem(404, "not-found");
}
