//! `harness describe` and `harness watch`.

use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};

use crate::fixture::{Org, interrupt, until};

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_described_for_people_and_for_programs() {
    let org = Org::connected().await;
    let table = org.run(&["describe", "Account", "--table"]);
    assert!(table.stdout.starts_with("name "), "{table:?}");
    let line = |name: &str| {
        table.stdout.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {table:?}"))
    };
    assert!(line("Name ").contains("string(255)") && line("Name ").contains("required"), "{}", line("Name "));
    assert!(line("OwnerId ").contains("reference(User"), "{}", line("OwnerId "));
    assert!(line("ERP_Id__c ").contains("external Id"), "{}", line("ERP_Id__c "));

    let csv = org.run(&["describe", "Account", "--csv"]);
    let mut reader = csv::Reader::from_reader(csv.stdout.as_bytes());
    assert_eq!(reader.headers().unwrap(), ["name", "type", "label", "is", "values"].as_slice());
    assert!(reader.records().map(Result::unwrap).any(|row| &row[0] == "Industry" && !row[4].is_empty()), "{csv:?}");

    let described = org.run(&["describe", "Account"]).done();
    assert_eq!(described["object"]["key_prefix"], "001");
    let objects = org.run(&["describe"]).done();
    assert!(objects["objects"].as_array().unwrap().iter().any(|object| object["name"] == "Invoice__c"));
    let table = org.run(&["describe", "--table"]);
    assert!(table.stdout.lines().any(|line| line.starts_with("Account ") && line.contains("001")), "{table:?}");

    let run = org.run(&["describe", "Nothing__c"]);
    assert!(run.code != Some(0) && run.stderr.contains("NOT_FOUND"), "{run:?}");
}

/// The lines of a run, as JSON.
fn lines(stdout: &str) -> Vec<Value> {
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_is_printed_once_over_several_runs() {
    let org = Org::connected().await;
    let directory = tempfile::tempdir().unwrap();
    let position = directory.path().join("cases.position");
    let watch = [
        "watch",
        "Case",
        "--fields",
        "Subject,Account.Name",
        "--once",
        "--from-beginning",
        "--position",
        position.to_str().unwrap(),
    ];
    let first = org.run(&watch);
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""), "{first:?}");
    let before = lines(&first.stdout);
    let again = org.run(&watch);
    assert_eq!((again.code, again.stdout.as_str()), (Some(0), ""), "{again:?}");

    let fields = json!({"Subject": "A new one"}).to_string();
    let made = org.run(&["create-or-update-record", "Case", "--create", "--fields", &fields]).done();
    let after = lines(&org.run(&watch).stdout);
    assert_eq!(after.len(), 1, "{after:?}");
    assert_eq!((&after[0]["Subject"], &after[0]["Id"]), (&json!("A new one"), &made["id"]));
    assert!(before.iter().all(|record| record["Id"] != made["id"] && record["SystemModstamp"].is_string()));
    assert_eq!(org.run(&watch).stdout, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_passes_is_waited_for_and_another_ends_it() {
    let org = Org::connected().await;
    let watch = ["watch", "Account", "--fields", "Name", "--interval", "1"];
    for _ in 0..4 {
        org.mock.push_fault(Matcher::path("/services/data/v67.0/query"), Fault::status(503, &[]));
    }
    let secrets = org.secrets();
    let child = org.harness(&watch).spawn().unwrap();
    // Three at once by itself, then after a second once more.
    until(|| org.queries() >= 5).await;
    interrupt(&child);
    let run = org.finish(child, secrets);
    assert!(run.code == Some(130) && run.stderr.contains("warning"), "{run:?}");

    let run = org.run(&["watch", "Account", "--fields", "Nothing__c", "--interval", "1"]);
    assert!(run.code != Some(0) && run.stderr.contains("Nothing__c"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_one_processs_and_a_wrong_one_is_told() {
    let org = Org::connected().await;
    let directory = tempfile::tempdir().unwrap();
    let position = directory.path().join("position");
    let watch = ["watch", "Account", "--fields", "Name", "--once", "--position", position.to_str().unwrap()];
    let held = std::fs::File::create(directory.path().join("position.lock")).unwrap();
    held.lock().unwrap();
    let run = org.run(&watch);
    assert!(run.code != Some(0) && run.stderr.contains("another harness watch has the position"), "{run:?}");
    drop(held);
    for wrong in ["", "what", "x\ny"] {
        std::fs::write(&position, wrong).unwrap();
        let run = org.run(&watch);
        assert!(run.code == Some(2) && run.stderr.contains("position"), "{wrong:?}: {run:?}");
    }
    std::fs::write(&position, "x".repeat(200_000)).unwrap();
    let run = org.run(&watch);
    assert!(run.code != Some(0) && run.stderr.contains("at most 100000 bytes"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_behind_the_newest_record_whatever_the_clock_here_says() {
    let org = Org::connected().await;
    // The org's clock is an hour behind this machine's.
    org.mock.advance_clock(jiff::SignedDuration::from_hours(-1));
    org.reconnect();
    let position = org.path("position");
    let watch = ["watch", "Account", "--fields", "Name", "--once", "--position", position.to_str().unwrap()];
    let create = |name: &str| {
        let fields = json!({"Name": name}).to_string();
        org.run(&["create-or-update-record", "Account", "--create", "--fields", &fields]).done();
    };
    create("Before");
    assert_eq!(lines(&org.run(&watch).stdout), [json!(null); 0]);
    org.mock.advance_clock(jiff::SignedDuration::from_secs(1));
    create("After");
    let changed = lines(&org.run(&watch).stdout);
    assert_eq!(changed.iter().map(|record| &record["Name"]).collect::<Vec<_>>(), ["After"]);

    // What is new while it runs comes with the same start.
    let looked = org.queries();
    let child = org.harness(&["watch", "Account", "--fields", "Name", "--interval", "1"]).spawn().unwrap();
    until(|| org.queries() >= looked + 2).await;
    org.mock.advance_clock(jiff::SignedDuration::from_secs(1));
    create("Later");
    let looked = org.queries();
    until(|| org.queries() >= looked + 2).await;
    interrupt(&child);
    let run = org.finish(child, org.secrets());
    assert_eq!(lines(&run.stdout).iter().map(|record| &record["Name"]).collect::<Vec<_>>(), ["Later"]);

    assert!(org.run(&["watch", "Acc ount", "--fields", "Name"]).failed(2).contains("the API name of an object"));
}
