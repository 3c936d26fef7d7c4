//! `harness load`: files of rows, what is refused of them, and when.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::fixture::{Org, Run};
use crate::host::Host;

const COLLECTIONS: &str = "/services/data/v67.0/composite/sobjects";

/// The lines of JSON.
pub(crate) fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The records of a query, without `attributes`.
fn query(org: &Org, soql: &str) -> Vec<Value> {
    let mut found = lines(&org.run(&["soql-query", soql, "--all"]).stdout);
    found.iter_mut().for_each(|record| drop(record.as_object_mut().unwrap().remove("attributes")));
    found
}

/// It ended well: the results it printed.
#[track_caller]
fn loaded(run: &Run, told: &str) -> Vec<Value> {
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), told), "{run:?}");
    lines(&run.stdout)
}

fn load<'a>(what: &[&'a str], file: &'a Path) -> Vec<&'a str> {
    [&["load"], what, &[file.to_str().unwrap()]].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_become_what_their_fields_hold() {
    let org = Org::connected().await;
    let csv = "\u{feff}Name,AnnualRevenue,Industry,Description,Parent.ERP_Id__c\r\n\
        \"Load, \"\"one\"\"\",1250,Energy,\"two\r\nlines\",ERP-000000\r\n\
        Load two,,#N/A,,\r\n\r\nLoad three,7,,é,\r\n";
    let file = org.file("accounts.csv", csv);
    let results = loaded(&org.run(&load(&["create", "Account"], &file)), "3 rows were created\n");
    let told = results.iter().map(|result| (result["line"].as_u64().unwrap(), result["ok"]["created"] == true));
    assert_eq!(told.collect::<Vec<_>>(), [(2, true), (4, true), (6, true)]);
    let soql = "SELECT Id, Name, AnnualRevenue, Industry, Description, Parent.ERP_Id__c FROM Account WHERE Name LIKE 'Load%' ORDER BY AnnualRevenue DESC NULLS LAST";
    let found = query(&org, soql);
    assert_eq!(found.len(), 3);
    assert_eq!(found[0]["Id"], results[0]["ok"]["id"]);
    let fields =
        |index: usize| ["Name", "AnnualRevenue", "Industry", "Description"].map(|name| found[index][name].clone());
    assert_eq!(fields(0), [json!("Load, \"one\""), json!(1250), json!("Energy"), json!("two\r\nlines")]);
    assert_eq!(found[0]["Parent"]["ERP_Id__c"], "ERP-000000");
    assert_eq!(fields(1), [json!("Load three"), json!(7), Value::Null, json!("é")]);
    assert_eq!(fields(2), [json!("Load two"), Value::Null, Value::Null, Value::Null]);
    assert_eq!(org.mock.ledger().requests("POST", COLLECTIONS), 1);
    assert!(!org.path("accounts.csv.load").exists() && !org.path("accounts.csv.load.lock").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn json_lines_are_sent_as_they_are() {
    let org = Org::expired().await;
    let file = org.file(
        "accounts.jsonl",
        "\n{\"Name\" : \"A\\u00e9\", \"AnnualRevenue\":9007199254740.10}\r\n\r\n{\"Name\":\"B\"}",
    );
    let results = loaded(&org.run(&load(&["create", "Account"], &file)), "2 rows were created\n");
    assert_eq!((&results[0]["line"], &results[1]["line"]), (&json!(2), &json!(4)));
    let ledger = org.mock.ledger();
    let sent = ledger.entries().rfind(|entry| entry.path == COLLECTIONS).unwrap();
    assert!(sent.body.as_ref().unwrap().contains(r#""Name":"A\u00e9","AnnualRevenue":9007199254740.10}"#), "{sent:?}");
    assert_eq!((ledger.creates("Account"), org.refreshes()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_updated_upserted_and_deleted() {
    let org = Org::connected().await;
    let rows = "ERP_Id__c,Name\nLOAD-1,One\nLOAD-2,Two\n";
    let file = org.file("upsert.csv", rows);
    let upsert = load(&["upsert", "Account", "--external-id", "ERP_Id__c"], &file);
    let first = loaded(&org.run(&upsert), "2 rows were upserted\n");
    let again = loaded(&org.run(&upsert), "2 rows were upserted\n");
    for (first, again) in first.iter().zip(&again) {
        assert_eq!((&first["ok"]["created"], &again["ok"]["created"]), (&json!(true), &json!(false)));
        assert_eq!(first["ok"]["id"], again["ok"]["id"]);
    }
    // Each Id once in a call: the second row of the first Id comes with the next.
    let ids = first.iter().map(|result| result["ok"]["id"].as_str().unwrap());
    let ids: Vec<_> = ids.collect();
    let rows = format!("Id,Name\n{},Uno\n{},Dos\n{},Tres\n", ids[0], ids[1], ids[0].get(..15).unwrap());
    let update = org.run(&load(&["update", "Account"], &org.file("update.csv", &rows)));
    assert_eq!(loaded(&update, "3 rows were updated\n").len(), 3);
    let names = || query(&org, "SELECT Id, Name FROM Account WHERE ERP_Id__c LIKE 'LOAD-%' ORDER BY ERP_Id__c");
    assert_eq!(names(), [json!({"Id": ids[0], "Name": "Tres"}), json!({"Id": ids[1], "Name": "Dos"})]);

    let found = org.run(&["soql-query", "SELECT Id, Name FROM Account WHERE ERP_Id__c LIKE 'LOAD-%'", "--all"]).stdout;
    let results = loaded(&org.run_with_input(&["load", "delete", "-"], &found), "2 rows were deleted\n");
    assert_eq!(results[0], json!({"line": 1, "ok": {"id": results[0]["ok"]["id"], "already_deleted": false}}));
    assert!(names().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_refused_come_back_to_be_corrected() {
    for csv in [true, false] {
        let org = Org::connected().await;
        let input = match csv {
            true => "Name,Industry,sf__Error\nGood,Energy,\n,Energy,old\n\"Bad, too\",,\n",
            false => {
                "{\"Name\":\"Good\",\"Industry\":\"Energy\"}\n{\"Industry\":\"Energy\",\"sf__Error\":\"old\"}\n{\"Name\":\"Bad, too\"}\n"
            }
        };
        let file = org.file("rows", input);
        let (failed, results) = (org.path("failed"), org.path("results"));
        let files = ["--failed", failed.to_str().unwrap(), "--results", results.to_str().unwrap()];
        org.mock.push_fault(
            mock_salesforce::Matcher::path(COLLECTIONS),
            mock_salesforce::Fault::Replace(json!([
                {"id": "001000000000001AAA", "success": true, "errors": []},
                {"success": false, "errors": [{"statusCode": "REQUIRED_FIELD_MISSING", "message": "Required: [Name]", "fields": ["Name"]}]},
                {"success": false, "errors": [{"statusCode": "DUPLICATE_VALUE", "message": "duplicate", "fields": []}]},
            ])),
        );
        let run = org.run(&[&load(&["create", "Account"], &file)[..], &files].concat());
        assert!(run.failed(5).contains("2 of 3 failed: 1 duplicate, 1 invalid-record"), "{run:?}");
        let told = lines(&fs::read_to_string(&results).unwrap());
        let kinds = told.iter().map(|line| (&line["line"], &line["error"]["kind"], &line["error"]["outcome"]));
        let from = if csv { 2 } else { 1 };
        let expected = [
            json!([from, null, null]),
            json!([from + 1, "invalid-record", "rejected"]),
            json!([from + 2, "duplicate", "rejected"]),
        ];
        assert_eq!(kinds.map(|(line, kind, outcome)| json!([line, kind, outcome])).collect::<Vec<_>>(), expected);
        let back = fs::read_to_string(&failed).unwrap();
        let expected = match csv {
            true => [",Energy,\"invalid-record: ", "\"Bad, too\",,\"duplicate: "],
            false => [
                r#"{"Industry":"Energy","sf__Error":"invalid-record: "#,
                r#"{"Name":"Bad, too","sf__Error":"duplicate: "#,
            ],
        };
        let rows: Vec<_> = back.lines().skip(usize::from(csv)).collect();
        assert_eq!(rows.len(), 2, "{back}");
        for (row, expected) in rows.iter().zip(expected) {
            assert!(
                row.starts_with(&expected.replace("\"invalid", "invalid").replace("\"duplicate", "duplicate"))
                    || row.starts_with(expected),
                "{row}"
            );
        }

        let corrected = match csv {
            true => back.replace("\n,Energy", "\nNamed,Energy"),
            false => back.replace("{\"Industry\"", "{\"Name\":\"Named\",\"Industry\""),
        };
        let before = org.mock.ledger().creates("Account");
        let file = org.file("again", &corrected);
        assert_eq!(loaded(&org.run(&load(&["create", "Account"], &file)), "2 rows were created\n").len(), 2);
        assert_eq!(org.mock.ledger().creates("Account"), before + 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_row_is_told_before_anything_is_sent() {
    let org = Org::connected().await;
    let id = "001000000000001AAA";
    let good = "{\"Name\":\"x\"}\n".repeat(300);
    for (what, rows, told) in [
        (&["create", "Account"][..], format!("{good}{{\"Name\":}}\n"), "line 301: the row: expected one JSON object"),
        (&["create", "Account"], format!("{good}7\n"), "line 301: the row: expected one JSON object"),
        (
            &["create", "Account"],
            format!("{good}{{\"a\":1,\"A\":2}}"),
            "line 301: the row: expected A once, but it came twice",
        ),
        (
            &["create", "Account"],
            format!("{{\"Id\":\"{id}\",\"Name\":\"x\"}}"),
            "line 1: expected no Id: a new record has none",
        ),
        (&["update", "Account"], "{\"Name\":\"x\"}".to_owned(), "line 1: expected the Id of the record"),
        (
            &["update", "Account"],
            format!("{{\"Id\":\"{id}\"}}\n{{\"Id\":\"001\"}}"),
            "line 2: Id: expected a record Id",
        ),
        (&["delete"], "Id\n001000000000001AAA\n001000000000001AAB\n".to_owned(), "line 3: Id: expected a record Id"),
        (&["delete"], "Name\nx\n".to_owned(), "line 1: expected a column Id"),
        (
            &["upsert", "Account", "--external-id", "ERP_Id__c"],
            "{\"Name\":\"x\"}".to_owned(),
            "line 1: expected ERP_Id__c with a text",
        ),
        (&["create", "Account"], "[{\"Name\":\"x\"}]".to_owned(), "found a JSON array"),
        (
            &["delete"],
            "Id\n001000000000001AAA,x\n".to_owned(),
            "line 2: expected 1 cells, as in the first row, found 2",
        ),
        (&["delete"], format!("Id\n{id}\n\"{id}\n"), "line 3: expected a quote behind each that opens a cell"),
        (&["delete"], format!("Id\n{}\n", "x".repeat(3 << 20)), "line 2: expected a row of at most 2 MiB"),
    ] {
        let file = org.file("rows", &rows);
        let run = org.run(&load(what, &file));
        assert!(run.failed(12).contains(told), "{told}: {run:?}");
        assert!(!org.path("rows.load").exists(), "{told}");
    }
    fs::write(org.path("rows"), b"Id\n\xff\n").unwrap();
    assert!(org.run(&load(&["delete"], &org.path("rows"))).failed(12).contains("line 2: expected UTF-8 text"));
    let run = org.run(&["load", "create", "Acc ount", "rows"]);
    assert!(run.failed(2).contains("expected the API name of an object"), "{run:?}");
    assert_eq!(org.mock.ledger().entries().count(), 0);

    for (what, rows, told) in [
        (
            &["create", "Account"][..],
            "Name,Colour\nx,red\n",
            "line 1: column Colour: expected a field that the user may see",
        ),
        (
            &["create", "Account"],
            "Name,CreatedDate\nx,\n",
            "line 1: column CreatedDate: expected a field that the user may set",
        ),
        (
            &["create", "Account"],
            "Name,AnnualRevenue\na,1\nb,\"1,5\"\n",
            "line 3: column AnnualRevenue: expected a number",
        ),
    ] {
        let run = org.run(&load(what, &org.file("rows", rows)));
        assert!(run.failed(12).contains(told), "{told}: {run:?}");
    }
    assert!(org.mock.ledger().entries().all(|entry| entry.path.ends_with("/sobjects/Account/describe")));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_results_are_their_own() {
    let org = Org::connected().await;
    let file = org.file("rows.jsonl", "{\"Name\":\"x\"}\n");
    let path = file.to_str().unwrap();
    let same = org.path("same");
    for (files, told) in [
        (
            ["--failed", path, "--results", same.to_str().unwrap()],
            "--failed: expected a file of its own, but it is that of the input",
        ),
        (
            ["--failed", same.to_str().unwrap(), "--results", same.to_str().unwrap()],
            "--failed: expected a file of its own, but it is that of --results",
        ),
    ] {
        let run = org.run(&[&load(&["create", "Account"], &file)[..], &files].concat());
        assert!(run.code == Some(2) && run.stderr.contains(told), "{run:?}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"Name\":\"x\"}\n");
    assert_eq!(org.mock.ledger().writes().count(), 0);
    // The input under another name, and the state, which is not there yet.
    let (link, state) = (org.path("link"), org.path("rows.jsonl.load"));
    fs::hard_link(&file, &link).unwrap();
    let with = |option: &str, file: &Path| {
        org.run(
            &[&load(&["create", "Account"], &org.path("rows.jsonl"))[..], &[option, file.to_str().unwrap()]].concat(),
        )
    };
    for (file, told) in [(&link, "it is that of the input"), (&state, "it is that of the state")] {
        let run = with("--results", file);
        assert!(run.code == Some(2) && run.stderr.contains(told), "{run:?}");
    }
    assert!(!state.exists());
    // What is there, the connection above all, is not written over.
    fs::write(&same, "precious").unwrap();
    let run = with("--failed", &same);
    assert!(run.failed(12).contains("same: expected a new or an empty file, found 8 bytes"), "{run:?}");
    assert_eq!(fs::read_to_string(&same).unwrap(), "precious");
    assert_eq!(org.mock.ledger().writes().count(), 0);
    fs::write(&same, "").unwrap();
    assert_eq!(loaded(&with("--failed", &same), "1 rows were created\n").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_rows_are_each_loaded_once() {
    let org = Org::connected().await;
    let rows: String = (0..10_000).map(|number| format!("Row {number:05},{number}\n")).collect();
    let file = org.file("many.csv", &format!("Name,NumberOfEmployees\n{rows}"));
    let results = loaded(&org.run(&load(&["create", "Account"], &file)), "10,000 rows were created\n");
    assert!(results.iter().zip(2..).all(|(result, line)| result["line"] == json!(line)));
    assert_eq!((results.len(), org.mock.ledger().requests("POST", COLLECTIONS)), (10_000, 50));
    let found = query(&org, "SELECT Id, NumberOfEmployees FROM Account WHERE Name LIKE 'Row %' ORDER BY Name");
    assert_eq!(found.len(), 10_000);
    for ((result, found), number) in results.iter().zip(&found).zip(0..) {
        assert_eq!((&result["ok"]["id"], &found["NumberOfEmployees"]), (&found["Id"], &json!(number)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_loads_them_too() {
    let host = Host::connected().await;
    let file = host.org.file("accounts.csv", "Name,AnnualRevenue\nOne,1\nTwo,2\n");
    let run = host.run(&[&load(&["create", "Account"], &file)[..], &["--batch-size", "1"]].concat());
    assert_eq!(loaded(&run, "2 rows were created\n").len(), 2);
    assert_eq!(host.org.mock.ledger().creates("Account"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_shows_how_far_it_is() {
    let org = Org::connected().await;
    let file = org.file("rows.jsonl", &"{\"Name\":\"x\"}\n".repeat(400));
    let results = org.path("results");
    let arguments = [&load(&["create", "Account"], &file)[..], &["--results", results.to_str().unwrap()]].concat();
    let mut script = org.harness_on_a_terminal(80, &arguments);
    script.env("TERM", "xterm");
    let run = org.end(script);
    assert!(run.code == Some(0) && run.stdout.contains("400 rows were created"), "{run:?}");
    assert!(run.stdout.contains(" of 400 rows, "), "{run:?}");
    let json = org.run(&[&load(&["create", "Account"], &file)[..], &["--json"]].concat());
    assert_eq!(loaded(&json, "").len(), 400);
    assert_eq!(
        loaded(&org.run(&load(&["create", "Account"], &org.file("none", ""))), "0 rows were created\n").len(),
        0
    );
}
