//! Up to 200 records in one request.

use serde_json::{Value, json};

use crate::fixture::*;

fn accounts(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| json!({"attributes": {"type": "Account"}, "Name": name})).collect()
}

#[tokio::test]
async fn each_record_has_its_own_result() {
    let mock = mock().await;
    let body = json!({"records": accounts(&["One", "", "Three"])});
    let answer = rest(&mock, "POST", "composite/sobjects").json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let results = answer.json();
    assert_eq!(
        (&results[0]["success"], &results[1]["success"], &results[2]["success"]),
        (&json!(true), &json!(false), &json!(true))
    );
    let error = &results[1]["errors"][0];
    assert_eq!((&error["statusCode"], &error["fields"]), (&json!("REQUIRED_FIELD_MISSING"), &json!(["Name"])));
    assert!(error.get("errorCode").is_none());
    assert_eq!(mock.ledger().creates("Account"), 2);

    let update = json!({"records": [{"attributes": {"type": "Account"}, "id": results[0]["id"], "Name": "Uno"}]});
    let updated = rest(&mock, "PATCH", "composite/sobjects").json(&update).send().await.json();
    assert_eq!(updated, json!([{"id": results[0]["id"], "success": true, "errors": []}]));

    let ids = format!("{},{}", results[0]["id"].as_str().unwrap(), results[2]["id"].as_str().unwrap());
    let deleted = rest(&mock, "DELETE", &format!("composite/sobjects?ids={ids},nonsense")).send().await.json();
    assert_eq!((&deleted[0]["success"], &deleted[1]["success"]), (&json!(true), &json!(true)));
    assert_eq!(deleted[2]["errors"][0]["statusCode"], "MALFORMED_ID");
}

#[tokio::test]
async fn all_or_none_undoes_everything() {
    let mock = mock().await;
    let before = mock.org(|org| org.count("Account"));
    let body = json!({"allOrNone": true, "records": accounts(&["One", ""])});
    let results = rest(&mock, "POST", "composite/sobjects").json(&body).send().await.json();
    assert_eq!(results[0]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert_eq!(results[1]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!(mock.org(|org| org.count("Account")), before);
    assert_eq!(mock.ledger().creates("Account"), 0);
}

#[tokio::test]
async fn a_delete_that_was_undone_tells_its_record() {
    let mock = mock().await;
    let id = one_id(&mock, "SELECT Id FROM Invoice__c LIMIT 1").await;
    let target = format!("composite/sobjects?ids={id},a005g00000zzzzz&allOrNone=true");
    let answer = rest(&mock, "DELETE", &target).send().await;
    let results = answer.json();
    assert_eq!((answer.status.as_u16(), &results[0]["id"], &results[0]["success"]), (200, &json!(id), &json!(false)));
    assert_eq!(results[0]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert_eq!((results[1].get("id"), first_error(&json!([results[1]])).0), (None, "INVALID_CROSS_REFERENCE_KEY"));
    assert_eq!(rest(&mock, "GET", &format!("sobjects/Invoice__c/{id}")).send().await.status, 200);
}

#[tokio::test]
async fn an_upsert_says_which_were_created() {
    let mock = mock().await;
    let records = |amount: u32| {
        let record = json!({"attributes": {"type": "Invoice__c"}, "Invoice_Number__c": "C-1", "Amount__c": amount});
        json!({"records": [record]})
    };
    let path = "composite/sobjects/Invoice__c/Invoice_Number__c";
    for (amount, created) in [(1, true), (2, false)] {
        let results = rest(&mock, "PATCH", path).json(&records(amount)).send().await.json();
        assert_eq!((&results[0]["success"], &results[0]["created"]), (&json!(true), &json!(created)), "{results}");
    }
}

#[tokio::test]
async fn more_than_200_records_are_refused() {
    let mock = mock().await;
    let body = json!({"records": accounts(&["x"; 201])});
    let answer = rest(&mock, "POST", "composite/sobjects").json(&body).send().await;
    assert_eq!(answer.error(), (400, "EXCEEDED_ID_LIMIT".to_owned()));
    assert_eq!(mock.ledger().writes().count(), 0);
}

/// The first item of an answer: its status code, its message and its fields.
fn first_error(results: &Value) -> (&str, &str, &Value) {
    let error = &results[0]["errors"][0];
    (error["statusCode"].as_str().unwrap(), error["message"].as_str().unwrap(), &error["fields"])
}

#[tokio::test]
async fn items_fail_with_salesforces_codes() {
    let mock = mock().await;
    let gone = one_id(&mock, "SELECT Id FROM Invoice__c LIMIT 1").await;
    assert_eq!(rest(&mock, "DELETE", &format!("sobjects/Invoice__c/{gone}")).send().await.status, 204);
    let gone = json!({"attributes": {"type": "Invoice__c"}, "id": gone});
    let contact = |more: Value| {
        let mut record = json!({"attributes": {"type": "Contact"}});
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record
    };
    let first = "Nested object for polymorphic foreign key must have an attributes field before any other fields.";
    let malformed = "Contact ID: id value of incorrect type: 0015g0000000000";
    for (method, record, expected) in [
        (
            "POST",
            contact(json!({})),
            ("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", json!(["LastName"])),
        ),
        (
            "POST",
            contact(json!({"x": 1})),
            ("INVALID_FIELD", "No such column 'x' on sobject of type Contact", json!([])),
        ),
        ("POST", json!({"LastName": "x", "attributes": {"type": "Contact"}}), ("JSON_PARSER_ERROR", first, json!([]))),
        ("POST", json!({"LastName": "x"}), ("JSON_PARSER_ERROR", first, json!([]))),
        (
            "POST",
            json!({"attributes": {"type": "Nope"}}),
            ("INVALID_TYPE", "sObject type 'Nope' is not supported.", json!([])),
        ),
        (
            "PATCH",
            json!({"LastName": "x", "id": "0035g0000000000", "attributes": {"type": "Contact"}}),
            ("JSON_PARSER_ERROR", first, json!([])),
        ),
        (
            "PATCH",
            json!({"id": "0015g0000000000", "attributes": {"type": "Contact"}}),
            ("MALFORMED_ID", malformed, json!(["Id"])),
        ),
        ("PATCH", contact(json!({})), ("MISSING_ARGUMENT", "Id not specified in an update call", json!([]))),
        ("PATCH", contact(json!({"id": "0015g0000000000"})), ("MALFORMED_ID", malformed, json!(["Id"]))),
        (
            "PATCH",
            contact(json!({"id": "0035g00000zzzzz"})),
            ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", json!([])),
        ),
        ("PATCH", gone, ("ENTITY_IS_DELETED", "entity is deleted", json!([]))),
    ] {
        let answer = rest(&mock, method, "composite/sobjects").json(&json!({"records": [record]})).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let results = answer.json();
        assert_eq!(first_error(&results), (expected.0, expected.1, &expected.2));
        assert_eq!((results[0].get("id"), results[0].get("created")), (None, None), "{results}");
    }
    let unknown = rest(&mock, "DELETE", "composite/sobjects?ids=0015g00000zzzzz").send().await.json();
    assert_eq!(first_error(&unknown).0, "INVALID_CROSS_REFERENCE_KEY");
}

#[tokio::test]
async fn a_failed_upsert_says_that_it_created_nothing() {
    let mock = mock().await;
    let record = json!({"attributes": {"type": "Invoice__c"}, "Invoice_Number__c": "C-1", "Amount__c": -1});
    let path = "composite/sobjects/Invoice__c/Invoice_Number__c";
    let results = rest(&mock, "PATCH", path).json(&json!({"records": [record]})).send().await.json();
    assert_eq!((&results[0]["success"], &results[0]["created"]), (&json!(false), &json!(false)), "{results}");
    assert_eq!(first_error(&results).0, "FIELD_CUSTOM_VALIDATION_EXCEPTION");
    let record = json!({"attributes": {"type": "Invoice__c"}, "id": "a005g00000zzzzz"});
    let results = rest(&mock, "PATCH", "composite/sobjects/Invoice__c/Id").json(&json!({"records": [record]}));
    let results = results.send().await.json();
    assert_eq!((first_error(&results).0, &results[0]["created"]), ("INVALID_CROSS_REFERENCE_KEY", &json!(false)));
    let no_key = rest(&mock, "PATCH", "composite/sobjects/Invoice__c/Amount__c").json(&json!({"records": [{}]}));
    assert_eq!(no_key.send().await.error(), (404, "NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn an_empty_list_is_refused() {
    let mock = mock().await;
    let answer = rest(&mock, "POST", "composite/sobjects").json(&json!({"records": []})).send().await;
    assert_eq!(answer.error(), (400, "REQUIRED_FIELD_MISSING".to_owned()));
    assert_eq!(answer.message(), "At least 1 record is required");
}

#[tokio::test]
async fn records_are_read_in_the_order_asked_for_with_null_for_none() {
    let mock = mock().await;
    let page = query(&mock, "SELECT Id, Name FROM Account LIMIT 2").await;
    let ids = [0, 1].map(|place: usize| page["records"][place]["Id"].as_str().unwrap().to_owned());
    let target = format!("composite/sobjects/Account?ids={},0015g00000zzzzz,{}&fields=Name", ids[1], ids[0]);
    let read = rest(&mock, "GET", &target).send().await.json();
    assert_eq!(
        (&read[0]["Name"], &read[1], &read[2]["Id"]),
        (&page["records"][1]["Name"], &Value::Null, &json!(ids[0]))
    );
    assert_eq!(read.as_array().unwrap().len(), 3);
    let body = json!({"ids": [ids[1], "0015g00000zzzzz", ids[0]], "fields": ["Name"]});
    let posted = rest(&mock, "POST", "composite/sobjects/Account").json(&body).send().await.json();
    assert_eq!(posted, read);
    let refused =
        async |body: Value| rest(&mock, "POST", "composite/sobjects/Account").json(&body).send().await.error();
    assert_eq!(refused(json!({"ids": ids, "fields": ["Nope"]})).await, (400, "INVALID_FIELD".to_owned()));
    assert_eq!(refused(json!({"ids": ["nonsense"], "fields": ["Id"]})).await, (400, "MALFORMED_ID".to_owned()));
    assert_eq!(refused(json!({"fields": ["Id"]})).await, (400, "MISSING_ARGUMENT".to_owned()));
    assert_eq!(refused(json!({"ids": vec![&ids[0]; 2_001], "fields": ["Id"]})).await.1, "EXCEEDED_ID_LIMIT");
}

#[tokio::test]
async fn an_external_id_that_several_records_have_is_refused_for_all_of_them() {
    let mock = mock().await;
    let record = |number: &str| json!({"attributes": {"type": "Invoice__c"}, "Invoice_Number__c": number});
    let body = json!({"records": [record("D-1"), record("D-2"), record("d-1")]});
    let path = "composite/sobjects/Invoice__c/Invoice_Number__c";
    let answer = rest(&mock, "PATCH", path).json(&body).send().await.json();
    for (place, number) in [(0, "D-1"), (2, "d-1")] {
        let error = json!({
            "statusCode": "DUPLICATE_VALUE", "message": format!("Duplicate external id specified: {number}"),
            "fields": ["Invoice_Number__c"],
        });
        assert_eq!(answer[place]["errors"][0], error);
    }
    assert_eq!(answer[1]["success"], true);
    assert_eq!(mock.ledger().creates("Invoice__c"), 1);
}
