//! SOQL query through the component.

use host_harness::bindings::soql::{Argument, LikeMatch, LikePattern, Query, Value};
use host_harness::bindings::types::{CallOptions, ErrorKind, Outcome};

use crate::fixture::{DEFAULTS, Fixture, bound, decision, query, refused, text};

const ODD_NAMES: [&str; 8] = [
    "O'Brien & Söhne GmbH",
    "100% Cotton Ltd",
    "under_score Systems",
    "株式会社サンプル",
    "Quote \"Double\" Inc",
    "Back\\slash Partners",
    "Semi;colon / Slash? #1 + 1",
    "null",
];

#[tokio::test]
async fn a_bound_text_is_that_text_whatever_is_in_it() {
    let fixture = Fixture::start().await;
    for name in ODD_NAMES {
        let by_text = bound("SELECT Name FROM Account WHERE Name = :name", &[("name", Argument::One(text(name)))]);
        assert_eq!(fixture.names(&by_text).await, [name]);
        let pattern = Value::LikePattern(LikePattern { text: name.to_owned(), match_: LikeMatch::Exact });
        let by_pattern = bound("SELECT Name FROM Account WHERE Name LIKE :name", &[("name", Argument::One(pattern))]);
        assert_eq!(fixture.names(&by_pattern).await, [name]);
    }
    let injection = text("x' OR Name != '");
    let query = bound("SELECT Name FROM Account WHERE Name = :name", &[("name", Argument::One(injection))]);
    assert_eq!(fixture.names(&query).await.len(), 0);
}

#[tokio::test]
async fn every_type_can_be_bound() {
    let fixture = Fixture::start().await;
    let id = fixture
        .execution()
        .soql_query(&fixture.connection, &query("SELECT Id FROM Account WHERE ERP_Id__c = 'ERP-000000'"), DEFAULTS)
        .await
        .unwrap();
    let id: serde_json::Value = serde_json::from_str(&id.records).unwrap();
    let id = id[0]["Id"].as_str().unwrap().to_owned();
    let starts = LikePattern { text: "Acme".to_owned(), match_: LikeMatch::StartsWith };
    for (condition, argument, count) in [
        ("Id = :x", Argument::One(Value::Id(id)), 1),
        ("Name LIKE :x", Argument::One(Value::LikePattern(starts)), 1),
        ("AnnualRevenue = :x", Argument::One(Value::Integer(9_007_199_254_740_993)), 1),
        ("AnnualRevenue = :x", Argument::One(Value::Decimal("9007199254740993.00".to_owned())), 1),
        ("IsDeleted = :x", Argument::One(Value::Boolean(false)), 2086),
        ("ParentId != :x", Argument::One(Value::Null), 208),
        ("CreatedDate > :x", Argument::One(Value::Datetime("2000-01-01T00:00:00+01:00".to_owned())), 2086),
        ("Name IN :x", Argument::Many(ODD_NAMES.map(text).to_vec()), 8),
    ] {
        let query = bound(&format!("SELECT COUNT() FROM Account WHERE {condition}"), &[("x", argument)]);
        let page = fixture.execution().soql_query(&fixture.connection, &query, DEFAULTS).await.unwrap();
        assert_eq!((page.total_size, page.count), (count, 0), "{condition}");
    }
    let born = [("born", Argument::One(Value::Date("1985-01-01".to_owned())))];
    let contacts = bound("SELECT Name FROM Contact WHERE Birthdate < :born", &born);
    assert!(!fixture.names(&contacts).await.is_empty());
}

#[tokio::test]
async fn parameters_and_placeholders_must_match_one_to_one() {
    let fixture = Fixture::start().await;
    let name = |name| (name, Argument::One(text("x")));
    for wrong in [
        bound("SELECT Id FROM Account WHERE Name = :name", &[]),
        bound("SELECT Id FROM Account", &[name("name")]),
        bound("SELECT Id FROM Account WHERE Name = :name", &[name("name"), name("other")]),
        bound("SELECT Id FROM Account WHERE Name = ':name'", &[name("name")]),
        bound("SELECT Id FROM Account WHERE Name IN :name", &[("name", Argument::Many(Vec::new()))]),
        query(""),
        query("SELECT Id FROM Account WHERE Name = 'open"),
    ] {
        let error = refused(fixture.execution().soql_query(&fixture.connection, &wrong, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{}", wrong.soql);
    }
    assert_eq!(fixture.mock.ledger().entries().count(), 0);
}

#[tokio::test]
async fn pages_lead_through_all_records_once() {
    let fixture = Fixture::start().await;
    let wanted = Query { batch_size: Some(500), ..query("SELECT Id FROM Account") };
    let mut page = fixture.execution().soql_query(&fixture.connection, &wanted, DEFAULTS).await.unwrap();
    assert_eq!(page.count, 500);
    let (mut pages, mut ids) = (0, std::collections::HashSet::new());
    loop {
        assert!(page.usage.is_some());
        let rows: Vec<serde_json::Value> = serde_json::from_str(&page.records).unwrap();
        ids.extend(rows.iter().map(|row| row["Id"].as_str().unwrap().to_owned()));
        pages += 1;
        let Some(cursor) = page.next else { break };
        page = fixture.execution().next_page(&fixture.connection, &cursor, DEFAULTS).await.unwrap();
    }
    assert!(pages > 1);
    assert_eq!(ids.len(), 2086);
}

#[tokio::test]
async fn max_records_joins_whole_pages_and_leaves_a_cursor() {
    let fixture = Fixture::start().await;
    let soql = "SELECT Id FROM Account";
    for (max_records, count, more) in
        [(None, 500, true), (Some(1500), 1500, true), (Some(1600), 1500, true), (Some(9999), 2086, false)]
    {
        let wanted = Query { batch_size: Some(500), max_records, ..query(soql) };
        let page = fixture.execution().soql_query(&fixture.connection, &wanted, DEFAULTS).await.unwrap();
        assert_eq!((page.count, page.next.is_some()), (count, more), "{max_records:?}");
        let rows: Vec<serde_json::Value> = serde_json::from_str(&page.records).unwrap();
        assert_eq!(rows.len(), count as usize);
    }
}

#[tokio::test]
async fn rows_of_a_sub_query_beyond_its_first_page_are_announced() {
    let fixture = Fixture::start().await;
    let soql = "SELECT Name, (SELECT Name FROM Contacts) FROM Account WHERE Name = 'Acme Corporation'";
    let page = fixture.execution().soql_query(&fixture.connection, &query(soql), DEFAULTS).await.unwrap();
    let [child] = page.children.as_slice() else { panic!("{:?}", page.children) };
    assert_eq!((child.record_index, child.relationship.as_str(), child.total_size), (0, "Contacts", 260));
    let rest = fixture.execution().next_page(&fixture.connection, &child.next, DEFAULTS).await.unwrap();
    assert_eq!(u64::from(child.count + rest.count), 260);
}

#[tokio::test]
async fn numbers_keep_every_digit() {
    let fixture = Fixture::start().await;
    let soql = "SELECT Ledger_Sequence__c, Exchange_Rate__c FROM Invoice__c WHERE Invoice_Number__c = '2026/00000'";
    let page = fixture.execution().soql_query(&fixture.connection, &query(soql), DEFAULTS).await.unwrap();
    assert!(page.records.contains("9007199254740993"), "{}", page.records);
    assert!(page.records.contains("123456789.123456789"), "{}", page.records);
}

#[tokio::test]
async fn deleted_records_come_only_when_asked_for() {
    let fixture = Fixture::start().await;
    let soql = "SELECT COUNT() FROM Account WHERE IsDeleted = true";
    let count = |include_deleted| {
        let (execution, connection) = (fixture.execution(), &fixture.connection);
        async move {
            let wanted = Query { include_deleted, ..query(soql) };
            execution.soql_query(connection, &wanted, DEFAULTS).await.unwrap().total_size
        }
    };
    assert_eq!(count(false).await, 0);
    assert!(count(true).await > 0);
}

#[tokio::test]
async fn aggregates_and_plans_pass_through() {
    let fixture = Fixture::start().await;
    let soql = "SELECT Status__c, COUNT(Id) n FROM Invoice__c GROUP BY Status__c ORDER BY Status__c";
    let page = fixture.execution().soql_query(&fixture.connection, &query(soql), DEFAULTS).await.unwrap();
    assert_eq!(page.count, 4);
    let plans = fixture.execution().explain(&fixture.connection, &query(soql), DEFAULTS).await.unwrap();
    assert!(plans.starts_with('['), "{plans}");
}

#[tokio::test]
async fn a_cursor_of_another_place_is_refused_before_anything_is_sent() {
    let fixture = Fixture::start().await;
    for cursor in [
        "",
        "https://evil.example/services/data/v67.0/query/01g-2000",
        "/services/data/v67.0/query/../x",
        "//evil.example/",
    ] {
        let error = refused(fixture.execution().next_page(&fixture.connection, &cursor.to_owned(), DEFAULTS).await);
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent), "{cursor}");
    }
    assert_eq!(fixture.mock.ledger().entries().count(), 0);
}

#[tokio::test]
async fn an_expired_cursor_says_so() {
    let fixture = Fixture::start().await;
    let page = fixture.execution().soql_query(&fixture.connection, &query("SELECT Id FROM Account"), DEFAULTS).await;
    let cursor = page.unwrap().next.unwrap();
    fixture.mock.expire_query_locators();
    let error = refused(fixture.execution().next_page(&fixture.connection, &cursor, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::CursorExpired, Outcome::Rejected, false));
}

#[tokio::test]
async fn a_wrong_query_keeps_salesforces_words() {
    let fixture = Fixture::start().await;
    for (soql, code) in [
        ("SELEC Id FROM Account", "MALFORMED_QUERY"),
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
    ] {
        let error = refused(fixture.execution().soql_query(&fixture.connection, &query(soql), DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidQuery, Outcome::Rejected, false), "{soql}");
        assert_eq!((error.problems[0].code.as_str(), error.status), (code, Some(400)));
        assert!(!error.problems[0].message.is_empty());
    }
}

#[tokio::test]
async fn a_query_too_long_for_an_address_is_refused_before_it_is_sent() {
    let fixture = Fixture::start().await;
    let names = (0..1000).map(|number| text(&format!("a rather long name {number}"))).collect();
    let long = bound("SELECT Id FROM Account WHERE Name IN :names", &[("names", Argument::Many(names))]);
    let error = refused(fixture.execution().soql_query(&fixture.connection, &long, DEFAULTS).await);
    assert_eq!((error.kind, error.outcome), (ErrorKind::RequestTooLarge, Outcome::NotSent));
    assert_eq!(fixture.mock.ledger().entries().count(), 0);
}

#[tokio::test]
async fn options_out_of_range_are_refused() {
    let fixture = Fixture::start().await;
    for options in [
        CallOptions { deadline_ms: Some(0), ..DEFAULTS },
        CallOptions { deadline_ms: Some(600_001), ..DEFAULTS },
        CallOptions { max_response_bytes: Some(0), ..DEFAULTS },
        CallOptions { attempts: Some(0), ..DEFAULTS },
        CallOptions { attempts: Some(11), ..DEFAULTS },
    ] {
        let result = fixture.execution().soql_query(&fixture.connection, &query("SELECT Id FROM User"), options).await;
        assert_eq!(refused(result).kind, ErrorKind::InvalidArgument, "{options:?}");
    }
}
