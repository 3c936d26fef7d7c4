//! Where a token may go: to Salesforce, and of that only where the host lets it.

use host_harness::bindings::types::{Connection, ErrorKind, Outcome};
use host_harness::egress::EgressPolicy;
use mock_salesforce::fingerprint;

use crate::calls::{DEFAULTS, query};
use crate::fixture::{Fixture, decision, refused};

#[tokio::test]
async fn where_the_host_lets_nobody_go_nothing_is_sent() {
    let fixture = Fixture::start().await;
    let elsewhere = "https://other.my.salesforce.com".parse().unwrap();
    for policy in [
        EgressPolicy::origins([]),
        EgressPolicy::origins([elsewhere]).allow_loopback(),
        EgressPolicy::origins([fixture.mock.url().parse().unwrap()]),
    ] {
        let execution = fixture.execution_with(policy);
        let result = execution.soql_query(&fixture.connection, &query("SELECT Id FROM User"), DEFAULTS).await;
        assert_eq!(decision(&refused(result)), (ErrorKind::DeniedByHost, Outcome::NotSent, false));
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn a_token_goes_to_salesforce_only() {
    let fixture = Fixture::start().await;
    for instance_url in [
        "https://example.com",
        "http://x.my.salesforce.com",
        "https://salesforce.com.evil.example",
        "https://evilsalesforce.com",
        "https://x.my.salesforce.com@evil.example",
        "https://x.my.salesforce.com:8443",
        "https://x.my.salesforce.com/path",
        "https://x.my.salesforce.com?x",
        "https://x.my.salesforce.com\\@evil.example",
        "https://192.0.2.1",
        "https://[2001:db8::1]",
        "x",
        "",
    ] {
        let connection = Connection { instance_url: instance_url.to_owned(), ..fixture.connection.clone() };
        let error = refused(fixture.execution().soql_query(&connection, &query("SELECT Id FROM User"), DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{instance_url}");
    }
}

#[tokio::test]
async fn the_token_of_the_connection_is_sent_in_its_header_and_nowhere_else() {
    let fixture = Fixture::start().await;
    fixture.read(DEFAULTS).await.unwrap();
    let expected = format!("Bearer {}", fingerprint(&fixture.connection.access_token));
    assert_eq!(fixture.sent_header("authorization"), Some(expected));
    assert!(!format!("{:?}", fixture.mock.ledger()).contains(&fixture.connection.access_token));
}

#[tokio::test]
async fn what_would_break_a_header_or_a_path_is_not_sent() {
    let fixture = Fixture::start().await;
    let token = |token: &str| Connection { access_token: token.to_owned(), ..fixture.connection.clone() };
    let version = |version: &str| Connection { api_version: Some(version.to_owned()), ..fixture.connection.clone() };
    for connection in [
        token(""),
        token("a\r\nx: y"),
        token("a b"),
        token("ü"),
        version("v67.0\r\nx: y"),
        version("v67.0/../.."),
        version("67.0"),
        version("v45.0"),
        version(""),
    ] {
        let error = refused(fixture.execution().soql_query(&connection, &query("SELECT Id FROM User"), DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{connection:?}");
    }
    assert_eq!(fixture.requests(), 0);
}
