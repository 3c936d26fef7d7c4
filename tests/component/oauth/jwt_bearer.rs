//! The JWT bearer flow. The assertion in `data/` was signed once with a key that is kept nowhere: it is good for the
//! three minutes before 2026-06-15T12:03:00Z, so the mock's clock stands there.

use mock_salesforce::{ConnectedApp, MockSalesforce};
use salesforce_runtime::bindings::types::{Connection, ErrorKind, Outcome};

use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, USERNAME, app, decision, refused};

const ASSERTION: &str = include_str!("data/assertion.jwt");
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

async fn fixture(now: &str) -> Fixture {
    let public_key = include_str!("data/jwt_public_key.pem").to_owned();
    let app = ConnectedApp { jwt_public_key_pem: Some(public_key), ..app() };
    let fixture = Fixture::of(MockSalesforce::builder().clock_standing_at(now.parse().unwrap()), app).await;
    fixture.sentinels.plant(ASSERTION);
    fixture
}

#[tokio::test]
async fn a_signed_assertion_gives_a_session_and_no_refresh_token() {
    let fixture = fixture("2026-06-15T12:00:30Z").await;
    let tokens = fixture.execution().jwt_bearer(&fixture.app(), ASSERTION, DEFAULTS).await.unwrap();
    assert_eq!(tokens.refresh_token, None);
    let connection = Connection { access_token: tokens.access_token, ..fixture.connection.clone() };
    let user = fixture.execution().user_info(&connection, DEFAULTS).await.unwrap();
    assert_eq!(user.username.as_deref(), Some(USERNAME));
}

#[tokio::test]
async fn an_assertion_that_is_not_accepted_needs_another() {
    let (signed, signature) = ASSERTION.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    for (now, assertion) in [
        ("2026-06-15T12:03:00Z", ASSERTION),
        ("2026-06-15T11:59:00Z", ASSERTION),
        ("2026-06-15T12:00:30Z", &forged),
        ("2026-06-15T12:00:30Z", "SENTINEL.a.b"),
    ] {
        let fixture = fixture(now).await;
        let error = refused(fixture.execution().jwt_bearer(&fixture.app(), assertion, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::ReauthorizationRequired, Outcome::Rejected, false), "{now}");
        assert_eq!(fixture.mock.ledger().token_requests(JWT_BEARER), 1);
    }
}

#[tokio::test]
async fn an_app_without_a_key_is_refused() {
    let fixture = Fixture::start().await;
    let error = refused(fixture.execution().jwt_bearer(&fixture.app(), ASSERTION, DEFAULTS).await);
    assert_eq!(error.outcome, Outcome::Rejected);
}
