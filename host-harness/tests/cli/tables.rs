//! What a page shows, and what it says of that which it does not show.

use mock_salesforce::{Fault, Matcher, Paging};
use serde_json::{Value, json};

use crate::fixture::{Org, Run};
use crate::host::Host;

const QUERY: &str = "/services/data/v67.0/query";
const ACME: &str = "SELECT Name, (SELECT Name FROM Contacts) FROM Account WHERE ERP_Id__c = 'ERP-000000'";

/// An answer that no JSON value can hold.
fn answer(body: &str) -> Fault {
    let headers = vec![("content-type".to_owned(), "application/json;charset=UTF-8".to_owned())];
    Fault::Answer { status: 200, headers, body: body.as_bytes().to_vec() }
}

/// A page of a query, or a sub-query in it, with a cursor where there is more.
fn page(total: i64, next: Option<&str>, records: &Value) -> Value {
    let mut page = json!({"totalSize": total, "done": next.is_none(), "records": records});
    if let Some(next) = next {
        page["nextRecordsUrl"] = json!(format!("{QUERY}/{next}"));
    }
    page
}

/// Two accounts on two pages; the first has contacts on two pages, and the first and the last of these have cases on two.
fn nested(org: &Org) {
    let cases = |from: u64, next| page(2, Some(next), &json!([{"Number": from}]));
    let contacts = json!([{"Name": "c0", "Cases": cases(1, "01gINNER-1")}, {"Name": "c1", "Cases": null}]);
    let first = json!([{"Name": "a0", "Contacts": page(3, Some("01gOUTER-2"), &contacts)}]);
    let last = json!([{"Name": "c2", "Cases": cases(3, "01gLATER-1")}]);
    for (path, answer) in [
        (QUERY.to_owned(), page(2, Some("01gPARENT-1"), &first)),
        (format!("{QUERY}/01gINNER-1"), page(2, None, &json!([{"Number": 2}]))),
        (format!("{QUERY}/01gOUTER-2"), page(3, None, &last)),
        (format!("{QUERY}/01gLATER-1"), page(2, None, &json!([{"Number": 4}]))),
        (format!("{QUERY}/01gPARENT-1"), page(2, None, &json!([{"Name": "a1", "Contacts": null}]))),
    ] {
        org.mock.push_fault(Matcher::path(&path), Fault::json(200, &answer));
    }
}

/// The paths of all requests for pages.
fn pages(org: &Org) -> Vec<String> {
    let ledger = org.mock.ledger();
    let paths = ledger.entries().filter_map(|entry| entry.path.strip_prefix(QUERY));
    paths.map(|path| path.trim_start_matches('/').to_owned()).collect()
}

/// The whole of the first account of [`nested`].
fn whole() -> Value {
    let cases = |from: u64| page(2, None, &json!([{"Number": from}, {"Number": from + 1}]));
    let contacts =
        json!([{"Name": "c0", "Cases": cases(1)}, {"Name": "c1", "Cases": null}, {"Name": "c2", "Cases": cases(3)}]);
    json!({"Name": "a0", "Contacts": page(3, None, &contacts)})
}

#[tokio::test(flavor = "multi_thread")]
async fn f109_half_an_emoji_in_one_record_hides_no_other() {
    let org = Org::connected().await;
    let body = r#"{"totalSize":3,"done":true,"records":[{"Name":"a\ud83d"},{"Name":"b"},{"Name":"c \ud83d\ude00"}]}"#;
    org.mock.push_fault(Matcher::path(QUERY), answer(body));
    let run = org.run(&["soql-query", "SELECT Name FROM Account", "--table"]);
    let expected = "Name\n────\na\u{fffd}\nb\nc 😀\n3 of 3 records\n";
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), expected, ""));
    org.mock.push_fault(Matcher::path(QUERY), answer(body));
    let run = org.run(&["soql-query", "SELECT Name FROM Account"]);
    assert!(
        run.stdout.contains(r#"[{"Name":"a\ud83d"},"#),
        "for programs every escape is as Salesforce sent it: {run:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_csv_for_other_programs() {
    let org = Org::connected().await;
    let soql = "SELECT ERP_Id__c, AnnualRevenue, Owner.Name FROM Account WHERE ERP_Id__c != null ORDER BY ERP_Id__c";
    let pages = [
        org.run(&["soql-query", &format!("{soql} LIMIT 2"), "--csv"]),
        org.run(&["soql-query", soql, "--all", "--csv"]),
    ];
    for run in &pages {
        assert_eq!(run.code, Some(0), "{run:?}");
        let mut reader = csv::Reader::from_reader(run.stdout.as_bytes());
        assert_eq!(reader.headers().unwrap(), ["ERP_Id__c", "AnnualRevenue", "Owner.Name"].as_slice());
        assert_eq!(&reader.records().next().unwrap().unwrap()[0], "ERP-000000");
    }
    let [page, all] = pages;
    assert_eq!((page.stdout.lines().count(), page.stderr.as_str()), (3, "2 of 2 records\n"));
    assert!(all.stdout.lines().count() > 2_000 && all.stderr.is_empty(), "{}", all.stderr);
    for all in [&["--all"][..], &[]] {
        let run = org.run(&[&["soql-query", "SELECT COUNT() FROM Account", "--csv"], all].concat());
        let count = run.stdout.strip_prefix("count\r\n").and_then(|rest| rest.trim_end().parse::<u64>().ok());
        assert!(count.is_some_and(|count| count > 2_000), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f110_a_cell_that_is_cut_says_so_and_how_to_have_the_rest() {
    let org = Org::connected().await;
    let run = org.run(&["soql-query", ACME, "--table"]);
    assert!(run.stdout.contains("Acme Corporation  200 of 260\n1 of 1 records\n"), "{run:?}");
    let start = "record 1 holds 200 of 260 Contacts; the rest: harness next-page ";
    let cursor = run.stdout.lines().find_map(|line| line.strip_prefix(start)).unwrap_or_else(|| panic!("{run:?}"));
    assert!(run.stdout.contains("--all-children"), "{run:?}");
    let rest = org.run(&["next-page", cursor, "--table"]);
    assert!(rest.stdout.ends_with("\n60 of 260 records\n"), "{rest:?}");

    let run = org.run(&["soql-query", ACME, "--table", "--all-children"]);
    assert!(run.stdout.ends_with("Acme Corporation  260 rows\n1 of 1 records\n"), "{run:?}");
    let page = org.run(&["soql-query", ACME, "--all-children"]).done();
    let contacts = &page["records"][0]["Contacts"];
    assert_eq!((contacts["records"].as_array().unwrap().len(), &contacts["done"]), (260, &json!(true)));
    assert_eq!((&page["children"], contacts.get("nextRecordsUrl")), (&json!([]), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn children_are_fetched_at_every_depth_before_the_next_page_ends_their_cursors() {
    let org = Org::connected().await;
    let lines =
        |run: &Run| -> Vec<Value> { run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
    nested(&org);
    let run = org.run(&["soql-query", "SELECT Name FROM Account", "--all", "--all-children"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(lines(&run), [whole(), json!({"Name": "a1", "Contacts": null})]);
    assert_eq!(pages(&org), ["", "01gINNER-1", "01gOUTER-2", "01gLATER-1", "01gPARENT-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_asked_for_children_in_the_same_order() {
    let host = Host::connected().await;
    nested(&host.org);
    let run = host.run(&["soql-query", "SELECT Name FROM Account", "--all", "--all-children"]);
    assert_eq!((run.code, run.stdout.lines().count()), (Some(0), 2), "{run:?}");
    assert_eq!(serde_json::from_str::<Value>(run.stdout.lines().next().unwrap()).unwrap(), whole());
    assert_eq!(pages(&host.org), ["", "01gINNER-1", "01gOUTER-2", "01gLATER-1", "01gPARENT-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_children_come_from_an_org_that_ends_their_cursors_with_its_next_page() {
    let org = Org::connected().await;
    org.mock.set_paging(Paging { ends_child_cursors: true, repeats_cut_parents: false });
    let soql = "SELECT Name, (SELECT Id FROM Contacts) FROM Account ORDER BY ERP_Id__c";
    let run = org.run(&["soql-query", soql, "--batch-size", "200", "--all", "--all-children"]);
    assert_eq!((run.code, run.stderr.as_str(), run.stdout.lines().count()), (Some(0), "", 2086));
    let records = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let contacts: Vec<_> = records.map(|mut record| record["Contacts"].take()).filter(Value::is_object).collect();
    let rows = |contacts: &Value| contacts["records"].as_array().unwrap().len();
    assert!(contacts.iter().all(|contacts| contacts["totalSize"] == json!(rows(contacts))));
    assert_eq!(contacts.iter().map(rows).max(), Some(260));
}

#[tokio::test(flavor = "multi_thread")]
async fn f104_a_record_that_comes_again_with_the_next_page_is_told() {
    let org = Org::connected().await;
    let cut = json!([{"Name": "a", "Contacts": page(2, Some("01gCHILD-1"), &json!([{"N": 1}]))}]);
    org.mock.push_fault(Matcher::path(QUERY), Fault::json(200, &page(1, Some("01gPARENT-1"), &cut)));
    org.mock.push_fault(Matcher::under(&format!("{QUERY}/")), Fault::json(200, &page(1, None, &cut)));
    let run = org.run(&["soql-query", "SELECT Name FROM Account", "--all"]);
    assert_eq!((run.code, run.stdout.lines().count()), (Some(11), 1), "{run:?}");
    assert!(run.stderr.contains("2 records came of a total of 1"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn children_that_do_not_come_are_an_error_and_no_page() {
    let org = Org::connected().await;
    let first = json!([{"Name": "a", "Contacts": page(3, Some("01gCHILD-1"), &json!([{"N": 1}]))}]);
    let expired = json!([{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]);
    for (fault, code, words) in [
        (Fault::json(400, &expired), 6, "Run the query again"),
        (Fault::json(200, &page(3, None, &json!([]))), 11, "the sub-query Contacts"),
        (Fault::json(200, &page(3, None, &json!([{"N": 2}]))), 11, "ended after 2 of 3 records"),
    ] {
        org.mock.push_fault(Matcher::path(QUERY), Fault::json(200, &page(1, None, &first)));
        org.mock.push_fault(Matcher::under(&format!("{QUERY}/")), fault);
        let run = org.run(&["soql-query", "SELECT Name FROM Account", "--all-children"]);
        // Some of it the component finds out itself.
        assert!(run.failed(code).contains(words) || code == 11, "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_names_a_cursor_only_where_it_still_leads_on() {
    let org = Org::connected().await;
    nested(&org);
    let run = org.run(&["soql-query", "SELECT Name FROM Account", "--all"]);
    assert_eq!(run.stdout.lines().count(), 2, "{run:?}");
    assert!(run.stderr.contains("record 1 holds 2 of 3 Contacts; the rest: --all-children\n"), "{run:?}");
    assert!(run.stderr.contains("record 1 holds 1 of 2 Contacts.0.Cases; the rest: --all-children\n"), "{run:?}");
    assert!(!run.stderr.contains("next-page"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_that_nobody_knows_are_told_as_that() {
    let org = Org::connected().await;
    let first = json!([{"Name": "a", "Contacts": page(-1, Some("01gCHILD-1"), &json!([{"N": 1}, {"N": 2}]))}]);
    org.mock.push_fault(Matcher::path(QUERY), Fault::json(200, &page(-1, Some("01gPARENT-1"), &first)));
    let run = org.run(&["soql-query", "SELECT Name FROM Thing__x", "--table"]);
    for words in
        ["a     2 so far\n", "1 records so far\n", "record 1 holds 2 of an unknown number of Contacts; the rest"]
    {
        assert!(run.stdout.contains(words), "{words}: {run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fewer_records_than_there_are_name_the_way_to_all() {
    let org = Org::connected().await;
    let query = ["soql-query", "SELECT Id FROM Account", "--max-records", "10"];
    let run = org.run(&query);
    assert_eq!(run.json()["count"], json!(2000));
    assert!(run.stderr.starts_with("note: 2000 of 2086 records; ") && run.stderr.contains("--all"), "{run:?}");
    let run = org.run(&[&query[..], &["--table"]].concat());
    assert!(run.stdout.contains("2000 of 2086 records\nnext page: harness next-page "), "{run:?}");
    assert!(run.stdout.trim_end().ends_with("all records: --all"), "{run:?}");
    org.run(&[&query[..], &["--json"]].concat()).done();
    let all = ["soql-query", "SELECT Id FROM Account", "--max-records", "3000"];
    org.run(&all).done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_fits_its_terminal() {
    let org = Org::connected().await;
    let soql = "SELECT Name, Industry, BillingCity, Owner.Name, ERP_Id__c FROM Account ORDER BY ERP_Id__c LIMIT 3";
    let shown = on_a_terminal(&org, 44, &["soql-query", soql, "--table"]);
    assert!(shown.contains("…") && shown.contains("3 of 3 records"), "{shown}");
    for line in shown.lines().filter(|line| !line.starts_with("the terminal")) {
        assert!(line.chars().count() <= 44, "{line}\n{shown}");
    }
    let shown = on_a_terminal(&org, 20, &["soql-query", soql, "--table"]);
    assert!(shown.contains("the terminal is too narrow for "), "{shown}");
    assert!(shown.lines().any(|line| line.starts_with("the terminal") && line.contains("ERP_Id__c")), "{shown}");
    let wide = org.run(&["soql-query", soql, "--table"]);
    assert!(!wide.stdout.contains("too narrow") && wide.stdout.contains("ERP-000000"), "{wide:?}");
}

/// What the program shows on a terminal of so many columns.
fn on_a_terminal(org: &Org, columns: u16, arguments: &[&str]) -> String {
    let run = org.end(org.harness_on_a_terminal(columns, arguments));
    assert_eq!(run.code, Some(0), "{run:?}");
    run.stdout.replace("\r\n", "\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_keeps_its_lines_and_its_caret_and_drives_no_terminal() {
    let org = Org::connected().await;
    let message = "\nSELECT Id,\tFoo FROM Account\n           ^\nERROR at Row:1 \u{202e}\u{200b}evil";
    let body = json!([{"errorCode": "MALFORMED_QUERY", "message": message}]);
    org.mock.push_fault(Matcher::path(QUERY), Fault::json(400, &body));
    let run = org.run(&["soql-query", "SELECT Id FROM Account"]);
    let expected = "(status 400):\n    SELECT Id, Foo FROM Account\n               ^\n    ERROR at Row:1 \\u{202e}\\u{200b}evil\n  invalid-query";
    assert!(run.failed(6).contains(expected), "{run:?}");
    org.mock.push_fault(Matcher::path(QUERY), Fault::json(400, &body));
    let run = org.run(&["--json", "soql-query", "SELECT Id FROM Account"]);
    let told: Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(told["error"]["problems"][0]["message"], json!(message));
    assert!(!run.stderr.contains(['\u{202e}', '\u{200b}']), "{run:?}");
}
