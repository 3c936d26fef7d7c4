//! The client-credentials flow: the app itself, without a user who logs in.

use mock_salesforce::{ConnectedApp, Fault, MockSalesforce};
use salesforce_runtime::bindings::types::{Connection, ErrorKind, Outcome};
use serde_json::json;

use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, TOKEN, USERNAME, app, decision, refused};

#[tokio::test]
async fn the_app_acts_as_the_user_it_is_set_up_with() {
    let fixture = Fixture::start().await;
    let tokens = fixture.execution().client_credentials(&fixture.app(), DEFAULTS).await.unwrap();
    assert_eq!((tokens.instance_url.as_str(), tokens.signature_verified), (fixture.mock.url(), true));
    assert_eq!(tokens.refresh_token, None);
    let connection = Connection { access_token: tokens.access_token, ..fixture.connection.clone() };
    let user = fixture.execution().user_info(&connection, DEFAULTS).await.unwrap();
    assert_eq!(user.username.as_deref(), Some(USERNAME));
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_a_missing_one_is_not_sent() {
    let fixture = Fixture::start().await;
    let mut app = fixture.app();
    app.client_secret = Some("SENTINEL-WRONG".to_owned());
    let error = refused(fixture.execution().client_credentials(&app, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidClient, Outcome::Rejected, false));
    app.client_secret = None;
    let error = refused(fixture.execution().client_credentials(&app, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
    assert_eq!(fixture.requests(), 1);
}

#[tokio::test]
async fn an_app_without_the_flow_is_refused() {
    let without = ConnectedApp { client_credentials_user: None, ..app() };
    let fixture = Fixture::of(MockSalesforce::builder(), without).await;
    let error = refused(fixture.execution().client_credentials(&fixture.app(), DEFAULTS).await);
    assert_eq!((error.outcome, error.problems[0].code.as_str()), (Outcome::Rejected, "invalid_grant"));
}

#[tokio::test]
async fn a_login_host_that_does_not_offer_the_flow_is_a_matter_of_set_up() {
    let answer = json!({"error": "invalid_grant", "error_description": "request not supported on this domain"});
    let fixture = Fixture::meeting(TOKEN, Fault::json(400, &answer)).await;
    let error = refused(fixture.execution().client_credentials(&fixture.app(), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidClient, Outcome::Rejected, false));
}
