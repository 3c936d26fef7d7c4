//! `harness load` that ends in the middle, and is gone on with: no row is sent twice that may not be.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Child, Command};
use std::time::Duration;

use mock_salesforce::{Fault, Matcher};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::fixture::{Org, Run, interrupt, send, until};
use crate::host::Host;
use crate::load::lines;

const COLLECTIONS: &str = "/services/data/v67.0/composite/sobjects";
/// In five batches of 100.
const ROWS: usize = 500;

/// An org, a file of rows, and the command that loads them.
struct Loading {
    org: Org,
    what: Vec<&'static str>,
}

impl Loading {
    async fn of(what: &[&'static str]) -> Loading {
        let org = Org::connected().await;
        let rows: String = (0..ROWS).map(|row| format!("Row {row:03},LOAD-{row:03}\n")).collect();
        org.file("rows.csv", &format!("Name,ERP_Id__c\n{rows}"));
        Loading { org, what: what.to_vec() }
    }

    async fn creating() -> Loading {
        Loading::of(&["create", "Account"]).await
    }

    async fn upserting() -> Loading {
        Loading::of(&["upsert", "Account", "--external-id", "ERP_Id__c"]).await
    }

    fn arguments(&self) -> Vec<String> {
        let path = |name: &str| self.org.path(name).display().to_string();
        let files = ["--results", "--failed", "--unknown"].map(|option| [option.to_owned(), path(&option[2..])]);
        let what = ["load"].iter().chain(&self.what).map(|word| (*word).to_owned());
        what.chain([path("rows.csv"), "--batch-size=100".to_owned()]).chain(files.concat()).collect()
    }

    fn run(&self) -> Run {
        self.org.run(&self.arguments().iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn begin(&self) -> Child {
        self.org.harness(&self.arguments().iter().map(String::as_str).collect::<Vec<_>>()).spawn().unwrap()
    }

    /// The third request fares so.
    fn third(&self, fault: Fault) {
        self.org.mock.push_fault(Matcher::under(COLLECTIONS).nth(3), fault);
    }

    async fn until_written(&self, rows: usize) {
        until(|| self.org.mock.ledger().writes().count() == rows).await;
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.org.path(name)).unwrap()
    }

    /// The lines of rows that went well, and of those of which nobody knows; there are no others.
    fn told(&self) -> [Vec<u64>; 2] {
        let results = lines(&self.file("results"));
        let of = |is: &dyn Fn(&Value) -> bool| {
            results.iter().filter(|line| is(line)).map(|line| line["line"].as_u64().unwrap()).collect()
        };
        let told = [of(&|line| line["ok"].is_object()), of(&|line| line["error"]["outcome"] == "unknown")];
        assert_eq!(told.iter().map(Vec::len).sum::<usize>(), results.len());
        told
    }

    /// Every row is in the org once.
    fn each_is_there_once(&self) {
        let found = self.org.run(&["soql-query", "SELECT Name FROM Account WHERE ERP_Id__c LIKE 'LOAD-%'", "--all"]);
        let names: BTreeSet<_> = lines(&found.stdout).iter().map(|record| record["Name"].to_string()).collect();
        assert_eq!((names.len(), found.stdout.lines().count()), (ROWS, ROWS));
        assert_eq!(self.org.mock.ledger().creates("Account"), ROWS);
    }

    /// All is done, and rows 201 to 300 are told as unknown.
    #[track_caller]
    fn ended_with_unknown_rows(&self, run: &Run) {
        assert!(run.code == Some(9) && run.stderr.contains("100 of 500 failed"), "{run:?}");
        assert!(run.stderr.contains("the outcomes of 100 are unknown"), "{run:?}");
        assert_eq!(self.told(), [(2..202).chain(302..502).collect::<Vec<u64>>(), (202..302).collect()]);
        let unknown = self.file("unknown");
        assert!(unknown.starts_with("Name,ERP_Id__c,sf__Error\r\nRow 200,LOAD-200,"), "{unknown}");
        assert_eq!((unknown.lines().count(), self.file("failed").as_str()), (101, ""));
        assert!(!self.org.path("rows.csv.load").exists());
        self.each_is_there_once();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_kill_9_rows_that_were_sent_are_told_as_unknown_and_never_created_twice() {
    let loading = Loading::creating().await;
    loading.third(Fault::HangAfterWork);
    let mut child = loading.begin();
    loading.until_written(300).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(loading.told(), [(2..202).collect::<Vec<u64>>(), vec![]]);
    // Killed while it wrote what became of the third batch.
    let half = format!("{}{{\"line\":202,\"ok\":{{\"i", loading.file("results"));
    fs::write(loading.org.path("results"), half).unwrap();
    loading.ended_with_unknown_rows(&loading.run());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_kill_9_upserts_are_sent_again() {
    let loading = Loading::upserting().await;
    loading.third(Fault::HangAfterWork);
    let mut child = loading.begin();
    loading.until_written(300).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let run = loading.run();
    let note = "note: 100 rows were sent before and not answered; they are sent once more\n500 rows were upserted\n";
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), note), "{run:?}");
    assert_eq!(loading.told(), [(2..502).collect::<Vec<u64>>(), vec![]]);
    loading.each_is_there_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_waits_for_the_request_and_the_next_run_goes_on_behind_it() {
    for signal in [Signal::INT, Signal::TERM] {
        let loading = Loading::creating().await;
        loading.third(Fault::Delay(Duration::from_secs(1)));
        let child = loading.begin();
        until(|| loading.org.mock.ledger().requests("POST", COLLECTIONS) == 3).await;
        send(&child, signal);
        let run = loading.org.finish(child, loading.org.secrets());
        assert_eq!((run.code, run.stdout.as_str()), (Some(130), ""), "{run:?}");
        let notes: Vec<_> = run.stderr.lines().collect();
        assert_eq!(notes.len(), 2, "{run:?}");
        assert!(notes[0].starts_with("note: a request is under way, and waited for"), "{run:?}");
        assert_eq!(notes[1], "note: stopped after 300 of 500 rows; run the same command to go on");
        assert_eq!(loading.told(), [(2..302).collect::<Vec<u64>>(), vec![]]);
        let run = loading.run();
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), "500 rows were created\n"), "{run:?}");
        assert_eq!(loading.told(), [(2..502).collect::<Vec<u64>>(), vec![]]);
        loading.each_is_there_once();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_once_more_does_not_wait() {
    let loading = Loading::creating().await;
    loading.third(Fault::HangAfterWork);
    let child = loading.begin();
    loading.until_written(300).await;
    interrupt(&child);
    send(&child, Signal::TERM);
    let run = loading.org.finish(child, loading.org.secrets());
    assert!(run.code == Some(9) && run.stderr.contains("while a write was under way"), "{run:?}");
    loading.ended_with_unknown_rows(&loading.run());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_stops_the_load_and_is_told() {
    let loading = Loading::creating().await;
    loading.third(Fault::ResetAfterWork);
    let run = loading.run();
    assert!(run.code == Some(9) && run.stderr.contains("stopped after 300 of 500 rows"), "{run:?}");
    assert_eq!(loading.told(), [(2..202).collect::<Vec<u64>>(), (202..302).collect()]);
    loading.ended_with_unknown_rows(&loading.run());

    let loading = Loading::upserting().await;
    loading.third(Fault::ResetAfterWork);
    let run = loading.run();
    assert!(run.code == Some(9) && run.stderr.contains("stopped after 200 of 500 rows"), "{run:?}");
    assert_eq!(loading.run().code, Some(0));
    assert_eq!(loading.told(), [(2..502).collect::<Vec<u64>>(), vec![]]);
    loading.each_is_there_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_refused_as_a_whole_is_sent_again() {
    let loading = Loading::creating().await;
    let refusal = json!([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]);
    loading.third(Fault::json(403, &refusal));
    let run = loading.run();
    assert!(run.code == Some(8) && run.stderr.contains("stopped after 200 of 500 rows"), "{run:?}");
    assert_eq!(loading.run().code, Some(0));
    assert_eq!(loading.told(), [(2..502).collect::<Vec<u64>>(), vec![]]);
    loading.each_is_there_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_of_one_load_and_one_process() {
    let loading = Loading::creating().await;
    loading.third(Fault::status(503, &[]));
    loading.org.mock.push_fault(Matcher::under(COLLECTIONS).nth(3), Fault::status(503, &[]));
    loading.org.mock.push_fault(Matcher::under(COLLECTIONS).nth(3), Fault::status(503, &[]));
    let run = loading.run();
    assert_ne!(run.code, Some(0), "{run:?}");
    let sent = || loading.org.mock.ledger().requests("POST", COLLECTIONS);
    let before = sent();

    let held = fs::File::options().write(true).open(loading.org.path("rows.csv.load.lock")).unwrap();
    held.lock().unwrap();
    let run = loading.run();
    assert!(run.failed(12).contains("another harness load has the state"), "{run:?}");
    drop(held);

    let rows = loading.file("rows.csv");
    loading.org.file("rows.csv", &format!("{rows}One more,LOAD-999\n"));
    let run = loading.run();
    assert!(run.failed(12).contains("the input has changed; 300 rows of that load are done, and would be sent once more; rows of that load may be written"), "{run:?}");
    loading.org.file("rows.csv", &rows);
    let file = loading.org.path("rows.csv").display().to_string();
    let run = loading.org.run(&["load", "upsert", "Account", &file, "--external-id", "ERP_Id__c"]);
    assert!(run.failed(12).contains("it is of another operation, object or external Id"), "{run:?}");
    let results = loading.file("results");
    loading.org.file("results", "");
    assert!(loading.run().failed(12).contains("found 0; name the file of the run that is gone on with"));
    loading.org.file("results", &results);
    let state = loading.file("rows.csv.load");
    for wrong in ["", "{}", "[]", &state.replace("\"version\":2", "\"version\":1")] {
        loading.org.file("rows.csv.load", wrong);
        assert!(loading.run().failed(12).contains("cannot read the state"), "{wrong}");
    }
    loading.org.file("rows.csv.load", &state);
    assert_eq!(sent(), before, "nothing was sent");

    let other = Org::connected().await;
    let mut elsewhere = loading.org.harness(&loading.arguments().iter().map(String::as_str).collect::<Vec<_>>());
    elsewhere.env("SALESFORCE_CONNECTION", other.connection_file());
    let run = loading.org.end(elsewhere);
    assert!(run.failed(12).contains("it is of one into another"), "{run:?}");
    assert_eq!(other.mock.ledger().writes().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_keeps_no_position() {
    let org = Org::connected().await;
    let rows = org.file("rows.csv", "Name\nOne\n").display().to_string();
    let pipe = |name: &str| {
        let path = org.path(name);
        assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo is needed").success());
        path.display().to_string()
    };
    let state = pipe("pipe");
    pipe("state.lock");
    let locked = org.path("state").display().to_string();
    let given = [("--state", &*state), ("--state", &locked), ("--results", "/dev/null"), ("--results", &state)];
    for (option, value) in given {
        let run = org.run(&["load", "create", "Account", &rows, option, value]);
        assert!(
            run.failed(12).contains("expected a file, found a folder, a device or a pipe"),
            "{option} {value}: {run:?}"
        );
    }
    assert_eq!(org.mock.ledger().writes().count(), 0);
    assert!(!org.path("rows.csv.load.lock").exists(), "nothing is held where nothing began");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_asked_for_what_it_has_recorded() {
    let host = Host::connected().await;
    let rows: String =
        (0..ROWS).map(|row| format!("{{\"Name\":\"Row {row:03}\",\"ERP_Id__c\":\"LOAD-{row:03}\"}}\n")).collect();
    let file = host.org.file("rows.jsonl", &rows).display().to_string();
    let results = host.org.path("results").display().to_string();
    let load = ["load", "create", "Account", &file, "--batch-size", "100", "--results", &results];
    host.org.mock.push_fault(Matcher::under(COLLECTIONS).nth(3), Fault::Delay(Duration::from_secs(1)));
    let token = host.token_file();
    let mut child = host.org.harness(&host.arguments(&load, &token)).spawn().unwrap();
    let sent = || host.org.mock.ledger().requests("POST", COLLECTIONS);
    until(|| sent() == 3).await;
    child.kill().unwrap();
    child.wait().unwrap();
    // A server that does not answer, or has no end of it yet, is asked again.
    let gone = ["--server", "http://127.0.0.1:9", "--token-file", &token];
    assert_ne!(host.org.run(&[&gone[..], &load].concat()).code, Some(0));
    let run = host.run(&[&load[..], &["--deadline-ms", "29000"]].concat());
    assert!(run.code != Some(0) && sent() == 3, "another request under the same key: {run:?}");
    until(|| host.org.mock.ledger().writes().count() >= 300).await;
    let mut run = host.run(&load);
    while run.stderr.contains("still running") {
        run = host.run(&load);
    }
    assert_eq!(run.code, Some(0), "{run:?}");
    let told = lines(&fs::read_to_string(&results).unwrap());
    assert!(told.iter().zip(1..).all(|(told, line)| told["line"] == json!(line) && told["ok"].is_object()));
    assert_eq!((told.len(), host.org.mock.ledger().creates("Account"), sent()), (ROWS, ROWS, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_does_not_know_either_is_told_as_unknown() {
    let host = Host::connected().await;
    let file = host.org.file("rows.jsonl", &"{\"Name\":\"x\"}\n".repeat(150)).display().to_string();
    let results = host.org.path("results").display().to_string();
    let load = ["load", "create", "Account", &file, "--batch-size", "100", "--results", &results];
    host.org.mock.push_fault(Matcher::under(COLLECTIONS), Fault::ResetAfterWork);
    let run = host.run(&load);
    assert!(run.code == Some(9) && run.stderr.contains("stopped after 100 of 150 rows"), "{run:?}");
    let run = host.run(&load);
    assert!(run.code == Some(9) && run.stderr.contains("100 of 150 failed"), "{run:?}");
    let told = lines(&fs::read_to_string(&results).unwrap());
    assert_eq!(told.iter().filter(|told| told["error"]["outcome"] == "unknown").count(), 100);
    assert_eq!((told.len(), host.org.mock.ledger().creates("Account")), (150, 150));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_of_which_nothing_was_done_keeps_no_state() {
    let loading = Loading::creating().await;
    loading.org.mock.push_fault(Matcher::under(COLLECTIONS), Fault::status(400, &[("JSON_PARSER_ERROR", "no")]));
    let run = loading.run();
    assert!(run.stderr.contains("stopped after 0 of 500 rows"), "{run:?}");
    assert!(!loading.org.path("rows.csv.load").exists());
}
