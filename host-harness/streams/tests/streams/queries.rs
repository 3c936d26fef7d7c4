//! What a query gives: every record, as Salesforce sent it, and at the end what is known of the whole.

use std::path::Path;

use salesforce_runtime::bindings::soql::{Argument, Parameter, Query as PagedQuery, Value};
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use salesforce_runtime::component::CONNECTOR;
use salesforce_runtime::egress::EgressPolicy;
use salesforce_runtime::{Runtime, RuntimeOptions};
use salesforce_streams::bindings::{Query, Summary};
use serde_json::value::RawValue;

use crate::fixture::{ACCOUNTS, DEFAULTS, Fixture, accounts, refused};

/// The records of a query by pages of the connector on WASI 0.2.
async fn by_pages(fixture: &Fixture, soql: &str) -> Vec<String> {
    let code_cache = Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled"));
    let runtime = Runtime::new(RuntimeOptions { code_cache, ..RuntimeOptions::default() }).unwrap();
    let policy = EgressPolicy::origins([fixture.mock.url().parse().unwrap()]).allow_loopback();
    let query = PagedQuery {
        soql: soql.to_owned(),
        parameters: Vec::new(),
        include_deleted: false,
        batch_size: Some(500),
        max_records: Some(10_000),
    };
    let execution = runtime.load(CONNECTOR).unwrap().execution(policy);
    let page = execution.soql_query(&fixture.connection, &query, DEFAULTS).await.unwrap();
    let records: Vec<Box<RawValue>> = serde_json::from_str(&page.records).unwrap();
    records.iter().map(|record| record.get().to_owned()).collect()
}

#[tokio::test]
async fn every_record_comes_once_in_order_and_as_it_was_sent() {
    let fixture = Fixture::start().await;
    let paged = by_pages(&fixture, &accounts().soql).await;
    assert_eq!((paged.len(), fixture.requests()), (ACCOUNTS, 5));
    let (records, ended) = fixture.read(accounts(), DEFAULTS).await;
    assert_eq!(records, paged);
    let Summary { count, total_size, cut_children, usage } = ended.unwrap();
    assert_eq!((count, total_size, cut_children), (ACCOUNTS as u64, Some(ACCOUNTS as u64), 0));
    assert_eq!((usage.unwrap().used, fixture.requests()), (10, 10));
}

#[tokio::test]
async fn values_are_bound_and_a_count_has_no_records() {
    let fixture = Fixture::start().await;
    fixture.make_contacts("O'Hara: done", 3);
    let name = Argument::One(Value::Text("O'Hara: done".to_owned()));
    let parameters = vec![Parameter { name: "name".to_owned(), argument: name }];
    let query = Query { parameters, ..Query::from("SELECT LastName FROM Contact WHERE LastName = :name") };
    let (records, ended) = fixture.read(query.clone(), DEFAULTS).await;
    assert_eq!((records.len(), ended.unwrap().total_size), (3, Some(3)));
    let count = Query { soql: "SELECT COUNT() FROM Contact WHERE LastName = :name".to_owned(), ..query };
    let (records, ended) = fixture.read(count, DEFAULTS).await;
    let summary = ended.unwrap();
    assert_eq!((records.len(), summary.count, summary.total_size), (0, 0, Some(3)));
}

#[tokio::test]
async fn children_that_are_not_all_in_their_record_are_told() {
    let fixture = Fixture::start().await;
    let soql = "SELECT Name, (SELECT Id FROM Contacts) FROM Account WHERE Name = 'Acme Corporation'";
    let (records, ended) = fixture.read(Query::from(soql), DEFAULTS).await;
    assert_eq!((records.len(), ended.unwrap().cut_children), (1, 1));
    assert!(records[0].contains(r#""done":false"#), "{}", records[0]);
}

#[tokio::test]
async fn what_is_asked_wrongly_is_told_at_the_end_and_nothing_is_sent() {
    let fixture = Fixture::start().await;
    let long = CallOptions { deadline_ms: Some(600_001), ..DEFAULTS };
    for (query, options, argument) in [
        (Query::from(" "), DEFAULTS, "soql"),
        (Query::from("SELECT Id FROM Account WHERE Name = :x"), DEFAULTS, "soql"),
        (Query { batch_size: Some(199), ..accounts() }, DEFAULTS, "batch-size"),
        (accounts(), long, "deadline-ms"),
    ] {
        let (records, ended) = fixture.read(query, options).await;
        let error = refused(ended);
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
        assert!(error.message.starts_with(argument) && records.is_empty(), "{}", error.message);
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn what_salesforce_refuses_has_its_words() {
    let fixture = Fixture::start().await;
    let (records, ended) = fixture.read(Query::from("SELECT Nope FROM Account"), DEFAULTS).await;
    let error = refused(ended);
    assert_eq!((error.kind, error.status, records.len()), (ErrorKind::InvalidQuery, Some(400), 0));
    assert_eq!(error.problems[0].code, "INVALID_FIELD");
    fixture.mock.expire_access_tokens();
    assert_eq!(refused(fixture.read(accounts(), DEFAULTS).await.1).kind, ErrorKind::SessionExpired);
}
