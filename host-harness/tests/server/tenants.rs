//! A tenant's life, what it sees of itself, and the administrators' own tokens.

use std::time::Duration;

use http::Method;
use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::client::Client;
use crate::fixture::{Connected, Fixture, QUERY_PATH, until};

async fn tenant_id(client: &Client) -> String {
    client.get("/v1/tenant").await.json(200)["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn s09_a_tenant_has_as_many_connections_as_it_may_and_what_is_refused_leaves_nothing() {
    let fixture = Fixture::start().await;
    let tenant = fixture.new_tenant("small", &json!({"connections": 2})).await;
    let made = fixture.create(&tenant, "a").await;
    // The last place is one: of many at once one gets it.
    let creating = (0..8).map(|number| {
        let (tenant, body) = (tenant.clone(), fixture.connection(&format!("n{number}")));
        tokio::spawn(async move { tenant.post_json("/v1/connections", &body).await })
    });
    let mut created = 0;
    for reply in creating.collect::<Vec<_>>() {
        let reply = reply.await.unwrap();
        if reply.status == 201 {
            created += 1;
        } else {
            assert!(reply.problem(409, "quota-exceeded").contains("2 connections"), "{reply:?}");
        }
    }
    assert_eq!(created, 1);
    let own = tenant.get("/v1/tenant").await.json(200);
    assert_eq!((&own["usage"]["connections"], &own["limits"]["connections"]), (&json!(2), &json!(2)));
    let list = tenant.get("/v1/connections").await.json(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    tenant.delete(&format!("/v1/connections/{made}")).await;
    fixture.create(&tenant, "again").await;
}

#[tokio::test]
async fn a_tenant_renews_its_token() {
    let fixture = Fixture::start().await;
    let renewed = fixture.tenant.post("/v1/tenant/token").await.json(201);
    fixture.tenant.get("/v1/tenant").await.problem(401, "unauthorized");
    let client = Client::new(fixture.server.url(), renewed["token"].as_str());
    let own = client.get("/v1/tenant").await.json(200);
    assert_eq!(own["name"], "default");
    let tokens = format!("/v1/tenants/{}/tokens", own["id"].as_str().unwrap());
    let list = fixture.administrator.get(&tokens).await.json(200);
    let items = list["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["name"], &items[1]["name"]), (2, &renewed["name"], &renewed["name"]));
    assert!(items[0]["revoked_at"].is_string() && items[1]["revoked_at"].is_null(), "{list}");
    // Ended tokens do not pile up.
    let mut token = renewed["token"].as_str().unwrap().to_owned();
    for _ in 0..110 {
        let renewed = Client::new(fixture.server.url(), Some(&token)).post("/v1/tenant/token").await.json(201);
        token = renewed["token"].as_str().unwrap().to_owned();
    }
    assert_eq!(fixture.administrator.get(&tokens).await.json(200)["items"].as_array().unwrap().len(), 101);
}

#[tokio::test]
async fn administrators_tokens_are_renewed_and_revoked_but_never_the_last_one() {
    let fixture = Fixture::start().await;
    let tokens = "/v1/administrator/tokens";
    let ids = async |client: &Client| -> Vec<String> {
        let list = client.get(tokens).await.json(200);
        let good = list["items"].as_array().unwrap().iter().filter(|item| item["revoked_at"].is_null());
        good.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = ids(&fixture.administrator).await.remove(0);
    let detail = fixture.administrator.delete(&format!("{tokens}/{first}")).await.problem(409, "conflict");
    assert!(detail.contains("only administrator's token"), "{detail}");
    let renewed = fixture.administrator.post("/v1/administrator/token").await.json(201);
    fixture.administrator.get(tokens).await.problem(401, "unauthorized");
    let administrator = Client::new(fixture.server.url(), renewed["token"].as_str());
    assert_eq!(ids(&administrator).await, [renewed["id"].as_str().unwrap()]);

    let made = administrator.post_json(tokens, &json!({"name": "second"})).await.json(201);
    let second = Client::new(fixture.server.url(), made["token"].as_str());
    let renewed = format!("{tokens}/{}", renewed["id"].as_str().unwrap());
    assert_eq!(second.delete(&renewed).await.status, 204);
    administrator.get(tokens).await.problem(401, "unauthorized");
    second.delete(&format!("{tokens}/{}", made["id"].as_str().unwrap())).await.problem(409, "conflict");
    second.delete(&format!("{tokens}/none")).await.problem(404, "not-found");
    // A tenant's token is none of theirs.
    let tenant = tenant_id(&fixture.tenant).await;
    let list = second.get(&format!("/v1/tenants/{tenant}/tokens")).await.json(200);
    let theirs = format!("{tokens}/{}", list["items"][0]["id"].as_str().unwrap());
    second.delete(&theirs).await.problem(404, "not-found");
    fixture.tenant.get("/v1/tenant").await.json(200);
}

#[tokio::test]
async fn a_suspended_tenant_begins_nothing_and_what_runs_finishes() {
    let connected = Connected::start().await;
    let id = tenant_id(&connected.tenant).await;
    let path = format!("/v1/tenants/{id}");
    let mut browser = Browser::new(connected.server.url());
    let location = browser.begin(&connected.authorize(&connected.tenant, &connected.connection).await).await;
    connected.mock.push_fault(Matcher::path(QUERY_PATH), Fault::Delay(Duration::from_millis(500)));
    let running = {
        let (tenant, body) = (connected.tenant.clone(), connected.count());
        tokio::spawn(async move { tenant.execute(&body).await })
    };
    until(async || connected.mock.faults_waiting() == 0).await;
    let suspended = connected.administrator.post(&format!("{path}/suspend")).await.json(200);
    assert!(suspended["suspended_at"].is_string(), "{suspended}");
    running.await.unwrap().ended("succeeded");
    for path in ["/v1/tenant", "/v1/connections", "/v1/executions", "/v1/components"] {
        let detail = connected.tenant.get(path).await.problem(403, "tenant-suspended");
        assert!(detail.contains("suspended"), "{detail}");
    }
    connected.tenant.execute(&connected.count()).await.problem(403, "tenant-suspended");
    connected.tenant.post("/v1/tenant/token").await.problem(403, "tenant-suspended");
    assert_eq!(browser.get(&connected.allowed(&location)).await.status, 400, "an authorization that was begun before");
    // Again changes nothing.
    assert_eq!(connected.administrator.post(&format!("{path}/suspend")).await.json(200), suspended);

    let resumed = connected.administrator.post(&format!("{path}/resume")).await.json(200);
    assert_eq!(resumed["suspended_at"], Value::Null);
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    connected.administrator.post("/v1/tenants/none/suspend").await.problem(404, "not-found");
}

#[tokio::test]
async fn a_stream_of_a_suspended_tenant_ends_at_its_next_page() {
    let connected = Connected::start().await;
    let suspend = format!("/v1/tenants/{}/suspend", tenant_id(&connected.tenant).await);
    // The first page waits until the tenant is suspended.
    connected.mock.push_fault(Matcher::path(QUERY_PATH), Fault::Delay(Duration::from_millis(500)));
    let streaming = {
        let (tenant, body) = (connected.tenant.clone(), connected.query("SELECT Id FROM Account").to_string());
        let headers = [("content-type", "application/json"), ("accept", "application/x-ndjson")];
        tokio::spawn(async move { tenant.send(Method::POST, "/v1/executions", &headers, body.into()).await })
    };
    until(async || connected.mock.faults_waiting() == 0).await;
    connected.administrator.post(&suspend).await.json(200);
    let reply = streaming.await.unwrap();
    let lines: Vec<Value> = reply.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [_, page, tail] = &lines[..] else { panic!("expected one page: {lines:?}") };
    assert_eq!(page["progress"]["records"], 2000);
    let error = &tail["ended"]["error"];
    assert_eq!((&tail["ended"]["state"], &error["kind"]), (&json!("failed"), &json!("tenant-suspended")), "{tail}");
}

#[tokio::test]
async fn a_tenant_is_renamed_and_deleted_with_everything() {
    let fixture = Fixture::start().await;
    let other = fixture.new_tenant("other", &json!({})).await;
    let connection = fixture.connect(&other, "org").await;
    let body = json!({"connection": connection, "action": "soql-query",
        "input": {"query": {"soql": "SELECT COUNT() FROM Account"}}});
    other.execute(&body).await.ended("succeeded");
    let path = format!("/v1/tenants/{}", tenant_id(&other).await);
    let renamed = fixture.administrator.patch_json(&path, &json!({"name": "renamed"})).await.json(200);
    assert_eq!(renamed["name"], "renamed");
    fixture.administrator.patch_json(&path, &json!({"name": "default"})).await.problem(409, "conflict");
    fixture.administrator.patch_json(&path, &json!({"name": ""})).await.problem(400, "invalid-request");

    let detail = fixture.administrator.delete(&path).await.problem(409, "conflict");
    assert!(detail.contains("suspend it first"), "{detail}");
    fixture.administrator.post(&format!("{path}/suspend")).await.json(200);
    assert_eq!(fixture.administrator.delete(&path).await.status, 204);
    fixture.administrator.get(&path).await.problem(404, "not-found");
    fixture.administrator.delete(&path).await.problem(404, "not-found");
    other.get("/v1/tenant").await.problem(401, "unauthorized");
    fixture.tenant.get("/v1/tenant").await.json(200);

    let default = format!("/v1/tenants/{}", tenant_id(&fixture.tenant).await);
    fixture.administrator.post(&format!("{default}/suspend")).await.json(200);
    let detail = fixture.administrator.delete(&default).await.problem(409, "conflict");
    assert!(detail.contains("only tenant"), "{detail}");
}
