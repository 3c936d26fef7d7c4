//! Refreshing: what comes back is what the host must store, and nothing is ever sent twice.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::types::{Connection, ErrorKind, Outcome};

use crate::calls::DEFAULTS;
use crate::fixture::{CLIENT_ID, CLIENT_SECRET, Fixture, TOKEN, decision, refused};

#[tokio::test]
async fn a_refresh_gives_a_session_and_the_rotated_token() {
    let fixture = Fixture::start().await;
    let tokens = fixture.refresh(&fixture.refresh_token).await.unwrap();
    assert!(tokens.signature_verified);
    let rotated = tokens.refresh_token.unwrap();
    assert_ne!(rotated, fixture.refresh_token);
    let connection = Connection { access_token: tokens.access_token, ..fixture.connection.clone() };
    assert!(fixture.execution().user_info(&connection, DEFAULTS).await.is_ok());
    assert!(fixture.refresh(&rotated).await.is_ok());
}

#[tokio::test]
async fn without_rotation_the_token_that_was_passed_in_comes_back() {
    let fixture = Fixture::start().await;
    fixture.mock.set_rotation(CLIENT_ID, false).unwrap();
    for _ in 0..2 {
        let tokens = fixture.refresh(&fixture.refresh_token).await.unwrap();
        assert_eq!(tokens.refresh_token.as_ref(), Some(&fixture.refresh_token));
        assert_ne!(tokens.access_token, fixture.connection.access_token);
    }
}

#[tokio::test]
async fn an_old_token_ends_the_connection() {
    let fixture = Fixture::start().await;
    let rotated = fixture.refresh(&fixture.refresh_token).await.unwrap().refresh_token.unwrap();
    for token in [&fixture.refresh_token, &rotated] {
        let error = refused(fixture.refresh(token).await);
        assert_eq!(decision(&error), (ErrorKind::ReauthorizationRequired, Outcome::Rejected, false));
        assert_eq!((error.problems[0].code.as_str(), error.status), ("invalid_grant", Some(400)));
        assert_eq!(error.problems[0].message, "expired access/refresh token");
    }
}

#[tokio::test]
async fn of_two_refreshes_at_once_the_second_is_told_to_wait() {
    let fixture = Fixture::start().await;
    let held = fixture.mock.hold_refreshes();
    let second = async {
        while fixture.mock.ledger().token_requests("refresh_token") == 0 {
            tokio::task::yield_now().await;
        }
        let error = refused(fixture.refresh(&fixture.refresh_token).await);
        drop(held);
        error
    };
    let (first, second) = tokio::join!(fixture.refresh(&fixture.refresh_token), second);
    assert!(first.is_ok());
    assert_eq!(decision(&second), (ErrorKind::RefreshInProgress, Outcome::Rejected, true));
    assert_eq!(fixture.mock.ledger().token_requests("refresh_token"), 2);
}

#[tokio::test]
async fn a_refresh_is_never_sent_twice_on_its_own() {
    for fault in [Fault::Reset, Fault::ResetAfterWork, Fault::CloseAfterWork, Fault::status(503, &[])] {
        let shown = format!("{fault:?}");
        let fixture = Fixture::meeting(TOKEN, fault).await;
        let error = refused(fixture.refresh(&fixture.refresh_token).await);
        assert_eq!((error.outcome, error.retryable), (Outcome::Unknown, false), "{shown}");
        assert_eq!(fixture.mock.ledger().token_requests("refresh_token"), 1, "{shown}");
    }
}

#[tokio::test]
async fn an_app_that_is_not_set_up_is_told_from_a_grant_that_is_gone() {
    let fixture = Fixture::start().await;
    let mut wrong_secret = fixture.app();
    wrong_secret.client_secret = Some("SENTINEL-WRONG".to_owned());
    let mut wrong_id = fixture.app();
    wrong_id.client_id = "nobody".to_owned();
    for app in [wrong_secret, wrong_id] {
        let error = refused(fixture.execution().refresh(&app, &fixture.refresh_token, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidClient, Outcome::Rejected, false), "{}", error.message);
    }
    let error = refused(fixture.refresh("SENTINEL-UNKNOWN").await);
    assert_eq!(decision(&error), (ErrorKind::ReauthorizationRequired, Outcome::Rejected, false));
}

#[tokio::test]
async fn no_secret_stands_in_an_address() {
    let fixture = Fixture::start().await;
    fixture.refresh(&fixture.refresh_token).await.unwrap();
    let ledger = fixture.mock.ledger();
    assert!(ledger.entries().all(|entry| entry.query.is_empty()), "secrets travel in bodies");
    let shown = format!("{ledger:?}");
    assert!(!shown.contains(CLIENT_SECRET) && !shown.contains(&fixture.refresh_token));
}

#[tokio::test]
async fn a_refresh_token_that_cannot_be_one_is_not_sent() {
    let fixture = Fixture::start().await;
    for token in ["", "a b", "a\r\nb", "ü", &"x".repeat(8193)] {
        let error = refused(fixture.refresh(token).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn a_login_host_is_https_or_loopback() {
    let fixture = Fixture::start().await;
    for login_url in ["http://login.salesforce.com", "https://u@login.salesforce.com", "login.salesforce.com", ""] {
        let mut app = fixture.app();
        app.login_url = login_url.to_owned();
        let error = refused(fixture.execution().refresh(&app, &fixture.refresh_token, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{login_url}");
    }
}
