use serde_json::json;

use super::*;

#[test]
fn lookups_have_aliases() {
    let org = org();
    let plain = "SELECT Name, Account.Name, Account.Owner.Alias FROM Contact WHERE Account.Owner.Alias = 'alind' AND Account.Name > 'b' ORDER BY Account.Name, Id";
    let aliased = "SELECT c.Name, a.Name, o.Alias FROM Contact c, c.Account a, a.Owner o WHERE o.Alias = 'alind' AND a.Name > 'b' ORDER BY a.Name, c.Id";
    let found = query(&org, aliased);
    assert!(!found.is_empty());
    assert_eq!(found, query(&org, plain));
    assert_eq!(
        query(&org, "SELECT a.Name FROM Contact AS c, Contact.Account AS a LIMIT 3"),
        query(&org, "SELECT Account.Name FROM Contact LIMIT 3")
    );
    let count = "SELECT COUNT() FROM Contact c, c.Account a WHERE a.Name LIKE 'A%'";
    assert_eq!(
        try_query(&org, count).unwrap().total_size,
        try_query(&org, "SELECT COUNT() FROM Contact WHERE Account.Name LIKE 'A%'").unwrap().total_size
    );
    for (from, code) in [
        ("Account, Contact", "INVALID_TYPE"),
        ("Contact c, c.Friends f", "INVALID_FIELD"),
        ("Contact c, x.Account a", "INVALID_FIELD"),
    ] {
        assert_eq!(try_query(&org, &format!("SELECT Id FROM {from}")).unwrap_err().code, code, "{from}");
    }
}

#[test]
fn lookups_with_aliases_are_bounded() {
    let org = org();
    let many = |count: usize| format!("SELECT Id FROM Contact c{}", ", c.Account c".repeat(count));
    assert!(try_query(&org, &many(1)).is_ok());
    let error = try_query(&org, &many(5_000)).unwrap_err();
    assert!(error.message.ends_with("no more than 55 relationships can be specified in a query"), "{}", error.message);
}

#[test]
fn child_relationships_may_name_their_parent() {
    let org = org();
    let plain =
        query(&org, "SELECT Id, (SELECT LastName FROM Contacts LIMIT 2) FROM Account WHERE ERP_Id__c < 'ERP-000009'");
    for soql in [
        "SELECT Account.Id, (SELECT Contact.LastName FROM Account.Contacts LIMIT 2) FROM Account WHERE ERP_Id__c < 'ERP-000009'",
        "SELECT a.Id, (SELECT c.LastName FROM a.Contacts c LIMIT 2) FROM Account a WHERE a.ERP_Id__c < 'ERP-000009'",
    ] {
        assert_eq!(query(&org, soql), plain, "{soql}");
    }
    let error = try_query(&org, "SELECT Id, (SELECT Id FROM Contact.Cases) FROM Account").unwrap_err();
    assert_eq!(error.code, "INVALID_TYPE");
}

#[test]
fn records_tell_the_type_of_their_owner() {
    let org = org();
    let soql = "SELECT Owner.Type, Owner.Alias FROM Case WHERE Owner.Type = 'user' ORDER BY Owner.Type LIMIT 1";
    let case = query(&org, soql).remove(0);
    assert_eq!((&case["Owner"]["Type"], &case["Owner"]["attributes"]["type"]), (&json!("User"), &json!("Name")));
    let groups = query(&org, "SELECT Owner.Type, COUNT(Id) n FROM Case GROUP BY Owner.Type");
    assert_eq!((groups.len(), &groups[0]["Type"], &groups[0]["n"]), (1, &json!("User"), &json!(400)));
    assert!(query(&org, "SELECT Id FROM Case WHERE Owner.Type = 'Group'").is_empty());
    let soql = "SELECT Owner.Id, Owner.NameOrAlias, Owner.IsActive, Owner.Profile.Name FROM Case LIMIT 1";
    let owner = query(&org, soql).remove(0)["Owner"].clone();
    let user =
        query(&org, "SELECT Id, Alias, Profile.Name FROM User").into_iter().find(|user| user["Id"] == owner["Id"]);
    let user = user.unwrap();
    assert_eq!((&owner["NameOrAlias"], &owner["IsActive"]), (&user["Alias"], &json!(true)));
    assert_eq!(owner["Profile"]["Name"], user["Profile"]["Name"]);
    // Of what may be several objects, only that is known which all have.
    for path in ["Owner.ManagerId", "Owner.Manager.Name", "Owner.City"] {
        let error = try_query(&org, &format!("SELECT {path} FROM Case")).unwrap_err();
        assert_eq!(error.code, "INVALID_FIELD", "{path}");
    }
    // An account's owner is always a user.
    assert_eq!(try_query(&org, "SELECT Owner.Type FROM Account").unwrap_err().code, "INVALID_FIELD");
}

#[test]
fn typeof_tells_of_the_record_that_is_there() {
    let org = org();
    let one = |soql: &str| query(&org, &format!("{soql} FROM Case ORDER BY CaseNumber LIMIT 1")).remove(0);
    let told = one("SELECT TYPEOF Owner WHEN User THEN Alias, Manager.Alias ELSE Name END");
    assert_eq!(told["Owner"]["Alias"], one("SELECT Owner.Alias")["Owner"]["Alias"]);
    assert!(told["Owner"].get("Manager").is_some() && told["Owner"].get("Name").is_none());
    let plain = one("SELECT Id, Owner.Name");
    assert_eq!(one("SELECT Id, TYPEOF Owner WHEN Account THEN Industry ELSE Name END"), plain);
    assert_eq!(one("SELECT TYPEOF Owner WHEN Account THEN Industry END")["Owner"], Json::Null);
    let children = "SELECT (SELECT TYPEOF Owner WHEN User THEN Alias END FROM Cases LIMIT 1) FROM Account WHERE Id IN (SELECT AccountId FROM Case) LIMIT 1";
    assert!(query(&org, children)[0]["Cases"]["records"][0]["Owner"]["Alias"].is_string());
    for (soql, code) in [
        ("SELECT TYPEOF Owner WHEN User THEN Foo END FROM Case", "INVALID_FIELD"),
        ("SELECT TYPEOF Owner WHEN Foo THEN Name END FROM Case", "INVALID_TYPE"),
        ("SELECT TYPEOF Friends WHEN User THEN Name END FROM Case", "INVALID_FIELD"),
        ("SELECT TYPEOF Owner WHEN User THEN Name END FROM Account", "MALFORMED_QUERY"),
        ("SELECT TYPEOF Owner WHEN User THEN Alias END, Owner.Name FROM Case", "MALFORMED_QUERY"),
        ("SELECT Owner.Name, TYPEOF Owner WHEN User THEN Alias END FROM Case", "MALFORMED_QUERY"),
        ("SELECT TYPEOF Owner WHEN User THEN Alias ELSE ManagerId END FROM Case", "INVALID_FIELD"),
        ("SELECT COUNT(Id), TYPEOF Owner WHEN User THEN Name END FROM Case", "MALFORMED_QUERY"),
    ] {
        assert_eq!(try_query(&org, soql).unwrap_err().code, code, "{soql}");
    }
}

#[test]
fn scopes_choose_whose_records() {
    let org = org();
    let all = org.count("Account");
    assert_eq!(query(&org, "SELECT Id FROM Account USING SCOPE everything").len(), all);
    let mine = query(&org, "SELECT OwnerId FROM Account USING SCOPE Mine");
    assert_eq!(mine, query(&org, "SELECT OwnerId FROM Account WHERE OwnerId = '0055g0000000000'"));
    assert!(!mine.is_empty() && mine.len() < all);
    let soql = "SELECT Id FROM Account a USING SCOPE mine WHERE a.Industry = 'Energy' OR a.Industry = 'Retail'";
    let expected = "SELECT Id FROM Account WHERE OwnerId = '0055g0000000000' AND Industry IN ('Energy', 'Retail')";
    assert_eq!(query(&org, soql), query(&org, expected));
    assert_eq!(try_query(&org, "SELECT Id FROM User USING SCOPE mine").unwrap_err().code, "INVALID_FIELD");
}
