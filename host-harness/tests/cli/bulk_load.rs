//! `harness bulk-load`: files of rows, what is refused of them, and when.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use jiff::SignedDuration;
use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};

use crate::fixture::{Org, Run, until};
use crate::load::lines;

pub(crate) const JOBS: &str = "/services/data/v67.0/jobs/ingest";

/// An org whose jobs are over at once.
pub(crate) async fn quick() -> Org {
    let org = Org::connected().await;
    org.mock.bulk_jobs_take(SignedDuration::ZERO);
    org
}

/// The records of a query, without `attributes`.
pub(crate) fn query(org: &Org, soql: &str) -> Vec<Value> {
    let mut found = lines(&org.run(&["soql-query", soql, "--all"]).stdout);
    found.iter_mut().for_each(|record| drop(record.as_object_mut().unwrap().remove("attributes")));
    found
}

/// The id of the job that a state is about.
fn job_of(org: &Org, state: &str) -> Value {
    let state: Value = serde_json::from_str(&fs::read_to_string(org.path(state)).unwrap()).unwrap();
    state["under_way"]["id"].clone()
}

fn bulk<'a>(org: &Org, file: &'a Path, what: &[&'a str]) -> Run {
    org.run(&[&["bulk-load", "Account", file.to_str().unwrap()], what].concat())
}

const UPSERT: [&str; 4] = ["--operation", "upsert", "--external-id", "ERP_Id__c"];

/// It ended well: the results it printed.
#[track_caller]
fn loaded(run: &Run, told: &str) -> Vec<Value> {
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), told), "{run:?}");
    lines(&run.stdout)
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_arrive_as_they_are() {
    let org = quick().await;
    let csv = "\u{feff}ERP_Id__c,Name,AnnualRevenue,Industry,Description,Parent.ERP_Id__c,sf__Error\r\n\
        B-1,\"Bulk, \"\"one\"\"\",1250,Energy,\"two\r\nlines\",ERP-000000,old\r\n\
        B-2, Bulk two ,,#N/A,,,\r\n\r\nB-3,Bulk é,7,,\"a\nb\",,\r\n";
    let file = org.file("accounts.csv", csv);
    let results = loaded(&bulk(&org, &file, &UPSERT), "3 rows were upserted\n");
    let told = results.iter().map(|result| (result["line"].as_u64().unwrap(), result["ok"]["created"] == true));
    assert_eq!(told.collect::<Vec<_>>(), [(2, true), (4, true), (6, true)]);
    let soql = "SELECT Id, ERP_Id__c, Name, AnnualRevenue, Industry, Description, Parent.ERP_Id__c FROM Account WHERE ERP_Id__c LIKE 'B-%' ORDER BY ERP_Id__c";
    let found = query(&org, soql);
    let fields =
        |index: usize| ["Name", "AnnualRevenue", "Industry", "Description"].map(|name| found[index][name].clone());
    assert_eq!(
        found.iter().map(|record| &record["Id"]).collect::<Vec<_>>(),
        results.iter().map(|told| &told["ok"]["id"]).collect::<Vec<_>>()
    );
    assert_eq!(fields(0), [json!("Bulk, \"one\""), json!(1250), json!("Energy"), json!("two\r\nlines")]);
    assert_eq!(found[0]["Parent"]["ERP_Id__c"], "ERP-000000");
    assert_eq!(fields(1)[1..], [Value::Null, Value::Null, Value::Null]);
    assert_eq!(found[1]["Name"].as_str().unwrap().trim(), "Bulk two");
    assert_eq!(fields(2), [json!("Bulk é"), json!(7), Value::Null, json!("a\nb")]);
    // Empty cells leave fields alone, and the same rows are found.
    let again = org.file("again.csv", "erp_id__c,Name,Industry\nB-1,One,\nB-3,Three,Retail\n");
    let results = loaded(&bulk(&org, &again, &UPSERT), "2 rows were upserted\n");
    assert_eq!(results[1], json!({"line": 3, "ok": {"id": found[2]["Id"], "created": false}}));
    let found = query(&org, "SELECT Name, Industry FROM Account WHERE ERP_Id__c IN ('B-1', 'B-3') ORDER BY ERP_Id__c");
    assert_eq!(found, [json!({"Name": "One", "Industry": "Energy"}), json!({"Name": "Three", "Industry": "Retail"})]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_leaves_does_not_make_a_load_done() {
    let org = quick().await;
    let file = org.file("accounts.csv", "Name\nLeft behind\n");
    let load = ["bulk-load", "Account", file.to_str().unwrap(), "--operation", "insert"];
    let mut child = org.harness(&load).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cannot write the result: Broken pipe"), "{stderr}");
    let results = loaded(&org.run(&load), "1 rows were created\n");
    assert_eq!((results.len(), query(&org, "SELECT Id FROM Account WHERE Name = 'Left behind'").len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn members_arrive_as_they_are_meant() {
    let org = Org::expired().await;
    org.mock.bulk_jobs_take(SignedDuration::ZERO);
    let rows = "\n{\"Name\":\"J \\u00e9 \\\"x\\\"\",\"AnnualRevenue\":9007199254740993,\"ERP_Id__c\":\"J-1\"}\r\n\
        {\"ERP_Id__c\":\"J-2\",\"attributes\":{},\"Name\":\"Two\",\"Parent\":{\"ERP_Id__c\":\"ERP-000001\"},\"Industry\":null,\"sf__Error\":\"old\"}\n";
    let file = org.file("accounts.jsonl", rows);
    let results = loaded(&bulk(&org, &file, &["--operation", "insert"]), "2 rows were created\n");
    assert_eq!(results.iter().map(|told| &told["line"]).collect::<Vec<_>>(), [2, 3]);
    let soql = "SELECT Name, AnnualRevenue, Industry, Parent.ERP_Id__c FROM Account WHERE ERP_Id__c LIKE 'J-%' ORDER BY ERP_Id__c";
    let found = query(&org, soql);
    assert_eq!((&found[0]["Name"], &found[0]["Parent"]), (&json!("J é \"x\""), &Value::Null));
    assert_eq!(found[0]["AnnualRevenue"].to_string(), "9007199254740993");
    assert_eq!((&found[1]["Name"], &found[1]["Parent"]["ERP_Id__c"]), (&json!("Two"), &json!("ERP-000001")));
    assert_eq!(org.refreshes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_becomes_several_jobs_cut_at_the_ends_of_rows() {
    let org = quick().await;
    let rows: String = (0..300).map(|row| format!("\"Row {row:03}\nof, many\",{row}\n")).collect();
    let file = org.file("many.csv", &format!("Name,NumberOfEmployees\n{rows}"));
    let results =
        loaded(&bulk(&org, &file, &["--operation", "insert", "--job-bytes", "1000"]), "300 rows were created\n");
    assert!(results.iter().zip(0..).all(|(result, row)| result["line"] == json!(2 + 2 * row)));
    let found = query(&org, "SELECT Id, Name, NumberOfEmployees FROM Account WHERE Name LIKE 'Row %' ORDER BY Name");
    assert_eq!(found.len(), 300);
    for ((result, found), row) in results.iter().zip(&found).zip(0..) {
        let expected = (&result["ok"]["id"], &json!(format!("Row {row:03}\nof, many")), &json!(row));
        assert_eq!((&found["Id"], &found["Name"], &found["NumberOfEmployees"]), expected);
    }
    let ledger = org.mock.ledger();
    let sizes: Vec<_> = ledger.entries().filter(|entry| entry.method == "PUT").map(|entry| entry.body_length).collect();
    assert!(sizes.len() == 8 && sizes.iter().all(|bytes| *bytes <= 1_000), "{sizes:?}");
    assert!(!org.path("many.csv.bulk-load").exists() && !org.path("many.csv.bulk-load.lock").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_rows_are_each_created_and_told() {
    let org = quick().await;
    let file = org.file("same.csv", &format!("Name\n{}", "Same\n".repeat(5)));
    let results = loaded(&bulk(&org, &file, &["--operation", "insert"]), "5 rows were created\n");
    assert_eq!(results.iter().map(|told| &told["line"]).collect::<Vec<_>>(), [2, 3, 4, 5, 6]);
    let ids: std::collections::BTreeSet<_> = results.iter().map(|told| told["ok"]["id"].to_string()).collect();
    assert_eq!((ids.len(), query(&org, "SELECT Id FROM Account WHERE Name = 'Same'").len()), (5, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_updated_and_deleted_by_their_ids() {
    let org = quick().await;
    let file = org.file("upsert.csv", "ERP_Id__c,Name\nD-1,One\nD-2,Two\nD-3,Three\n");
    let ids = loaded(&bulk(&org, &file, &UPSERT), "3 rows were upserted\n");
    let ids: Vec<_> = ids.iter().map(|told| told["ok"]["id"].as_str().unwrap()).collect();
    let rows = format!("Id,Name\n{},Uno\n{},Dos\n", ids[0], ids[1].get(..15).unwrap());
    let results =
        loaded(&bulk(&org, &org.file("update.csv", &rows), &["--operation", "update"]), "2 rows were updated\n");
    assert_eq!(results[1], json!({"line": 3, "ok": {"id": ids[1], "created": false}}));
    let names = || query(&org, "SELECT Name FROM Account WHERE ERP_Id__c LIKE 'D-%' ORDER BY ERP_Id__c");
    assert_eq!(names(), [json!({"Name": "Uno"}), json!({"Name": "Dos"}), json!({"Name": "Three"})]);
    // What a query gives can be deleted: other columns are left out.
    let rows = format!("{{\"Id\":\"{}\",\"Name\":\"Uno\"}}\n{{\"Id\":\"{}\"}}\n", ids[0], ids[1]);
    let results =
        loaded(&bulk(&org, &org.file("delete.jsonl", &rows), &["--operation", "delete"]), "2 rows were deleted\n");
    assert_eq!(results.len(), 2);
    assert_eq!(names(), [json!({"Name": "Three"})]);
    let run = bulk(&org, &org.file("hard.csv", &format!("Id\n{}\n", ids[2])), &["--operation", "hard-delete"]);
    assert!(run.code == Some(10) && run.stderr.contains("FEATURENOTENABLED"), "{run:?}");
    assert!(!org.path("hard.csv.bulk-load").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_refused_come_back_to_be_corrected() {
    for csv in [true, false] {
        let org = quick().await;
        let input = match csv {
            true => "Name,NumberOfEmployees\nGood,1\n\"Bad, \"\"too\"\"\",many\nFine,2\n",
            false => {
                "{\"Name\":\"Good\",\"NumberOfEmployees\":1}\n{\"Name\":\"Bad, \\\"too\\\"\",\"NumberOfEmployees\":\"many\"}\n{\"Name\":\"Fine\"}\n"
            }
        };
        let file = org.file("rows", input);
        let (failed, results) = (org.path("failed"), org.path("results"));
        let files = ["--failed", failed.to_str().unwrap(), "--results", results.to_str().unwrap()];
        let run = bulk(&org, &file, &[&["--operation", "insert"][..], &files].concat());
        assert!(run.failed(5).contains("1 of 3 failed: 1 invalid-record"), "{run:?}");
        let told = lines(&fs::read_to_string(&results).unwrap());
        let from = if csv { 2 } else { 1 };
        assert_eq!(told.iter().map(|line| &line["line"]).collect::<Vec<_>>(), [from, from + 1, from + 2]);
        assert!(told[0]["ok"]["created"] == true && told[2]["ok"]["created"] == true, "{told:?}");
        let error = &told[1]["error"];
        assert_eq!((&error["kind"], &error["outcome"]), (&json!("invalid-record"), &json!("rejected")));
        let problem = &error["problems"][0];
        assert_eq!((&problem["code"], &problem["fields"]), (&json!("INVALID_FIELD"), &json!(["NumberOfEmployees"])));
        let back = fs::read_to_string(&failed).unwrap();
        let start = match csv {
            true => "Name,NumberOfEmployees,sf__Error\r\n\"Bad, \"\"too\"\"\",many,\"invalid-record: ",
            false => "{\"Name\":\"Bad, \\\"too\\\"\",\"NumberOfEmployees\":\"many\",\"sf__Error\":\"invalid-record: ",
        };
        assert!(back.starts_with(start) && back.lines().count() == 1 + usize::from(csv), "{back}");
        let file = org.file("again", &back.replace("many", "3"));
        assert_eq!(loaded(&bulk(&org, &file, &["--operation", "insert"]), "1 rows were created\n").len(), 1);
        assert_eq!(org.mock.ledger().creates("Account"), 3);
        let found = query(&org, "SELECT NumberOfEmployees FROM Account WHERE Name = 'Bad, \"too\"'");
        assert_eq!(found, [json!({"NumberOfEmployees": 3})]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_input_is_told_before_anything_is_sent() {
    let org = quick().await;
    let id = "001000000000001AAA";
    let insert = &["--operation", "insert"][..];
    let update = &["--operation", "update"][..];
    let delete = &["--operation", "delete"][..];
    for (what, rows, told) in [
        (
            insert,
            format!("{}{{\"Name\":}}\n", "{\"Name\":\"x\"}\n".repeat(300)),
            "line 301: the row: expected one JSON object",
        ),
        (insert, "{\"Name\":[1]}".to_owned(), "line 1: Name: expected a text, a number, true, false or null"),
        (insert, "Name,Name\nx,y\n".to_owned(), "line 1: expected each column once, but Name is there twice"),
        (insert, format!("Id,Name\n{id},x\n"), "line 1: expected no column Id"),
        (insert, "Name\n\"x\ny\n".to_owned(), "line 2: expected a quote behind each that opens a cell"),
        (insert, "Name\n5\" pipe\n".to_owned(), "line 2: expected quotes around a cell that has one"),
        (update, "Name\nx\n".to_owned(), "line 1: expected a column Id"),
        (update, "{\"Name\":\"x\"}".to_owned(), "line 1: expected the Id of the record"),
        (update, format!("Id,Name\n{id},x\n001,y\n"), "line 3: Id: expected a record Id"),
        (delete, "Id\n001000000000001AAB\n".to_owned(), "line 2: Id: expected a record Id"),
        (&UPSERT, "ERP_Id__c,Name\n,x\n".to_owned(), "line 2: expected ERP_Id__c with a text"),
        (&UPSERT, "{\"ERP_Id__c\":null}".to_owned(), "line 1: expected ERP_Id__c with a text"),
        (delete, format!("Id\n{id},x\n"), "line 2: expected 1 cells, as in the first row, found 2"),
    ] {
        let run = bulk(&org, &org.file("rows", &rows), what);
        assert!(run.failed(12).contains(told), "{told}: {run:?}");
        assert!(!org.path("rows.bulk-load").exists(), "{told}");
    }
    for (what, told) in [
        (&["--operation", "upsert"][..], "expected --external-id FIELD too"),
        (&["--operation", "insert", "--external-id", "ERP_Id__c"], "expected only with --operation upsert"),
        (&["--operation", "upsert", "--external-id", "ERP Id"], "--external-id"),
    ] {
        let run = bulk(&org, &org.file("rows", "Name\nx\n"), what);
        assert!(run.failed(2).contains(told), "{run:?}");
    }
    assert_eq!(org.mock.ledger().entries().count(), 0);
    for (rows, told) in [
        ("Name,Colour\nx,red\n", "line 1: column Colour: expected a field that the user may see"),
        (
            "{\"Name\":\"x\",\"CreatedDate\":\"2026-01-01\"}\n",
            "rows: column CreatedDate: expected a field that the user may set",
        ),
    ] {
        let run = bulk(&org, &org.file("rows", rows), insert);
        assert!(run.failed(12).contains(told), "{told}: {run:?}");
    }
    assert!(org.mock.ledger().entries().all(|entry| entry.path.ends_with("/sobjects/Account/describe")));
    assert_eq!(loaded(&bulk(&org, &org.file("none", ""), insert), "0 rows were created\n").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_which_nothing_was_done_is_told_and_its_rows_are_taken_up_again() {
    let org = quick().await;
    let file = org.file("rows.csv", "Name\nFirst\nSecond\n");
    // It is filled and was never closed.
    org.mock.push_fault(Matcher::under(JOBS).method("PATCH"), Fault::Hang);
    let arguments = ["bulk-load", "Account", file.to_str().unwrap(), "--operation", "insert"];
    let mut child = org.harness(&arguments).spawn().unwrap();
    until(|| org.mock.ledger().entries().any(|entry| entry.method == "PATCH")).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let job = json!({"id": job_of(&org, "rows.csv.bulk-load"), "operation": "insert", "object": "Account", "state": "Failed",
        "apiVersion": 67.0, "numberRecordsProcessed": 0, "numberRecordsFailed": 0,
        "errorMessage": "InvalidBatch : Field name not found : Name"});
    let under = || Matcher::under(&format!("{JOBS}/")).method("GET");
    org.mock.push_fault(under(), Fault::Replace(job));
    for columns in [
        "\"sf__Id\",\"sf__Created\",\"Name\"\n",
        "\"sf__Id\",\"sf__Error\",\"Name\"\n",
        "\"Name\"\n\"First\"\n\"Second\"\n",
    ] {
        let headers = vec![("content-type".to_owned(), "text/csv; charset=UTF-8".to_owned())];
        org.mock.push_fault(under().nth(2), Fault::Answer { status: 200, headers, body: columns.as_bytes().to_vec() });
    }
    let run = bulk(&org, &file, &["--operation", "insert"]);
    assert!(
        run.code == Some(10) && run.stderr.contains("failed: InvalidBatch : Field name not found : Name"),
        "{run:?}"
    );
    assert_eq!(run.stdout, "");
    assert!(!org.path("rows.csv.bulk-load").exists());
    assert_eq!(loaded(&bulk(&org, &file, &["--operation", "insert"]), "2 rows were created\n").len(), 2);
    assert_eq!(org.mock.ledger().creates("Account"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_job_that_is_given_up_each_row_is_told() {
    let org = quick().await;
    org.mock.bulk_jobs_take(SignedDuration::from_hours(1));
    let rows: String = (0..3).map(|row| format!("A-{row},Abort {row}\n")).collect();
    let file = org.file("rows.csv", &format!("ERP_Id__c,Name\n{rows}"));
    let results = org.path("results");
    let what = [&UPSERT[..], &["--wait", "1", "--results", results.to_str().unwrap()]].concat();
    let run = bulk(&org, &file, &what);
    assert!(run.code == Some(9) && run.stderr.contains("Salesforce still works on the job 750"), "{run:?}");
    assert!(run.stderr.contains("note: stopped after 0 of 3 rows; run the same command to go on"), "{run:?}");
    let job = job_of(&org, "rows.csv.bulk-load");
    org.run(&["abort-job", "--kind", "ingest", "--job-id", job.as_str().unwrap()]).done();
    let run = bulk(&org, &file, &what);
    assert!(
        run.code == Some(9) && run.stderr.contains("was aborted") && run.stderr.contains("rows are written"),
        "{run:?}"
    );
    let told = lines(&fs::read_to_string(&results).unwrap());
    assert_eq!(told.iter().map(|line| line["ok"]["created"] == true).collect::<Vec<_>>(), [true; 3]);
    assert_eq!(query(&org, "SELECT Id FROM Account WHERE ERP_Id__c LIKE 'A-%'").len(), 3);
    let run = bulk(&org, &file, &what);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), "3 rows were upserted\n"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_shows_how_far_it_is() {
    let org = quick().await;
    let file = org.file("rows.csv", &format!("Name\n{}", "Row\n".repeat(400)));
    let results = org.path("results").display().to_string();
    let arguments = [
        "bulk-load",
        "Account",
        file.to_str().unwrap(),
        "--operation",
        "insert",
        "--job-bytes",
        "1000",
        "--results",
        &results,
    ];
    let mut script = org.harness_on_a_terminal(80, &arguments);
    script.env("TERM", "xterm");
    let run = org.end(script);
    assert!(run.code == Some(0) && run.stdout.contains("400 rows were created"), "{run:?}");
    assert!(run.stdout.contains(" of 400 rows, "), "{run:?}");
}
