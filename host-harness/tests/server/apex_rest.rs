//! Apex REST is a setting of each connection, and off until its tenant switches it on.

use std::path::Path;
use std::time::Duration;

use mock_salesforce::ApexResource;
use salesforce_runtime::component::CONNECTOR;
use salesforce_server::{KeySource, Server};
use serde_json::{Value, json};

use crate::client::Client;
use crate::console::Console;
use crate::fixture::{CLIENT_ID, Connected, options};
use crate::uploads::upload;

/// For what still runs.
const PATIENCE: Duration = Duration::from_secs(30);

/// An org with a class, and a tenant with a connection to it.
async fn start() -> Connected {
    let connected = Connected::start().await;
    connected.mock.add_apex_resource(ApexResource {
        name: "orders".to_owned(),
        method: "POST".to_owned(),
        path: "orders".to_owned(),
        status: 201,
        content_type: "application/json".to_owned(),
        body: b"[7]".to_vec(),
    });
    connected
}

/// A call of the class by the connector, or by the component of this digest.
fn order(connection: &str, component: Option<&str>) -> Value {
    json!({"connection": connection, "component": component, "action": "apex-rest",
        "input": {"method": "post", "path": "orders", "query": [], "body": {"left": 1}}})
}

fn calls(connected: &Connected) -> usize {
    connected.mock.ledger().entries().filter(|entry| entry.path.starts_with("/services/apexrest")).count()
}

async fn switch(client: &Client, connection: &str, on: bool) -> Value {
    client.patch_json(&format!("/v1/connections/{connection}"), &json!({"apex_rest": on})).await.json(200)
}

async fn is_refused(client: &Client, call: &Value) {
    let error = client.execute(call).await.ended("failed")["error"].clone();
    assert_eq!((&error["kind"], &error["outcome"]), (&json!("denied-by-host"), &json!("not-sent")), "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("Apex REST is off for this connection, and nothing was sent"), "{message}");
    assert!(message.contains("switch `apex_rest` on (PATCH /v1/connections/ID"), "{message}");
}

async fn is_answered(client: &Client, call: &Value) {
    let ended = client.execute(call).await.ended("succeeded");
    let result = &ended["result"];
    assert_eq!((&result["status"], &result["body"]), (&json!(201), &json!({"json": [7]})), "{ended}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_apex_rest_is_off_until_the_tenant_switches_it_on_for_one_connection() {
    let connected = start().await;
    let (tenant, one) = (&connected.tenant, connected.connection.as_str());
    let other = connected.connect(tenant, "other").await;
    let uploaded = upload(tenant, "own.wasm", CONNECTOR).await.json(200);
    let own = uploaded["digest"].as_str();
    assert_eq!(connected.shown().await["apex_rest"], false);
    for component in [None, own] {
        is_refused(tenant, &order(one, component)).await;
    }
    assert_eq!(calls(&connected), 0);

    assert_eq!(switch(tenant, one, true).await["apex_rest"], true);
    assert_eq!(connected.shown().await["apex_rest"], true);
    for component in [None, own] {
        is_answered(tenant, &order(one, component)).await;
        is_refused(tenant, &order(&other, component)).await;
    }
    assert_eq!(calls(&connected), 2);
    // Another change leaves it as it is.
    tenant.patch_json(&format!("/v1/connections/{one}"), &json!({"name": "renamed"})).await.json(200);
    is_answered(tenant, &order(one, own)).await;
    switch(tenant, one, false).await;
    for component in [None, own] {
        is_refused(tenant, &order(one, component)).await;
    }
    assert_eq!(calls(&connected), 3);
}

#[tokio::test]
async fn only_its_tenant_switches_apex_rest_on_and_it_stays_so_at_another_server_and_in_a_backup() {
    let connected = start().await;
    let (tenant, one) = (&connected.tenant, connected.connection.as_str());
    let path = format!("/v1/connections/{one}");
    let stranger = connected.new_tenant("stranger", &json!({})).await;
    stranger.patch_json(&path, &json!({"apex_rest": true})).await.problem(404, "not-found");
    connected.administrator.patch_json(&path, &json!({"apex_rest": true})).await.problem(403, "forbidden");
    is_refused(tenant, &order(one, None)).await;

    switch(tenant, one, true).await;
    let (server, client) = connected.another().await;
    is_answered(&client, &order(one, None)).await;
    server.stop(PATIENCE).await;
    let copies = tempfile::tempdir().unwrap();
    let (backup, restored) = (copies.path().join("backup"), copies.path().join("restored"));
    let key = |data: &Path| KeySource::in_directory(data);
    salesforce_server::backup(connected.data.path(), &key(connected.data.path()), &backup, true).unwrap();
    salesforce_server::restore(&backup, &restored, &key(&restored)).unwrap();
    let server = Server::start(options(&restored)).await.unwrap();
    is_answered(&Client::new(server.url(), Some(tenant.token())), &order(one, None)).await;
    server.stop(PATIENCE).await;

    let mut new = connected.connection("born with it");
    new["apex_rest"] = json!(true);
    assert_eq!(tenant.post_json("/v1/connections", &new).await.json(201)["apex_rest"], true);
}

#[tokio::test]
async fn the_consoles_form_switches_apex_rest() {
    let connected = start().await;
    let console = Console::log_in(&connected).await;
    let path = format!("/console/connections/{}", connected.connection);
    let edit = format!("{path}/edit");
    for (chosen, on) in [("&apex_rest=on", true), ("", false)] {
        let form = console.page(&edit).await;
        let fields = format!("&name=org&client_id={}&client_secret=&api_version=&scopes=api{chosen}", CLIENT_ID);
        assert_eq!(console.post_with(&form, &edit, &fields).await.status, 303);
        assert_eq!(connected.shown().await["apex_rest"], on);
        let (shown, form) = (console.page(&path).await, console.page(&edit).await);
        assert!(shown.contains(if on { "<dd id=\"apex-rest\">on" } else { "<dd id=\"apex-rest\">off" }), "{shown}");
        let input = form.split("name=\"apex_rest\"").nth(1).unwrap().split('>').next().unwrap();
        assert_eq!(input.contains(" checked"), on, "{input}");
    }
}
