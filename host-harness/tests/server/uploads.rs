//! Components of tenants: verified once, run by their tenant alone.

use bytes::Bytes;
use http::Method;
use salesforce_runtime::component::CONNECTOR;
use serde_json::{Value, json};

use crate::client::{Client, Reply};
use crate::fixture::{Connected, Fixture};

pub(crate) async fn upload(client: &Client, name: &str, wasm: impl Into<Bytes>) -> Reply {
    let path = format!("/v1/components?name={name}");
    client.send(Method::PUT, &path, &[("content-type", "application/wasm")], wasm.into()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_component_is_verified_once_and_runs_for_its_tenant() {
    let connected = Connected::start().await;
    let accepted = upload(&connected.tenant, "connector.wasm", CONNECTOR).await.json(200);
    assert_eq!((&accepted["state"], &accepted["name"]), (&json!("accepted"), &json!("connector.wasm")));
    assert_eq!(accepted["report"]["may_run"], true, "{accepted}");
    assert_eq!(accepted["bytes"], CONNECTOR.len());
    let digest = accepted["digest"].as_str().unwrap();

    // A second verification would be a later one. The bytes have the name under which they came last.
    let path = format!("/v1/components/{digest}");
    let mut renamed = accepted.clone();
    renamed["name"] = json!("again.wasm");
    assert_eq!(upload(&connected.tenant, "again.wasm", CONNECTOR).await.json(200), renamed);
    assert_eq!(connected.tenant.get(&path).await.json(200), renamed);
    let headers = [("content-type", "application/wasm")];
    let unnamed = connected.tenant.send(Method::PUT, "/v1/components", &headers, CONNECTOR.into()).await;
    assert_eq!(unnamed.json(200), renamed, "without a name it stays");
    assert_eq!(upload(&connected.tenant, "connector.wasm", CONNECTOR).await.json(200), accepted);
    assert_eq!(connected.tenant.get(&path).await.json(200), accepted);
    let mut listed = accepted.clone();
    listed.as_object_mut().unwrap().remove("report");
    assert_eq!(connected.tenant.get("/v1/components").await.json(200)["items"], json!([listed]));

    let mut body = connected.count();
    body["component"] = json!(digest);
    let ended = connected.tenant.execute(&body).await.ended("succeeded");
    assert_eq!((&ended["component"], &ended["result"]["total_size"]), (&json!(digest), &json!(2086)));

    let stranger = connected.new_tenant("stranger", &json!({})).await;
    stranger.get(&path).await.problem(404, "not-found");
    stranger.delete(&path).await.problem(404, "not-found");
    let mut theirs = body.clone();
    theirs["connection"] = json!(connected.connect(&stranger, "org").await);
    assert!(stranger.execute(&theirs).await.problem(400, "invalid-request").contains(digest));

    let once = connected.tenant.execute_once("key", &body).await.ended("succeeded");
    assert_eq!(connected.tenant.delete(&path).await.status, 204);
    connected.tenant.get(&path).await.problem(404, "not-found");
    connected.tenant.execute(&body).await.problem(400, "invalid-request");
    // What it gave is told as long as that is kept.
    assert_eq!(connected.tenant.execute_once("key", &body).await.ended("succeeded"), once);
    connected.tenant.execute_once("another key", &body).await.problem(400, "invalid-request");
}

#[tokio::test]
async fn what_is_no_component_is_refused_with_a_report() {
    let fixture = Fixture::start().await;
    let refused = upload(&fixture.tenant, "garbage", &b"not a component"[..]).await;
    let detail = refused.problem(422, "component-refused");
    let body: Value = serde_json::from_slice(&refused.body).unwrap();
    assert_eq!(body["error"]["may_run"], false, "{body}");
    upload(&fixture.tenant, "garbage", &b"not a component"[..]).await.problem(422, "component-refused");
    let list = fixture.tenant.get("/v1/components").await.json(200);
    let digest = list["items"][0]["digest"].as_str().unwrap();
    assert!(detail.contains(digest), "{detail}");
    let run = json!({"connection": "019abcde-0000-7000-8000-000000000001", "action": "next-page", "input": {"cursor": "c"}, "component": digest});
    assert!(fixture.tenant.execute(&run).await.problem(400, "invalid-request").contains(digest));
}

#[tokio::test]
async fn an_empty_body_and_a_name_that_is_none_are_refused() {
    let fixture = Fixture::start().await;
    upload(&fixture.tenant, "empty", &b""[..]).await.problem(400, "invalid-request");
    let detail = upload(&fixture.tenant, "a%0Ab", &b"x"[..]).await.problem(400, "invalid-request");
    assert!(detail.contains("name"), "{detail}");
    let detail = upload(&fixture.tenant, "a&nam=b", &b"x"[..]).await.problem(400, "invalid-request");
    assert!(detail.contains("nam"), "{detail}");
    assert_eq!(fixture.tenant.get("/v1/components").await.json(200), json!({"items": []}));
}
