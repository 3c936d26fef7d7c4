use std::collections::HashMap;

use super::*;

#[test]
fn text_is_compared_in_any_case_and_nulls_differ_from_all_text() {
    let org = org();
    let found =
        |condition: &str, is_right: &dyn Fn(&Record) -> bool| assert_finds(&org, "Account", condition, is_right);
    found("Name = 'ACME corporation'", &|account| account["Name"] == "Acme Corporation");
    found("name = '<SCRIPT>alert(1)</script>'", &|account| account["Name"] == "<script>alert(1)</script>");
    found(r"Name = 'O\'Brien & Söhne GmbH'", &|account| account["Name"] == "O'Brien & Söhne GmbH");
    found(r"Name = 'Back\\slash Partners'", &|account| account["Name"] == "Back\\slash Partners");
    found("Name = 'null'", &|account| account["Name"] == "null");
    found("Name = '100% Cotton Ltd'", &|account| account["Name"] == "100% Cotton Ltd");
    found("Industry != 'energy'", &|account| account["Industry"] != "Energy");
    found("Industry <> 'Energy'", &|account| account["Industry"] != "Energy");
    let before_c = |account: &Record| account["Industry"].as_str().is_some_and(|industry| industry < "C");
    found("Industry < 'c'", &before_c);
    found("NOT Industry < 'C'", &|account| !before_c(account));
    found("Industry >= 'retail'", &|account| account["Industry"] == "Retail");
    for null in ["Industry = null", "Industry = ''", "Industry IN (null)", "NOT Industry != NULL"] {
        found(null, &|account| account["Industry"].is_null());
    }
    for some in ["Industry != null", "Industry != ''", "NOT Industry = null"] {
        found(some, &|account| !account["Industry"].is_null());
    }
}

#[test]
fn like_takes_wildcards_and_escapes() {
    let org = org();
    let name = |account: &Record| account["Name"].as_str().unwrap().to_lowercase();
    for (pattern, is_right) in [
        ("blue %", (|name| name.starts_with("blue ")) as fn(&str) -> bool),
        ("%STEEL%", |name| name.contains("steel")),
        ("_lue %", |name| name.starts_with("blue ")),
        (r"100\%%", |name| name.starts_with("100%")),
        (r"%under\_score%", |name| name.contains("under_score")),
        (r"%\'brien%", |name| name.contains("'brien")),
        (r"back\\%", |name| name.starts_with("back\\")),
        ("%株式会社%", |name| name.contains("株式会社")),
        ("ÜNÏ%", |name| name.starts_with("ünï")),
        ("%🚀%", |name| name.contains('🚀')),
    ] {
        assert_finds(&org, "Account", &format!("Name LIKE '{pattern}'"), &|account| is_right(&name(account)));
        assert_finds(&org, "Account", &format!("(NOT Name LIKE '{pattern}')"), &|account| !is_right(&name(account)));
    }
    assert_finds(&org, "Account", "Phone LIKE '%'", &|account| !account["Phone"].is_null());
    assert!(query(&org, r"SELECT Id FROM Account WHERE Name LIKE 'blue\%'").is_empty());
}

#[test]
fn numbers_are_compared_by_all_their_digits() {
    let org = org();
    let employees = |account: &Record| account["NumberOfEmployees"].as_i64().unwrap();
    for (operator, is_right) in [
        ("=", (|number| number == 37) as fn(i64) -> bool),
        ("!=", |number| number != 37),
        ("<", |number| number < 37),
        ("<=", |number| number <= 37),
        (">", |number| number > 37),
        (">=", |number| number >= 37),
    ] {
        let condition = format!("NumberOfEmployees {operator} 37");
        assert_finds(&org, "Account", &condition, &|account| is_right(employees(account)));
    }
    assert_finds(&org, "Account", "AnnualRevenue = 9007199254740993", &|account| account["ERP_Id__c"] == "ERP-000000");
    assert!(query(&org, "SELECT Id FROM Account WHERE AnnualRevenue = 9007199254740992").is_empty());
    assert_finds(&org, "Account", "AnnualRevenue > 9007199254740992.0", &|account| {
        ["ERP-000000", "ERP-000001"].contains(&account["ERP_Id__c"].as_str().unwrap())
    });
    assert_finds(&org, "Account", "AnnualRevenue <= 1000000000", &|account| {
        account["AnnualRevenue"].as_i64().is_some_and(|revenue| revenue <= 1_000_000_000)
    });
    assert_finds(&org, "Invoice__c", "Exchange_Rate__c = 123456789.123456789", &|invoice| {
        invoice["Invoice_Number__c"] == "2026/00000"
    });
    assert_finds(&org, "Invoice__c", "Amount__c IN (0.5, 1000.51)", &|invoice| {
        ["2026/00000", "2026/00001"].contains(&invoice["Invoice_Number__c"].as_str().unwrap())
    });
}

#[test]
fn lists_take_and_leave_values() {
    let org = org();
    let is_one = |account: &Record| account["Industry"] == "Energy" || account["Industry"] == "Retail";
    assert_finds(&org, "Account", "Industry IN ('ENERGY', 'Retail')", &is_one);
    assert_finds(&org, "Account", "Industry NOT IN ('Energy', 'retail')", &|account| !is_one(account));
    assert_finds(&org, "Account", "Industry IN ('Energy', null)", &|account| {
        account["Industry"] == "Energy" || account["Industry"].is_null()
    });
}

#[test]
fn ids_are_found_in_both_forms() {
    let org = org();
    let ids: Vec<String> =
        table("Account").iter().take(3).map(|account| account["Id"].as_str().unwrap().to_owned()).collect();
    let (first, third) = (ids[0].as_str(), ids[2].as_str());
    for text in [first, first.get(..15).unwrap(), &first.to_lowercase()] {
        assert_finds(&org, "Account", &format!("Id = '{text}'"), &|account| account["Id"] == first);
    }
    assert_finds(&org, "Account", &format!("Id != '{first}'"), &|account| account["Id"] != first);
    // In the order of the org, not in that of the list.
    assert_finds(&org, "Account", &format!("Id IN ('{third}', '{first}')"), &|account| {
        account["Id"] == first || account["Id"] == third
    });
    assert_finds(&org, "Account", &format!("Id > '{third}'"), &|account| account["Id"].as_str().unwrap() > third);
    assert_finds(&org, "Contact", &format!("AccountId = '{first}'"), &|contact| contact["AccountId"] == first);
    assert_finds(&org, "Account", "ParentId = ''", &|account| account["ParentId"].is_null());
    let unknown = "SELECT Id FROM Account WHERE Id = '0035g00000zzzzz'";
    assert!(query(&org, unknown).is_empty(), "an Id of another object");
}

#[test]
fn external_ids_are_found_by_index_in_any_case() {
    let org = org();
    assert_finds(&org, "Account", "ERP_Id__c = 'erp-000005'", &|account| account["ERP_Id__c"] == "ERP-000005");
    assert_finds(&org, "Invoice__c", "Legacy_Number__c IN ('L-0002', 'L-0001')", &|invoice| {
        ["L-0001", "L-0002"].contains(&invoice["Legacy_Number__c"].as_str().unwrap())
    });
    assert_finds(&org, "Invoice__c", "Legacy_Number__c = 'L-0001' AND Status__c = 'Paid'", &|invoice| {
        invoice["Legacy_Number__c"] == "L-0001" && invoice["Status__c"] == "Paid"
    });
}

#[test]
fn checkboxes_are_never_null() {
    let org = org();
    let out = |contact: &Record| contact["HasOptedOutOfEmail"] == true;
    for condition in ["HasOptedOutOfEmail = TRUE", "HasOptedOutOfEmail != false", "HasOptedOutOfEmail != null"] {
        assert_finds(&org, "Contact", condition, &out);
    }
    for condition in ["HasOptedOutOfEmail = false", "HasOptedOutOfEmail = null", "HasOptedOutOfEmail IN (false)"] {
        assert_finds(&org, "Contact", condition, &|contact| !out(contact));
    }
    // A contact that reports to nobody counts as one whose manager's box is not ticked.
    let ticked = query(&org, "SELECT Id FROM Contact WHERE ReportsTo.HasOptedOutOfEmail = true").len();
    let not_ticked = query(&org, "SELECT Id FROM Contact WHERE ReportsTo.HasOptedOutOfEmail = false").len();
    assert_eq!(ticked + not_ticked, org.count("Contact"));
    assert!(ticked > 0);
}

#[test]
fn chosen_values_are_all_in_one_of_the_texts() {
    let org = org();
    let has = |invoice: &Record, tag: &str| {
        invoice["Tags__c"].as_str().is_some_and(|tags| tags.split(';').any(|known| known == tag))
    };
    assert_finds(&org, "Invoice__c", "Tags__c INCLUDES ('export')", &|invoice| has(invoice, "Export"));
    let both = |invoice: &Record| has(invoice, "Export") && has(invoice, "Priority");
    assert_finds(&org, "Invoice__c", "Tags__c INCLUDES ('Priority;Export')", &both);
    let either = |invoice: &Record| both(invoice) || has(invoice, "Disputed");
    assert_finds(&org, "Invoice__c", "Tags__c INCLUDES ('Export;Priority', 'Disputed')", &either);
    assert_finds(&org, "Invoice__c", "Tags__c EXCLUDES ('Export;Priority', 'Disputed')", &|invoice| !either(invoice));
    assert_finds(&org, "Invoice__c", "Tags__c = 'Export;Priority'", &|invoice| invoice["Tags__c"] == "Export;Priority");
    assert_finds(&org, "Invoice__c", "Tags__c = null", &|invoice| invoice["Tags__c"].is_null());
}

#[test]
fn conditions_join_as_their_parentheses_say() {
    let org = org();
    let (energy, low) = (|a: &Record| a["Industry"] == "Energy", |a: &Record| a["Priority__c"] == "Low");
    let small = |a: &Record| a["NumberOfEmployees"].as_i64().unwrap() < 100;
    let found =
        |condition: &str, is_right: &dyn Fn(&Record) -> bool| assert_finds(&org, "Account", condition, is_right);
    found("Industry = 'Energy' AND Priority__c = 'Low' AND NumberOfEmployees < 100", &|a| {
        energy(a) && low(a) && small(a)
    });
    found("Industry = 'Energy' OR Priority__c = 'Low' OR NumberOfEmployees < 100", &|a| {
        energy(a) || low(a) || small(a)
    });
    found("Industry = 'Energy' AND (Priority__c = 'Low' OR NumberOfEmployees < 100)", &|a| {
        energy(a) && (low(a) || small(a))
    });
    found("(Industry = 'Energy' AND Priority__c = 'Low') OR NumberOfEmployees < 100", &|a| {
        energy(a) && low(a) || small(a)
    });
    found("NOT (Industry = 'Energy' OR Priority__c = 'Low')", &|a| !(energy(a) || low(a)));
    found("(NOT Industry = 'Energy') AND Priority__c = 'Low'", &|a| !energy(a) && low(a));
}

#[test]
fn paths_lead_over_lookups_and_empty_ones_are_null() {
    let org = org();
    let accounts: HashMap<_, _> = table("Account").iter().map(|account| (account["Id"].to_string(), account)).collect();
    let parent_of = |account: &Record| accounts.get(&account["ParentId"].to_string()).copied();
    assert_finds(&org, "Account", "Parent.Name = 'acme corporation'", &|account| {
        parent_of(account).is_some_and(|parent| parent["Name"] == "Acme Corporation")
    });
    assert_finds(&org, "Account", "Parent.Parent.ERP_Id__c = 'ERP-000000'", &|account| {
        parent_of(account).and_then(parent_of).is_some_and(|parent| parent["ERP_Id__c"] == "ERP-000000")
    });
    assert_finds(&org, "Account", "Parent.Name = null", &|account| parent_of(account).is_none());
    assert_finds(&org, "Account", "Parent.Name != 'Acme Corporation'", &|account| {
        parent_of(account).is_none_or(|parent| parent["Name"] != "Acme Corporation")
    });
    let other_owners = query(&org, "SELECT Id FROM Invoice__c i WHERE i.Account__r.Owner.Manager.Alias = 'alind'");
    assert!(!other_owners.is_empty() && other_owners.len() < org.count("Invoice__c"));
}

#[test]
fn semi_joins_ask_another_object() {
    let org = org();
    let owners: Vec<_> = table("Contact").iter().map(|contact| contact["AccountId"].clone()).collect();
    let has_contacts = |account: &Record| owners.contains(&account["Id"]);
    assert_finds(&org, "Account", "Id IN (SELECT AccountId FROM Contact)", &has_contacts);
    assert_finds(&org, "Account", "Id NOT IN (SELECT AccountId FROM Contact)", &|account| !has_contacts(account));
    let contacts = table("Contact").iter();
    let smiths: Vec<_> =
        contacts.filter(|contact| contact["LastName"] == "Smith").map(|contact| contact["AccountId"].clone()).collect();
    let condition = "Industry = 'Energy' AND Id IN (SELECT c.AccountId FROM Contact c WHERE c.LastName = 'smith')";
    assert_finds(&org, "Account", condition, &|account| {
        account["Industry"] == "Energy" && smiths.contains(&account["Id"])
    });
}
