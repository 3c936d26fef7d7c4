//! Results of any action as a table or as CSV, and what is told beside their rows.

use crate::fixture::Org;

/// The rows of CSV, the names of its columns first.
fn rows(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_can_be_csv() {
    let org = Org::connected().await;
    let account = org.run(&["soql-query", "SELECT Id FROM Account WHERE ERP_Id__c = 'ERP-000000'"]).done();
    let id = account["records"][0]["Id"].as_str().unwrap();
    let deleted = org.run(&["create-or-update-record", "Account", "--create", "--fields", r#"{"Name":"x"}"#]).done();
    let deleted = deleted["id"].as_str().unwrap();
    org.run(&["delete-records", "--ids", deleted]).done();
    let span = ["--start", "2026-11-20T00:00:00Z", "--end", "2027-01-01T00:00:00Z"];
    let since = [&["deleted-records", "Account", "--csv"][..], &span].concat();
    for (arguments, columns, row, told) in [
        (&["org-limits", "--csv"][..], "name,max,remaining", "DailyApiRequests,", ""),
        (
            &["record-counts", "--objects", "Account,Nothing__c", "--csv"],
            "object,count",
            "Account,",
            "missing: Nothing__c\n",
        ),
        (
            &["list-objects", "--csv"],
            "name,label,label_plural,",
            "Account,Account,Accounts,001,false,",
            "last_modified: ",
        ),
        (&["describe-object", "Account", "--csv"], "name,label,type,length,", "Name,", "object: in JSON\n"),
        (&["get-records", "Account", "--ids", id, "--fields", "Name", "--csv"], "Id,Name", "Acme Corporation", ""),
        (
            &["sosl-search", "FIND {Acme} IN NAME FIELDS RETURNING Account(Name)", "--csv"],
            "Name",
            "Acme Corporation",
            "",
        ),
        (&["changed-records", "Account", "--fields", "Name", "--csv"], "Name,Id,", "Acme Corporation", "more: "),
        (
            &["get-record-field-values", "Account", "--id", id, "--fields", "Name,Owner.Name", "--csv"],
            "Name,Owner.Name",
            "Acme Corporation,",
            "",
        ),
        (&since, "id,deletedDate", deleted, "latest_date_covered: "),
    ] {
        let run = org.run(arguments);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stdout.starts_with(columns), "{arguments:?}: {}", run.stdout.lines().next().unwrap_or_default());
        assert!(run.stdout.lines().skip(1).any(|line| line.contains(row)), "{arguments:?}: {row}");
        assert!(
            run.stderr.contains(told) && (told.is_empty() == run.stderr.is_empty()),
            "{arguments:?}: {}",
            run.stderr
        );
        let width = rows(&run.stdout)[0].len();
        assert!(rows(&run.stdout).iter().all(|row| row.len() == width));
    }
    let updated = [&["updated-records", "Account", "--csv"][..], &span].concat();
    let run = org.run(&updated);
    assert!(run.stdout.starts_with("id\r\n") || run.stdout.is_empty(), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_can_be_a_table() {
    let org = Org::connected().await;
    let run = org.run(&["record-counts", "--objects", "Account,Nothing__c", "--table"]);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(
        (lines[0].split_whitespace().collect::<Vec<_>>(), lines[3]),
        (vec!["object", "count"], "missing: Nothing__c")
    );
    assert!(lines[2].starts_with("Account ") && lines.len() == 4, "{run:?}");
    let create = ["create-or-update-record", "Account", "--create", "--fields", r#"{"Name":"x"}"#, "--table"];
    let run = org.run(&create);
    assert!(run.stdout.starts_with("id ") && run.stdout.lines().count() == 3, "{run:?}");
    let refused = org.run(&["create-or-update-record", "Account", "--table", "--json", "--create", "--fields", "{}"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_are_errors_are_rows_and_no_success() {
    let org = Org::connected().await;
    let ids = "001000000000001AAA,001000000000002AAA";
    let run = org.run(&["delete-records", "--ids", ids, "--csv"]);
    let found = rows(&run.stdout);
    assert_eq!(found[0], ["index", "error", "outcome", "retryable", "message"]);
    assert_eq!((run.code, found.len(), found[2][0].as_str(), found[2][2].as_str()), (Some(5), 3, "1", "rejected"));
    assert!(run.stderr.contains("2 of 2 failed"), "{run:?}");
}
