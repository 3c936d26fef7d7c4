use serde_json::json;

use super::*;

#[test]
fn a_record_has_attributes_first_and_fields_as_the_org_spells_them() {
    let org = org();
    let records = query(
        &org,
        "select NAME, id, annualrevenue, createddate, Parent.name FROM account WHERE ERP_ID__C = 'ERP-000000'",
    );
    let [record] = records.as_slice() else { panic!("{records:?}") };
    let members: Vec<_> = record.as_object().unwrap().keys().collect();
    assert_eq!(members, ["attributes", "Name", "Id", "AnnualRevenue", "CreatedDate", "Parent"]);
    let url = format!("/services/data/v60.0/sobjects/Account/{}", record["Id"].as_str().unwrap());
    assert_eq!(record["attributes"], json!({"type": "Account", "url": url}));
    assert_eq!(record["Name"], "Acme Corporation");
    assert_eq!(record["AnnualRevenue"].to_string(), "9007199254740993");
    assert_eq!(record["CreatedDate"], "2025-06-18T16:00:00.000+0000");
    assert_eq!(record["Parent"], Json::Null);
}

#[test]
fn every_type_is_told_as_json_tells_it() {
    let org = org();
    let soql = "SELECT Reviewed__c, Exchange_Rate__c, Ledger_Sequence__c, Tags__c, Issued__c, Paid_At__c, Notes__c \
                FROM Invoice__c WHERE Invoice_Number__c = '2026/00002'";
    let mut record = query(&org, soql).remove(0);
    record.as_object_mut().unwrap().shift_remove("attributes");
    let expected = r#"{"Reviewed__c":false,"Exchange_Rate__c":123456791.123456803,"Ledger_Sequence__c":9007199254740995,"Tags__c":"Recurring","Issued__c":"2026-05-30","Paid_At__c":"2026-06-01T08:00:00.000+0000","Notes__c":"Line one of invoice 2.\nLine two: \"quoted\", 50 % off."}"#;
    assert_eq!(record.to_string(), expected);
}

#[test]
fn paths_with_the_same_beginning_share_one_parent() {
    let org = org();
    let soql = "SELECT Account.Owner.Alias, Name, Account.Name, Contact.Account.Id, Account.Owner.Manager.Alias FROM Contact LIMIT 1";
    let record = query(&org, soql).remove(0);
    let account = record["Account"].as_object().unwrap();
    assert_eq!(account.keys().collect::<Vec<_>>(), ["attributes", "Owner", "Name", "Id"]);
    let owner = account["Owner"].as_object().unwrap();
    assert_eq!(owner.keys().collect::<Vec<_>>(), ["attributes", "Alias", "Manager"]);
    assert_eq!(owner["attributes"]["type"], "User");
    assert_eq!(record.as_object().unwrap().keys().collect::<Vec<_>>(), ["attributes", "Account", "Name"]);
}

#[test]
fn the_object_may_be_named_or_have_an_alias() {
    let org = org();
    let plain = query(&org, "SELECT Name, Owner.Alias FROM Account WHERE ERP_Id__c = 'ERP-000001' ORDER BY Name");
    for soql in [
        "SELECT Account.Name, Account.Owner.Alias FROM Account WHERE Account.ERP_Id__c = 'ERP-000001' ORDER BY Account.Name",
        "SELECT a.Name, A.Owner.Alias FROM Account a WHERE a.ERP_Id__c = 'ERP-000001' ORDER BY a.Name",
    ] {
        assert_eq!(query(&org, soql), plain, "{soql}");
    }
}

#[test]
fn children_come_whole_or_as_null() {
    let org = org();
    let soql = "SELECT Id, (SELECT Id, LastName, Account.Name FROM contacts) FROM Account WHERE ERP_Id__c IN ('ERP-000000', 'ERP-000001')";
    let accounts = query(&org, soql);
    let contacts = accounts[0]["Contacts"].as_object().unwrap();
    assert_eq!(contacts.keys().collect::<Vec<_>>(), ["totalSize", "done", "records"]);
    assert_eq!((&contacts["totalSize"], &contacts["done"]), (&json!(260), &json!(true)));
    let records = contacts["records"].as_array().unwrap();
    assert_eq!(records.len(), 260);
    assert_eq!(records[0]["attributes"]["type"], "Contact");
    assert_eq!(records[0]["Account"]["Name"], "Acme Corporation");
    assert_eq!(accounts[1]["Contacts"], Json::Null);
}

#[test]
fn children_have_conditions_order_and_limit_of_their_own() {
    let org = org();
    let soql = "SELECT Name, \
                (SELECT FirstName FROM Contacts WHERE LastName = 'smith' AND FirstName != null ORDER BY FirstName DESC LIMIT 3), \
                (SELECT Invoice_Number__c FROM Invoices__r ORDER BY Invoice_Number__c DESC), \
                (SELECT Id FROM Opportunities WHERE Amount > 999999) \
                FROM Account WHERE ERP_Id__c = 'ERP-000000'";
    let account = query(&org, soql).remove(0);
    let contacts = &account["Contacts"];
    assert_eq!((&contacts["totalSize"], &contacts["done"]), (&json!(3), &json!(true)));
    let names = column(contacts["records"].as_array().unwrap(), "FirstName");
    assert_eq!(names.len(), 3);
    assert!(names.iter().rev().map(Json::to_string).is_sorted());
    let invoices = column(account["Invoices__r"]["records"].as_array().unwrap(), "Invoice_Number__c");
    assert_eq!(invoices, ["2026/00400", "2026/00000"]);
    assert_eq!(account["Opportunities"], Json::Null);
}

#[test]
fn children_may_have_children() {
    let org = org();
    let soql = "SELECT Id, (SELECT Id, (SELECT Id FROM Reports) FROM Contacts ORDER BY Id LIMIT 1) FROM Account WHERE ERP_Id__c = 'ERP-000000'";
    let account = query(&org, soql).remove(0);
    assert_eq!(account["Contacts"]["records"][0]["Reports"]["totalSize"], 9);
}

#[test]
fn fields_stand_for_all_of_a_kind() {
    let org = org();
    let members = |soql: &str| query(&org, soql)[0].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let all: Vec<_> = org.object("Account").unwrap().fields.iter().map(|field| field.name.to_owned()).collect();
    assert_eq!(members("SELECT FIELDS(ALL) FROM Account LIMIT 200")[1..], all);
    let (custom, standard): (Vec<_>, Vec<_>) = all.into_iter().partition(|name| name.ends_with("__c"));
    assert_eq!(members("SELECT fields(custom) FROM Account LIMIT 1")[1..], custom);
    assert_eq!(members("SELECT FIELDS(STANDARD) FROM Account")[1..], standard);
}

#[test]
fn the_deleted_are_seen_only_by_query_all() {
    let mut org = org();
    let live = query(&org, "SELECT Id FROM Account").len();
    assert_eq!(live, org.count("Account"));
    assert!(query(&org, "SELECT Id FROM Account WHERE IsDeleted = true").is_empty());
    let deleted = query_all(&org, "SELECT Id, IsDeleted FROM Account WHERE IsDeleted = true").len();
    assert!(deleted > 0);
    assert_eq!(query_all(&org, "SELECT Id FROM Account").len(), live + deleted);

    let id = query(&org, "SELECT Id FROM Account WHERE ERP_Id__c = 'ERP-000507'")[0]["Id"].as_str().unwrap().to_owned();
    let by_id = format!("SELECT Id, (SELECT Id, Account.Name FROM Contacts) FROM Account WHERE Id = '{id}'");
    let before = query(&org, &by_id);
    assert_eq!(before[0]["Contacts"]["totalSize"], 3);
    org.delete("Account", &id, &crate::org::WriteOptions::new("0055g0000000000", "v60.0")).unwrap();
    assert!(query(&org, &by_id).is_empty());
    assert_eq!(query_all(&org, &by_id), before, "its contacts went with it");
    assert!(query(&org, &format!("SELECT Id FROM Contact WHERE AccountId = '{id}'")).is_empty());
}
