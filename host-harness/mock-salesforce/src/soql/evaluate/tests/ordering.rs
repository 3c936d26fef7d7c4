use super::*;

fn texts(records: &[Json], name: &str) -> Vec<Option<String>> {
    column(records, name).iter().map(|value| value.as_str().map(str::to_lowercase)).collect()
}

#[test]
fn nulls_come_first_unless_told_otherwise() {
    let org = org();
    for (order, descending, nulls_last) in [
        ("ORDER BY Phone", false, false),
        ("ORDER BY Phone ASC NULLS FIRST", false, false),
        ("ORDER BY Phone NULLS LAST", false, true),
        ("ORDER BY Phone DESC", true, false),
        ("order by phone desc nulls last", true, true),
    ] {
        let found = texts(&query(&org, &format!("SELECT Phone FROM Account {order}")), "Phone");
        let mut expected = found.clone();
        expected.sort_by(|one, other| {
            let values = if descending { other.cmp(one) } else { one.cmp(other) };
            let nulls =
                if nulls_last { one.is_none().cmp(&other.is_none()) } else { other.is_none().cmp(&one.is_none()) };
            nulls.then(values)
        });
        assert_eq!(found, expected, "{order}");
        assert_eq!(found.last().unwrap().is_none(), nulls_last, "{order}");
        assert_eq!(found.len(), org.count("Account"));
    }
}

#[test]
fn text_is_sorted_in_any_case_and_numbers_by_size() {
    let org = org();
    let names = texts(&query(&org, "SELECT Name FROM Account ORDER BY Name"), "Name");
    assert!(names.is_sorted());
    assert!(!texts(&query(&org, "SELECT Name FROM Account"), "Name").is_sorted());
    let revenues = query(&org, "SELECT AnnualRevenue FROM Account ORDER BY AnnualRevenue DESC NULLS LAST LIMIT 3");
    let revenues: Vec<_> = column(&revenues, "AnnualRevenue").iter().map(Json::to_string).collect();
    assert_eq!(revenues, ["999999999999999999", "9007199254740993", "52150000"]);
}

#[test]
fn picklists_are_sorted_as_their_values_are_listed() {
    let org = org();
    let soql = "SELECT Priority__c FROM Account WHERE Priority__c != null ORDER BY Priority__c";
    let mut found = texts(&query(&org, soql), "Priority__c");
    found.dedup();
    assert_eq!(found, ["high", "medium", "low"].map(|value| Some(value.to_owned())));
}

#[test]
fn later_keys_decide_between_equals_and_then_the_order_of_making() {
    let org = org();
    let soql = "SELECT BillingCity, NumberOfEmployees, Id FROM Account ORDER BY BillingCity, NumberOfEmployees DESC";
    let keys: Vec<_> = query(&org, soql)
        .iter()
        .map(|account| {
            let employees = account["NumberOfEmployees"].as_i64().unwrap();
            (account["BillingCity"].as_str().unwrap().to_lowercase(), -employees, account["Id"].to_string())
        })
        .collect();
    assert!(keys.is_sorted());
}

#[test]
fn the_parents_fields_can_be_sorted_by() {
    let org = org();
    let soql = "SELECT Id, Account.Name FROM Contact ORDER BY Account.Name DESC, Id";
    let names: Vec<_> =
        query(&org, soql).iter().map(|contact| contact["Account"]["Name"].to_string().to_lowercase()).collect();
    assert!(names.iter().rev().is_sorted());
    assert_eq!(names.len(), org.count("Contact"));
}

#[test]
fn limit_and_offset_cut_what_is_sorted() {
    let org = org();
    let whole = query(&org, "SELECT Id FROM Account ORDER BY Name");
    let part = try_query(&org, "SELECT Id FROM Account ORDER BY Name LIMIT 5 OFFSET 10").unwrap();
    assert_eq!((part.total_size, part.records.as_slice()), (5, &whole[10..15]));
    assert_eq!(query(&org, "SELECT Id FROM Account ORDER BY Name OFFSET 2000"), whole[2000..]);
    assert!(query(&org, "SELECT Id FROM Account LIMIT 0").is_empty());
    assert_eq!(query(&org, "SELECT Id FROM Account LIMIT 50000").len(), whole.len());
}
