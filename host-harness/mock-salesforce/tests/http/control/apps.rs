//! Connected apps.

use serde_json::json;

use super::{done, problem};
use crate::fixture::*;

#[tokio::test]
async fn an_app_is_registered_while_the_mock_runs() {
    let mock = steered().await;
    let app = json!({"client_id": "late", "client_secret": "s", "scopes": ["api"], "client_credentials_user": username(&mock)});
    assert_eq!(control(&mock, "POST", "apps").json(&app).send().await.status, 201);
    let form = [("grant_type", "client_credentials"), ("client_id", "late"), ("client_secret", "s")];
    let tokens = token(&mock, &form).await.json();
    assert!(works(&mock, tokens["access_token"].as_str().unwrap()).await);
    let apps = done(&control(&mock, "GET", "apps").send().await);
    assert_eq!(apps["apps"].as_array().unwrap().len(), 4);
    assert!(!apps.to_string().contains(SECRET));
    assert_eq!(problem(&control(&mock, "POST", "apps").json(&app).send().await).0, 409);
}

#[tokio::test]
async fn a_wrong_app_is_refused_by_place() {
    let mock = steered().await;
    for (app, place) in [
        (json!({"client_id": "", "scopes": ["api"]}), "body.client_id"),
        (json!({"client_id": "a", "scopes": ["everything"]}), "body.scopes"),
        (json!({"client_id": "a", "scopes": ["api"], "jwt_public_key_pem": "x"}), "body.jwt_public_key_pem"),
        (json!({"client_id": "a"}), "body.scopes"),
    ] {
        let (status, told, ..) = problem(&control(&mock, "POST", "apps").json(&app).send().await);
        assert_eq!((status, told.as_str()), (400, place));
    }
    let change = control(&mock, "PATCH", "apps/none").json(&json!({"rotate_refresh_tokens": true}));
    assert_eq!(problem(&change.send().await).1, "path.client_id");
    let trust = control(&mock, "POST", "apps/none/assertions").json(&json!({"assertion": "x"}));
    assert_eq!(problem(&trust.send().await).1, "path.client_id");
    let trust = control(&mock, "POST", &format!("apps/{APP}/assertions")).json(&json!({"assertion": "x"}));
    assert_eq!(trust.send().await.status, 204);
}
