//! The same key again gets the same result, and nothing is sent.

use http::Method;
use mock_salesforce::{Fault, Matcher};
use serde_json::json;
use tokio::task::JoinSet;

use crate::fixture::{ACCOUNTS_PATH, Connected, until};

#[tokio::test]
async fn the_same_request_is_done_once() {
    let connected = Connected::start().await;
    let body = connected.create_account("Once");
    let first = connected.tenant.execute_once("key-1", &body).await;
    assert_eq!(first.header("idempotency-replayed"), None);
    let first = first.ended("succeeded");
    assert_eq!(first["idempotency_key"], "key-1");
    let again = connected.tenant.execute_once("key-1", &body).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.ended("succeeded"), first);
    assert_eq!(connected.mock.ledger().creates("Account"), 1);

    let (key, json) = (("idempotency-key", "key-1"), ("content-type", "application/json"));
    let anew = format!(
        r#"{{"input": {{"fields": {{"Name": "\u004fnce"}}, "target": "create", "object": "Account"}},
            "action": "create-or-update-record", "connection": "{}"}}"#,
        connected.connection
    );
    let again = connected.tenant.send(Method::POST, "/v1/executions", &[json, key], anew.into()).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(connected.mock.ledger().creates("Account"), 1);

    connected.tenant.execute_once("key-2", &body).await.ended("succeeded");
    assert_eq!(connected.mock.ledger().creates("Account"), 2);
}

#[tokio::test]
async fn a_key_is_of_one_request_and_of_one_tenant() {
    let connected = Connected::start().await;
    connected.tenant.execute_once("key", &connected.create_account("One")).await.ended("succeeded");
    let other = connected.create_account("Two");
    connected.tenant.execute_once("key", &other).await.problem(422, "key-reused");
    let mut hurried = connected.create_account("One");
    hurried["options"] = json!({"deadline_ms": 1000});
    connected.tenant.execute_once("key", &hurried).await.problem(422, "key-reused");
    assert_eq!(connected.mock.ledger().creates("Account"), 1);

    let stranger = connected.new_tenant("stranger", &json!({})).await;
    let mut body = connected.create_account("One");
    body["connection"] = json!(connected.connect(&stranger, "org").await);
    stranger.execute_once("key", &body).await.ended("succeeded");
    assert_eq!(connected.mock.ledger().creates("Account"), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_at_once_with_one_key_write_once() {
    let connected = Connected::start().await;
    let mut running = JoinSet::new();
    for _ in 0..20 {
        let (client, body) = (connected.tenant.clone(), connected.create_account("Twenty"));
        running.spawn(async move { client.execute_once("key", &body).await });
    }
    let mut ids = Vec::new();
    for reply in running.join_all().await {
        if reply.status == 200 {
            ids.push(reply.ended("succeeded")["id"].to_string());
        } else {
            reply.problem(409, "still-running");
        }
    }
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), connected.mock.ledger().creates("Account")), (1, 1));
}

#[tokio::test]
async fn a_key_whose_execution_runs_is_asked_for_again_later() {
    let connected = Connected::start().await;
    let (client, body) = (connected.tenant.clone(), connected.create_account("Slow"));
    connected.mock.push_fault(Matcher::path(ACCOUNTS_PATH), Fault::HangAfterWork);
    let running = {
        let body = body.clone();
        tokio::spawn(async move { client.execute_once("slow", &body).await })
    };
    until(async || connected.mock.ledger().creates("Account") == 1).await;
    let refused = connected.tenant.execute_once("slow", &body).await;
    let detail = refused.problem(409, "still-running");
    assert_eq!(refused.header("retry-after"), Some("1"));
    let log = connected.tenant.get("/v1/executions?state=running").await.json(200);
    let id = log["items"][0]["id"].as_str().unwrap();
    assert!(detail.contains(id), "{detail}");
    connected.tenant.post(&format!("/v1/executions/{id}/cancel")).await;
    running.await.unwrap().ended("unknown");
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_unknown_and_never_sent_again() {
    let connected = Connected::start().await;
    let body = connected.create_account("Lost");
    connected.mock.push_fault(Matcher::path(ACCOUNTS_PATH), Fault::CloseAfterWork);
    let lost = connected.tenant.execute_once("lost", &body).await.ended("unknown");
    assert_eq!(lost["outcome"], "unknown");
    assert_eq!(lost["error"]["retryable"], false, "{lost}");
    let again = connected.tenant.execute_once("lost", &body).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.ended("unknown"), lost);
    assert_eq!(connected.mock.ledger().requests("POST", ACCOUNTS_PATH), 1);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let connected = Connected::start().await;
    let body = connected.create_account("Never").to_string();
    for key in ["", "k\u{e9}y", &"k".repeat(201)] {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let reply = connected.tenant.send(Method::POST, "/v1/executions", &headers, body.clone().into()).await;
        let detail = reply.problem(400, "invalid-request");
        assert!(detail.contains("Idempotency-Key"), "{detail}");
    }
    assert_eq!(connected.mock.ledger().creates("Account"), 0);
}

#[tokio::test]
async fn a_stream_takes_no_key() {
    let connected = Connected::start().await;
    let text = connected.query("SELECT Id FROM Account LIMIT 1").to_string();
    let headers =
        [("content-type", "application/json"), ("accept", "application/x-ndjson"), ("idempotency-key", "stream")];
    let reply = connected.tenant.send(Method::POST, "/v1/executions", &headers, text.into()).await;
    let detail = reply.problem(400, "invalid-request");
    assert!(detail.contains("a stream takes no idempotency key"), "{detail}");
}
