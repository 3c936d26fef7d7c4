//! A session expires under executions: one refresh, whoever asks, and never a used refresh token again.

use mock_salesforce::{Fault, Matcher};
use serde_json::json;
use tokio::task::JoinSet;

use crate::fixture::{CLIENT_ID, Connected, PUBLIC_CLIENT_ID, TOKEN_PATH, until};

fn token_endpoint() -> Matcher {
    Matcher::path(TOKEN_PATH)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_executions_refresh_once() {
    let connected = Connected::start().await;
    let many = connected.new_tenant("many", &json!({"executions_at_once": 100})).await;
    let connection = connected.connect(&many, "org").await;
    let body = json!({"connection": connection, "action": "soql-query",
        "input": {"query": {"soql": "SELECT COUNT() FROM Account"}}});
    connected.mock.expire_access_tokens();
    let mut running = JoinSet::new();
    for _ in 0..100 {
        let (client, body) = (many.clone(), body.clone());
        running.spawn(async move { client.execute(&body).await });
    }
    while let Some(reply) = running.join_next().await {
        reply.unwrap().ended("succeeded");
    }
    assert_eq!(connected.refreshes(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_the_same_data_refresh_once() {
    let connected = Connected::start().await;
    let (_other, client) = connected.another().await;
    connected.mock.expire_access_tokens();
    let held = connected.mock.hold_refreshes();
    let mut running = JoinSet::new();
    for client in [&connected.tenant, &client, &connected.tenant, &client] {
        let (client, body) = (client.clone(), connected.count());
        running.spawn(async move { client.execute(&body).await });
    }
    // All four have been refused for their session before the one refresh ends.
    let refused = || connected.mock.ledger().entries().filter(|entry| entry.status == Some(401)).count();
    until(async || refused() == 4 && connected.refreshes() == 1).await;
    drop(held);
    while let Some(reply) = running.join_next().await {
        reply.unwrap().ended("succeeded");
    }
    assert_eq!(connected.refreshes(), 1);
    assert_eq!(connected.shown().await["generation"], 2);
}

#[tokio::test]
async fn a_refresh_that_the_org_is_busy_with_is_waited_for() {
    let connected = Connected::start().await;
    connected.mock.expire_access_tokens();
    let busy = json!({"error": "invalid_grant", "error_description": "token request is already being processed"});
    connected.mock.push_fault(token_endpoint(), Fault::json(400, &busy));
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    assert_eq!((connected.refreshes(), connected.mock.faults_waiting()), (2, 0));
    assert_eq!(connected.shown().await["state"], "active");
}

#[tokio::test]
async fn an_answer_lost_after_rotation_ends_the_connection_with_a_reason() {
    let connected = Connected::start().await;
    connected.mock.expire_access_tokens();
    connected.mock.push_fault(token_endpoint(), Fault::CloseAfterWork);
    let failed = connected.tenant.execute(&connected.create_account("Never")).await.ended("failed");
    assert_eq!(failed["error_kind"], "reauthorization-required");
    assert_eq!(connected.mock.ledger().creates("Account"), 0);
    let shown = connected.shown().await;
    assert_eq!(shown["state"], "needs-reauthorization");
    let reason = shown["reason"].as_str().unwrap();
    assert!(reason.contains("the answer to a refresh was lost"), "{reason}");
    connected.no_refresh_token_was_used_twice();

    let detail = connected.tenant.execute(&connected.count()).await.problem(409, "connection-not-active");
    assert!(detail.contains("allow access again"), "{detail}");
    connected.no_refresh_token_was_used_twice();
    connected.allow(&connected.tenant, &connected.connection).await;
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
}

#[tokio::test]
async fn a_refresh_lost_on_its_way_heals() {
    let connected = Connected::start().await;
    connected.mock.expire_access_tokens();
    connected.mock.push_fault(token_endpoint(), Fault::Close);
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    assert_eq!(connected.mock.ledger().requests("POST", "/services/oauth2/introspect"), 1);
    let shown = connected.shown().await;
    assert_eq!((&shown["state"], &shown["generation"]), (&json!("active"), &json!(2)));
}

#[tokio::test]
async fn without_rotation_a_lost_answer_costs_nothing() {
    let connected = Connected::start().await;
    connected.mock.set_rotation(CLIENT_ID, false).unwrap();
    connected.mock.expire_access_tokens();
    connected.mock.push_fault(token_endpoint(), Fault::CloseAfterWork);
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    connected.mock.expire_access_tokens();
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    assert_eq!(connected.shown().await["state"], "active");
}

#[tokio::test]
async fn without_a_secret_a_lost_answer_is_for_a_person_to_decide_on() {
    let connected = Connected::start().await;
    let tenant = &connected.tenant;
    let mut new = connected.connection("public");
    new["client_id"] = json!(PUBLIC_CLIENT_ID);
    new.as_object_mut().unwrap().remove("client_secret");
    let id = tenant.post_json("/v1/connections", &new).await.json(201)["id"].as_str().unwrap().to_owned();
    connected.allow(tenant, &id).await;
    let count =
        json!({"connection": id, "action": "soql-query", "input": {"query": {"soql": "SELECT COUNT() FROM Account"}}});
    let refresh = format!("/v1/connections/{id}/refresh");
    connected.mock.set_rotation(PUBLIC_CLIENT_ID, false).unwrap();
    connected.mock.expire_access_tokens();
    connected.mock.push_fault(token_endpoint(), Fault::CloseAfterWork);
    tenant.execute(&count).await.ended("failed");
    assert_eq!(connected.refreshes(), 1);

    // By itself it is not sent again, and the connection is not given up.
    let failed = tenant.execute(&count).await.ended("failed");
    assert_eq!(failed["error_kind"], "reauthorization-required");
    assert!(failed["error"]["message"].as_str().unwrap().contains("never finished"), "{failed}");
    assert!(tenant.post_json(&refresh, &json!({})).await.problem(409, "conflict").contains("`again`"));
    assert_eq!((connected.refreshes(), connected.mock.faults_waiting()), (1, 0));

    tenant.post_json(&refresh, &json!({"again": true})).await.json(200);
    tenant.execute(&count).await.ended("succeeded");
    assert_eq!(connected.refreshes(), 2);
}

#[tokio::test]
async fn a_refused_refresh_needs_the_user() {
    let connected = Connected::start().await;
    connected.mock.expire_access_tokens();
    let refusal = json!({"error": "invalid_grant", "error_description": "expired access/refresh token"});
    connected.mock.push_fault(token_endpoint(), Fault::json(400, &refusal));
    let failed = connected.tenant.execute(&connected.count()).await.ended("failed");
    assert_eq!(failed["error_kind"], "reauthorization-required");
    let shown = connected.shown().await;
    assert_eq!(shown["state"], "needs-reauthorization");
    assert!(shown["reason"].as_str().unwrap().contains("expired access/refresh token"), "{shown}");
    assert_eq!(connected.refreshes(), 1);
}

#[tokio::test]
async fn a_policy_that_keeps_the_user_out_costs_no_tokens() {
    let connected = Connected::start().await;
    connected.mock.expire_access_tokens();
    let refusal = json!({"error": "invalid_app_access", "error_description": "user is not admin approved"});
    connected.mock.push_fault(token_endpoint(), Fault::json(400, &refusal));
    let failed = connected.tenant.execute(&connected.count()).await.ended("failed");
    assert_eq!(failed["error_kind"], "access-denied");
    assert_eq!(connected.shown().await["state"], "active");
    // The administrator has let the user in again.
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    assert_eq!(connected.refreshes(), 2);
}

#[tokio::test]
async fn a_write_refused_for_its_session_is_not_unknown_because_the_refresh_is() {
    let connected = Connected::start().await;
    connected.mock.expire_access_tokens();
    connected.mock.push_fault(token_endpoint(), Fault::Close);
    for _ in 0..5 {
        connected.mock.push_fault(Matcher::path("/services/oauth2/introspect"), Fault::Close);
    }
    let failed = connected.tenant.execute(&connected.create_account("Never")).await.ended("failed");
    assert_eq!(failed["outcome"], "rejected", "{failed}");
    assert_eq!(connected.mock.ledger().creates("Account"), 0);
    // Nothing is known against the connection, and the next one heals it.
    assert_eq!(connected.shown().await["state"], "active");
}

#[tokio::test]
async fn a_tenant_refreshes_when_it_wants() {
    let connected = Connected::start().await;
    let path = format!("/v1/connections/{}/refresh", connected.connection);
    assert_eq!(connected.tenant.post(&path).await.json(200)["generation"], 2);
    assert_eq!(connected.tenant.post(&path).await.json(200)["generation"], 3);
    connected.no_refresh_token_was_used_twice();
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
}
