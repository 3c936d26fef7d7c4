//! Ctrl-C.

use mock_salesforce::{Fault, Matcher};
use rustix::process::Signal;
use serde_json::json;

use crate::fixture::{Org, interrupt, send, until};
use crate::server::Host;

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_a_call_that_waits_and_so_does_a_supervisor() {
    for signal in [Signal::INT, Signal::TERM] {
        let org = Org::connected().await;
        org.mock.push_fault(Matcher::any(), Fault::Hang);
        let child = org.harness(&["user-info"]).spawn().unwrap();
        until(|| org.mock.ledger().entries().count() == 1).await;
        send(&child, signal);
        let run = org.finish(child, org.secrets());
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(130), "", ""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_under_way_is_told_as_unknown() {
    for (signal, options) in [(Signal::INT, &[][..]), (Signal::TERM, &["--json"])] {
        let org = Org::connected().await;
        org.mock.push_fault(Matcher::under("/services/data/").method("POST"), Fault::HangAfterWork);
        let create = ["create-or-update-record", "Account", "--create", "--fields", r#"{"Name":"Lost"}"#];
        let child = org.harness(&[options, &create[..]].concat()).spawn().unwrap();
        until(|| org.mock.ledger().creates("Account") == 1).await;
        send(&child, signal);
        let run = org.finish(child, org.secrets());
        assert_eq!((run.code, run.stdout.as_str()), (Some(9), ""), "{run:?}");
        for words in ["unknown", "while a write was under way", "before you repeat it"] {
            assert!(run.stderr.to_lowercase().contains(words), "{words}: {run:?}");
        }
        assert!(!run.stderr.contains("harness executions"), "there is no server: {run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_write_at_a_server_is_asked_there() {
    let host = Host::connected().await;
    host.org.mock.push_fault(Matcher::under("/services/data/").method("POST"), Fault::HangAfterWork);
    let create = ["create-or-update-record", "Account", "--create", "--fields", r#"{"Name":"Lost"}"#];
    let token = host.token_file();
    let child = host.org.harness(&host.arguments(&create, &token)).spawn().unwrap();
    until(|| host.org.mock.ledger().creates("Account") == 1).await;
    interrupt(&child);
    let run = host.org.finish(child, host.org.secrets());
    assert!(run.failed(9).contains("`harness executions` shows what the server knows"), "{run:?}");
}

/// Its fields are never read to their end, so nothing is written.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_has_not_begun_is_just_ended() {
    let org = Org::connected().await;
    let create = ["create-or-update-record", "Account", "--create", "--fields-file", "-"];
    let mut command = org.harness(&create);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    // The program has taken it once it waits for more than a pipe holds.
    let stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut &stdin, &[b' '; 100 << 10]).unwrap();
    interrupt(&child);
    let run = org.finish(child, org.secrets());
    assert_eq!((run.code, run.stderr.as_str()), (Some(130), ""), "{run:?}");
    assert_eq!(org.mock.ledger().entries().count(), 0);
    drop(stdin);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_tokens_are_stored_before_it_ends_the_program() {
    let org = Org::expired().await;
    let before = org.connection();
    let secrets = org.secrets();
    let held = org.mock.hold_refreshes();
    let child = org.harness(&["user-info"]).spawn().unwrap();
    until(|| org.refreshes() == 1).await;
    interrupt(&child);
    drop(held);
    assert_eq!(org.finish(child, secrets).code, Some(130));
    let after = org.connection();
    assert_ne!(after["access_token"], before["access_token"]);
    assert_ne!(after["refresh_token"], before["refresh_token"]);
    assert_eq!(after.get("refresh_under_way"), None);
    assert_eq!(org.run(&["user-info"]).done()["active"], json!(null));
    assert_eq!(org.refreshes(), 1);
}
