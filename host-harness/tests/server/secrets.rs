//! No secret is in an answer, in the database or in the log.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use mock_salesforce::DEMO_PASSWORD;
use sha2::{Digest, Sha256};

use crate::browser::Browser;
use crate::fixture::{CLIENT_ID, CLIENT_SECRET, Connected, Fixture, USERNAME, parameter};
use crate::log;

/// The files of the database, as they lie on the disk.
fn database(fixture: &Fixture) -> Vec<u8> {
    let names = ["harness.sqlite", "harness.sqlite-wal"];
    names.iter().flat_map(|name| std::fs::read(fixture.data.path().join(name)).unwrap()).collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// What every token of the mock begins with. An access token begins with the Id of the org, which is no secret.
fn beginnings(fixture: &Fixture) -> [String; 2] {
    let tokens = fixture.mock.issue_tokens(CLIENT_ID, USERNAME).unwrap();
    let (access, refresh) =
        (tokens.access_token.expose().to_owned(), tokens.refresh_token.unwrap().expose().to_owned());
    let (_, access) = access.split_once('!').unwrap();
    [format!("!{}", &access[..2]), refresh[..7].to_owned()]
}

/// Whether a text of 43 characters is in there whose hash is this challenge (RFC 7636 section 4.2).
fn holds_verifier(bytes: &[u8], challenge: &str) -> bool {
    bytes.windows(43).any(|window| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(window)) == challenge)
}

#[tokio::test]
async fn neither_the_database_nor_the_log_nor_an_answer_holds_a_secret() {
    let connected = Connected::start().await;
    connected.mock.expire_access_tokens();
    let query = connected.query("SELECT Name FROM Account WHERE Name LIKE 'Acme%'");
    let found = connected.tenant.execute_once("once", &query).await.ended("succeeded");
    assert!(found["result"].to_string().contains("Acme Corporation"), "{found}");
    let mut answers = connected.shown().await.to_string();
    for path in ["/v1/connections", "/v1/executions", "/metrics", "/readyz"] {
        answers += connected.tenant.get(path).await.text();
    }
    answers += connected.administrator.get("/v1/tenants").await.text();

    let files = database(&connected);
    assert!(holds(&files, CLIENT_ID), "the search finds nothing");
    let log = log::bytes();
    assert!(holds(&log, &connected.connection), "the search finds nothing");
    let administrator = std::fs::read_to_string(connected.data.path().join("admin-token")).unwrap();
    let mut secrets = vec![CLIENT_SECRET.to_owned(), DEMO_PASSWORD.to_owned()];
    secrets.extend(beginnings(&connected));
    for token in [connected.tenant_token().as_str(), administrator.trim()] {
        secrets.push(token.rsplit('_').next().unwrap().to_owned());
    }
    for secret in secrets {
        assert!(!holds(&files, &secret), "{secret} is in the database");
        assert!(!holds(&log, &secret), "{secret} is in the log");
        assert!(!answers.contains(&secret), "{secret} is in {answers}");
    }
    // What an action gave is the tenant's, and encrypted too.
    assert!(!holds(&files, "Acme Corporation"), "a result is in the database");
    assert!(!holds(&log, "Acme Corporation"), "a result is in the log");
}

#[tokio::test]
async fn the_verifier_of_an_authorization_that_waits_is_encrypted() {
    let fixture = Fixture::start().await;
    let connection = fixture.create(&fixture.tenant, "org").await;
    let url = fixture.authorize(&fixture.tenant, &connection).await;
    let location = Browser::new(fixture.server.url()).begin(&url).await;
    let challenge = parameter(&location, "code_challenge").unwrap();
    let files = database(&fixture);
    assert!(holds(&files, &challenge), "the search finds nothing");
    assert!(!holds_verifier(&files, &challenge), "the code verifier is in the database");
    let (_, ticket) = url.rsplit_once('/').unwrap();
    assert!(!holds(&files, ticket), "the ticket is in the database");
    assert!(!holds(&log::bytes(), ticket), "the ticket is in the log");
}

#[tokio::test]
async fn tokens_of_a_connection_that_is_over_leave_no_trace() {
    let connected = Connected::start().await;
    let path = format!("/v1/connections/{}/revoke", connected.connection);
    connected.tenant.post(&path).await.json(200);
    let database = rusqlite::Connection::open(connected.data.path().join("harness.sqlite")).unwrap();
    let encrypted: i64 = database
        .query_row("SELECT count(encrypted_access_token) + count(encrypted_refresh_token) FROM connection", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(encrypted, 0);
}
