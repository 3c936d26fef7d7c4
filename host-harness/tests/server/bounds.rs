//! What an execution gives is bounded, and what it was asked and gave is sealed.

use http::Method;
use serde_json::{Value, json};

use crate::fixture::Connected;

/// A tenant whose executions give little, and a request of it.
async fn narrow(connected: &Connected, soql: &str) -> (crate::client::Client, Value) {
    let client = connected.new_tenant("narrow", &json!({"result_kib": 1})).await;
    let connection = connected.connect(&client, "org").await;
    let body = json!({"connection": connection, "action": "soql-query", "input": {"soql": soql}});
    (client, body)
}

#[tokio::test]
async fn s04_a_result_beyond_the_tenants_limit_is_not_passed_on() {
    let connected = Connected::start().await;
    let (client, mut body) = narrow(&connected, "SELECT Id, Name FROM Account").await;
    let failed = client.execute_once("large", &body).await.ended("failed");
    assert_eq!((&failed["error_kind"], &failed["outcome"]), (&json!("host-resource-exhausted"), &json!("unknown")));
    let words = failed["error"]["message"].as_str().unwrap();
    assert!(words.contains("1 KiB") && words.contains("stream"), "{words}");
    assert_eq!(failed.get("result"), None);
    let path = format!("/v1/executions/{}", failed["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.json(200)["error"], failed["error"]);
    body["input"]["soql"] = json!("SELECT Id FROM Account LIMIT 3");
    client.execute(&body).await.ended("succeeded");
    connected.tenant.execute(&connected.query("SELECT Id, Name FROM Account")).await.ended("succeeded");
}

#[tokio::test]
async fn s04_a_line_of_a_stream_is_bounded_too() {
    let connected = Connected::start().await;
    let (client, body) = narrow(&connected, "SELECT Id, Name FROM Account").await;
    let headers = [("content-type", "application/json"), ("accept", "application/x-ndjson")];
    let reply = client.send(Method::POST, "/v1/executions", &headers, body.to_string().into()).await;
    let last: Value = serde_json::from_str(reply.text().lines().last().unwrap()).unwrap();
    let ended = &last["ended"];
    assert_eq!((&ended["state"], &ended["records"]), (&json!("failed"), &json!(0)), "{last}");
    assert_eq!(ended["error"]["kind"], "host-resource-exhausted", "{last}");
    assert!(reply.body.len() < 2048);
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
async fn what_was_asked_is_kept_sealed_and_shown_of_one_execution() {
    let connected = Connected::start().await;
    let input = json!({"object": "Account", "fields": {"Name": "SENTINEL asked"}});
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
