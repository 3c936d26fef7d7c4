//! SOQL beyond fields and conditions, over HTTP: who asks, what the mock does not know, where an error is.

use mock_salesforce::soql::Unknown;
use serde_json::{Value, json};

use crate::client::{call, encode};
use crate::fixture::*;

/// The records of a query by a user.
async fn records_for(mock: &mock_salesforce::MockSalesforce, user: usize, soql: &str) -> Vec<Value> {
    let username = mock.org(|org| org.users()[user].username.clone());
    let tokens = mock.issue_tokens(APP, &username).unwrap();
    let target = format!("/services/data/v67.0/query?q={}", encode(soql));
    let answer = call(mock, "GET", &target).token(tokens.access_token.expose()).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["records"].as_array().unwrap().clone()
}

#[tokio::test]
async fn mine_and_the_time_zone_are_those_of_who_asks() {
    let mock = mock().await;
    for user in [0, 1] {
        let id = mock.org(|org| org.users()[user].id.clone());
        let found = records_for(&mock, user, "SELECT OwnerId FROM Account USING SCOPE mine").await;
        assert!(!found.is_empty() && found.iter().all(|account| account["OwnerId"] == *id), "{id}");
    }
    // The first account was made at 16:00 UTC on 18 June 2025: the first user lives in Stockholm, the third in Tokyo.
    let soql = "SELECT HOUR_IN_DAY(CreatedDate) utc, HOUR_IN_DAY(convertTimezone(CreatedDate)) local, \
                DAY_ONLY(convertTimezone(CreatedDate)) day, COUNT(Id) FROM Account WHERE ERP_Id__c = 'ERP-000000' \
                GROUP BY HOUR_IN_DAY(CreatedDate), HOUR_IN_DAY(convertTimezone(CreatedDate)), \
                DAY_ONLY(convertTimezone(CreatedDate))";
    for (user, hour, day) in [(0, 18, "2025-06-18"), (2, 1, "2025-06-19")] {
        let group = records_for(&mock, user, soql).await.remove(0);
        let expected = json!({
            "attributes": {"type": "AggregateResult"}, "utc": 16, "local": hour, "day": day, "expr0": 1
        });
        assert_eq!(group, expected);
    }
}

#[tokio::test]
async fn subtotals_are_groups_among_the_others() {
    let mock = mock().await;
    let soql = "SELECT Status s, GROUPING(Status) total, COUNT(Id) n FROM Case GROUP BY ROLLUP(Status) ORDER BY GROUPING(Status), Status";
    let found = query(&mock, soql).await;
    assert_eq!((&found["totalSize"], &found["done"]), (&json!(5), &json!(true)));
    let rows: Vec<String> = found["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {} {}", row["s"], row["total"], row["n"]))
        .collect();
    assert_eq!(
        rows,
        [r#""New" 0 100"#, r#""Working" 0 100"#, r#""Escalated" 0 100"#, r#""Closed" 0 100"#, "null 1 400"]
    );
}

#[tokio::test]
async fn what_the_mock_does_not_know_is_no_error_of_the_query() {
    let mock = mock().await;
    for (soql, unknown) in [
        ("SELECT FORMAT(Name) FROM Opportunity", Unknown::Format),
        ("SELECT Id FROM Opportunity WHERE Amount > EUR5000", Unknown::Money),
        ("SELECT Id FROM Account WITH DATA CATEGORY Geography__c AT usa__c", Unknown::DataCategory),
    ] {
        for path in ["query?q=", "queryAll?q=", "query?explain="] {
            let answer = rest(&mock, "GET", &format!("{path}{}", encode(soql))).send().await;
            assert_eq!(answer.error(), (501, "UNKNOWN_TO_THE_MOCK".to_owned()), "{path} {soql}");
            let message = answer.json()[0]["message"].as_str().unwrap().to_owned();
            assert!(message.ends_with(&format!("the mock does not know {}", unknown.name())), "{message}");
        }
    }
}

#[tokio::test]
async fn an_error_shows_thirty_characters_to_each_side_of_its_place() {
    let mock = mock().await;
    let soql = "SELECT Id, Name, Industry FROM Account WHERE Name = 'x' AND NOT (Industry = 'Energy') AND Type = 'y'";
    let answer = rest(&mock, "GET", &format!("query?q={}", encode(soql))).send().await;
    assert_eq!(answer.error(), (400, "MALFORMED_QUERY".to_owned()));
    let expected = "\n Account WHERE Name = 'x' AND NOT (Industry = 'Energy') AND \n                              ^\n\
                    ERROR at Row:1:Column:61\nunexpected token: 'NOT'";
    assert_eq!(answer.json()[0]["message"], expected);
}
