//! `harness bulk-query`: whole files, and runs that end in the middle.

use std::fs;
use std::process::Child;

use jiff::SignedDuration;
use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};

use crate::fixture::{Org, Run, interrupt, until};
use crate::host::Host;
use crate::load::lines;

const JOBS: &str = "/services/data/v67.0/jobs/query";
const SOQL: &str = "SELECT Id, Name, BillingStreet, Parent.Name FROM Account ORDER BY Id";
/// Of the org from the start.
const ACCOUNTS: usize = 2_086;

/// An org whose jobs are complete at once, and a query of it in pages of 500.
struct Querying(Org);

impl Querying {
    async fn new() -> Querying {
        let org = Org::connected().await;
        org.mock.bulk_jobs_take(SignedDuration::ZERO);
        Querying(org)
    }

    fn arguments(&self) -> Vec<String> {
        let out = self.0.path("out.csv").display().to_string();
        ["bulk-query", SOQL, "--out", &out, "--max-records", "500"].map(str::to_owned).to_vec()
    }

    fn begin(&self) -> Child {
        self.0.harness(&self.arguments().iter().map(String::as_str).collect::<Vec<_>>()).spawn().unwrap()
    }

    fn run(&self) -> Run {
        self.run_with(&[])
    }

    fn run_with(&self, more: &[&str]) -> Run {
        let arguments = self.arguments();
        self.0.run(&[&arguments.iter().map(String::as_str).collect::<Vec<_>>()[..], more].concat())
    }

    fn requests(&self, method: &str, under: &str) -> usize {
        let ledger = self.0.mock.ledger();
        ledger.entries().filter(|entry| entry.method == method && entry.path.starts_with(under)).count()
    }

    fn pages(&self) -> usize {
        self.0.mock.ledger().entries().filter(|entry| entry.path.ends_with("/results")).count()
    }

    /// The n-th page asked for from now on fares so. Before it the job is asked for once.
    fn page(&self, nth: u64, fault: Fault) {
        self.0.mock.push_fault(Matcher::under(&format!("{JOBS}/")).method("GET").nth(nth + 1), fault);
    }

    /// All is in the file, and nothing else is left.
    fn is_whole(&self) {
        let text = fs::read_to_string(self.0.path("out.csv")).unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows: Vec<Vec<String>> =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(rows[0], ["Id", "Name", "BillingStreet", "Parent.Name"]);
        let expected = lines(&self.0.run(&["soql-query", SOQL, "--all"]).stdout);
        assert_eq!((expected.len(), rows.len()), (ACCOUNTS, ACCOUNTS + 1));
        for (record, row) in expected.iter().zip(&rows[1..]) {
            let told = [&record["Id"], &record["Name"], &record["BillingStreet"], &record["Parent"]["Name"]];
            assert_eq!(told.map(|value| value.as_str().unwrap_or_default()), row[..]);
        }
        for left in ["out.csv.part", "out.csv.bulk-query", "out.csv.bulk-query.lock"] {
            assert!(!self.0.path(left).exists(), "{left}");
        }
    }
}

fn told(rows: &str, org: &Org) -> String {
    format!("{rows} records are in {}\n", org.path("out.csv").display())
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_become_one_file() {
    let query = Querying::new().await;
    let run = query.run();
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", &*told("2,086", &query.0)));
    query.is_whole();
    assert_eq!((query.requests("POST", JOBS), query.pages(), query.requests("DELETE", JOBS)), (1, 5, 1));
    // Pages are as large as they can be, and the job stays.
    let query = Querying::new().await;
    let out = query.0.path("out.csv").display().to_string();
    let run = query.0.run(&["bulk-query", SOQL, "--out", &out, "--keep-job", "--json"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
    query.is_whole();
    assert_eq!((query.pages(), query.requests("DELETE", JOBS)), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_found_is_a_header_and_deleted_records_come_if_they_are_wanted() {
    let org = Org::expired().await;
    org.mock.bulk_jobs_take(SignedDuration::ZERO);
    let out = org.path("out.csv").display().to_string();
    let soql = org.file("query.soql", "SELECT Id, Name FROM Account WHERE Name = 'Nobody'\n");
    let run = org.run(&["bulk-query", &format!("@{}", soql.display()), "--out", &out]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), &*told("0", &org)), "{run:?}");
    assert_eq!(fs::read_to_string(&out).unwrap(), "\"Id\",\"Name\"\n");
    assert_eq!(org.refreshes(), 1);
    let created =
        org.run(&["create-or-update-record", "Account", "--create", "--fields", r#"{"Name":"Deleted \"one\"\nhere"}"#]);
    let id = created.done()["id"].as_str().unwrap().to_owned();
    org.run(&["delete-records", "--ids", &id]).done();
    let soql = format!("SELECT Name FROM Account WHERE Id = '{id}'");
    for (more, expected) in
        [(&[][..], "\"Name\"\n"), (&["--include-deleted"], "\"Name\"\n\"Deleted \"\"one\"\"\nhere\"\n")]
    {
        fs::remove_file(&out).unwrap();
        assert_eq!(org.run(&[&["bulk-query", &soql, "--out", &out][..], more].concat()).code, Some(0));
        assert_eq!(fs::read_to_string(&out).unwrap(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_output_has_the_same_rows_and_nothing_is_kept() {
    let query = Querying::new().await;
    let to_stdout = ["bulk-query", SOQL, "--out", "-", "--max-records", "500"];
    let mut command = query.0.harness(&to_stdout);
    let empty = query.0.path("empty");
    fs::create_dir(&empty).unwrap();
    let run = query.0.end({
        command.current_dir(&empty);
        command
    });
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), "2,086 records are in standard output\n"));
    assert_eq!((query.requests("POST", JOBS), query.pages(), query.requests("DELETE", JOBS)), (1, 5, 1));
    assert_eq!(fs::read_dir(&empty).unwrap().count(), 0);
    fs::write(query.0.path("out.csv"), &run.stdout).unwrap();
    query.is_whole();
    // What breaks off says so, and is not gone on with.
    let web_page = Fault::Answer {
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: b"<html>".to_vec(),
    };
    query.page(3, web_page);
    let run = query.0.run(&to_stdout);
    assert_eq!(run.code, Some(11), "{run:?}");
    let rest = "note: stopped after 1,000 of 2,086 rows; standard output is not gone on with: name a file with --out, or begin anew\n";
    assert!(run.stderr.contains(rest), "{run:?}");
    assert_eq!(csv::Reader::from_reader(run.stdout.as_bytes()).records().count(), 1_000);
    assert_eq!(query.0.run(&to_stdout).code, Some(0));
    assert_eq!(query.requests("POST", JOBS), 3);
    // A reader that has enough is no failure.
    let mut child = query.0.harness(&to_stdout).spawn().unwrap();
    drop(child.stdout.take());
    let run = query.0.finish(child, query.0.secrets());
    let stderr = run.stderr.lines().filter(|line| !line.starts_with("note: stopped after 0 of "));
    assert_eq!((run.code, stderr.count()), (Some(0), 0), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_bound_as_in_a_query() {
    let org = Org::connected().await;
    org.mock.bulk_jobs_take(SignedDuration::ZERO);
    for name in ["O'Reilly \"1\"", "O'Reilly 2", "Other"] {
        let fields = json!({"Name": name, "NumberOfEmployees": 7}).to_string();
        org.run(&["create-or-update-record", "Account", "--create", "--fields", &fields]).done();
    }
    let soql = "SELECT Name FROM Account WHERE Name LIKE :n AND NumberOfEmployees IN :e ORDER BY Name";
    let file = org.file("params.json", r#"{"e": [7, 8]}"#).display().to_string();
    let query = ["bulk-query", soql, "--out", "-", "--param", "n:like-starts-with=O'R"];
    let bound = |more: &[&str]| org.run(&[&query[..], more].concat());
    for more in [["--param", "e:integer[]=7,8"], ["--params-file", &file]] {
        let run = bound(&more);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(0), "\"Name\"\n\"O'Reilly \"\"1\"\"\"\n\"O'Reilly 2\"\n"),
            "{run:?}"
        );
    }
    let posts = || org.mock.ledger().requests("POST", JOBS);
    let before = posts();
    assert!(bound(&["--param", "e:integer=many"]).failed(2).contains("--param e: expected"));
    org.file("params.json", "[]");
    assert!(bound(&["--params-file", &file]).failed(2).contains("params.json: expected a JSON object"));
    // A placeholder without a value is refused before anything is sent.
    let run = bound(&[]);
    assert!(run.code != Some(0) && run.stderr.contains(":e"), "{run:?}");
    assert_eq!(posts(), before);
    // Other values are another query.
    org.mock.bulk_jobs_take(SignedDuration::from_hours(1));
    let out = org.path("out.csv").display().to_string();
    let waiting = |value: &str| {
        let bound = format!("n={value}");
        let soql = "SELECT Id FROM Account WHERE Name = :n";
        org.run(&["bulk-query", soql, "--param", &bound, "--out", &out, "--wait", "1"])
    };
    assert_eq!(waiting("A").code, Some(7));
    assert!(waiting("B").failed(12).contains("expected the state of this query, but it is of another"));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_kill_9_it_goes_on_behind_the_last_whole_page() {
    let query = Querying::new().await;
    // While the job is made: one is left over.
    query.0.mock.push_fault(Matcher::path(JOBS).method("POST"), Fault::HangAfterWork);
    let mut child = query.begin();
    until(|| query.requests("POST", JOBS) == 1).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!query.0.path("out.csv.bulk-query").exists());
    // While it is waited for.
    query.0.mock.bulk_jobs_take(SignedDuration::from_hours(1));
    let mut child = query.begin();
    until(|| query.requests("GET", JOBS) >= 2).await;
    child.kill().unwrap();
    child.wait().unwrap();
    query.0.mock.bulk_jobs_take(SignedDuration::ZERO);
    // In the third page, which is half written.
    query.page(3, Fault::HangAfterWork);
    let mut child = query.begin();
    until(|| query.pages() == 3).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let part = query.0.path("out.csv.part");
    let pages = fs::read_to_string(&part).unwrap();
    fs::write(&part, format!("{pages}\"001")).unwrap();
    assert!(!query.0.path("out.csv").exists());
    let run = query.run();
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), &*told("2,086", &query.0)), "{run:?}");
    query.is_whole();
    assert_eq!((query.requests("POST", JOBS), query.pages()), (2, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_kill_9_at_the_end_only_the_end_is_done() {
    let query = Querying::new().await;
    query.0.mock.push_fault(Matcher::under(JOBS).method("DELETE"), Fault::HangAfterWork);
    let mut child = query.begin();
    until(|| query.requests("DELETE", JOBS) == 1).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let run = query.run();
    assert!(run.code == Some(0) && run.stderr.ends_with(&told("2,086", &query.0)), "{run:?}");
    query.is_whole();
    assert_eq!(query.pages(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_the_wait_and_the_job_is_gone_on_with() {
    let query = Querying::new().await;
    query.0.mock.bulk_jobs_take(SignedDuration::from_hours(1));
    let child = query.begin();
    until(|| query.requests("GET", JOBS) >= 2).await;
    interrupt(&child);
    let run = query.0.finish(child, query.0.secrets());
    assert_eq!((run.code, run.stdout.as_str()), (Some(130), ""), "{run:?}");
    // How many rows there are is not known yet.
    assert!(run.stderr.ends_with("note: stopped; run the same command to go on\n"), "{run:?}");
    let run = query.run_with(&["--wait", "1"]);
    assert!(
        run.code == Some(7) && run.stderr.contains("is not complete yet; run the same command to go on"),
        "{run:?}"
    );
    let other = query.0.path("out.csv").display().to_string();
    let run = query.0.run(&["bulk-query", "SELECT Id FROM Account", "--out", &other]);
    assert!(run.failed(12).contains("expected the state of this query, but it is of another"), "{run:?}");
    query.0.mock.bulk_jobs_take(SignedDuration::ZERO);
    assert_eq!(query.run().code, Some(0));
    query.is_whole();
    assert_eq!(query.requests("POST", JOBS), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_lost_are_asked_for_again() {
    let query = Querying::new().await;
    query.0.mock.push_fault(Matcher::path(JOBS).method("POST"), Fault::ResetAfterWork);
    query.page(2, Fault::Reset);
    assert_eq!(query.run().code, Some(0));
    query.is_whole();
    assert_eq!((query.requests("POST", JOBS), query.pages()), (2, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_too_large_is_asked_for_in_smaller_ones() {
    let query = Querying::new().await;
    // A record has some 100 bytes.
    assert_eq!(query.run_with(&["--max-response-bytes", "20000"]).code, Some(0));
    query.is_whole();
    assert!(query.pages() > 10, "{}", query.pages());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_not_whole_is_never_taken_for_one() {
    // What tells the next page is missing.
    let query = Querying::new().await;
    let page = |count: &str, locator: Option<&str>| {
        let headers = [("content-type", "text/csv; charset=UTF-8"), ("sforce-numberofrecords", count)];
        let headers = headers.into_iter().chain(locator.map(|locator| ("sforce-locator", locator)));
        Fault::Answer {
            status: 200,
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: b"\"Id\",\"Name\",\"BillingStreet\",\"Parent.Name\"\n\"001\",\"x\",\"\",\"\"\n".to_vec(),
        }
    };
    query.page(2, page("1", None));
    let run = query.run();
    assert!(run.code == Some(11) && run.stderr.contains("stopped after 500 of 2,086 rows"), "{run:?}");
    assert!(!query.0.path("out.csv").exists());
    // It says that it is the last.
    query.page(1, page("1", Some("null")));
    let run = query.run();
    assert!(run.code == Some(11) && run.stderr.contains("has 2086 records, but 501 came"), "{run:?}");
    assert!(!query.0.path("out.csv").exists());
    assert_eq!(query.run().code, Some(0));
    query.is_whole();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_salesforce_gives_up_is_told_and_the_next_run_makes_another() {
    let query = Querying::new().await;
    for (message, told) in [
        (json!("Timeout : too long"), " failed: Timeout : too long"),
        (Value::Null, " failed, and Salesforce does not say why"),
    ] {
        query.0.mock.bulk_jobs_take(SignedDuration::from_hours(1));
        assert_eq!(query.run_with(&["--wait", "1"]).code, Some(7));
        let state = fs::read_to_string(query.0.path("out.csv.bulk-query")).unwrap();
        let state: Value = serde_json::from_str(&state).unwrap();
        let job = json!({"id": state["job"], "operation": "query", "object": "Account", "state": "Failed",
            "apiVersion": 67.0, "errorMessage": message});
        query.0.mock.push_fault(Matcher::under(&format!("{JOBS}/")).method("GET"), Fault::Replace(job));
        let run = query.run();
        assert!(run.failed(10).contains(told), "{run:?}");
        assert!(!query.0.path("out.csv.bulk-query").exists());
    }
    query.0.mock.bulk_jobs_take(SignedDuration::ZERO);
    assert_eq!(query.run().code, Some(0));
    query.is_whole();
    assert_eq!(query.requests("POST", JOBS), 3);
    let refused =
        query.0.run(&["bulk-query", "SELECT Nothing FROM Account", "--out", query.0.path("b").to_str().unwrap()]);
    assert!(refused.failed(6).contains("Nothing"), "{refused:?}");
    assert!(!query.0.path("b").exists() && !query.0.path("b.part").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_cannot_be_written_is_told_before_anything_is_sent() {
    let query = Querying::new().await;
    query.0.file("out.csv", "precious");
    assert!(query.run().failed(12).contains("out.csv: expected a new or an empty file, found 8 bytes"));
    assert_eq!(fs::read_to_string(query.0.path("out.csv")).unwrap(), "precious");
    let run = query.0.run(&["bulk-query", SOQL, "--out", query.0.path("none/out.csv").to_str().unwrap()]);
    assert!(run.failed(12).contains("No such file or directory"), "{run:?}");
    fs::create_dir(query.0.path("folder")).unwrap();
    let run = query.0.run(&["bulk-query", SOQL, "--out", query.0.path("folder").to_str().unwrap()]);
    assert!(run.failed(12).contains("folder"), "{run:?}");
    assert_eq!(query.0.mock.ledger().entries().count(), 0);
    fs::remove_file(query.0.path("out.csv")).unwrap();
    // A device that is always full.
    let part = query.0.path("out.csv.part");
    std::os::unix::fs::symlink("/dev/full", &part).unwrap();
    let run = query.run();
    assert!(run.code == Some(12) && run.stderr.contains("cannot write"), "{run:?}");
    fs::remove_file(&part).unwrap();
    fs::write(&part, "").unwrap();
    assert_eq!(query.run().code, Some(0));
    query.is_whole();
    assert_eq!(query.requests("POST", JOBS), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_not_asked() {
    let host = Host::bare().await;
    let out = host.org.path("out.csv").display().to_string();
    let run = host.run(&["bulk-query", SOQL, "--out", &out]);
    assert!(run.failed(2).contains("bulk-query works without a server only"), "{run:?}");
    let run = host.run(&["bulk-load", "Account", "rows.csv", "--operation", "insert"]);
    assert!(run.failed(2).contains("bulk-load works without a server only"), "{run:?}");
}
