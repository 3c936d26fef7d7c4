//! Metadata.

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
        let since = first.header("last-modified").to_owned();
        let second = rest(&mock, "GET", path).header("if-modified-since", &since).send().await;
        assert_eq!((second.status.as_u16(), second.body.len()), (304, 0));
        let old = rest(&mock, "GET", path).header("if-unmodified-since", "Thu, 01 Jan 2015 00:00:00 GMT").send().await;
        assert_eq!(old.error(), (412, "PRECONDITION_FAILED".to_owned()));
    }
}
