//! What keeps executions apart. What a component can do to its own is tested with the runtime: rows 89 to 92 and 94.

use std::sync::Arc;

use mock_salesforce::fingerprint;
use salesforce_runtime::bindings::types::Connection;
use serde_json::Value;

use crate::calls::{DEFAULTS, query};
use crate::fixture::{CLIENT_ID, Fixture};

#[tokio::test(flavor = "multi_thread")]
async fn f93_two_tenants_that_take_turns() {
    const TURNS: usize = 40;
    let fixture = Arc::new(Fixture::start().await);
    let tenants = ["alind@example.org", "mtana@example.org"].map(|username| {
        let tokens = fixture.mock.issue_tokens(CLIENT_ID, username).unwrap();
        let access_token = tokens.access_token.expose().to_owned();
        fixture.sentinels.plant(&access_token);
        Arc::new((username, Connection { access_token, ..fixture.connection.clone() }))
    });
    let turns: Vec<_> = (0..TURNS)
        .map(|turn| {
            let (fixture, tenant) = (fixture.clone(), tenants[turn % 2].clone());
            tokio::spawn(async move {
                let (username, connection) = &*tenant;
                let user = fixture.execution().user_info(connection, DEFAULTS).await.unwrap();
                assert_eq!(user.username.as_deref(), Some(*username));
                // Marked with its tenant, so that the ledger tells whose token came with it.
                let soql = format!("SELECT Id FROM User WHERE Username = '{username}'");
                let page = fixture.execution().soql_query(connection, &query(&soql), DEFAULTS).await.unwrap();
                let rows: Vec<Value> = serde_json::from_str(&page.records).unwrap();
                assert_eq!(rows[0]["Id"], user.user_id);
            })
        })
        .collect();
    for turn in turns {
        turn.await.unwrap();
    }
    let ledger = fixture.mock.ledger();
    let header = |entry: &mock_salesforce::ledger::Entry| {
        entry.headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.clone())
    };
    for (username, connection) in tenants.iter().map(|tenant| &**tenant) {
        let own = format!("Bearer {}", fingerprint(&connection.access_token));
        let user = username.split('@').next().unwrap();
        let queries: Vec<_> = ledger.entries().filter(|entry| entry.query.contains(user)).collect();
        assert_eq!(queries.len(), TURNS / 2);
        assert!(queries.into_iter().all(|entry| header(entry).as_ref() == Some(&own)));
    }
}
