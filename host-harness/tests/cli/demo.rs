//! `demo`, with its own mock and against the org of a connection file.

use serde_json::Value;

use crate::fixture::Org;

/// The demo's steps, in order.
const TITLES: [&str; 15] = [
    "A Salesforce in memory, with a connected app",
    "The component begins an authorization",
    "A user's browser logs in and allows access",
    "The component exchanges the code for tokens; the host stores them",
    "Who is connected?",
    "SOQL query with bound parameters",
    "All accounts, page by page",
    "A child sub-query",
    "Get record field values, a relationship path among them",
    "Create a record",
    "Update it by Id",
    "Upsert by external Id, twice",
    "Read it back",
    "A validation rule refuses a record",
    "The session expires; the host heals it with one refresh",
];

#[tokio::test(flavor = "multi_thread")]
async fn in_a_pipe_it_is_plain_text_with_every_step() {
    let org = Org::bare().await;
    let run = org.run(&["demo"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    let mut rest = run.stdout.as_str();
    for title in TITLES {
        rest = rest.split_once(title).unwrap_or_else(|| panic!("no step {title:?} in {rest}")).1;
    }
    assert!(rest.contains("15 steps") && rest.contains("all as expected"), "{rest}");
    assert!(rest.contains("wasi:http/outgoing-handler@0.2.2"), "{rest}");
    assert!(!run.stdout.contains('\u{1b}'));
    let wide = run.stdout.lines().find(|line| line.chars().count() > 100);
    assert_eq!(wide, None, "wider than a terminal");
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_are_for_those_who_want_them() {
    let org = Org::bare().await;
    for (variables, coloured) in
        [(&[("CLICOLOR_FORCE", "1")][..], true), (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false)]
    {
        let mut command = org.harness(&["demo"]);
        command.envs(variables.iter().copied());
        let run = org.end(command);
        assert_eq!((run.code, run.stdout.contains('\u{1b}')), (Some(0), coloured), "{variables:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_json_each_step_is_one_line() {
    let org = Org::bare().await;
    let run = org.run(&["demo", "--json"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    let steps: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let titles: Vec<_> = steps.iter().map(|step| step["title"].as_str().unwrap()).collect();
    assert_eq!(titles, TITLES);
    for step in &steps[4..] {
        assert!(step["milliseconds"].as_f64() > Some(0.0) && step["instances"].as_u64() > Some(0), "{step}");
        assert!(step["asked"].as_array().is_some_and(|asked| !asked.is_empty()), "{step}");
        assert!(step["answered"].as_array().is_some_and(|answered| !answered.is_empty()), "{step}");
    }
    assert_eq!(steps[14]["instances"], 3, "the query, the refresh, and the query again");
}

#[tokio::test(flavor = "multi_thread")]
async fn against_an_org_it_only_reads() {
    let org = Org::connected().await;
    let connection = org.connection_file();
    let run = org.run(&["demo", "--org", connection.to_str().unwrap()]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    assert!(run.stdout.contains("nothing is written") && run.stdout.contains("5 steps"), "{}", run.stdout);
    let ledger = org.mock.ledger();
    assert_eq!(ledger.writes().count(), 0);
    assert!(ledger.entries().all(|entry| entry.method == "GET"), "{ledger:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn against_an_org_it_needs_a_good_connection() {
    let org = Org::bare().await;
    let run = org.run(&["demo", "--org", "/nowhere/connection.json"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stderr.contains("there is no connection file at /nowhere/connection.json"), "{run:?}");
}
