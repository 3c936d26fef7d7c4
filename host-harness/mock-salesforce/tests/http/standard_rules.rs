//! What standard objects ask of their records, and what the org works out of them.

use mock_salesforce::MockSalesforce;
use serde_json::{Value, json};

use crate::client::Answer;
use crate::fixture::*;

async fn send(mock: &MockSalesforce, method: &str, path: &str, body: Value) -> Answer {
    rest(mock, method, &format!("sobjects/{path}")).json(&body).send().await
}

async fn create(mock: &MockSalesforce, object: &str, body: Value) -> String {
    let answer = send(mock, "POST", object, body).await;
    assert_eq!(answer.status, 201, "{object}: {}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn change(mock: &MockSalesforce, object: &str, id: &str, body: Value) {
    let answer = send(mock, "PATCH", &format!("{object}/{id}"), body).await;
    assert_eq!(answer.status, 204, "{object}: {}", answer.text());
}

async fn fields(mock: &MockSalesforce, object: &str, id: &str, names: &[&str]) -> Value {
    let read = rest(mock, "GET", &format!("sobjects/{object}/{id}?fields={}", names.join(","))).send().await.json();
    names.iter().map(|name| read[name].clone()).collect()
}

#[tokio::test]
async fn a_stage_says_how_likely_an_opportunity_is() {
    let mock = mock().await;
    let names = ["ForecastCategory", "ForecastCategoryName", "Probability", "IsClosed", "IsWon"];
    let body = json!({"Name": "Deal", "StageName": "Value Proposition", "CloseDate": "2026-12-31", "Amount": 5});
    let id = create(&mock, "Opportunity", body).await;
    assert_eq!(fields(&mock, "Opportunity", &id, &names).await, json!(["Pipeline", "Pipeline", 50, false, false]));
    for (body, expected) in [
        (json!({"Probability": 55, "ForecastCategoryName": "Commit"}), json!(["Forecast", "Commit", 55, false, false])),
        (json!({"Amount": 6}), json!(["Forecast", "Commit", 55, false, false])),
        (json!({"StageName": "Closed Won"}), json!(["Closed", "Closed", 100, true, true])),
        (json!({"StageName": "Closed Lost"}), json!(["Omitted", "Omitted", 0, true, false])),
        (json!({"StageName": "Prospecting", "Probability": 15}), json!(["Pipeline", "Pipeline", 15, false, false])),
    ] {
        change(&mock, "Opportunity", &id, body.clone()).await;
        assert_eq!(fields(&mock, "Opportunity", &id, &names).await, expected, "{body}");
    }
}

#[tokio::test]
async fn a_line_item_has_what_its_price_says() {
    let mock = mock().await;
    let book = one_id(&mock, "SELECT Id FROM Pricebook2 WHERE IsStandard = true").await;
    let product = create(&mock, "Product2", json!({"Name": "Pump", "ProductCode": "P-1"})).await;
    let price = json!({"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 9.5});
    let entry = create(&mock, "PricebookEntry", price.clone()).await;
    assert_eq!(fields(&mock, "PricebookEntry", &entry, &["Name", "ProductCode"]).await, json!(["Pump", "P-1"]));
    assert_eq!(send(&mock, "POST", "PricebookEntry", price).await.error(), (400, "DUPLICATE_VALUE".to_owned()));
    change(&mock, "PricebookEntry", &entry, json!({"UnitPrice": 10})).await;

    let deal = json!({"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-12-31"});
    let deal = create(&mock, "Opportunity", deal).await;
    let item = json!({"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": 3});
    let item = create(&mock, "OpportunityLineItem", item).await;
    let names = ["Name", "Product2Id", "ProductCode", "ListPrice", "UnitPrice", "TotalPrice"];
    let told = fields(&mock, "OpportunityLineItem", &item, &names).await;
    assert_eq!(told, json!(["Deal Pump", product, "P-1", 10, 10, 30]));
    for (body, prices) in [
        (json!({"Quantity": 4}), json!([10, 40])),
        (json!({"TotalPrice": 20}), json!([5, 20])),
        (json!({"UnitPrice": 6}), json!([6, 24])),
    ] {
        change(&mock, "OpportunityLineItem", &item, body).await;
        assert_eq!(fields(&mock, "OpportunityLineItem", &item, &["UnitPrice", "TotalPrice"]).await, prices);
    }
}

#[tokio::test]
async fn nothing_is_above_itself() {
    let mock = mock().await;
    for (object, name, lookup) in [("Account", "Name", "ParentId"), ("Contact", "LastName", "ReportsToId")] {
        let top = create(&mock, object, json!({name: "Top"})).await;
        let middle = create(&mock, object, json!({name: "Middle", lookup: top})).await;
        let low = create(&mock, object, json!({name: "Low", lookup: middle})).await;
        for below in [&top, &middle, &low] {
            let refused = send(&mock, "PATCH", &format!("{object}/{top}"), json!({lookup: below})).await;
            assert_eq!(refused.error(), (400, "CIRCULAR_DEPENDENCY".to_owned()), "{object}");
        }
        change(&mock, object, &low, json!({lookup: top})).await;
    }
}

#[tokio::test]
async fn an_event_has_a_beginning_a_length_and_an_end() {
    let mock = mock().await;
    let (start, end) = ("2026-06-15T12:00:00Z", "2026-06-15T12:45:00Z");
    for (body, code) in [
        (json!({"StartDateTime": start}), "REQUIRED_FIELD_MISSING"),
        (json!({"DurationInMinutes": 30}), "REQUIRED_FIELD_MISSING"),
        (json!({"StartDateTime": end, "EndDateTime": start}), "FIELD_INTEGRITY_EXCEPTION"),
        (json!({"StartDateTime": start, "DurationInMinutes": -1}), "FIELD_INTEGRITY_EXCEPTION"),
        (json!({"StartDateTime": "1699-12-31T00:00:00Z", "DurationInMinutes": 1}), "FIELD_INTEGRITY_EXCEPTION"),
    ] {
        assert_eq!(send(&mock, "POST", "Event", body.clone()).await.error(), (400, code.to_owned()), "{body}");
    }
    let names = ["ActivityDateTime", "DurationInMinutes", "EndDateTime"];
    let noon = "2026-06-15T12:00:00.000+0000";
    let id = create(&mock, "Event", json!({"StartDateTime": start, "EndDateTime": end})).await;
    assert_eq!(fields(&mock, "Event", &id, &names).await, json!([noon, 45, "2026-06-15T12:45:00.000+0000"]));
    change(&mock, "Event", &id, json!({"DurationInMinutes": 60})).await;
    assert_eq!(fields(&mock, "Event", &id, &names).await, json!([noon, 60, "2026-06-15T13:00:00.000+0000"]));
    let later = "2026-06-15T14:00:00.000+0000";
    change(&mock, "Event", &id, json!({"ActivityDateTime": "2026-06-15T14:00:00Z"})).await;
    assert_eq!(fields(&mock, "Event", &id, &names).await, json!([later, 60, "2026-06-15T15:00:00.000+0000"]));
    create(&mock, "Event", json!({"IsAllDayEvent": true, "ActivityDate": "2026-06-15"})).await;
}

#[tokio::test]
async fn days_are_within_the_calendar_of_salesforce() {
    let mock = mock().await;
    for (day, is_valid) in [("1699-12-31", false), ("1700-01-01", true), ("4000-12-31", true), ("4001-01-01", false)] {
        let answer = send(&mock, "POST", "Contact", json!({"LastName": "Byron", "Birthdate": day})).await;
        assert_eq!(answer.status, if is_valid { 201 } else { 400 }, "{day}");
    }
}

#[tokio::test]
async fn clients_make_users_with_names_of_their_own() {
    let mock = mock().await;
    let profile = one_id(&mock, "SELECT Id FROM Profile WHERE Name = 'Standard User'").await;
    let user = json!({"Username": "new@example.org", "LastName": "New", "Email": "new@example.org", "Alias": "new",
        "ProfileId": profile, "TimeZoneSidKey": "Europe/Berlin", "LocaleSidKey": "de", "LanguageLocaleKey": "de",
        "EmailEncodingKey": "UTF-8"});
    let told = rest(&mock, "GET", "sobjects/User/describe").send().await.json();
    assert_eq!((&told["createable"], &told["deletable"]), (&json!(true), &json!(false)));
    let id = create(&mock, "User", user.clone()).await;
    assert_eq!(fields(&mock, "User", &id, &["Name", "IsActive"]).await, json!(["New", true]));
    assert!(mock.issue_tokens(APP, "new@example.org").is_ok());
    let again = send(&mock, "POST", "User", user).await;
    assert_eq!(again.error(), (400, "DUPLICATE_USERNAME".to_owned()));
    assert_eq!(again.json()[0]["fields"], json!(["Username"]));
    let taken = send(&mock, "PATCH", &format!("User/{id}"), json!({"Username": "ALIND@example.org"})).await;
    assert_eq!(taken.error(), (400, "DUPLICATE_USERNAME".to_owned()));
    let missing = send(&mock, "POST", "User", json!({"LastName": "x"})).await;
    let names =
        json!(["Username", "Email", "Alias", "TimeZoneSidKey", "LocaleSidKey", "ProfileId", "LanguageLocaleKey"]);
    assert_eq!(missing.json()[0]["fields"], names);
}

#[tokio::test]
async fn a_queue_that_owns_is_told_as_one() {
    let mock = mock().await;
    let queue = create(&mock, "Group", json!({"Name": "Support", "Type": "Queue"})).await;
    create(&mock, "Lead", json!({"LastName": "Byron", "Company": "Engines", "OwnerId": queue})).await;
    let found = query(&mock, "SELECT Owner.Name, Owner.Type FROM Lead WHERE Owner.Type = 'Queue'").await;
    let owner = &found["records"][0]["Owner"];
    let url = format!("/services/data/v67.0/sobjects/Group/{queue}");
    assert_eq!(*owner, json!({"attributes": {"type": "Name", "url": url}, "Name": "Support", "Type": "Queue"}));
}

#[tokio::test]
async fn the_org_has_a_record_of_itself() {
    let mock = mock().await;
    let found = query(&mock, "SELECT Id, Name, IsSandbox, OrganizationType, InstanceName FROM Organization").await;
    let (record, id) = (&found["records"][0], mock.org(|org| org.organization_id().to_owned()));
    assert_eq!((&found["totalSize"], &record["Id"], &record["IsSandbox"]), (&json!(1), &json!(id), &json!(false)));
    let body = serde_json::from_value(json!({"Name": "Acme", "IsSandbox": true, "InstanceName": "CS1"})).unwrap();
    assert_eq!(mock.org(|org| org.add_record("Organization", &body)), Ok(id.clone()), "it keeps its Id");
    let told = fields(&mock, "Organization", &id, &["Name", "IsSandbox"]).await;
    assert_eq!(told, json!(["Acme", true]));
    let made = send(&mock, "POST", "Organization", json!({"Name": "Other"})).await;
    assert_eq!(made.error(), (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY".to_owned()));
}

#[tokio::test]
async fn an_object_that_every_org_has_is_no_misspelling() {
    let mock = mock().await;
    let roles = query(&mock, "SELECT UserRole.Name FROM User LIMIT 1").await;
    assert_eq!(roles["records"][0]["UserRole"], json!(null));
    let soql = |text: &str| rest(&mock, "GET", &format!("query?q={}", text.replace(' ', "+"))).send();
    for text in ["SELECT Id FROM PermissionSet", "SELECT Id FROM note", "SELECT CallCenter.Name FROM User"] {
        let refused = soql(text).await;
        assert_eq!(refused.error(), (501, "UNKNOWN_TO_THE_MOCK".to_owned()), "{text}");
        assert!(refused.json()[0]["message"].as_str().unwrap().contains("--schema"), "{text}");
    }
    let described = rest(&mock, "GET", "sobjects/EntityDefinition/describe").send().await;
    assert_eq!(described.error(), (501, "UNKNOWN_TO_THE_MOCK".to_owned()));
    assert_eq!(soql("SELECT Id FROM Acount").await.error(), (400, "INVALID_TYPE".to_owned()));
    assert_eq!(rest(&mock, "GET", "sobjects/Acount/describe").send().await.error(), (404, "NOT_FOUND".to_owned()));
}
