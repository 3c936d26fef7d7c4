//! Tenants, and the tokens of the API.

use serde_json::{Value, json};

use crate::client::Client;
use crate::fixture::Fixture;

#[tokio::test]
async fn a_token_is_shown_once_and_ends_when_it_is_revoked() {
    let fixture = Fixture::start().await;
    let tenant = fixture.administrator.post_json("/v1/tenants", &json!({"name": "acme"})).await.json(201);
    let tokens = format!("/v1/tenants/{}/tokens", tenant["id"].as_str().unwrap());
    let made = fixture.administrator.post_json(&tokens, &json!({"name": "ci"})).await.json(201);
    let (id, text) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    let client = Client::new(fixture.server.url(), Some(text));
    client.get("/v1/connections").await.json(200);

    let list = fixture.administrator.get(&tokens).await;
    assert!(!list.text().contains(text), "{list:?}");
    let list = list.json(200);
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["name"]), (&json!(id), &json!("ci")));
    assert_eq!(list["items"][0]["revoked_at"], Value::Null);

    let path = format!("{tokens}/{id}");
    assert_eq!(fixture.administrator.delete(&path).await.status, 204);
    client.get("/v1/connections").await.problem(401, "unauthorized");
    let list = fixture.administrator.get(&tokens).await.json(200);
    assert!(list["items"][0]["revoked_at"].is_string(), "{list}");
    fixture.administrator.delete(&format!("{tokens}/none")).await.problem(404, "not-found");
    // Of another tenant it is not found, and goes on.
    let default = fixture.administrator.get("/v1/tenants?limit=1").await.json(200);
    let theirs = format!("/v1/tenants/{}/tokens", default["items"][0]["id"].as_str().unwrap());
    fixture.administrator.delete(&format!("{theirs}/{id}")).await.problem(404, "not-found");
    let first = fixture.administrator.get(&theirs).await.json(200)["items"][0]["id"].as_str().unwrap().to_owned();
    fixture.administrator.delete(&format!("{tokens}/{first}")).await.problem(404, "not-found");
    fixture.tenant.get("/v1/connections").await.json(200);
}

#[tokio::test]
async fn what_is_no_token_is_nobodys() {
    let fixture = Fixture::start().await;
    let token = fixture.tenant_token();
    let last = token.len() - 2;
    let changed = token[last..].chars().rev().collect::<String>();
    for header in [
        String::new(),
        "Bearer".to_owned(),
        format!("Basic {token}"),
        token.clone(),
        format!("Bearer {}", &token[..token.len() - 1]),
        format!("Bearer {}_", &token[..token.len() - 1]),
        format!("Bearer {}{changed}A", &token[..last]),
    ] {
        let client = Client::new(fixture.server.url(), None);
        let reply = client.send(http::Method::GET, "/v1/connections", &[("authorization", &header)], "".into()).await;
        reply.problem(401, "unauthorized");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn limits_are_checked_and_hold_from_then_on() {
    let fixture = Fixture::start().await;
    for (limit, value) in [
        ("executions_at_once", 0),
        ("executions_at_once", 1001),
        ("executions_a_minute", 0),
        ("memory_mib", 4097),
        ("seconds", 601),
    ] {
        let body = json!({"name": "acme", "limits": {limit: value}});
        let detail = fixture.administrator.post_json("/v1/tenants", &body).await.problem(400, "invalid-request");
        assert!(detail.contains(limit), "{detail}");
    }
    let made = fixture.administrator.post_json("/v1/tenants", &json!({"name": "acme", "limits": {"seconds": 5}})).await;
    let made = made.json(201);
    assert_eq!((&made["limits"]["seconds"], &made["limits"]["executions_at_once"]), (&json!(5), &json!(16)));
    fixture.administrator.post_json("/v1/tenants", &json!({"name": "acme"})).await.problem(409, "conflict");
    let path = format!("/v1/tenants/{}", made["id"].as_str().unwrap());
    assert_eq!(fixture.administrator.get(&path).await.json(200), made);
    fixture.administrator.get("/v1/tenants/none").await.problem(404, "not-found");
    fixture.administrator.post_json("/v1/tenants/none/tokens", &json!({"name": "x"})).await.problem(404, "not-found");
}
