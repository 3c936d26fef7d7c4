//! SOQL over HTTP: pages, locators, deleted records, plans, errors.

use std::collections::HashSet;

use jiff::SignedDuration;
use mock_salesforce::Paging;
use serde_json::{Value, json};

use crate::client::{call, encode};
use crate::fixture::*;

#[tokio::test]
async fn a_large_result_comes_in_pages_of_2000() {
    let mock = mock().await;
    let total = mock.org(|org| org.count("Account"));
    let first = query(&mock, "SELECT Id, Name FROM Account").await;
    assert_eq!(first["totalSize"], total);
    assert_eq!(first["done"], false);
    assert_eq!(first["records"].as_array().unwrap().len(), 2000);
    let record = &first["records"][0];
    assert_eq!(record["attributes"]["type"], "Account");
    let url = format!("/services/data/v67.0/sobjects/Account/{}", record["Id"].as_str().unwrap());
    assert_eq!(record["attributes"]["url"], url);

    let next = first["nextRecordsUrl"].as_str().unwrap();
    assert!(next.starts_with("/services/data/v67.0/query/0r8") && next.ends_with("-2000"), "{next}");
    let second = call(&mock, "GET", next).token(&access_token(&mock)).send().await.json();
    assert_eq!((&second["totalSize"], &second["done"]), (&Value::from(total), &Value::from(true)));
    assert!(second.get("nextRecordsUrl").is_none());
    let pages = [&first, &second].map(|page| page["records"].as_array().unwrap().clone()).concat();
    let ids: HashSet<&str> = pages.iter().map(|record| record["Id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), total);
}

#[tokio::test]
async fn the_batch_size_is_drawn_into_its_range() {
    let mock = mock().await;
    let target = format!("query?q={}", encode("SELECT Id FROM Account"));
    for (header, rows) in [("batchSize=1", 200), ("batchSize=250", 250), ("batchSize=5000", 2000)] {
        let answer = rest(&mock, "GET", &target).header("sforce-query-options", header).send().await.json();
        assert_eq!(answer["records"].as_array().unwrap().len(), rows, "{header}");
    }
}

#[tokio::test]
async fn locators_end_after_two_days_or_when_told() {
    let mock = mock().await;
    let next = query(&mock, "SELECT Id FROM Account").await["nextRecordsUrl"].as_str().unwrap().to_owned();
    let path = next.strip_prefix("/services/data/v67.0/").unwrap();
    mock.advance_clock(SignedDuration::from_hours(47));
    assert_eq!(rest(&mock, "GET", path).send().await.status, 200);
    mock.advance_clock(SignedDuration::from_hours(1));
    assert_eq!(rest(&mock, "GET", path).send().await.error(), (400, "INVALID_QUERY_LOCATOR".to_owned()));

    let next = query(&mock, "SELECT Id FROM Account").await["nextRecordsUrl"].as_str().unwrap().to_owned();
    mock.expire_query_locators();
    let answer = call(&mock, "GET", &next).token(&access_token(&mock)).send().await;
    assert_eq!(answer.error(), (400, "INVALID_QUERY_LOCATOR".to_owned()));
    let nonsense = rest(&mock, "GET", "query/nonsense").send().await;
    assert_eq!(nonsense.error(), (400, "INVALID_QUERY_LOCATOR".to_owned()));
}

#[tokio::test]
async fn a_locator_is_of_no_use_to_another_user() {
    let mock = mock().await;
    let next = query(&mock, "SELECT Id FROM Account").await["nextRecordsUrl"].as_str().unwrap().to_owned();
    let other = mock.org(|org| org.users()[1].username.clone());
    let other = mock.issue_tokens(APP, &other).unwrap();
    let answer = call(&mock, "GET", &next).token(other.access_token.expose()).send().await;
    assert_eq!(answer.error(), (400, "INVALID_QUERY_LOCATOR".to_owned()));
}

#[tokio::test]
async fn query_all_sees_the_deleted_and_goes_on_under_query() {
    let mock = mock().await;
    let id = one_id(&mock, "SELECT Id FROM Invoice__c LIMIT 1").await;
    assert_eq!(rest(&mock, "DELETE", &format!("sobjects/Invoice__c/{id}")).send().await.status, 204);
    let soql = encode(&format!("SELECT Id, IsDeleted FROM Invoice__c WHERE Id = '{id}'"));
    let live = rest(&mock, "GET", &format!("query?q={soql}")).send().await.json();
    assert_eq!(live["totalSize"], 0);
    let all = rest(&mock, "GET", &format!("queryAll?q={soql}")).send().await.json();
    assert_eq!(all["records"][0]["IsDeleted"], true);
    let many = rest(&mock, "GET", &format!("queryAll/?q={}", encode("SELECT Id FROM Account"))).send().await.json();
    assert!(many["nextRecordsUrl"].as_str().unwrap().starts_with("/services/data/v67.0/query/"));
}

#[tokio::test]
async fn a_large_child_result_has_pages_of_its_own() {
    let mock = mock().await;
    let groups =
        query(&mock, "SELECT AccountId, COUNT(Id) n FROM Contact GROUP BY AccountId HAVING COUNT(Id) > 200").await;
    let (account, count) = (&groups["records"][0]["AccountId"], groups["records"][0]["n"].as_u64().unwrap());
    let soql = format!("SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Id = '{}'", account.as_str().unwrap());
    let page = query(&mock, &soql).await;
    assert_eq!(page["done"], true);
    let children = &page["records"][0]["Contacts"];
    assert_eq!((&children["totalSize"], &children["done"]), (&Value::from(count), &Value::from(false)));
    assert_eq!(children["records"].as_array().unwrap().len(), 200);
    let next = children["nextRecordsUrl"].as_str().unwrap();
    let rest = call(&mock, "GET", next).token(&access_token(&mock)).send().await.json();
    assert_eq!(rest["records"].as_array().unwrap().len() as u64, (count - 200).min(200));
}

#[tokio::test]
async fn the_total_of_an_external_object_is_unknown() {
    let mock = mock().await;
    let target = format!("query?q={}", encode("SELECT ExternalId FROM Shipment__x"));
    let first = rest(&mock, "GET", &target).header("sforce-query-options", "batchSize=300").send().await.json();
    assert_eq!((&first["totalSize"], &first["done"]), (&Value::from(-1), &Value::from(false)));
    let next = first["nextRecordsUrl"].as_str().unwrap();
    let second = call(&mock, "GET", next).token(&access_token(&mock)).send().await.json();
    assert_eq!((&second["totalSize"], &second["done"]), (&Value::from(-1), &Value::from(true)));
    assert_eq!(second["records"].as_array().unwrap().len(), 150);

    let soql = "SELECT Id, (SELECT ExternalId FROM Shipments__r) FROM Account WHERE ERP_Id__c = 'ERP-000000'";
    let page = query(&mock, soql).await;
    let shipments = &page["records"][0]["Shipments__r"];
    assert_eq!((&page["totalSize"], &shipments["totalSize"]), (&Value::from(1), &Value::from(-1)));
    assert_eq!((&shipments["done"], shipments["records"].as_array().unwrap().len()), (&Value::from(false), 200));
    let next = shipments["nextRecordsUrl"].as_str().unwrap();
    let rest = call(&mock, "GET", next).token(&access_token(&mock)).send().await.json();
    assert_eq!((&rest["totalSize"], rest["records"].as_array().unwrap().len()), (&Value::from(-1), 100));
    assert_eq!(query(&mock, "SELECT COUNT() FROM Shipment__x").await["totalSize"], 450);
}

#[tokio::test]
async fn a_further_page_ends_the_cursors_of_children_before_it_if_told() {
    let mock = mock().await;
    mock.set_paging(Paging { ends_child_cursors: true, ..Paging::default() });
    let soql = encode("SELECT Id, (SELECT Id FROM Contacts) FROM Account ORDER BY Id");
    let page = rest(&mock, "GET", &format!("query?q={soql}")).header("sforce-query-options", "batchSize=200");
    let page = page.send().await.json();
    let records = page["records"].as_array().unwrap();
    let child = records.iter().find_map(|record| record["Contacts"]["nextRecordsUrl"].as_str()).unwrap();
    let get = async |url: &str| call(&mock, "GET", url).token(&access_token(&mock)).send().await;
    assert_eq!(get(child).await.status, 200);
    assert_eq!(get(page["nextRecordsUrl"].as_str().unwrap()).await.status, 200);
    assert_eq!(get(child).await.error(), (400, "INVALID_QUERY_LOCATOR".to_owned()));
}

#[tokio::test]
async fn plans_are_told_without_running_the_query() {
    let mock = mock().await;
    let id = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let soql = format!("SELECT Name FROM Account WHERE Id = '{id}'");
    let plan = rest(&mock, "GET", &format!("query?explain={}", encode(&soql))).send().await.json();
    assert_eq!(plan["sourceQuery"], soql);
    assert_eq!(plan["plans"][0]["leadingOperationType"], "Index");
    assert_eq!(plan["plans"][0]["cardinality"], 1);
    for (soql, operation, fields) in [
        ("SELECT Name FROM Account", "TableScan", json!([])),
        ("SELECT Name FROM Account WHERE Industry = 'Energy' LIMIT 5", "TableScan", json!([])),
        ("SELECT Name FROM Account WHERE ERP_Id__c = 'ERP-000001'", "Index", json!(["ERP_Id__c"])),
        (
            "SELECT COUNT(Id) FROM Account WHERE ERP_Id__c IN ('ERP-000001', 'ERP-000002')",
            "Index",
            json!(["ERP_Id__c"]),
        ),
        ("SELECT Name FROM Account WHERE Id = null AND Industry = 'Energy'", "Index", json!(["Id"])),
        ("SELECT Name FROM Account ORDER BY ERP_Id__c LIMIT 1", "Index", json!(["ERP_Id__c"])),
        ("SELECT Name FROM Account WHERE ERP_Id__c = 'ERP-000001' OR Industry = 'Energy'", "TableScan", json!([])),
    ] {
        let plan = rest(&mock, "GET", &format!("query?explain={}", encode(soql))).send().await.json();
        let leading = &plan["plans"][0];
        assert_eq!((&leading["leadingOperationType"], &leading["fields"]), (&json!(operation), &fields), "{soql}");
    }
}

#[tokio::test]
async fn queries_that_are_not_right_are_400() {
    let mock = mock().await;
    for (soql, code) in [
        ("SELECT Id FROM", "MALFORMED_QUERY"),
        ("SELECT Nothing__c FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing__c", "INVALID_TYPE"),
    ] {
        let answer = rest(&mock, "GET", &format!("query?q={}", encode(soql))).send().await;
        assert_eq!(answer.error(), (400, code.to_owned()), "{soql}");
    }
    assert_eq!(rest(&mock, "GET", "query").send().await.error(), (400, "MALFORMED_QUERY".to_owned()));
}

#[tokio::test]
async fn a_user_has_ten_queries_open() {
    let mock = mock().await;
    let mut next = Vec::new();
    for _ in 0..11 {
        let page = query(&mock, "SELECT Id FROM Account").await;
        next.push(page["nextRecordsUrl"].as_str().unwrap().to_owned());
    }
    let get = async |url: &str| call(&mock, "GET", url).token(&access_token(&mock)).send().await;
    assert_eq!(get(&next[0]).await.error(), (400, "INVALID_QUERY_LOCATOR".to_owned()));
    assert_eq!((get(&next[1]).await.status.as_u16(), get(&next[10]).await.status.as_u16()), (200, 200));
}

#[tokio::test]
async fn children_count_toward_the_batch() {
    let mock = mock().await;
    let target =
        format!("query?q={}", encode("SELECT Id, (SELECT Id FROM Contacts) FROM Account ORDER BY Id OFFSET 1"));
    let page = rest(&mock, "GET", &target).header("sforce-query-options", "batchSize=200").send().await.json();
    let rows = |record: &Value| 1 + record["Contacts"]["records"].as_array().map_or(0, Vec::len);
    let records = page["records"].as_array().unwrap();
    assert!(records.len() < 200 && records.iter().map(rows).sum::<usize>() <= 200);
    assert!(page["nextRecordsUrl"].as_str().unwrap().ends_with(&format!("-{}", records.len())));
}

/// As recorded in the tests of Salesforce's command line, which asks for them with every query.
#[tokio::test]
async fn the_columns_of_a_query_are_told_in_place_of_its_records() {
    let mock = mock().await;
    let columns = async |soql: &str| {
        let target = format!("query?q={}&columns=true", encode(soql));
        rest(&mock, "GET", &target).send().await.json()
    };
    let column = |name: &str, changed: Value| {
        let mut column = json!({
            "aggregate": false, "apexType": null, "booleanType": false, "columnName": name, "custom": false, "displayName": name,
            "foreignKeyName": null, "insertable": false, "joinColumns": [], "numberType": false, "textType": false, "updatable": false,
        });
        column.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        column
    };
    let id = column("Id", json!({"apexType": "Id"}));
    let name = column("Name", json!({"apexType": "String", "textType": true}));
    let last_name =
        column("LastName", json!({"apexType": "String", "insertable": true, "textType": true, "updatable": true}));

    let plain = columns("SELECT Id, Name FROM Contact").await;
    let expected = json!({"columnMetadata": [id, name], "entityName": "Contact", "groupBy": false, "idSelected": true, "keyPrefix": "003"});
    assert_eq!(plain, expected);
    let children = columns("SELECT (SELECT LastName FROM Contacts) FROM Account").await;
    let contacts = column("Contacts", json!({"aggregate": true, "joinColumns": [last_name]}));
    assert_eq!(children["columnMetadata"], json!([contacts]));
    let joined = columns("SELECT Owner.Name, Account.Owner.Id FROM Contact").await;
    let owner = |joined: &Value| column("Owner", json!({"foreignKeyName": "OwnerId", "joinColumns": [joined]}));
    let account = column("Account", json!({"foreignKeyName": "AccountId", "joinColumns": [owner(&id)]}));
    assert_eq!((&joined["columnMetadata"], &joined["idSelected"]), (&json!([owner(&name), account]), &json!(false)));
    let grouped = columns("SELECT StageName, AVG(Amount), COUNT(Id) n FROM Opportunity GROUP BY StageName").await;
    let stage = json!({"apexType": "String", "insertable": true, "textType": true, "updatable": true});
    let average = json!({"aggregate": true, "displayName": "avg(Amount)", "numberType": true});
    let count = json!({"aggregate": true, "displayName": "count(Id)", "numberType": true});
    let expected = [column("StageName", stage), column("expr0", average), column("n", count)];
    assert_eq!((&grouped["columnMetadata"], &grouped["groupBy"]), (&json!(expected), &json!(true)));

    let formatted = columns("SELECT FORMAT(MAX(Amount)) largest FROM Opportunity").await;
    let text = json!({"aggregate": true, "textType": true});
    assert_eq!(formatted["columnMetadata"], json!([column("largest", text)]));
    let count = columns("SELECT COUNT() FROM Account").await;
    assert_eq!(count["columnMetadata"], json!([]));
    let unknown = rest(&mock, "GET", "query?q=SELECT+Nonsense+FROM+Account&columns=true").send().await;
    assert_eq!(unknown.error(), (400, "INVALID_FIELD".to_owned()));
}

#[tokio::test]
async fn later_writes_change_no_later_page() {
    let mock = mock().await;
    let first = query(&mock, "SELECT Name, Owner.Name FROM Account ORDER BY Id").await;
    let next = first["nextRecordsUrl"].as_str().unwrap();
    let page = || call(&mock, "GET", next).token(&access_token(&mock)).send();
    let before = page().await.json();
    assert_eq!(before["records"].as_array().unwrap().len(), 86);
    mock.org(|org| {
        org.clear_records();
        org.add_record("Account", json!({"Name": "New"}).as_object().unwrap()).unwrap();
    });
    assert_eq!(page().await.json(), before);
    assert_eq!(query(&mock, "SELECT COUNT() FROM Account").await["totalSize"], 1);
}

#[tokio::test]
async fn wide_answers_and_many_orders_are_bounded() {
    let mock = mock().await;
    let send = async |soql: String| {
        let request = json!({"batchRequests": [{"method": "GET", "url": format!("v67.0/query?q={}", encode(&soql))}]});
        rest(&mock, "POST", "composite/batch").json(&request).send().await.json()["results"][0]["result"].clone()
    };
    let columns = |of: &str, count: usize| (0..count).map(|n| format!("{of} a{n}")).collect::<Vec<_>>().join(",");
    let wide = send(format!("SELECT {} FROM Account", columns("FORMAT(CreatedDate)", 1_800))).await;
    assert_eq!((&wide["totalSize"], &wide["done"]), (&json!(2086), &json!(false)));
    assert_eq!(wide["records"].as_array().unwrap().len(), 278, "500,000 values fill a page");
    let groups = send(format!("SELECT {} FROM Account GROUP BY Name LIMIT 1999", columns("COUNT(Id)", 3_000))).await;
    assert_eq!(groups[0]["errorCode"], "QUERY_TOO_COMPLICATED");
    for (orders, code) in [(32, Value::Null), (33, json!("MALFORMED_QUERY"))] {
        let answer = send(format!("SELECT Id FROM Account ORDER BY {} LIMIT 1", vec!["Name"; orders].join(","))).await;
        assert_eq!(answer[0]["errorCode"], code);
    }
}
