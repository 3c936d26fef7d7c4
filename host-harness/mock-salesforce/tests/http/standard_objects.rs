//! The objects that every org has, compound fields and person accounts.

use mock_salesforce::MockSalesforce;
use serde_json::{Value, json};

use crate::client::call;
use crate::fixture::*;

async fn create(mock: &MockSalesforce, object: &str, body: Value) -> String {
    let answer = rest(mock, "POST", &format!("sobjects/{object}")).json(&body).send().await;
    assert_eq!(answer.status, 201, "{object}: {}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_record_of_each_standard_object_can_be_made_and_read() {
    let mock = mock().await;
    let account = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let opportunity = one_id(&mock, "SELECT Id FROM Opportunity LIMIT 1").await;
    let standard_book = one_id(&mock, "SELECT Id FROM Pricebook2 WHERE IsStandard = true").await;
    let lead = create(&mock, "Lead", json!({"FirstName": "Ada", "LastName": "Byron", "Company": "Engines"})).await;
    let campaign = create(&mock, "Campaign", json!({"Name": "Spring", "IsActive": true})).await;
    let product = create(&mock, "Product2", json!({"Name": "Pump", "ProductCode": "P-1", "IsActive": true})).await;
    let entry = json!({"Pricebook2Id": standard_book, "Product2Id": product, "UnitPrice": 9.5, "IsActive": true});
    let entry = create(&mock, "PricebookEntry", entry).await;
    let event = json!({"Subject": "Meeting", "WhatId": opportunity, "DurationInMinutes": 30, "StartDateTime": "2026-06-15T12:00:00Z"});
    for (object, body, prefix) in [
        ("CampaignMember", json!({"CampaignId": campaign, "LeadId": lead}), "00v"),
        ("Task", json!({"Subject": "Call", "WhoId": lead, "WhatId": account}), "00T"),
        ("Event", event, "00U"),
        ("OpportunityLineItem", json!({"OpportunityId": opportunity, "PricebookEntryId": entry, "Quantity": 2}), "00k"),
        ("RecordType", json!({"Name": "Key", "DeveloperName": "Key", "SobjectType": "Account"}), "012"),
        ("Group", json!({"Name": "Support", "Type": "Queue"}), "00G"),
    ] {
        let id = create(&mock, object, body).await;
        assert!(id.starts_with(prefix), "{object}: {id}");
        let read = rest(&mock, "GET", &format!("sobjects/{object}/{id}")).send().await;
        assert_eq!(read.json()["Id"], json!(id), "{object}");
    }
    let found = query(&mock, "SELECT Name, Status, (SELECT Subject FROM Tasks) FROM Lead").await;
    assert_eq!(found["records"][0]["Name"], "Ada Byron");
    assert_eq!(found["records"][0]["Status"], "Open - Not Contacted");
    assert_eq!(found["records"][0]["Tasks"]["records"][0]["Subject"], "Call");
}

#[tokio::test]
async fn a_lookup_to_several_objects_takes_records_of_these_alone() {
    let mock = mock().await;
    let (account, user) =
        (one_id(&mock, "SELECT Id FROM Account LIMIT 1").await, mock.org(|org| org.users()[0].id.clone()));
    let refused = rest(&mock, "POST", "sobjects/Task").json(&json!({"Subject": "Call", "WhoId": account})).send().await;
    assert_eq!(refused.error(), (400, "MALFORMED_ID".to_owned()));
    let queue = create(&mock, "Group", json!({"Name": "Queue", "Type": "Queue"})).await;
    for owner in [user, queue] {
        create(&mock, "Task", json!({"Subject": "Call", "WhatId": account, "OwnerId": owner})).await;
    }
    let tasks = query(&mock, "SELECT (SELECT Id FROM Tasks) FROM Account WHERE Name = 'Acme Corporation'").await;
    assert_eq!(tasks["records"][0]["Tasks"]["totalSize"], 2);
}

#[tokio::test]
async fn an_address_is_read_as_one_and_written_in_parts() {
    let mock = mock().await;
    let found =
        query(&mock, "SELECT BillingAddress, ShippingAddress FROM Account WHERE ERP_Id__c = 'ERP-000000'").await;
    let address = json!({
        "city": "San Francisco", "country": "USA", "geocodeAccuracy": null, "latitude": null, "longitude": null,
        "postalCode": "10000", "state": null, "street": "1 Market Street\nFloor 1",
    });
    assert_eq!(found["records"][0]["BillingAddress"], address);
    assert_eq!(found["records"][0]["ShippingAddress"], Value::Null);

    let body = json!({"Name": "Far", "ShippingLatitude": 54.323, "ShippingGeocodeAccuracy": "Block"});
    let id = create(&mock, "Account", body).await;
    let read = rest(&mock, "GET", &format!("sobjects/Account/{id}?fields=ShippingAddress")).send().await.json();
    assert_eq!(read["ShippingAddress"]["latitude"], json!(54.323));
    let whole =
        rest(&mock, "PATCH", &format!("sobjects/Account/{id}")).json(&json!({"ShippingAddress": {"city": "x"}}));
    assert_eq!(whole.send().await.error(), (400, "INVALID_FIELD_FOR_INSERT_UPDATE".to_owned()));
}

#[tokio::test]
async fn what_is_said_once_is_not_changed() {
    let mock = mock().await;
    let campaign = create(&mock, "Campaign", json!({"Name": "Spring"})).await;
    let lead = create(&mock, "Lead", json!({"LastName": "Byron", "Company": "Engines"})).await;
    let member = create(&mock, "CampaignMember", json!({"CampaignId": campaign, "LeadId": lead})).await;
    let change = |body: Value| rest(&mock, "PATCH", &format!("sobjects/CampaignMember/{member}")).json(&body).send();
    assert_eq!(change(json!({"LeadId": lead})).await.error(), (400, "INVALID_FIELD_FOR_INSERT_UPDATE".to_owned()));
    assert_eq!(change(json!({"Status": "Responded"})).await.status, 204);
}

#[tokio::test]
async fn accounts_are_people_where_it_is_asked_for() {
    let people = MockSalesforce::builder().person_accounts(true).connected_app(app()).start().await.unwrap();
    let id = create(&people, "Account", json!({"LastName": "Byron", "PersonEmail": "ada@example.org"})).await;
    let soql = format!("SELECT Name, IsPersonAccount, PersonContact.Email FROM Account WHERE Id = '{id}'");
    let record = query(&people, &soql).await["records"][0].clone();
    assert_eq!((&record["Name"], &record["IsPersonAccount"]), (&json!("Byron"), &json!(true)));
    assert_eq!(record["PersonContact"]["Email"], "ada@example.org");

    let businesses = mock().await;
    let refused = call(&businesses, "POST", "/services/data/v67.0/sobjects/Account").token(&access_token(&businesses));
    let refused = refused.json(&json!({"LastName": "Byron"})).send().await;
    assert_eq!(refused.error(), (400, "INVALID_FIELD".to_owned()));
}
