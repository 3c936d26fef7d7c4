//! Records by external Id.

use serde_json::json;

use crate::client::{call, encode};
use crate::fixture::*;

#[tokio::test]
async fn an_upsert_creates_then_updates() {
    let mock = mock().await;
    let path = format!("sobjects/Invoice__c/Invoice_Number__c/{}", encode("A/1 ?%ü"));
    let path = path.replace('+', "%20");
    let created = rest(&mock, "PATCH", &path).json(&json!({"Amount__c": 1.5})).send().await;
    assert_eq!(created.status, 201, "{}", created.text());
    let id = created.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(created.json(), json!({"id": id, "success": true, "errors": [], "created": true}));
    assert_eq!(created.header("location"), format!("/services/data/v67.0/sobjects/Invoice__c/{id}"));
    let updated = rest(&mock, "PATCH", &path).json(&json!({"Amount__c": 2.5})).send().await;
    assert_eq!(updated.status, 200);
    assert_eq!(updated.json(), json!({"id": id, "success": true, "errors": [], "created": false}));
    let row = rest(&mock, "GET", &path).send().await.json();
    assert_eq!((&row["Invoice_Number__c"], &row["Amount__c"]), (&json!("A/1 ?%ü"), &json!(2.5)));
}

#[tokio::test]
async fn records_are_found_by_fields_that_are_no_external_ids() {
    let mock = mock().await;
    let contact = "sobjects/Contact/Email/by.mail@example.com";
    let created = rest(&mock, "PATCH", contact).json(&json!({"LastName": "Mail"})).send().await;
    assert_eq!((created.status.as_u16(), &created.json()["created"]), (201, &json!(true)), "{}", created.text());
    let updated = rest(&mock, "PATCH", contact).json(&json!({"Title": "Reader"})).send().await;
    assert_eq!((updated.status.as_u16(), &updated.json()["id"]), (200, &created.json()["id"]));
    let row = rest(&mock, "GET", contact).send().await.json();
    assert_eq!((&row["Email"], &row["Title"]), (&json!("by.mail@example.com"), &json!("Reader")));

    let (id, name) = (username(&mock), one_id(&mock, "SELECT Id FROM Invoice__c LIMIT 1").await);
    let user = rest(&mock, "GET", &format!("sobjects/User/Username/{id}")).send().await.json();
    let same = rest(&mock, "GET", &format!("sobjects/User/Id/{}", user["Id"].as_str().unwrap())).send().await.json();
    assert_eq!((&user["Username"], &same), (&json!(id), &user));
    let invoice = rest(&mock, "GET", &format!("sobjects/Invoice__c/{name}")).send().await.json();
    let named = format!("sobjects/Invoice__c/Name/{}", invoice["Name"].as_str().unwrap());
    assert_eq!(rest(&mock, "GET", &named).send().await.json(), invoice);
}

#[tokio::test]
async fn what_the_org_alone_makes_is_not_made_by_an_upsert() {
    let mock = mock().await;
    let number = rest(&mock, "PATCH", "sobjects/Invoice__c/Name/INV-999999").json(&json!({})).send().await;
    assert_eq!(number.error(), (400, "INVALID_FIELD_FOR_INSERT_UPDATE".to_owned()));
    let user = rest(&mock, "PATCH", "sobjects/User/Username/new@example.org").json(&json!({})).send().await;
    assert_eq!(user.error(), (400, "REQUIRED_FIELD_MISSING".to_owned()));
}

#[tokio::test]
async fn up_to_version_45_an_update_has_no_body() {
    let mock = mock().await;
    let token = access_token(&mock);
    let upsert = |version: &str| {
        let target = format!("/services/data/{version}/sobjects/Invoice__c/Invoice_Number__c/X-1");
        call(&mock, "PATCH", &target).token(&token).json(&json!({"Amount__c": 1})).send()
    };
    assert_eq!(upsert("v45.0").await.status, 201);
    let old = upsert("v45.0").await;
    assert_eq!((old.status.as_u16(), old.body.len()), (204, 0));
    assert_eq!(upsert("v46.0").await.status, 200);
}

#[tokio::test]
async fn update_only_makes_nothing() {
    let mock = mock().await;
    let path = "sobjects/Invoice__c/Invoice_Number__c/NEW-1?updateOnly=true";
    let answer = rest(&mock, "PATCH", path).json(&json!({"Amount__c": 1})).send().await;
    assert_eq!(answer.error(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(mock.ledger().creates("Invoice__c"), 0);
}

#[tokio::test]
async fn several_matches_are_300_with_their_urls() {
    let mock = mock().await;
    for _ in 0..2 {
        let body = json!({"Legacy_Number__c": "TWICE"});
        assert_eq!(rest(&mock, "POST", "sobjects/Invoice__c").json(&body).send().await.status, 201);
    }
    let path = "sobjects/Invoice__c/Legacy_Number__c/TWICE";
    for method in ["GET", "PATCH", "DELETE"] {
        let request = rest(&mock, method, path);
        let request = if method == "PATCH" { request.json(&json!({"Amount__c": 1})) } else { request };
        let answer = request.send().await;
        assert_eq!(answer.status, 300, "{method}");
        let urls = answer.json();
        assert_eq!(urls.as_array().unwrap().len(), 2);
        assert!(urls[0].as_str().unwrap().starts_with("/services/data/v67.0/sobjects/Invoice__c/a00"));
    }
    assert_eq!(mock.ledger().writes().count(), 2);
}

#[tokio::test]
async fn unknown_values_and_fields_are_404() {
    let mock = mock().await;
    let value = rest(&mock, "GET", "sobjects/Invoice__c/Invoice_Number__c/NOBODY").send().await;
    assert_eq!(value.error(), (404, "NOT_FOUND".to_owned()));
    let field = rest(&mock, "GET", "sobjects/Invoice__c/Nothing__c/1").send().await;
    assert_eq!(field.error(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(field.message(), "Provided external ID field does not exist or is not accessible: Nothing__c");
}

#[tokio::test]
async fn a_record_can_be_deleted_by_external_id() {
    let mock = mock().await;
    let path = "sobjects/Invoice__c/Invoice_Number__c/GONE-1";
    assert_eq!(rest(&mock, "PATCH", path).json(&json!({})).send().await.status, 201);
    let answer = rest(&mock, "DELETE", path).send().await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    for method in ["GET", "DELETE"] {
        assert_eq!(rest(&mock, method, path).send().await.error(), (404, "NOT_FOUND".to_owned()), "{method}");
    }
    assert_eq!(rest(&mock, "PATCH", path).json(&json!({})).send().await.status, 201, "the value is free again");
}

#[tokio::test]
async fn a_value_that_ends_like_a_blocked_file_is_not_found() {
    let mock = mock().await;
    let contact = json!({"LastName": "Incorporated", "Email": "a@example.inc"});
    assert_eq!(rest(&mock, "POST", "sobjects/Contact").json(&contact).send().await.status, 201);
    for value in ["a@example.inc", "a%40example%2Einc", "a@example.INC"] {
        let path = format!("sobjects/Contact/Email/{value}");
        for method in ["GET", "PATCH", "DELETE"] {
            let request = rest(&mock, method, &path);
            let request = if method == "PATCH" { request.json(&json!({"LastName": "x"})) } else { request };
            assert_eq!(request.send().await.error(), (404, "NOT_FOUND".to_owned()), "{method} {value}");
        }
    }
    assert_eq!(mock.ledger().writes().count(), 1);
}
