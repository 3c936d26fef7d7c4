//! What becomes of a connection, and of the execution, when the org refuses a session or its refresh.

use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};

use crate::fixture::{CLIENT_ID, Connected, TOKEN_PATH};

fn api() -> Matcher {
    Matcher::under("/services/data/")
}

fn unauthorized(code: &str, message: &str) -> Fault {
    Fault::json(401, &json!([{"errorCode": code, "message": message}]))
}

/// The connection's next refreshes end so.
fn refresh_ends(connected: &Connected, status: u16, error: &str, description: &str) {
    let answer = json!({"error": error, "error_description": description});
    connected.mock.push_fault(Matcher::path(TOKEN_PATH), Fault::json(status, &answer));
}

async fn refused_create(connected: &Connected) -> Value {
    connected.mock.expire_access_tokens();
    connected.tenant.execute(&connected.create_account("Never")).await.ended("failed")
}

#[tokio::test]
async fn f98_a_401_for_another_reason_than_the_session_is_told_and_not_refreshed() {
    let connected = Connected::start().await;
    for (code, message) in [
        ("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "The users password has expired, you must call SetPassword"),
        ("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"),
        ("INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
    ] {
        connected.mock.push_fault(api(), unauthorized(code, message));
        let failed = connected.tenant.execute(&connected.count()).await.ended("failed");
        let error = &failed["error"];
        assert_eq!((&error["kind"], &error["outcome"]), (&json!("access-denied"), &json!("rejected")), "{failed}");
        assert_eq!(error["problems"], json!([{"code": code, "message": message, "fields": []}]));
        assert!(error["message"].as_str().unwrap().contains(message), "{failed}");
    }
    assert_eq!(connected.refreshes(), 0);
    let shown = connected.shown().await;
    assert_eq!((&shown["state"], &shown["generation"]), (&json!("active"), &json!(1)));
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
}

#[tokio::test]
async fn f98_a_401_without_a_code_is_an_expired_session() {
    let connected = Connected::start().await;
    connected.mock.push_fault(api(), Fault::status(401, &[]));
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    assert_eq!(connected.refreshes(), 1);
}

#[tokio::test]
async fn f98_without_a_refresh_token_what_the_org_says_is_told() {
    let connected = Connected::start().await;
    let mut without = connected.connection("without");
    without["scopes"] = json!(["api"]);
    let created = connected.tenant.post_json("/v1/connections", &without).await.json(201);
    let id = created["id"].as_str().unwrap();
    connected.allow(&connected.tenant, id).await;
    let path = format!("/v1/connections/{id}");
    let body =
        json!({"connection": id, "action": "soql-query", "input": {"query": {"soql": "SELECT COUNT() FROM Account"}}});

    let password = "INVALID_OPERATION_WITH_EXPIRED_PASSWORD";
    connected.mock.push_fault(api(), unauthorized(password, "The users password has expired"));
    let failed = connected.tenant.execute(&body).await.ended("failed");
    assert_eq!(
        (&failed["error"]["kind"], &failed["error"]["problems"][0]["code"]),
        (&json!("access-denied"), &json!(password))
    );
    // To ask for a refresh that there cannot be ends nothing.
    let detail = connected.tenant.post(&format!("{path}/refresh")).await.problem(409, "conflict");
    assert!(detail.contains("has no refresh token"), "{detail}");
    connected.tenant.execute(&body).await.ended("succeeded");

    connected.mock.push_fault(api(), unauthorized("INVALID_SESSION_ID", "Session expired or invalid\n\u{202e}!"));
    let failed = connected.tenant.execute(&body).await.ended("failed");
    let error = &failed["error"];
    assert_eq!(
        (&error["kind"], &error["outcome"]),
        (&json!("reauthorization-required"), &json!("rejected")),
        "{failed}"
    );
    assert_eq!(error["retryable"], false, "{failed}");
    let reason = connected.tenant.get(&path).await.json(200)["reason"].clone();
    for words in [&error["message"], &reason] {
        assert!(
            words.as_str().unwrap().contains("INVALID_SESSION_ID (status 401): Session expired or invalid \\u{202e}!"),
            "{words}"
        );
        assert!(!words.as_str().unwrap().contains(['\u{202e}', '\n']), "{words}");
    }
    assert_eq!(connected.refreshes(), 0);
}

#[tokio::test]
async fn f101_a_suspended_org_or_user_costs_no_tokens() {
    let connected = Connected::start().await;
    for description in ["inactive organization", "inactive user"] {
        refresh_ends(&connected, 400, "invalid_grant", description);
        let failed = refused_create(&connected).await;
        let error = &failed["error"];
        assert_eq!((&error["kind"], &error["outcome"]), (&json!("access-denied"), &json!("rejected")), "{failed}");
        assert_eq!((&error["retryable"], &error["status"]), (&json!(false), &json!(400)), "{failed}");
        assert!(error["message"].as_str().unwrap().contains(description), "{failed}");
        let shown = connected.shown().await;
        assert_eq!((&shown["state"], &shown["reason"]), (&json!("active"), &Value::Null));
    }
    assert_eq!(connected.mock.ledger().creates("Account"), 0);
    // The org is active again.
    connected.tenant.execute(&connected.create_account("At last")).await.ended("succeeded");
    assert_eq!((connected.refreshes(), connected.mock.ledger().creates("Account")), (3, 1));
    assert_eq!(connected.shown().await["generation"], 2);
}

#[tokio::test]
async fn f101_a_call_refused_for_its_session_is_rejected_however_its_refresh_ends() {
    let connected = Connected::start().await;
    connected.mock.set_rotation(CLIENT_ID, false).unwrap();
    for (status, error, description, kind, retryable) in [
        (400, "invalid_client", "invalid client credentials", "invalid-client", false),
        (400, "invalid_app_access", "user is not admin approved", "access-denied", false),
        (429, "rate_limit_exceeded", "try again", "rate-limited", true),
        // The last one, for it alone takes the tokens.
        (400, "invalid_grant", "expired access/refresh token", "reauthorization-required", false),
    ] {
        refresh_ends(&connected, status, error, description);
        let failed = refused_create(&connected).await;
        let told = &failed["error"];
        assert_eq!((&told["kind"], &told["outcome"]), (&json!(kind), &json!("rejected")), "{failed}");
        assert_eq!(told["retryable"], retryable, "{failed}");
        assert!(told["message"].as_str().unwrap().contains(description), "{failed}");
        let lost = kind == "reauthorization-required";
        let state = if lost { "needs-reauthorization" } else { "active" };
        assert_eq!(connected.shown().await["state"], state, "{kind}");
    }
    assert_eq!((connected.refreshes(), connected.mock.ledger().creates("Account")), (4, 0));
}
