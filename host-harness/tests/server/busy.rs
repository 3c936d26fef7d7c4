//! A tenant whose components never end, beside one that works.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::Client;
use crate::fixture::{Connected, until};
use support::hostile::{SLEEPER, component};

/// As many as a tenant has places by default.
const BUSY: usize = 16;

async fn upload(client: &Client, wasm: Vec<u8>) -> Value {
    let headers = [("content-type", "application/wasm")];
    client.send(Method::PUT, "/v1/components?name=sleeper", &headers, wasm.into()).await.json(200)
}

async fn running(client: &Client) -> usize {
    let list = client.get("/v1/executions?state=running&limit=200").await.json(200);
    list["items"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s07_a_quiet_tenants_executions_end_while_another_is_busy_in_all_its_places() {
    let connected = Arc::new(Connected::start().await);
    let busy = connected.new_tenant("busy", &json!({"seconds": 600})).await;
    let connection = connected.connect(&busy, "org").await;
    let digest = upload(&busy, component(SLEEPER)).await["digest"].clone();
    let mut spinning = JoinSet::new();
    for number in 0..BUSY {
        let deed = ["loop", "copy", "fill"][number % 3];
        let soql = format!("SELECT Id FROM Account WHERE Name = 'hostile:{deed}'");
        let input = json!({"query": {"soql": soql}});
        let body = json!({"connection": connection, "component": digest, "action": "soql-query", "input": input});
        let busy = busy.clone();
        spinning.spawn(async move { busy.execute(&body).await });
    }
    until(async || running(&busy).await == BUSY).await;
    for number in 0..10 {
        connected.tenant.execute(&connected.count()).await.ended("succeeded");
        connected.tenant.execute(&connected.create_account(&format!("Quiet {number}"))).await.ended("succeeded");
    }
    assert_eq!(running(&busy).await, BUSY, "they have ended before the quiet tenant's executions did");
    // What is busy is cancelled like anything else.
    for execution in busy.get("/v1/executions?state=running&limit=200").await.json(200)["items"].as_array().unwrap() {
        let path = format!("/v1/executions/{}/cancel", execution["id"].as_str().unwrap());
        assert_eq!(busy.post(&path).await.status, 202);
    }
    while let Some(ended) = spinning.join_next().await {
        ended.unwrap().ended("cancelled");
    }
}
