//! What real token endpoints answer, and where real orgs are.

use mock_salesforce::Fault;
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::oauth::{AuthorizationRequest, ConnectedApp, TokenSet};
use salesforce_runtime::bindings::types::{Connection, ErrorKind, Outcome};
use serde_json::{Value, json};

use super::{TEN_TIMES, answer};
use crate::calls::{ONCE, query};
use crate::fixture::{CALLBACK, Fixture, TOKEN, decision, refused};
use crate::oauth::browser;

/// Every grant, with a fault that it meets again and again.
async fn every_grant(fault: impl Fn() -> Fault) -> Vec<Result<TokenSet, ExecutionError>> {
    let fixture = Fixture::start().await;
    let authorization = fixture.begin().await;
    let callback = browser::authorize(&fixture.mock, &authorization.url, "allow").await;
    (0..4).for_each(|_| fixture.fault(TOKEN, fault()));
    let app = fixture.app();
    vec![
        fixture.execution().refresh(&app, &fixture.refresh_token, ONCE).await,
        fixture.execution().client_credentials(&app, ONCE).await,
        fixture.execution().jwt_bearer(&app, "a.b.c", ONCE).await,
        fixture.execution().complete_authorization(&app, &authorization.pending, &callback, ONCE).await,
    ]
}

#[tokio::test]
async fn f100_the_token_endpoint_asks_to_try_again() {
    let later = || Fault::json(400, &json!({"error": "unknown_error", "error_description": "retry your request"}));
    for refused_grant in every_grant(later).await {
        let error = refused(refused_grant);
        assert_eq!(decision(&error), (ErrorKind::Unavailable, Outcome::Rejected, true));
        assert_eq!(error.problems[0].message, "retry your request");
    }
    // What may be repeated is, within the call.
    let fixture = Fixture::meeting(TOKEN, later()).await;
    assert!(fixture.execution().client_credentials(&fixture.app(), TEN_TIMES).await.is_ok());
    let fixture = Fixture::meeting(TOKEN, later()).await;
    let once = refused(fixture.execution().refresh(&fixture.app(), &fixture.refresh_token, TEN_TIMES).await);
    assert_eq!((once.kind, fixture.requests()), (ErrorKind::Unavailable, 1));
}

#[tokio::test]
async fn f99_an_answer_of_the_token_endpoint_that_is_not_salesforces() {
    for status in [403, 404, 410] {
        for body in ["<html>SENTINEL</html>", "SENTINEL", "", r#"{"message":"no route"}"#] {
            for grant in every_grant(|| answer(status, ("content-type", "text/html"), body)).await {
                let error = refused(grant);
                assert_eq!(decision(&error), (ErrorKind::InvalidResponse, Outcome::Unknown, false), "{status} {body}");
            }
        }
    }
}

#[tokio::test]
async fn f101_an_inactive_user_or_org() {
    for words in ["inactive user", "inactive organization", "Inactive User", "organization suspended"] {
        let inactive = || Fault::json(400, &json!({"error": "invalid_grant", "error_description": words}));
        for grant in every_grant(inactive).await {
            assert_eq!(decision(&refused(grant)), (ErrorKind::AccessDenied, Outcome::Rejected, false), "{words}");
        }
    }
}

#[tokio::test]
async fn f105_a_token_answer_with_a_harmless_oddity() {
    for (name, value) in [
        ("instance_url", json!("https://x.my.salesforce.com/")),
        ("instance_url", json!("HTTPS://X.my.SalesForce.com:443/")),
        ("issued_at", json!(1234)),
        ("scope", json!(["api"])),
        ("id", json!(7)),
        ("id_token", json!(null)),
        ("sfdc_community_url", json!(false)),
    ] {
        let mut tokens = json!({"access_token": "00D!SENTINEL-ACCESS", "refresh_token": "SENTINEL-ROTATED",
            "token_type": "Bearer", "instance_url": "https://x.my.salesforce.com"});
        tokens[name] = value.clone();
        let fixture = Fixture::meeting(TOKEN, Fault::json(200, &tokens)).await;
        let found = fixture.refresh(&fixture.refresh_token).await.unwrap();
        assert_eq!(found.refresh_token.as_deref(), Some("SENTINEL-ROTATED"), "{name} {value}");
        assert_eq!(found.instance_url, "https://x.my.salesforce.com");
        assert_eq!(found.issued_at_ms, (name == "issued_at").then_some(1234));
    }
}

#[tokio::test]
async fn f106_orgs_and_sites_where_they_really_are() {
    let fixture = Fixture::start().await;
    let begin = async |login_url: &str| {
        let app = ConnectedApp { login_url: login_url.to_owned(), client_id: "key".to_owned(), client_secret: None };
        let request = AuthorizationRequest {
            redirect_uri: CALLBACK.to_owned(),
            scopes: Vec::new(),
            prompt: None,
            login_hint: None,
        };
        fixture.execution().begin_authorization(&app, &request).await
    };
    for (login_url, endpoint) in [
        ("https://login.salesforce.com", "https://login.salesforce.com/services/oauth2/authorize?"),
        ("https://acme.my.salesforce.mil/", "https://acme.my.salesforce.mil/services/oauth2/authorize?"),
        ("https://acme.my.site.com/partners", "https://acme.my.site.com/partners/services/oauth2/authorize?"),
        ("https://Acme.my.site.com/partners/", "https://acme.my.site.com/partners/services/oauth2/authorize?"),
    ] {
        let url = begin(login_url).await.unwrap().url;
        assert!(url.starts_with(endpoint), "{url}");
    }
    for (login_url, hint) in [
        ("https://acme.lightning.force.com", "https://acme.my.salesforce.com"),
        ("https://acme--sb.sandbox.lightning.force.com/", "https://acme--sb.sandbox.my.salesforce.com"),
        ("https://acme.my.site.com/a/../b", "an Experience Cloud site with its path"),
        ("https://acme.my.site.com/partners?x=1", "an Experience Cloud site with its path"),
    ] {
        let error = refused(begin(login_url).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
        assert!(error.message.contains(hint), "{}", error.message);
    }
    // The host lets nobody out here: that the component tried is enough.
    for (instance_url, kind) in [
        ("https://acme.my.salesforce.mil", ErrorKind::DeniedByHost),
        ("https://acme--sb.sandbox.my.salesforce.mil", ErrorKind::DeniedByHost),
        ("https://salesforce.mil.example.com", ErrorKind::InvalidArgument),
        ("https://acme.lightning.force.com", ErrorKind::InvalidArgument),
    ] {
        let connection = Connection { instance_url: instance_url.to_owned(), ..fixture.connection.clone() };
        let execution = fixture.execution();
        let error = refused(execution.soql_query(&connection, &query("SELECT Id FROM User"), ONCE).await);
        assert_eq!(error.kind, kind, "{instance_url}: {}", error.message);
    }
}

#[tokio::test]
async fn f106_the_tokens_of_a_site_come_from_below_its_path() {
    let fixture = Fixture::start().await;
    let tokens =
        json!({"access_token": "00D!SENTINEL-ACCESS", "token_type": "Bearer", "instance_url": fixture.mock.url()});
    fixture.fault("/partners/services/oauth2/token", Fault::json(200, &tokens));
    let app = ConnectedApp { login_url: format!("{}/partners", fixture.mock.url()), ..fixture.app() };
    let found: Result<TokenSet, _> = fixture.execution().refresh(&app, &fixture.refresh_token, ONCE).await;
    assert_eq!(found.unwrap().instance_url, fixture.mock.url());
    let path = fixture.mock.ledger().entries().next_back().map(|entry| Value::from(entry.path.as_str()));
    assert_eq!(path, Some(json!("/partners/services/oauth2/token")));
}
