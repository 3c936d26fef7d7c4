//! What a query's answer looks like: as Salesforce sent it.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::soql::{Argument, Query};
use serde_json::Value as Json;

use crate::calls::{DEFAULTS, query, rows, text, with_x};
use crate::fixture::{Fixture, QUERY};

#[tokio::test]
async fn numbers_keep_every_digit() {
    let fixture = Fixture::start().await;
    let soql = "SELECT Ledger_Sequence__c, Exchange_Rate__c FROM Invoice__c WHERE Invoice_Number__c = '2026/00000'";
    let page = fixture.query(&query(soql)).await.unwrap();
    assert!(page.records.contains(r#""Ledger_Sequence__c":9007199254740993"#), "{}", page.records);
    assert!(page.records.contains(r#""Exchange_Rate__c":123456789.123456789"#), "{}", page.records);
}

#[tokio::test]
async fn records_pass_through_to_the_letter() {
    let records = r#"[{"a": 1e400, "a":-0.0, "b":1.10 ,"c":"\u00e9\ud83d\ude80é","d":[null, 18446744073709551616]}]"#;
    let body = format!(r#"{{"new":true,"totalSize":1,"done":true,"records":{records}}}"#);
    let fault = Fault::Answer { status: 200, headers: Vec::new(), body: body.into_bytes() };
    let page = Fixture::meeting(QUERY, fault).await.read(DEFAULTS).await.unwrap();
    assert_eq!(page.records, records);
}

#[tokio::test]
async fn rows_come_with_their_attributes() {
    let fixture = Fixture::start().await;
    for row in fixture.rows(&query("SELECT Id FROM Account LIMIT 5")).await {
        assert_eq!(row["attributes"]["type"], "Account");
        let url = format!("/services/data/v67.0/sobjects/Account/{}", row["Id"].as_str().unwrap());
        assert_eq!(row["attributes"]["url"], url);
    }
    let none = fixture.query(&query("SELECT Id FROM Account WHERE Name = 'nobody'")).await.unwrap();
    assert_eq!((none.records.as_str(), none.count, none.total_size, none.next), ("[]", 0, Some(0), None));
}

#[tokio::test]
async fn rows_come_in_the_order_of_the_query() {
    let fixture = Fixture::start().await;
    let soql = "SELECT Name, ERP_Id__c FROM Account ORDER BY ERP_Id__c DESC LIMIT 3";
    let order: Vec<Json> = fixture.rows(&query(soql)).await.into_iter().map(|row| row["ERP_Id__c"].clone()).collect();
    assert_eq!(order, ["ERP-002085", "ERP-002084", "ERP-002083"]);
}

#[tokio::test]
async fn deleted_records_come_only_when_asked_for() {
    let fixture = Fixture::start().await;
    let soql = "SELECT COUNT() FROM Account WHERE IsDeleted = true";
    let deleted = |include_deleted| Query { include_deleted, ..query(soql) };
    assert_eq!(fixture.count(&deleted(false)).await, 0);
    assert_eq!(fixture.count(&deleted(true)).await, 22);
    let all = Query { include_deleted: true, max_records: Some(9999), ..query("SELECT Id FROM Account") };
    let page = fixture.query(&all).await.unwrap();
    assert_eq!((page.count, page.total_size, page.next), (2108, Some(2108), None));
}

#[tokio::test]
async fn a_count_is_the_total_size() {
    let fixture = Fixture::start().await;
    for soql in ["SELECT COUNT() FROM Account", "select\n count ( )\tfrom Account"] {
        assert_eq!(fixture.count(&query(soql)).await, 2086);
    }
}

#[tokio::test]
async fn aggregates_are_rows() {
    let fixture = Fixture::start().await;
    let soql =
        "SELECT Status__c, COUNT(Id), SUM(Amount__c) total FROM Invoice__c GROUP BY Status__c ORDER BY Status__c";
    let rows = fixture.rows(&query(soql)).await;
    assert_eq!(rows.len(), 4);
    for row in &rows {
        assert_eq!((&row["attributes"]["type"], &row["expr0"]), (&Json::from("AggregateResult"), &Json::from(200)));
        assert!(row["total"].is_number() && row["attributes"].get("url").is_none());
    }
}

#[tokio::test]
async fn plans_come_for_a_query_with_its_parameters_bound() {
    let fixture = Fixture::start().await;
    let wanted = with_x("SELECT Id FROM Account WHERE Name = :x", Argument::One(text("O'Brien & Söhne GmbH")));
    let wanted = Query { include_deleted: true, max_records: Some(5), ..wanted };
    let plans = fixture.execution().explain(&fixture.connection, &wanted, DEFAULTS).await.unwrap();
    let plans: Vec<Json> = serde_json::from_str(&plans).unwrap();
    assert_eq!((&plans[0]["cardinality"], &plans[0]["sobjectCardinality"]), (&Json::from(1), &Json::from(2086)));
    assert_eq!(plans[0]["leadingOperationType"], "Index");
    assert_eq!((fixture.requests(), fixture.mock.ledger().requests("GET", QUERY)), (1, 1));
}

#[tokio::test]
async fn usage_tells_what_the_last_answer_told() {
    let fixture = Fixture::start().await;
    for used in 1..=3 {
        let usage = fixture.read(DEFAULTS).await.unwrap().usage.unwrap();
        assert_eq!((usage.used, usage.allowed), (used, 15_000));
    }
    let pages = Query { batch_size: Some(1000), max_records: Some(9999), ..query("SELECT Id FROM Account") };
    assert_eq!(fixture.query(&pages).await.unwrap().usage.unwrap().used, 6);
}

#[tokio::test]
async fn usage_that_is_not_told_is_none() {
    let body = br#"{"totalSize":0,"done":true,"records":[]}"#.to_vec();
    for headers in [vec![], vec![("sforce-limit-info".to_owned(), "garbage".to_owned())]] {
        let fixture = Fixture::meeting(QUERY, Fault::Answer { status: 200, headers, body: body.clone() }).await;
        let page = fixture.read(DEFAULTS).await.unwrap();
        assert!(page.usage.is_none() && rows(&page).is_empty());
    }
}
