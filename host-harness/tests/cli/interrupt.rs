//! Ctrl-C.

use mock_salesforce::{Fault, Matcher};
use rustix::process::Signal;
use serde_json::json;

use crate::fixture::{Org, interrupt, send, until};

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
