use serde_json::json;

use super::*;

fn count(org: &Org, soql: &str) -> i64 {
    let rows = try_query(org, soql).unwrap();
    assert!(rows.records.is_empty());
    rows.total_size
}

/// The one record of a query without groups, without its attributes.
fn one(org: &Org, soql: &str) -> Record {
    let rows = try_query(org, soql).unwrap_or_else(|error| panic!("{soql}: {}", error.message));
    assert_eq!((rows.total_size, rows.records.len()), (1, 1), "{soql}");
    let mut record = rows.records[0].as_object().unwrap().clone();
    assert_eq!(record.shift_remove("attributes"), Some(json!({"type": "AggregateResult"})), "{soql}");
    record
}

fn text(record: &Record) -> String {
    Json::Object(record.clone()).to_string()
}

#[test]
fn a_bare_count_has_no_records() {
    let org = org();
    assert_eq!(count(&org, "SELECT COUNT() FROM Account"), 2_086);
    assert_eq!(count(&org, "SELECT count() FROM Account WHERE Name LIKE 'blue %'"), 172);
    assert_eq!(count(&org, "SELECT COUNT() FROM Account LIMIT 10"), 10);
    assert_eq!(count(&org, "SELECT COUNT() FROM Account WHERE Name = 'nobody'"), 0);
}

#[test]
fn functions_pass_over_nulls() {
    let org = org();
    let amounts: Vec<_> = table("Opportunity").iter().map(|row| row["Amount"].clone()).collect();
    let some: Vec<f64> = amounts.iter().filter_map(Json::as_f64).collect();
    assert!(some.len() < amounts.len());
    let record = one(
        &org,
        "SELECT COUNT(Id), COUNT(Amount) known, COUNT_DISTINCT(StageName), SUM(Amount), AVG(Amount), MIN(Amount), MAX(Amount) FROM Opportunity",
    );
    assert_eq!(record.keys().collect::<Vec<_>>(), ["expr0", "known", "expr1", "expr2", "expr3", "expr4", "expr5"]);
    assert_eq!((&record["expr0"], &record["known"], &record["expr1"]), (&json!(600), &json!(some.len()), &json!(5)));
    let sum = some.iter().sum::<f64>();
    let is_near = |name: &str, expected: f64| (record[name].as_f64().unwrap() / expected - 1.0).abs() < 1e-12;
    assert!(is_near("expr2", sum) && is_near("expr3", sum / some.len() as f64));
    assert_eq!((record["expr4"].to_string().as_str(), record["expr5"].to_string().as_str()), ("0.99", "73947.54"));
}

#[test]
fn sums_keep_every_digit() {
    let org = org();
    let soql = "SELECT SUM(AnnualRevenue) s, MAX(AnnualRevenue) m FROM Account WHERE ERP_Id__c IN ('ERP-000000', 'ERP-000001')";
    assert_eq!(text(&one(&org, soql)), r#"{"s":1009007199254740992,"m":999999999999999999}"#);
}

#[test]
fn extremes_of_text_dates_and_picklists() {
    let org = org();
    let soql = "SELECT MIN(Name) n, MAX(CloseDate) d, MIN(CreatedDate) c, MAX(StageName) s FROM Opportunity";
    let record = one(&org, soql);
    assert_eq!(record["n"], "Energy deal 1");
    assert_eq!(record["d"], "2026-12-17");
    assert_eq!(record["c"], "2025-11-05T00:00:00.000+0000");
    assert_eq!(record["s"], "Closed Lost", "the last of the list");
}

#[test]
fn no_records_are_one_group_without_keys_and_none_with() {
    let org = org();
    let nobody = "WHERE Name = 'nobody'";
    let record = one(&org, &format!("SELECT COUNT(Id) n, SUM(Amount) s, MIN(Name) m FROM Opportunity {nobody}"));
    assert_eq!(text(&record), r#"{"n":0,"s":null,"m":null}"#);
    assert!(
        query(&org, &format!("SELECT StageName, COUNT(Id) FROM Opportunity {nobody} GROUP BY StageName")).is_empty()
    );
}

#[test]
fn groups_have_their_keys_and_counts() {
    let org = org();
    let rows = try_query(&org, "SELECT industry, COUNT(Id) FROM Account GROUP BY Industry ORDER BY Industry").unwrap();
    assert_eq!(rows.total_size, 5);
    assert_eq!(rows.records[0]["attributes"], json!({"type": "AggregateResult"}));
    assert_eq!(
        column(&rows.records, "Industry"),
        [json!(null), json!("Banking"), json!("Education"), json!("Energy"), json!("Retail")]
    );
    let accounts = table("Account");
    for group in &rows.records {
        let expected = accounts.iter().filter(|account| account["Industry"] == group["Industry"]).count();
        assert_eq!(group["expr0"], expected);
    }
}

#[test]
fn groups_are_filtered_sorted_and_cut() {
    let org = org();
    let soql = "SELECT BillingCity city, Owner.Alias, COUNT(Id) n FROM Account WHERE Industry != 'Energy' \
                GROUP BY BillingCity, Owner.Alias HAVING COUNT(Id) > 10 AND BillingCity LIKE '%n%' \
                ORDER BY COUNT(Id) DESC, MAX(NumberOfEmployees), BillingCity LIMIT 3";
    let groups = query(&org, soql);
    assert!(!groups.is_empty() && groups.len() <= 3);
    for group in &groups {
        assert_eq!(group.as_object().unwrap().keys().collect::<Vec<_>>(), ["attributes", "city", "Alias", "n"]);
        assert!(group["n"].as_u64().unwrap() > 10);
        assert!(group["city"].as_str().unwrap().to_lowercase().contains('n'));
    }
    let counts: Vec<_> = groups.iter().map(|group| group["n"].as_u64().unwrap()).collect();
    assert!(counts.iter().rev().is_sorted());
    assert!(query(&org, "SELECT Type FROM Account GROUP BY Type HAVING MAX(Name) < 'a'").is_empty());
}

#[test]
fn text_is_grouped_and_counted_in_any_case() {
    let mut org = org();
    let options = crate::org::WriteOptions::new("0055g0000000000", "v60.0");
    for city in ["Oslo", "OSLO"] {
        let body = json!({"Name": format!("In {city}"), "BillingCity": city});
        org.create("Account", body.as_object().unwrap(), &options).unwrap();
    }
    let soql = "SELECT BillingCity, COUNT(Id) FROM Account WHERE BillingCity = 'oslo' GROUP BY BillingCity";
    let groups = query(&org, soql);
    assert_eq!((groups.len(), &groups[0]["BillingCity"], &groups[0]["expr0"]), (1, &json!("Oslo"), &json!(2)));
    let distinct = one(&org, "SELECT COUNT_DISTINCT(BillingCity) FROM Account WHERE BillingCity = 'oslo'");
    assert_eq!(distinct["expr0"], 1);
}

#[test]
fn deleted_records_count_for_query_all_alone() {
    let org = org();
    let soql = "SELECT COUNT(Id) n FROM Account";
    assert_eq!(one(&org, soql)["n"], 2_086);
    assert_eq!(query_all(&org, soql)[0]["n"], org.table("Account").unwrap().rows().len());
}

#[test]
fn more_groups_than_an_answer_holds_are_refused() {
    let org = org();
    let soql = "SELECT Name, COUNT(Id) FROM Account GROUP BY Name";
    assert_eq!(try_query(&org, soql).unwrap_err().code, "EXCEEDED_ID_LIMIT");
    assert_eq!(query(&org, &format!("{soql} LIMIT 2000")).len(), 2_000);
}
