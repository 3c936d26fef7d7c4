//! SOQL, its further pages, and its plans.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_hidden_field_stands_in_no_clause() {
    let mock = mock().await;
    hide(&mock, &["Account.Industry", "Contact.Email", "Account.ParentId"]);
    for text in [
        "SELECT Industry FROM Account",
        "SELECT Id FROM Account WHERE Industry = 'Energy'",
        "SELECT Id FROM Account WHERE NOT (Name = 'x' AND Industry = 'Energy')",
        "SELECT Id FROM Account ORDER BY Industry",
        "SELECT COUNT(Id) FROM Account GROUP BY Industry",
        "SELECT COUNT(Id) FROM Account GROUP BY ROLLUP(Industry)",
        "SELECT MAX(Industry) FROM Account",
        "SELECT COUNT_DISTINCT(Industry) FROM Account",
        "SELECT Name FROM Account GROUP BY Name HAVING MAX(Industry) = 'Energy'",
        "SELECT toLabel(Industry) FROM Account",
        "SELECT FORMAT(Industry) FROM Account",
        "SELECT FORMAT(MAX(Industry)) FROM Account",
        "SELECT Account.Industry FROM Contact",
        "SELECT Id FROM Contact WHERE Account.Industry = 'Energy'",
        "SELECT Id FROM Contact ORDER BY Account.Industry",
        "SELECT COUNT(Id) FROM Contact GROUP BY Account.Industry",
        "SELECT a.Industry FROM Contact c, c.Account a",
        "SELECT Id, (SELECT Email FROM Contacts) FROM Account",
        "SELECT Id, (SELECT Id FROM Contacts WHERE Email != null) FROM Account",
        "SELECT Id, (SELECT Id FROM Contacts ORDER BY Email) FROM Account",
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Email != null)",
        "SELECT TYPEOF Who WHEN Contact THEN Email ELSE Name END FROM Task",
        "SELECT ParentId FROM Account",
        "SELECT Parent.Name FROM Account",
        "SELECT Id FROM Account WHERE Id IN (SELECT ParentId FROM Account)",
    ] {
        let refused = soql(&mock, text).await;
        let expected = if text.contains("(SELECT ParentId") { "MALFORMED_QUERY" } else { "INVALID_FIELD" };
        assert_eq!(refused.error(), (400, expected.to_owned()), "{text}");
    }
    let all = query(&mock, "SELECT FIELDS(ALL), (SELECT FIELDS(STANDARD) FROM Contacts) FROM Account LIMIT 200").await;
    assert!(!all.to_string().contains("\"Industry\"") && !all.to_string().contains("\"Email\""));
    let children = soql(&mock, "SELECT (SELECT Id FROM ChildAccounts) FROM Account").await;
    assert_eq!(children.error().1, "INVALID_TYPE", "a relationship by a hidden lookup is none");
}

#[tokio::test]
async fn a_part_of_an_address_is_hidden_with_all_of_it() {
    let mock = mock().await;
    made(
        &mock,
        "Account",
        json!({"Name": "Placed", "BillingCity": "Cork", "BillingLatitude": 51.9, "BillingLongitude": -8.5}),
    )
    .await;
    hide(&mock, &["Account.BillingCity"]);
    for text in [
        "SELECT BillingAddress FROM Account",
        "SELECT BillingLatitude FROM Account",
        "SELECT Id FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(51.9, -8.5), 'km') < 10",
        "SELECT Id FROM Account ORDER BY DISTANCE(BillingAddress, GEOLOCATION(51.9, -8.5), 'km')",
    ] {
        assert_eq!(soql(&mock, text).await.error(), (400, "INVALID_FIELD".to_owned()), "{text}");
    }
    let row = query(&mock, "SELECT FIELDS(ALL) FROM Account WHERE Name = 'Placed' LIMIT 1").await;
    assert!(!row.to_string().contains("Cork"), "{row}");
    assert!(row["records"][0].get("ShippingAddress").is_some());
}

#[tokio::test]
async fn an_object_that_one_may_not_read_stands_nowhere() {
    let mock = mock().await;
    hide_object(&mock, "Account");
    for (text, code) in [
        ("SELECT Id FROM Account", "INVALID_TYPE"),
        ("SELECT COUNT() FROM Account", "INVALID_TYPE"),
        ("SELECT Account.Name FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Account.Name = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact ORDER BY Account.Name", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account)", "INVALID_TYPE"),
        ("SELECT TYPEOF What WHEN Account THEN Name END FROM Task", "INVALID_TYPE"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "INVALID_TYPE"),
    ] {
        assert_eq!(soql(&mock, text).await.error(), (400, code.to_owned()), "{text}");
    }
    let path = format!("query?explain={}", encode("SELECT Id FROM Account"));
    assert_eq!(rest(&mock, "GET", &path).send().await.error(), (400, "INVALID_TYPE".to_owned()));
}

#[tokio::test]
async fn further_pages_tell_what_the_first_does_to_whom_it_told_it() {
    let mock = mock().await;
    hide(&mock, &["Account.Industry"]);
    let first = query(&mock, "SELECT FIELDS(STANDARD), (SELECT FIELDS(STANDARD) FROM Contacts) FROM Account").await;
    let url = first["nextRecordsUrl"].as_str().unwrap().to_owned();
    let path = url.strip_prefix("/services/data/v67.0/").unwrap();
    assert_eq!(of_another(&mock, "GET", path).send().await.error(), (400, "INVALID_QUERY_LOCATOR".to_owned()));
    let second = rest(&mock, "GET", path).send().await;
    assert_eq!(second.status, 200);
    assert!(second.json()["records"][0].get("Name").is_some() && !second.text().contains("\"Industry\""));
}

#[tokio::test]
async fn the_time_zone_is_the_users_whether_users_are_seen_or_not() {
    let mock = mock().await;
    let hours = "SELECT HOUR_IN_DAY(convertTimezone(CreatedDate)) FROM Account GROUP BY \
                 HOUR_IN_DAY(convertTimezone(CreatedDate))";
    let seen = query(&mock, hours).await["records"].clone();
    hide_object(&mock, "User");
    assert_eq!(query(&mock, hours).await["records"], seen);
}

#[tokio::test]
async fn what_a_lookup_to_several_objects_tells_is_what_one_may_see_of_each() {
    let mock = mock().await;
    let contact = made(&mock, "Contact", json!({"LastName": "C", "Email": "c@example.org"})).await;
    let lead = made(&mock, "Lead", json!({"LastName": "L", "Company": "x", "Email": "l@example.org"})).await;
    for who in [&contact, &lead] {
        made(&mock, "Task", json!({"Subject": "call", "WhoId": who, "Status": "Open", "Priority": "Normal"})).await;
    }
    let told = async || {
        let found = query(&mock, "SELECT Who.Name, Who.Email FROM Task ORDER BY Id").await;
        let records = found["records"].as_array().unwrap().clone();
        records.iter().map(|record| (record["Who"]["Name"].clone(), record["Who"]["Email"].clone())).collect::<Vec<_>>()
    };
    let of_lead = (json!("L"), json!("l@example.org"));
    assert_eq!(told().await, [(json!("C"), json!("c@example.org")), of_lead.clone()]);
    hide(&mock, &["Contact.Email"]);
    assert_eq!(told().await, [(json!("C"), json!(null)), of_lead.clone()]);
    let by_email = query(&mock, "SELECT Id FROM Task WHERE Who.Email = 'c@example.org'").await;
    assert_eq!(by_email["totalSize"], 0);
    hide_object(&mock, "Contact");
    assert_eq!(told().await, [(json!(null), json!(null)), of_lead]);
}
