//! `harness bulk-load` that ends in the middle, and is gone on with: no row is loaded twice.

use std::collections::BTreeSet;
use std::fs;
use std::process::Child;

use jiff::SignedDuration;
use mock_salesforce::{Fault, Matcher};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::bulk_load::{JOBS, query, quick};
use crate::fixture::{Org, Run, send, until};
use crate::load::lines;

/// In four jobs.
const ROWS: usize = 300;

/// An org, a file of rows, and the command that loads them.
struct Loading {
    org: Org,
}

impl Loading {
    async fn new() -> Loading {
        let org = quick().await;
        let rows: String = (0..ROWS).map(|row| format!("Row {row:03},{row}\n")).collect();
        org.file("rows.csv", &format!("Name,NumberOfEmployees\n{rows}"));
        Loading { org }
    }

    fn arguments(&self) -> Vec<String> {
        let path = |name: &str| self.org.path(name).display().to_string();
        let files = ["--results", "--failed", "--unknown"].map(|option| [option.to_owned(), path(&option[2..])]);
        let what = ["bulk-load", "Account", &path("rows.csv"), "--operation", "insert", "--job-bytes", "1000"];
        what.into_iter().map(str::to_owned).chain(files.concat()).collect()
    }

    fn run_with(&self, more: &[&str]) -> Run {
        self.org.run(&self.arguments().iter().map(String::as_str).chain(more.iter().copied()).collect::<Vec<_>>())
    }

    fn run(&self) -> Run {
        self.org.run(&self.arguments().iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn begin(&self) -> Child {
        self.org.harness(&self.arguments().iter().map(String::as_str).collect::<Vec<_>>()).spawn().unwrap()
    }

    /// The n-th request of this method to a job, or for one, fares so.
    fn meets(&self, method: &str, nth: u64, fault: Fault) {
        self.org.mock.push_fault(Matcher::under(JOBS).method(method).nth(nth), fault);
    }

    fn requests(&self, method: &str) -> usize {
        let ledger = self.org.mock.ledger();
        ledger.entries().filter(|entry| entry.method == method && entry.path.starts_with(JOBS)).count()
    }

    /// Begins, and is killed once it has sent so many requests of this method.
    async fn killed_at(&self, method: &str, requests: usize) {
        let mut child = self.begin();
        until(|| self.requests(method) == requests).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.org.path(name)).unwrap()
    }

    /// All is done: each row is told once and in the org once.
    #[track_caller]
    fn ended(&self, run: &Run) {
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run:?}");
        assert!(run.stderr.ends_with("300 rows were created\n"), "{run:?}");
        let told = lines(&self.file("results"));
        assert_eq!(
            told.iter().map(|told| told["line"].as_u64().unwrap()).collect::<Vec<_>>(),
            (2..302).collect::<Vec<_>>()
        );
        let found = query(&self.org, "SELECT Id, Name FROM Account WHERE Name LIKE 'Row %' ORDER BY Name");
        assert_eq!(found.len(), ROWS);
        let names: BTreeSet<_> = found.iter().map(|record| record["Name"].to_string()).collect();
        assert_eq!(names.len(), ROWS);
        for (told, found) in told.iter().zip(&found) {
            assert_eq!(told["ok"], json!({"id": found["Id"], "created": true}));
        }
        assert_eq!(self.org.mock.ledger().creates("Account"), ROWS);
        assert_eq!((self.file("failed"), self.file("unknown")), (String::new(), String::new()));
        assert!(!self.org.path("rows.csv.bulk-load").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_kill_9_at_any_request_each_row_is_loaded_once() {
    // Three requests of a job ask for it and its results: how far it is, and two results at most.
    for (method, nth) in
        [("POST", 1), ("PUT", 1), ("PATCH", 1), ("GET", 1), ("POST", 3), ("PUT", 3), ("PATCH", 3), ("GET", 5)]
    {
        for fault in [Fault::Hang, Fault::HangAfterWork] {
            let loading = Loading::new().await;
            loading.meets(method, nth, fault.clone());
            loading.killed_at(method, usize::try_from(nth).unwrap()).await;
            // Killed while it wrote what became of a job.
            if loading.org.path("rows.csv.bulk-load").exists() {
                let half = loading.file("results");
                fs::write(loading.org.path("results"), format!("{half}{{\"line\":2,\"ok\":{{\"i")).unwrap();
            }
            let run = loading.run();
            assert_eq!(run.code, Some(0), "{method} {nth} {fault:?}: {run:?}");
            loading.ended(&run);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_lost_stop_nothing() {
    for method in ["POST", "PUT", "PATCH", "GET"] {
        for fault in [Fault::Reset, Fault::ResetAfterWork] {
            let loading = Loading::new().await;
            loading.meets(method, 2, fault.clone());
            let run = loading.run();
            assert_eq!(run.code, Some(0), "{method} {fault:?}: {run:?}");
            loading.ended(&run);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_lost_again_and_again_changes_nothing_and_the_next_run_goes_on() {
    let loading = Loading::new().await;
    for nth in [2, 2, 2] {
        loading.meets("PUT", nth, Fault::ResetAfterWork);
    }
    let run = loading.run();
    assert!(run.code == Some(7) && run.stderr.contains("of 300 rows; run the same command to go on"), "{run:?}");
    loading.ended(&loading.run());
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_the_wait_and_the_next_run_asks_for_the_job() {
    for signal in [Signal::INT, Signal::TERM] {
        let loading = Loading::new().await;
        loading.org.mock.bulk_jobs_take(SignedDuration::from_hours(1));
        let child = loading.begin();
        until(|| loading.requests("GET") >= 2).await;
        send(&child, signal);
        let run = loading.org.finish(child, loading.org.secrets());
        // The job is closed: its rows may be written.
        assert!(run.stderr.contains("Run the same command again: it asks what became of the rows"), "{run:?}");
        assert_eq!((run.code, run.stdout.as_str()), (Some(9), ""), "{run:?}");
        assert!(run.stderr.contains("note: stopped after 0 of 300 rows; run the same command to go on\n"), "{run:?}");
        loading.org.mock.bulk_jobs_take(SignedDuration::ZERO);
        loading.ended(&loading.run());
    }
}

/// Whatever fails once a job was closed, nobody is told that nothing was changed, and the next run goes on.
#[tokio::test(flavor = "multi_thread")]
async fn what_fails_after_a_job_was_closed_leaves_its_rows_in_doubt() {
    let web_page = Fault::Answer {
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: b"<html>Sign in</html>".to_vec(),
    };
    let refusal = |status, code: &str| Fault::json(status, &json!([{"errorCode": code, "message": "no"}]));
    for (nth, fault) in [
        // Of the job, then of its results.
        (1, web_page.clone()),
        (1, refusal(403, "INSUFFICIENT_ACCESS")),
        (2, web_page),
        (2, refusal(404, "NOT_FOUND")),
        (2, refusal(403, "INSUFFICIENT_ACCESS")),
    ] {
        let loading = Loading::new().await;
        loading.meets("GET", nth, fault.clone());
        let run = loading.run_with(&["--wait", "1"]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(9), ""), "{nth} {fault:?} {run:?}");
        assert!(run.stderr.contains("so its rows may be written"), "{nth} {fault:?} {run:?}");
        assert!(run.stderr.contains("Run the same command again"), "{nth} {fault:?} {run:?}");
        assert!(!run.stderr.contains("nothing was changed") && !run.stderr.contains("changes nothing"), "{run:?}");
        loading.ended(&loading.run());
    }
}

/// Of what a job and its results do not tell alike nobody knows.
#[tokio::test(flavor = "multi_thread")]
async fn results_that_contradict_their_job_make_its_rows_unknown() {
    let csv = |body: &str| Fault::Answer {
        status: 200,
        headers: vec![("content-type".to_owned(), "text/csv; charset=UTF-8".to_owned())],
        body: body.as_bytes().to_vec(),
    };
    const ID: &str = "001Kp00000AbCdEIAV";
    for (fault, words) in [
        (csv(""), "2 rows were processed, and has results of 0"),
        (csv("sf__Id,sf__Created,Name\n"), "2 rows were processed"),
        (csv(&format!("sf__Id,sf__Created,Name\n{ID},true,One\n")), "2 rows were processed, and has results of 1"),
        (csv(&format!("sf__Id,sf__Created,Name\n{ID},true,One\n{ID},true,Two\n")), "no result of it that can be"),
        (csv("sf__Id,sf__Created,Name\n,true,One\nx,true,Two\n"), "no result of it that can be"),
        (csv(&format!("sf__Id,sf__Created,Name\n{ID},maybe,One\n{ID},true,Three\n")), "no result of it that can be"),
    ] {
        let org = quick().await;
        let file = org.file("rows.csv", "Name\nOne\nTwo\n");
        org.mock.push_fault(Matcher::under(JOBS).method("GET").nth(2), fault);
        let run = org.run(&["bulk-load", "Account", file.to_str().unwrap(), "--operation", "insert"]);
        assert!(run.code == Some(9) && run.stdout.contains(words), "{words}: {run:?}");
        assert!(run.stdout.contains("\"outcome\":\"unknown\""), "{words}: {run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_job_that_salesforce_no_longer_has_are_unknown() {
    let loading = Loading::new().await;
    loading.meets("GET", 1, Fault::Hang);
    loading.killed_at("GET", 1).await;
    let state: Value = serde_json::from_str(&loading.file("rows.csv.bulk-load")).unwrap();
    let job = state["under_way"].clone();
    loading.org.run(&["delete-job", "--kind", "ingest", "--job-id", job["id"].as_str().unwrap()]).done();
    let run = loading.run();
    let rows = job["rows"].as_u64().unwrap();
    assert!(run.code == Some(9) && run.stderr.contains(&format!("the outcomes of {rows} are unknown")), "{run:?}");
    let unknown = loading.file("unknown");
    assert!(unknown.starts_with("Name,NumberOfEmployees,sf__Error\r\nRow 000,0,\"not-found: "), "{unknown}");
    assert_eq!(unknown.lines().count() as u64, 1 + rows);
    assert_eq!(lines(&loading.file("results")).len(), ROWS);
    assert_eq!(query(&loading.org, "SELECT Id FROM Account WHERE Name LIKE 'Row %'").len(), ROWS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_of_one_load_and_one_process() {
    let loading = Loading::new().await;
    loading.meets("GET", 5, Fault::Hang);
    loading.killed_at("GET", 5).await;
    let sent = || loading.requests("POST");
    let before = sent();
    let held = fs::File::options().write(true).open(loading.org.path("rows.csv.bulk-load.lock")).unwrap();
    held.lock().unwrap();
    assert!(loading.run().failed(12).contains("another harness bulk-load has the state"));
    drop(held);
    let rows = loading.file("rows.csv");
    loading.org.file("rows.csv", &format!("{rows}One more,1\n"));
    let run = loading.run();
    assert!(run.failed(12).contains("the input has changed; "), "{run:?}");
    loading.org.file("rows.csv", &rows);
    for wrong in ["", "{}", &loading.file("rows.csv.bulk-load").replace("\"version\":2", "\"version\":1")] {
        let state = loading.file("rows.csv.bulk-load");
        loading.org.file("rows.csv.bulk-load", wrong);
        assert!(loading.run().failed(12).contains("cannot read the state"), "{wrong}");
        loading.org.file("rows.csv.bulk-load", &state);
    }
    assert_eq!(sent(), before, "nothing was sent");
    loading.ended(&loading.run());
}
