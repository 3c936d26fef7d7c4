//! `soql-query`, `next-page` and `explain`.

use std::io::{BufRead, BufReader};

use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};

use crate::fixture::{Org, Run};

const QUERY: &str = "/services/data/v67.0/query";

fn names(page: &Value) -> Vec<&str> {
    page["records"].as_array().unwrap().iter().map(|record| record["Name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_of_every_type_are_bound() {
    let org = Org::connected().await;
    let acme = org.run(&["soql-query", "SELECT Id FROM Account WHERE ERP_Id__c = 'ERP-000000'"]).done();
    let acme = acme["records"][0]["Id"].as_str().unwrap().to_owned();
    let cases: [(&str, &[&str], &[&str]); 9] = [
        ("Name = :n", &["n=O'Brien & Söhne GmbH"], &["O'Brien & Söhne GmbH"]),
        ("Name = :n", &[r"n=Back\slash Partners"], &[r"Back\slash Partners"]),
        ("Name LIKE :n", &["n:like-contains=100%"], &["100% Cotton Ltd"]),
        ("Name LIKE :n", &["n:like-starts-with=under_s"], &["under_score Systems"]),
        ("Id = :id", &[&format!("id:id={acme}")], &["Acme Corporation"]),
        (
            "Name IN :names AND AnnualRevenue > :least AND IsDeleted = :gone",
            &["names:text[]=Acme Corporation,100% Cotton Ltd,null", "least:decimal=80000.5", "gone:boolean=false"],
            &["Acme Corporation", "null"],
        ),
        ("AnnualRevenue = :n", &["n:integer=9007199254740993"], &["Acme Corporation"]),
        (
            "Parent.Name = :p AND CreatedDate > :d AND Industry != :i",
            &["p=null", "d:datetime=1999-01-01T00:00:00+02:00", "i:null"],
            &[],
        ),
        ("Name = :n", &["n=x' OR Name != '"], &[]),
    ];
    for (condition, parameters, expected) in cases {
        let soql = format!("SELECT Name FROM Account WHERE {condition} ORDER BY ERP_Id__c LIMIT 5");
        let mut arguments = vec!["soql-query", &soql];
        arguments.extend(parameters.iter().flat_map(|parameter| ["--param", parameter]));
        let page = org.run(&arguments).done();
        if !expected.is_empty() || condition == "Name = :n" {
            assert_eq!(names(&page), expected, "{condition} with {parameters:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_may_come_from_a_file_or_from_standard_input() {
    let org = Org::connected().await;
    let query =
        "SELECT LastName, Department FROM Contact WHERE LastName = :name AND Department IN :in AND Birthdate >= :b";
    let parameters = r#"{"name": "O'Neill", "in": ["Sales", "IT"], "b": {"date": "1985-01-01"}}"#;
    let file = org.file("parameters.json", parameters);
    let by_file = org.run(&["soql-query", query, "--params-file", file.to_str().unwrap()]).done();
    assert!(by_file["count"].as_u64() > Some(0));
    let by_input = org.run_with_input(&["soql-query", query, "--params-file", "-"], parameters).done();
    assert_eq!(by_input["records"], by_file["records"]);
    let mixed = ["soql-query", query, "--params-file", "-", "--param", "name=O'Neill", "--param", "in:text[]=Sales,IT"];
    let mixed = org.run_with_input(&mixed, r#"{"b": {"date": "1985-01-01"}}"#).done();
    assert_eq!(mixed["records"], by_file["records"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_a_cursor_for_the_next() {
    let org = Org::connected().await;
    let first = org.run(&["soql-query", "SELECT Id, Name FROM Account"]).done();
    assert_eq!((&first["count"], &first["total_size"]), (&json!(2000), &json!(2086)));
    let second = org.run(&["next-page", first["next"].as_str().unwrap()]).done();
    assert_eq!((&second["count"], &second["next"]), (&json!(86), &Value::Null));

    let whole = org.run(&["soql-query", "SELECT Id FROM Account", "--max-records", "5000"]).done();
    assert_eq!((&whole["count"], &whole["next"]), (&json!(2086), &Value::Null));
    let deleted = org.run(&["soql-query", "SELECT COUNT() FROM Account", "--include-deleted"]).done();
    assert!(deleted["total_size"].as_u64() > Some(2086));
    let small = org.run(&["soql-query", "SELECT Id FROM Account", "--batch-size", "200"]).done();
    assert_eq!(small["count"], json!(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_is_none_or_too_old_is_told() {
    let org = Org::connected().await;
    let requests = || org.mock.ledger().entries().count();
    for cursor in ["nonsense", "https://evil.example/services/data/v67.0/query/01g-2000", "../query/01g"] {
        let run = org.run(&["next-page", cursor]);
        assert!(run.failed(2).contains("invalid-argument"), "{run:?}");
    }
    assert_eq!(requests(), 0, "nothing was sent");
    let first = org.run(&["soql-query", "SELECT Id FROM Account"]).done();
    org.mock.expire_query_locators();
    let run = org.run(&["next-page", first["next"].as_str().unwrap()]);
    assert!(run.failed(6).contains("Run the query again"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_streams_every_record_as_one_line() {
    let org = Org::connected().await;
    let Run { code, stdout, stderr } =
        org.run(&["soql-query", "SELECT Id, Name, AnnualRevenue FROM Account ORDER BY ERP_Id__c", "--all"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let records: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 2086);
    let ids: std::collections::HashSet<_> = records.iter().map(|record| record["Id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2086);
    assert!(stdout.lines().next().unwrap().contains("\"AnnualRevenue\":9007199254740993"));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_all_however_many_records_one_call_may_join() {
    let org = Org::connected().await;
    for most in ["10", "5000"] {
        let run = org.run(&["soql-query", "SELECT Id FROM Account", "--all", "--max-records", most]);
        assert_eq!((run.code, run.stdout.lines().count(), run.stderr.as_str()), (Some(0), 2086, ""), "{most}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_nothing_is_no_line() {
    let org = Org::connected().await;
    let run = org.run(&["soql-query", "SELECT Id FROM Account WHERE Name = 'nobody'", "--all"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_fails_if_a_page_fails() {
    let org = Org::connected().await;
    let refusal = json!([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]);
    org.mock.push_fault(Matcher::under("/services/data/v67.0/query/"), Fault::json(403, &refusal));
    let run = org.run(&["soql-query", "SELECT Id FROM Account", "--all"]);
    assert_eq!((run.code, run.stdout.lines().count()), (Some(8), 2000), "{}", run.stderr);
    assert!(run.stderr.contains("rate-limited"), "{}", run.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn f104_all_fails_if_its_pages_are_not_the_total() {
    let org = Org::connected().await;
    let last = json!({"totalSize": 2086, "done": true, "records": [{}]});
    org.mock.push_fault(Matcher::under("/services/data/v67.0/query/"), Fault::json(200, &last));
    let run = org.run(&["soql-query", "SELECT Id FROM Account", "--all"]);
    assert_eq!((run.code, run.stdout.lines().count()), (Some(11), 2001), "{}", run.stderr);
    assert!(run.stderr.contains("the pages ended after 2001 of 2086 records; run the query again"), "{}", run.stderr);
    let count = org.run(&["soql-query", "SELECT COUNT() FROM Account", "--all"]);
    assert_eq!((count.code, count.stdout.as_str(), count.stderr.as_str()), (Some(0), "", "note: the count is 2086\n"));
    let nobody = "SELECT COUNT() FROM Account WHERE Name = 'nobody'";
    for (soql, total) in [("SELECT COUNT() FROM Account", 2086), (nobody, 0)] {
        let count = org.run(&["soql-query", soql]);
        let told = format!("note: the count is {total}\n");
        assert_eq!((count.json()["total_size"].as_u64(), &count.stderr), (Some(total), &told), "{count:?}");
        let table = org.run(&["soql-query", soql, "--table"]);
        assert_eq!(table.stdout.trim(), told.trim().strip_prefix("note: ").unwrap(), "{table:?}");
        assert_eq!(org.run(&["soql-query", soql, "--json"]).stderr, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f104_all_ends_where_pages_lead_in_a_circle() {
    let org = Org::connected().await;
    for total in [-1, 9_000] {
        for (at, next) in [("", "/a-2"), ("/a-2", "/a-4"), ("/a-4", "/a-2")] {
            let next = format!("{QUERY}{next}");
            let page = json!({"totalSize": total, "done": false, "nextRecordsUrl": next, "records": [{"N": 1}]});
            org.mock.push_fault(Matcher::path(&format!("{QUERY}{at}")), Fault::json(200, &page));
        }
        let run = org.run(&["soql-query", "SELECT Id FROM Account", "--all"]);
        assert_eq!((run.code, run.stdout.lines().count()), (Some(11), 2), "{run:?}");
        assert!(run.stderr.contains("the pages lead in a circle"), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_warns_of_child_rows_that_are_not_there() {
    let org = Org::connected().await;
    let soql =
        "SELECT Name, (SELECT Name FROM Contacts) FROM Account WHERE ERP_Id__c < 'ERP-000005' ORDER BY ERP_Id__c";
    let run = org.run(&["soql-query", soql, "--all"]);
    assert_eq!((run.code, run.stdout.lines().count()), (Some(0), 5), "{run:?}");
    let start = "warning: record 1 holds 200 of 260 Contacts; the rest: harness next-page ";
    let cursor = run.stderr.strip_prefix(start).unwrap_or_else(|| panic!("{run:?}")).trim_end();
    assert_eq!(org.run(&["next-page", cursor]).done()["count"], json!(60));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_enough_ends_it_quietly() {
    let org = Org::connected().await;
    let secrets = org.secrets();
    let mut child =
        org.harness(&["soql-query", "SELECT Id, Name, BillingStreet FROM Account", "--all"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap(); // and drops the pipe
    assert!(line.contains("\"Id\""));
    let run = org.finish(child, secrets);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_for_people() {
    let org = Org::connected().await;
    let soql = "SELECT Name, Owner.Name FROM Account ORDER BY ERP_Id__c LIMIT 2";
    let run = org.run(&["soql-query", soql, "--table"]);
    let expected = "\
Name                  Owner.Name
────────────────────  ─────────────
Acme Corporation      Ada Lindqvist
O'Brien & Söhne GmbH  Tomás O'Brien
2 of 2 records
";
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), expected, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn pretty_is_the_same_json_indented() {
    let org = Org::connected().await;
    let query = ["soql-query", "SELECT Name FROM Account ORDER BY ERP_Id__c LIMIT 1"];
    let run = org.run(&[&query[..], &["--pretty"]].concat());
    assert_eq!(run.code, Some(0));
    assert!(run.stdout.starts_with("{\n  \"records\": [\n    {\n"), "{}", run.stdout);
    let pretty: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(pretty["records"], org.run(&query).done()["records"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_gives_the_plans() {
    let org = Org::connected().await;
    let soql = "SELECT Id FROM Account WHERE Name = :n";
    let plans = org.run(&["explain", soql, "--param", "n=Acme"]).done();
    assert_eq!(plans[0]["sobjectType"], json!("Account"), "{plans}");
    let run = org.run(&["explain", "SELECT Nothing FROM Account"]);
    assert!(run.failed(6).contains("INVALID_FIELD"), "{run:?}");
    let run = org.run(&["explain", soql]);
    assert!(run.failed(2).contains(":n has no parameter"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_is_wrong_is_shown_where() {
    let org = Org::connected().await;
    let run = org.run(&["soql-query", "SELEC Id FROM Account"]);
    let error = run.failed(6);
    assert!(error.contains("MALFORMED_QUERY") && error.contains("\n    SELEC Id FROM Account\n    ^\n"), "{error}");
    let run = org.run(&["soql-query", "SELECT Id FROM Account WHERE Name = :name"]);
    assert!(run.failed(2).contains(":name has no parameter"), "{run:?}");
    let run = org.run(&["soql-query", "SELECT Id FROM Account", "--param", "name=x"]);
    assert!(run.failed(2).contains("name"), "{run:?}");
    let run = org.run(&["soql-query", "SELECT Id FROM Account WHERE Id = :id", "--param", "id:id=nope"]);
    assert!(run.failed(2).contains("Id"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_and_names_come_from_a_file_or_standard_input() {
    let org = Org::connected().await;
    let soql = "SELECT Id\nFROM Account\nWHERE ERP_Id__c = :key\n";
    let query = |text| ["soql-query", text, "--param", "key=ERP-000000"];
    let file = format!("@{}", org.file("query.soql", soql).display());
    let expected = org.run(&query(soql)).done()["records"].clone();
    assert_eq!(expected.as_array().unwrap().len(), 1);
    assert_eq!(org.run(&query(&file)).done()["records"], expected);
    assert_eq!(org.run_with_input(&query("-"), soql).done()["records"], expected);
    assert!(
        org.run_with_input(&["explain", "-"], "SELECT Id FROM Account").done()[0]["leadingOperationType"].is_string()
    );

    let id = expected[0]["Id"].as_str().unwrap();
    let names = "\u{feff}Name\r\n\nOwner.Name,ERP_Id__c\r\n";
    let file = format!("@{}", org.file("fields", names).display());
    let values = |fields: &'static str| ["get-record-field-values", "Account", "--id", id, "--fields", fields];
    let expected = org.run(&values("Name,Owner.Name,ERP_Id__c")).done()["values"].clone();
    let of_file = ["get-record-field-values", "Account", "--id", id, "--fields", &file];
    assert_eq!(org.run(&of_file).done()["values"], expected);
    assert_eq!(org.run_with_input(&values("-"), names).done()["values"], expected);
    let watch = ["watch", "Account", "--once", "--from-beginning", "--fields", &file];
    assert!(org.run(&watch).stdout.lines().next().unwrap().contains("\"Owner\":{"));

    assert!(org.run(&["explain", "@no-such-file"]).failed(12).contains("no-such-file"));
    // The text itself.
    org.run(&["search", r"\@acme", "--objects", r#"[{"object":"Account","fields":["Id"]}]"#]).done();
    let ledger = org.mock.ledger();
    let sent = ledger.entries().next_back().unwrap();
    assert!(format!("{:?}{}", sent.body, sent.query).contains("@acme"), "{sent:?}");
}
