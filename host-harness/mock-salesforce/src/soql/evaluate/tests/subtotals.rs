use serde_json::json;

use super::*;

/// A query of opportunities by stage and type; what it finds, a line each: the values in their order.
fn lines(soql: &str) -> Vec<String> {
    let line = |row: Json| {
        let values = row.as_object().unwrap().iter().filter(|(name, _)| *name != "attributes");
        values.map(|(_, value)| value.to_string()).collect::<Vec<_>>().join(" ")
    };
    query(&org(), soql).into_iter().map(line).collect()
}

/// How many opportunities have these values.
fn count(values: &[(&str, Json)]) -> usize {
    let fits = |record: &&Record| values.iter().all(|(name, value)| record[*name] == *value);
    table("Opportunity").iter().filter(fits).count()
}

#[test]
fn rollup_adds_a_subtotal_for_each_beginning_of_the_keys() {
    let found = lines(
        "SELECT LeadSource, Type, GROUPING(LeadSource) s, GROUPING(Type) t, COUNT(Id) FROM Opportunity \
         GROUP BY ROLLUP(LeadSource, Type) ORDER BY GROUPING(LeadSource), LeadSource, GROUPING(Type), Type",
    );
    let mut expected = Vec::new();
    // Picklists are in the order of their values, null before them.
    for source in [json!(null), json!("Web"), json!("Other")] {
        for kind in ["Existing Business", "New Business"] {
            let count = count(&[("LeadSource", source.clone()), ("Type", json!(kind))]);
            if count > 0 {
                expected.push(format!("{source} \"{kind}\" 0 0 {count}"));
            }
        }
        expected.push(format!("{source} null 0 1 {}", count(&[("LeadSource", source.clone())])));
    }
    expected.push("null null 1 1 600".to_owned());
    assert_eq!(found, expected);
}

#[test]
fn cube_adds_a_subtotal_for_each_choice_of_keys() {
    let found = lines(
        "SELECT IsWon w, Type t, COUNT(Id), GROUPING(Type) FROM Opportunity GROUP BY CUBE(IsWon, Type) HAVING GROUPING(IsWon) = 1 \
         ORDER BY GROUPING(Type), Type",
    );
    let of = |kind: &str| count(&[("Type", json!(kind))]);
    let existing = format!("null \"Existing Business\" {} 0", of("Existing Business"));
    let new = format!("null \"New Business\" {} 0", of("New Business"));
    assert_eq!(found, [existing, new, "null null 600 1".to_owned()]);
    let all = lines("SELECT IsWon w, Type t, COUNT(Id) FROM Opportunity GROUP BY CUBE(IsWon, Type)");
    let types = ["Existing Business", "New Business"].map(|kind| json!(kind));
    let pairs = [true, false].iter().flat_map(|won| types.iter().map(move |kind| (won, kind)));
    let filled = pairs.filter(|(won, kind)| count(&[("IsWon", json!(won)), ("Type", (*kind).clone())]) > 0).count();
    assert_eq!(all.len(), filled + 2 + 2 + 1);
}

#[test]
fn no_records_have_no_subtotals() {
    let soql = "SELECT Type, COUNT(Id) FROM Opportunity WHERE Name = 'nobody' GROUP BY ROLLUP(Type)";
    assert!(lines(soql).is_empty());
}
