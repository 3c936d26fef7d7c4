//! What another org's describe answers say of rights is not what a user has.

use mock_salesforce::org::Schema;
use serde_json::json;

use super::*;

async fn org() -> MockSalesforce {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/data/describe");
    let schema = Schema::read(&[data], false).unwrap_or_else(|error| panic!("{error}"));
    MockSalesforce::builder().schema(schema).connected_app(app()).start().await.unwrap()
}

async fn described(mock: &MockSalesforce) -> Value {
    rest(mock, "GET", "sobjects/Account/describe").send().await.json()
}

fn field<'a>(described: &'a Value, name: &str) -> Option<&'a Value> {
    described["fields"].as_array().unwrap().iter().find(|field| field["name"] == name)
}

fn children(described: &Value) -> Vec<&str> {
    let children = described["childRelationships"].as_array().unwrap();
    children.iter().map(|child| child["childSObject"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn describe_tells_the_rights_of_who_asks() {
    let mock = org().await;
    let all = described(&mock).await;
    assert_eq!(children(&all), ["Visit__c", "Unknown__c"]);
    assert_eq!((&all["createable"], &field(&all, "Score__c").unwrap()["updateable"]), (&json!(true), &json!(true)));
    read_only(&mock);
    let told = described(&mock).await;
    assert_eq!(
        (&told["createable"], &told["updateable"], &told["deletable"]),
        (&json!(false), &json!(false), &json!(false))
    );
    let global = rest(&mock, "GET", "sobjects").send().await.json();
    let account = global["sobjects"].as_array().unwrap().iter().find(|object| object["name"] == "Account").unwrap();
    assert_eq!((&account["createable"], &account["deletable"]), (&json!(false), &json!(false)));
    restrict(&mock, &["Account.Score__c"], true);
    let told = described(&mock).await;
    let score = field(&told, "Score__c").unwrap();
    assert_eq!((&score["createable"], &score["updateable"]), (&json!(false), &json!(false)));
    hide(&mock, &["Account.Score__c"]);
    assert!(field(&described(&mock).await, "Score__c").is_none());
}

#[tokio::test]
async fn describe_tells_no_children_that_one_may_not_see() {
    let mock = org().await;
    hide_object(&mock, "Visit__c");
    assert_eq!(children(&described(&mock).await), ["Unknown__c"]);
}
