//! Collections, and errors that tell of other records.

use serde_json::json;

use super::*;

fn codes(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    let code = |item: &Value| item["errors"][0]["statusCode"].as_str().unwrap_or("none").to_owned();
    body.as_array().unwrap().iter().map(code).collect()
}

#[tokio::test]
async fn an_object_that_one_may_not_read_is_not_there() {
    let mock = mock().await;
    let id = one_id(&mock, "SELECT Id FROM Contact LIMIT 1").await;
    hide_object(&mock, "Contact");
    let record = json!({"attributes": {"type": "Contact"}, "LastName": "x"});
    assert_eq!(codes(&post(&mock, "composite/sobjects", json!({"records": [record]})).await), ["INVALID_TYPE"]);
    let record = json!({"attributes": {"type": "Contact"}, "Id": id, "LastName": "x"});
    let update = rest(&mock, "PATCH", "composite/sobjects").json(&json!({"records": [record]})).send().await;
    assert_eq!(codes(&update), ["INVALID_TYPE"]);
    let upsert = rest(&mock, "PATCH", "composite/sobjects/Contact/Email").json(&json!({"records": [record]}));
    assert_eq!(upsert.send().await.error(), (404, "NOT_FOUND".to_owned()));
    let delete = rest(&mock, "DELETE", &format!("composite/sobjects?ids={id}")).send().await;
    assert_eq!(codes(&delete), ["MALFORMED_ID"]);
    let get = rest(&mock, "GET", &format!("composite/sobjects/Contact?ids={id}&fields=Id")).send().await;
    assert_eq!(get.error(), (404, "NOT_FOUND".to_owned()));
    let read = post(&mock, "composite/sobjects/Contact", json!({"ids": [id], "fields": ["Id"]})).await;
    assert_eq!(read.error(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(mock.ledger().writes().count(), 0);
}

#[tokio::test]
async fn a_hidden_field_is_neither_read_nor_written_nor_a_key() {
    let mock = mock().await;
    let id = one_id(&mock, "SELECT Id FROM Account WHERE ERP_Id__c = 'ERP-000001'").await;
    hide(&mock, &["Account.Industry", "Account.ERP_Id__c"]);
    for field in ["Industry", "ERP_Id__c"] {
        let get = rest(&mock, "GET", &format!("composite/sobjects/Account?ids={id}&fields=Name,{field}")).send().await;
        assert_eq!(get.error(), (400, "INVALID_FIELD".to_owned()));
    }
    let records = json!({"records": [
        {"attributes": {"type": "Account"}, "Name": "x", "Industry": "Energy"},
        {"attributes": {"type": "Contact"}, "LastName": "x", "Account": {"ERP_Id__c": "ERP-000001"}},
    ]});
    assert_eq!(codes(&post(&mock, "composite/sobjects", records).await), ["INVALID_FIELD", "NOT_FOUND"]);
    let record = json!({"attributes": {"type": "Account"}, "ERP_Id__c": "ERP-000001", "Name": "x"});
    let upsert = rest(&mock, "PATCH", "composite/sobjects/Account/ERP_Id__c").json(&json!({"records": [record]}));
    assert_eq!(upsert.send().await.error(), (404, "NOT_FOUND".to_owned()));
    let read = rest(&mock, "GET", "sobjects/Account/ERP_Id__c/ERP-000001").send().await;
    assert_eq!(read.error(), (404, "NOT_FOUND".to_owned()));
    let delete = rest(&mock, "DELETE", "sobjects/Account/ERP_Id__c/ERP-000001").send().await;
    assert_eq!(delete.error(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(mock.ledger().writes().count(), 0);
}

#[tokio::test]
async fn each_item_is_refused_for_itself() {
    let mock = mock().await;
    let id = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let update = async |body: Value| {
        let records = json!({"records": [body]});
        codes(&rest(&mock, "PATCH", "composite/sobjects").json(&records).send().await)
    };
    restrict(&mock, &["Account.AnnualRevenue"], true);
    let record = json!({"attributes": {"type": "Account"}, "Id": id, "AnnualRevenue": 1});
    assert_eq!(update(record.clone()).await, ["INVALID_FIELD_FOR_INSERT_UPDATE"]);
    let create = json!({"records": [
        {"attributes": {"type": "Account"}, "Name": "x", "AnnualRevenue": 1},
        {"attributes": {"type": "Account"}, "Name": "x"},
    ]});
    let created = post(&mock, "composite/sobjects", create.clone()).await;
    assert_eq!(codes(&created), ["INVALID_FIELD_FOR_INSERT_UPDATE", "none"]);
    permit(&mock, "Account", ObjectPermissions { create: false, ..ObjectPermissions::ALL });
    let refused = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY";
    assert_eq!(codes(&post(&mock, "composite/sobjects", create.clone()).await), [refused, refused]);
    assert_eq!(update(record.clone()).await, ["none"]);
    let upsert = json!({"records": [
        {"attributes": {"type": "Account"}, "ERP_Id__c": "ERP-000001", "Phone": "1"},
        {"attributes": {"type": "Account"}, "ERP_Id__c": "new", "Name": "x"},
    ]});
    let upserted = rest(&mock, "PATCH", "composite/sobjects/Account/ERP_Id__c").json(&upsert).send().await;
    assert_eq!(codes(&upserted), ["none", refused]);
    let delete = || rest(&mock, "DELETE", &format!("composite/sobjects?ids={id}")).send();
    read_only(&mock);
    let before = mock.ledger().writes().count();
    assert_eq!(update(record).await, ["INSUFFICIENT_ACCESS_OR_READONLY"]);
    assert_eq!(codes(&delete().await), ["INSUFFICIENT_ACCESS_OR_READONLY"]);
    assert_eq!(codes(&post(&mock, "composite/sobjects", create).await), [refused, refused]);
    assert_eq!(mock.ledger().writes().count(), before);
    permit(&mock, "Account", ObjectPermissions { delete: false, ..ObjectPermissions::ALL });
    assert_eq!(codes(&delete().await), ["INSUFFICIENT_ACCESS_OR_READONLY"]);
}

#[tokio::test]
async fn the_details_of_a_duplicate_are_those_that_one_may_see() {
    let mock = steered().await;
    let rule = json!({"object": "Account", "fields": ["Name", "Industry"], "message": "It is there."});
    assert_eq!(control(&mock, "PUT", "duplicate-rules/Twins").json(&rule).send().await.status, 204);
    made(&mock, "Account", json!({"Name": "Twin", "Industry": "Energy", "Phone": "12", "Site": "hall 7"})).await;
    let twin = || {
        rest(&mock, "POST", "sobjects/Account")
            .header("sforce-duplicate-rule-header", "includeRecordDetails=true")
            .json(&json!({"Name": "Twin", "Industry": "Energy"}))
            .send()
    };
    let record =
        |answer: &Answer| answer.json()[0]["duplicateResult"]["matchResults"][0]["matchRecords"][0]["record"].clone();
    assert_eq!(record(&twin().await)["Site"], "hall 7");
    hide(&mock, &["Account.Site"]);
    let told = record(&twin().await);
    assert_eq!((told.get("Site"), &told["Phone"]), (None, &json!("12")));
}
