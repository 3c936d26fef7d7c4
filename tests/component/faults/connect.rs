//! Before anything is sent: names, connections, and where the host lets nobody go.

use std::collections::HashMap;
use std::net::TcpListener;
use std::time::Duration;

use mock_salesforce::MockSalesforce;
use mock_salesforce::wire::{Step, Wire};
use salesforce_runtime::bindings::records::Target;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use salesforce_runtime::egress::{EgressLimits, EgressPolicy};
use salesforce_runtime::{Limits, RuntimeOptions};

use super::{TEN_TIMES, TWICE};
use crate::calls::{DEFAULTS, PLAIN};
use crate::fixture::{Fixture, app, decision, refused};

/// A write and a read that never left: both repeated, and both certain to have done nothing. The org is of this test alone, so
/// that its requests are known in the log.
async fn nothing_is_sent(fixture: &Fixture) {
    let failed = |fixture: &Fixture| {
        fixture.sentinels.logged(&["request failed", &format!("origin={} ", fixture.connection.instance_url)])
    };
    let error = fixture.create_error(TWICE).await;
    assert_eq!(decision(&error), (ErrorKind::Unreachable, Outcome::NotSent, true), "{}", error.message);
    assert_eq!(failed(fixture), 2, "sent again, for nothing was sent");
    let error = fixture.read_error(TWICE).await;
    assert_eq!(decision(&error), (ErrorKind::Unreachable, Outcome::NotSent, true), "{}", error.message);
    assert_eq!((failed(fixture), fixture.requests()), (4, 0));
}

#[tokio::test]
async fn f01_a_name_that_does_not_resolve() {
    let hosts = HashMap::from([("f01.my.salesforce.com".to_owned(), Vec::new())]);
    let options = RuntimeOptions { hosts, ..RuntimeOptions::default() };
    let mut fixture = Fixture::within(MockSalesforce::builder(), app(), options).await;
    fixture.connection.instance_url = "https://f01.my.salesforce.com".to_owned();
    nothing_is_sent(&fixture).await;
}

#[tokio::test]
async fn f02_a_connection_that_is_refused() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut fixture = Fixture::start().await;
    fixture.connection.instance_url = format!("http://{nobody}");
    nothing_is_sent(&fixture).await;
}

#[tokio::test]
async fn f03_a_connection_that_is_not_made_in_time() {
    // TLS belongs to the connection: one who accepts and says nothing is never connected to.
    let silent = Wire::start([vec![Step::Hang]]).await.unwrap();
    let egress = EgressLimits { connect_timeout: Duration::from_millis(50), ..EgressLimits::default() };
    let options = RuntimeOptions { limits: Limits { egress, ..Limits::default() }, ..RuntimeOptions::default() };
    let mut fixture = Fixture::within(MockSalesforce::builder(), app(), options).await;
    fixture.connection.instance_url = format!("https://{}", silent.address());
    nothing_is_sent(&fixture).await;
    assert_eq!(silent.accepted(), 4);
}

#[tokio::test]
async fn f07_a_host_that_lets_nobody_go_there() {
    let fixture = Fixture::start().await;
    let elsewhere = "https://other.my.salesforce.com".parse().unwrap();
    for policy in [
        EgressPolicy::origins([]),
        EgressPolicy::origins([elsewhere]).allow_loopback(),
        EgressPolicy::origins([fixture.mock.url().parse().unwrap()]),
    ] {
        let (execution, fields) = (fixture.execution_with(policy), r#"{"Name":"Once"}"#.to_owned());
        let result = execution
            .create_or_update_record(&fixture.connection, "Account", &Target::Create, &fields, &PLAIN, TEN_TIMES)
            .await;
        assert_eq!(decision(&refused(result)), (ErrorKind::DeniedByHost, Outcome::NotSent, false));
    }
    assert_eq!(fixture.requests(), 0);
    assert!(fixture.create_account(DEFAULTS).await.is_ok());
}
