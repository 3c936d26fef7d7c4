//! Metadata.

use serde_json::json;

use crate::fixture::*;

#[tokio::test]
async fn every_object_of_the_org_can_be_described() {
    let mock = mock().await;
    let global = rest(&mock, "GET", "sobjects").send().await.json();
    for object in global["sobjects"].as_array().unwrap() {
        let name = object["name"].as_str().unwrap();
        let describe = rest(&mock, "GET", &format!("sobjects/{name}/describe")).send().await.json();
        assert_eq!(describe["name"], name);
        let has_id = describe["fields"].as_array().unwrap().iter().any(|field| field["name"] == "Id");
        assert_eq!(has_id, !name.ends_with("__e"), "{name}");
        let basic = rest(&mock, "GET", &format!("sobjects/{name}")).send().await.json();
        assert_eq!(basic["objectDescribe"]["keyPrefix"], object["keyPrefix"]);
    }
    let unknown = rest(&mock, "GET", "sobjects/Nothing__c/describe").send().await;
    assert_eq!(unknown.error(), (404, "NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn the_fields_that_records_are_found_by_are_told() {
    let mock = mock().await;
    for (object, keys) in [
        ("User", &["Id", "Username", "Email"][..]),
        ("Account", &["Id", "ERP_Id__c"]),
        ("Contact", &["Id", "Email"]),
        ("Case", &["Id", "CaseNumber"]),
        ("Invoice__c", &["Id", "Name", "Invoice_Number__c", "Legacy_Number__c"]),
    ] {
        let describe = rest(&mock, "GET", &format!("sobjects/{object}/describe")).send().await.json();
        let fields = describe["fields"].as_array().unwrap().iter();
        let told: Vec<_> =
            fields.filter(|field| field["idLookup"] == true).map(|field| field["name"].clone()).collect();
        assert_eq!(told, keys, "{object}");
        let email = describe["fields"].as_array().unwrap().iter().find(|field| field["name"] == "Email");
        assert!(email.is_none_or(|email| email["externalId"] == false));
    }
}

#[tokio::test]
async fn metadata_that_has_not_changed_is_not_sent_again() {
    let mock = mock().await;
    for path in ["sobjects", "sobjects/Account/describe"] {
        let first = rest(&mock, "GET", path).send().await;
        for (condition, value) in
            [("if-modified-since", first.header("last-modified")), ("if-none-match", first.header("etag"))]
        {
            let second = rest(&mock, "GET", path).header(condition, value).send().await;
            assert_eq!((second.status.as_u16(), second.body.len()), (304, 0), "{condition}");
            assert_eq!(second.header("etag"), first.header("etag"));
        }
        let other = rest(&mock, "GET", path).header("if-none-match", "\"00000000\"").send().await;
        assert_eq!(other.status, 200);
        let old = rest(&mock, "GET", path).header("if-unmodified-since", "Thu, 01 Jan 2015 00:00:00 GMT").send().await;
        assert_eq!(old.error(), (412, "PRECONDITION_FAILED".to_owned()));
    }
}

#[tokio::test]
async fn a_record_type_changes_what_is_told_of_its_object() {
    let mock = mock().await;
    let path = "sobjects/Account/describe";
    let before = rest(&mock, "GET", path).send().await;
    let body = json!({"Name": "Key Account", "DeveloperName": "Key", "SobjectType": "Account", "IsActive": true});
    let made = rest(&mock, "POST", "sobjects/RecordType").json(&body).send().await.json();
    let after = rest(&mock, "GET", path).header("if-modified-since", before.header("last-modified")).send().await;
    assert_eq!(after.status, 200);
    assert_ne!(after.header("etag"), before.header("etag"));
    let infos = &after.json()["recordTypeInfos"];
    assert_eq!((&infos[0]["recordTypeId"], &infos[0]["name"]), (&made["id"], &json!("Key Account")));
    assert_eq!(infos[1]["developerName"], "Master");
}

#[tokio::test]
async fn the_pages_of_an_object_are_where_the_client_reaches_the_org() {
    let mock = mock().await;
    let told = rest(&mock, "GET", "sobjects/Contact/describe").host("mock:8080").send().await.json();
    assert_eq!(told["urls"]["uiNewRecord"], "http://mock:8080/003/e");
    assert_eq!(told["urls"]["layouts"], "/services/data/v67.0/sobjects/Contact/describe/layouts");
}

#[tokio::test]
async fn limits_are_told_by_the_names_an_org_has() {
    let mock = mock().await;
    let limits = rest(&mock, "GET", "limits").send().await.json();
    assert_eq!(limits.as_object().unwrap().len(), 74);
    assert!(limits.as_object().unwrap().values().all(|limit| limit["Max"].is_u64() && limit["Remaining"].is_u64()));
    assert_eq!(limits["DailyApiRequests"], json!({"Max": 15_000, "Remaining": 14_999}));
    assert_eq!(limits["DailyBulkV2QueryJobs"], json!({"Max": 10_000, "Remaining": 10_000}));
    assert!(limits["PermissionSets"]["CreateCustom"]["Max"].is_u64());
}
