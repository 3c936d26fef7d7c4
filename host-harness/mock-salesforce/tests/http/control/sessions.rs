//! Tokens without the pages, and what the mock knows of them; events and the schema.

use mock_salesforce::fingerprint;
use serde_json::{Value, json};

use super::{done, problem};
use crate::client::call;
use crate::fixture::*;

async fn session(mock: &mock_salesforce::MockSalesforce) -> Value {
    let body = json!({"client_id": APP, "username": username(mock)});
    let answer = control(mock, "POST", "sessions").json(&body).send().await;
    assert_eq!(answer.status, 201);
    done(&answer)
}

#[tokio::test]
async fn sessions_are_made_and_ended() {
    let mock = steered().await;
    let tokens = session(&mock).await;
    let (access, refresh_token) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    assert!(works(&mock, access).await);
    assert_eq!(control(&mock, "DELETE", "sessions").send().await.status, 204);
    assert!(!works(&mock, access).await);
    let path = format!("refresh-tokens/{}", fingerprint(refresh_token));
    assert_eq!(done(&control(&mock, "GET", &path).send().await), json!({"honoured": true}));
    assert_eq!(refresh(&mock, refresh_token).await.status, 200);
    for (body, place) in [
        (json!({"client_id": "none", "username": "x"}), "body.client_id"),
        (json!({"client_id": APP, "username": "nobody"}), "body.username"),
    ] {
        assert_eq!(problem(&control(&mock, "POST", "sessions").json(&body).send().await).1, place);
    }
}

#[tokio::test]
async fn an_authorization_is_allowed_without_a_browser() {
    let mock = steered().await;
    let parameters = authorization(APP);
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&parameters).finish();
    let url = format!("{}/services/oauth2/authorize?{query}", mock.url());
    let allow = |url: &str| {
        control(&mock, "POST", "authorizations").json(&json!({"url": url, "username": username(&mock)})).send()
    };
    let query = done(&allow(&url).await)["query"].as_str().unwrap().to_owned();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let code = pairs.find(|(name, _)| name == "code").unwrap().1.into_owned();
    assert_eq!(token(&mock, &redemption(&code)).await.status, 200);
    assert_eq!(problem(&allow("https://example.org/").await).1, "body");
}

#[tokio::test]
async fn a_rotated_token_that_comes_back_is_counted() {
    let mock = steered().await;
    let rotation =
        |on: bool| control(&mock, "PATCH", &format!("apps/{APP}")).json(&json!({"rotate_refresh_tokens": on}));
    assert_eq!(rotation(true).send().await.status, 204);
    let old = session(&mock).await["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(refresh(&mock, &old).await.status, 200);
    assert_eq!(refresh(&mock, &old).await.status, 400);
    assert_eq!(done(&control(&mock, "GET", "refresh-tokens").send().await), json!({"came_back": 1}));
}

#[tokio::test]
async fn held_refreshes_wait_until_they_are_let_go() {
    let mock = steered().await;
    let token = session(&mock).await["refresh_token"].as_str().unwrap().to_owned();
    let hold = |held: bool| control(&mock, "PUT", "refreshes").json(&json!({"held": held})).send();
    assert_eq!(done(&hold(true).await), json!({"held": true}));
    let first = refresh(&mock, &token);
    let second = async {
        while mock.ledger().token_requests("refresh_token") == 0 {
            tokio::task::yield_now().await;
        }
        let busy = refresh(&mock, &token).await;
        hold(false).await;
        busy
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 400));
    assert_eq!(done(&control(&mock, "GET", "refreshes").send().await), json!({"held": false}));
}

#[tokio::test]
async fn published_events_are_read_back() {
    let mock = steered().await;
    for number in ["1", "2"] {
        let event = json!({"Invoice_Number__c": number});
        rest(&mock, "POST", "sobjects/Invoice_Paid__e").json(&event).send().await;
    }
    let page = done(&control(&mock, "GET", "events?limit=1").send().await);
    assert_eq!((&page["events"][0]["fields"], &page["next"]), (&json!({"Invoice_Number__c": "1"}), &json!(1)));
    let page = done(&control(&mock, "GET", "events?after=1").send().await);
    assert_eq!((&page["events"][0]["object"], &page["next"]), (&json!("Invoice_Paid__e"), &Value::Null));
    assert_eq!(problem(&control(&mock, "GET", "events?limit=0").send().await).1, "query.limit");
}

#[tokio::test]
async fn the_schema_is_what_describe_tells() {
    let mock = steered().await;
    let described = rest(&mock, "GET", "sobjects/Account/describe").send().await.json();
    assert_eq!(done(&control(&mock, "GET", "schema/Account").send().await), described);
    let global = rest(&mock, "GET", "sobjects").send().await.json();
    assert_eq!(done(&control(&mock, "GET", "schema").send().await), global);
    assert_eq!(problem(&control(&mock, "GET", "schema/Thing").send().await).1, "path.object");
}

#[tokio::test]
async fn the_session_of_a_user_who_is_gone_or_inactive_is_over() {
    let mock = steered().await;
    assert_eq!(control(&mock, "PUT", "snapshots/before").send().await.status, 200);
    let seed = json!({"records": [{
        "attributes": {"type": "User"}, "LastName": "New", "Username": "new@example.org", "Email": "new@example.org",
        "Alias": "new", "TimeZoneSidKey": "Europe/Berlin", "LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US",
        "Profile": {"Name": "Standard User"},
    }]});
    done(&control(&mock, "POST", "records").json(&seed).send().await);
    let gone = mock.issue_tokens(APP, "new@example.org").unwrap().access_token.expose().to_owned();
    assert!(works(&mock, &gone).await);
    assert_eq!(control(&mock, "POST", "snapshots/before/restore").send().await.status, 204);
    assert!(!works(&mock, &gone).await);

    let other = mock.org(|org| org.users()[1].clone());
    let token = mock.issue_tokens(APP, &other.username).unwrap().access_token.expose().to_owned();
    assert!(works(&mock, &token).await);
    let path = format!("sobjects/User/{}", other.id);
    assert_eq!(rest(&mock, "PATCH", &path).json(&json!({"IsActive": false})).send().await.status, 204);
    let refused = call(&mock, "GET", "/services/data/v67.0/limits").token(&token).send().await;
    assert_eq!(refused.error(), (401, "INVALID_SESSION_ID".to_owned()));
}

#[tokio::test]
async fn a_restored_snapshot_ends_bulk_jobs() {
    let mock = steered().await;
    assert_eq!(control(&mock, "PUT", "snapshots/before").send().await.status, 200);
    let job = json!({"operation": "query", "query": "SELECT Id FROM Account"});
    let id = rest(&mock, "POST", "jobs/query").json(&job).send().await.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(control(&mock, "POST", "snapshots/before/restore").send().await.status, 204);
    assert_eq!(rest(&mock, "GET", &format!("jobs/query/{id}")).send().await.status, 404);
}
