//! Users who may not do everything: what they meet is what Salesforce answers.

use serde_json::{Value, json};

use super::{done, problem};
use crate::client::{Answer, encode};
use crate::fixture::*;

async fn permit(mock: &mock_salesforce::MockSalesforce, permissions: Value) -> Answer {
    let username = username(mock);
    control(mock, "PUT", &format!("users/{username}/permissions")).json(&permissions).send().await
}

async fn soql(mock: &mock_salesforce::MockSalesforce, soql: &str) -> Answer {
    rest(mock, "GET", &format!("query?q={}", encode(soql))).send().await
}

#[tokio::test]
async fn an_object_that_one_may_not_read_is_not_there() {
    let mock = steered().await;
    let contact = one_id(&mock, "SELECT Id FROM Contact LIMIT 1").await;
    let told = done(&permit(&mock, json!({"objects": {"Contact": {"read": false}}})).await);
    let none = json!({"read": false, "create": false, "edit": false, "delete": false});
    assert_eq!(told, json!({"read_only": false, "objects": {"Contact": none}, "fields": {}}));
    let refused = soql(&mock, "SELECT Id FROM Contact").await;
    assert_eq!(refused.error(), (400, "INVALID_TYPE".to_owned()));
    assert!(refused.message().contains("sObject type 'Contact' is not supported."), "{}", refused.message());
    let children = soql(&mock, "SELECT (SELECT Id FROM Contacts) FROM Account LIMIT 1").await;
    assert_eq!(children.error(), (400, "INVALID_TYPE".to_owned()));
    for path in [format!("sobjects/Contact/{contact}"), "sobjects/Contact/describe".to_owned()] {
        assert_eq!(rest(&mock, "GET", &path).send().await.error(), (404, "NOT_FOUND".to_owned()), "{path}");
    }
    let objects = rest(&mock, "GET", "sobjects").send().await.json();
    let names: Vec<_> = objects["sobjects"].as_array().unwrap().iter().map(|object| object["name"].clone()).collect();
    assert!(!names.contains(&json!("Contact")) && names.contains(&json!("Account")));
    let account = rest(&mock, "GET", "sobjects/Account/describe").send().await.json();
    let children = account["childRelationships"].as_array().unwrap();
    assert!(children.iter().all(|child| child["childSObject"] != "Contact"));
    let case = rest(&mock, "POST", "sobjects/Case").json(&json!({"ContactId": contact})).send().await;
    assert_eq!(case.error(), (400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY".to_owned()));
    let other = mock.org(|org| org.users()[1].username.clone());
    let token = mock.issue_tokens(APP, &other).unwrap().access_token.expose().to_owned();
    let answer = crate::client::call(&mock, "GET", &format!("/services/data/v67.0/sobjects/Contact/{contact}"));
    assert_eq!(answer.token(&token).send().await.status, 200, "others see it");
    assert!(done(&control(&mock, "GET", "records").send().await)["objects"]["Contact"].is_u64());
}

#[tokio::test]
async fn a_field_that_one_may_not_see_is_not_there_and_a_read_only_one_is_not_written() {
    let mock = steered().await;
    let fields = json!({"Account.Industry": {"readable": false}, "Account.AnnualRevenue": {"editable": false}});
    done(&permit(&mock, json!({"fields": fields})).await);
    for text in ["SELECT Industry FROM Account", "SELECT Id FROM Account WHERE Industry = 'Energy'"] {
        let refused = soql(&mock, text).await;
        assert_eq!(refused.error(), (400, "INVALID_FIELD".to_owned()));
        assert!(refused.message().contains("No such column 'Industry' on entity 'Account'."), "{}", refused.message());
    }
    let id = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let path = format!("sobjects/Account/{id}");
    let row = rest(&mock, "GET", &path).send().await.json();
    assert!(row.get("Industry").is_none() && row.get("AnnualRevenue").is_some());
    assert_eq!(rest(&mock, "GET", &format!("{path}?fields=Industry")).send().await.error().1, "INVALID_FIELD");
    let all = soql(&mock, "SELECT FIELDS(ALL) FROM Account LIMIT 1").await.json();
    assert!(all["records"][0].get("Industry").is_none());
    let hidden = rest(&mock, "PATCH", &path).json(&json!({"Industry": "Energy"})).send().await;
    assert_eq!(hidden.error(), (400, "INVALID_FIELD".to_owned()));
    let read_only = rest(&mock, "PATCH", &path).json(&json!({"AnnualRevenue": 1})).send().await;
    assert_eq!(read_only.error(), (400, "INVALID_FIELD_FOR_INSERT_UPDATE".to_owned()));
    assert!(read_only.message().contains("verify that it is read/write for your profile or permission set"));
    assert_eq!(rest(&mock, "PATCH", &path).json(&json!({"Phone": "1"})).send().await.status, 204);
    let described = rest(&mock, "GET", "sobjects/Account/describe").send().await.json();
    let fields = described["fields"].as_array().unwrap();
    let revenue = fields.iter().find(|field| field["name"] == "AnnualRevenue").unwrap();
    assert_eq!((&revenue["createable"], &revenue["updateable"]), (&json!(false), &json!(false)));
    assert!(fields.iter().all(|field| field["name"] != "Industry"));
}

#[tokio::test]
async fn a_key_and_a_relationship_that_one_may_not_see_lead_nowhere() {
    let mock = steered().await;
    let id = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let upsert = || rest(&mock, "PATCH", "sobjects/Account/ERP_Id__c/new-1").json(&json!({"Name": "x"})).send();
    let permissions = json!({"objects": {"User": {"read": false}, "Contact": {"read": false}},
        "fields": {"Account.ERP_Id__c": {"editable": false}}});
    done(&permit(&mock, permissions).await);
    assert_eq!(upsert().await.error(), (400, "INVALID_FIELD_FOR_INSERT_UPDATE".to_owned()));
    for path in ["Owner", "Contacts"] {
        let answer = rest(&mock, "GET", &format!("sobjects/Account/{id}/{path}")).send().await;
        assert_eq!(answer.error(), (404, "NOT_FOUND".to_owned()), "{path}");
    }
    assert_eq!(soql(&mock, "SELECT Owner.Name FROM Account").await.error(), (400, "INVALID_FIELD".to_owned()));
    done(&permit(&mock, json!({"fields": {"Account.ERP_Id__c": {"readable": false}}})).await);
    let hidden = upsert().await;
    assert_eq!(hidden.error(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(hidden.message(), "Provided external ID field does not exist or is not accessible: ERP_Id__c");
}

#[tokio::test]
async fn rules_see_what_the_user_may_not() {
    let mock = steered().await;
    let rule = json!({"object": "Account", "condition": "Industry = null", "message": "An industry, please."});
    done(&control(&mock, "PUT", "validation-rules/Industry").json(&rule).send().await);
    done(&permit(&mock, json!({"fields": {"Account.Industry": {"readable": false}}})).await);
    let refused = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "x"})).send().await;
    assert_eq!(refused.error(), (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION".to_owned()));
}

#[tokio::test]
async fn who_may_only_read_writes_nothing() {
    let mock = steered().await;
    let id = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let path = format!("sobjects/Account/{id}");
    done(&permit(&mock, json!({"read_only": true})).await);
    assert_eq!(rest(&mock, "GET", &path).send().await.status, 200);
    let update = rest(&mock, "PATCH", &path).json(&json!({"Name": "y"})).send().await;
    assert_eq!(update.error(), (400, "INSUFFICIENT_ACCESS_OR_READONLY".to_owned()));
    assert_eq!(update.message(), "insufficient access rights on object id");
    let delete = rest(&mock, "DELETE", &path).send().await;
    assert_eq!(delete.error(), (400, "INSUFFICIENT_ACCESS_OR_READONLY".to_owned()));
    let create = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "y"})).send().await;
    assert_eq!(create.error(), (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY".to_owned()));
    let many = rest(&mock, "POST", "composite/sobjects")
        .json(&json!({"records": [{"attributes": {"type": "Account"}, "Name": "y"}]}));
    assert_eq!(many.send().await.json()[0]["errors"][0]["statusCode"], "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY");
    let event = rest(&mock, "POST", "sobjects/Invoice_Paid__e").json(&json!({"Invoice_Number__c": "1"})).send().await;
    assert_eq!(event.error(), (400, "INSUFFICIENT_ACCESS_OR_READONLY".to_owned()));
    let described = rest(&mock, "GET", "sobjects/Account/describe").send().await.json();
    let may = ["createable", "updateable", "deletable", "queryable"].map(|name| described[name].clone());
    assert_eq!(may, [json!(false), json!(false), json!(false), json!(true)]);
    assert_eq!(mock.ledger().writes().count(), 0);
    done(&permit(&mock, json!({})).await);
    assert_eq!(rest(&mock, "PATCH", &path).json(&json!({"Name": "y"})).send().await.status, 204);
}

#[tokio::test]
async fn create_edit_and_delete_are_permitted_one_by_one() {
    let mock = steered().await;
    done(&permit(&mock, json!({"objects": {"Account": {"delete": false}}})).await);
    let created = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "y"})).send().await;
    assert_eq!(created.status, 201);
    let path = format!("sobjects/Account/{}", created.json()["id"].as_str().unwrap());
    assert_eq!(rest(&mock, "PATCH", &path).json(&json!({"Name": "z"})).send().await.status, 204);
    assert_eq!(rest(&mock, "DELETE", &path).send().await.error().1, "INSUFFICIENT_ACCESS_OR_READONLY");
    done(&permit(&mock, json!({"objects": {"Account": {"create": false}}})).await);
    assert_eq!(rest(&mock, "DELETE", &path).send().await.status, 204);
    let create = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "y"})).send().await;
    assert_eq!(create.error().1, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY");
}

#[tokio::test]
async fn wrong_permissions_are_refused_by_place() {
    let mock = steered().await;
    for (permissions, place) in [
        (json!({"objects": {"Thing": {}}}), "body.objects"),
        (json!({"objects": {"Account": {"read": false, "edit": true}}}), "body.objects"),
        (json!({"objects": {"Account": {"write": true}}}), "body.objects.Account.write"),
        (json!({"fields": {"Account.Nme": {}}}), "body.fields"),
        (json!({"fields": {"Account.Name": {"editable": false}}}), "body.fields"),
        (json!({"fields": {"Account.Industry": {"readable": false, "editable": true}}}), "body.fields"),
    ] {
        let (status, told, ..) = problem(&permit(&mock, permissions).await);
        assert_eq!((status, told.as_str()), (400, place));
    }
    let (status, place, ..) = problem(&control(&mock, "GET", "users/nobody/permissions").send().await);
    assert_eq!((status, place.as_str()), (404, "path.username"));
}

#[tokio::test]
async fn users_are_listed_and_renamed() {
    let mock = steered().await;
    let users = done(&control(&mock, "GET", "users").send().await)["users"].clone();
    let (first, second) = (users[0]["username"].as_str().unwrap(), users[1]["username"].as_str().unwrap());
    let rename = |to: &str| control(&mock, "PATCH", &format!("users/{first}")).json(&json!({"username": to})).send();
    assert_eq!(problem(&rename(second).await).0, 409);
    assert_eq!(problem(&rename("").await).1, "body.username");
    assert_eq!(rename("renamed@example.org").await.status, 204);
    assert_eq!(problem(&rename("again@example.org").await).1, "path.username");
    assert!(mock.issue_tokens(APP, "renamed@example.org").is_ok());
}
