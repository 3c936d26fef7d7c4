//! The ledger: what it tells, and what it must not.

use mock_salesforce::fingerprint;
use serde_json::json;

use crate::client::call;
use crate::fixture::*;

#[tokio::test]
async fn requests_are_kept_in_order_with_bodies_and_statuses() {
    let mock = mock().await;
    rest(&mock, "POST", "sobjects/Account?a=b").json(&json!({"Name": "x"})).send().await;
    call(&mock, "GET", "/services/data/v67.0/limits").send().await;
    let ledger = mock.ledger();
    let entries: Vec<_> = ledger.entries().collect();
    assert_eq!(entries[0].sequence + 1, entries[1].sequence);
    assert_eq!((entries[0].method.as_str(), entries[0].query.as_str()), ("POST", "a=b"));
    assert_eq!(entries[0].body.as_deref(), Some("{\"Name\":\"x\"}"));
    assert_eq!((entries[0].body_length, entries[0].status), (12, Some(201)));
    assert_eq!(entries[1].status, Some(401));
    assert_eq!(ledger.requests("POST", "/services/data/v67.0/sobjects/Account"), 1);
    assert_eq!(ledger.requests("GET", "/services/data/v67.0/sobjects/Account"), 0);
}

#[tokio::test]
async fn no_secret_is_ever_kept() {
    let mock = mock().await;
    let code = code(&mock, &authorization(APP)).await;
    let body = token(&mock, &redemption(&code)).await.json();
    let (access, refresh_token) = (body["access_token"].as_str().unwrap(), body["refresh_token"].as_str().unwrap());
    refresh(&mock, refresh_token).await;
    call(&mock, "POST", "/services/oauth2/revoke").form(&[("token", access)]).send().await;
    assert!(!works(&mock, access).await);
    let soap = format!("<x>{}</x>", mock_salesforce::DEMO_PASSWORD);
    call(&mock, "POST", "/services/Soap/u/60.0").raw("text/xml", &soap).send().await;

    let ledger = mock.ledger();
    let kept = format!("{ledger:?}");
    for secret in [SECRET, &code, VERIFIER, access, refresh_token, mock_salesforce::DEMO_PASSWORD] {
        assert!(!kept.contains(secret), "{secret}");
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        assert!(!kept.contains(&encoded), "{encoded}");
    }
    assert!(kept.contains(&format!("Bearer {}", fingerprint(access))));
    assert!(kept.contains(&format!("refresh_token={}", fingerprint(refresh_token))));
}
