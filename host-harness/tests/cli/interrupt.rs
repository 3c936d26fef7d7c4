//! Ctrl-C.

use std::path::PathBuf;

use mock_salesforce::{Fault, Matcher};
use rustix::process::Signal;
use serde_json::json;
use support::quotes::quotes_beside;

use crate::fixture::{Org, interrupt, send, until};
use crate::host::Host;

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

/// A component that takes long to compile, and the place for its compiled code.
fn large_component(org: &Org) -> (String, PathBuf) {
    let step = "(local.set 0 (i32.mul (local.get 0) (i32.const 7)))";
    let function = format!("(func (param i32) (result i32) {} (local.get 0))", step.repeat(10_000));
    let file = org.path("large.wasm");
    std::fs::write(&file, quotes_beside(&function.repeat(40))).unwrap();
    (file.display().to_string(), org.path("cache"))
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_component_is_compiled_it_ends_the_program_and_nothing_was_written() {
    let org = Org::connected().await;
    let (file, cache) = large_component(&org);
    for (signal, options) in [(Signal::INT, &[][..]), (Signal::TERM, &["--json"])] {
        let list = [options, &["--component", &file, "list-open-quotes", "Acme"]].concat();
        let child = org.harness(&list).env("XDG_CACHE_HOME", &cache).spawn().unwrap();
        // It is made just before something is compiled.
        until(|| cache.join("salesforce-harness").exists()).await;
        send(&child, signal);
        let run = org.finish(child, org.secrets());
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(130), "", ""));
        assert_eq!(std::fs::read_dir(cache.join("salesforce-harness")).unwrap().count(), 0, "it was compiled first");
        std::fs::remove_dir_all(&cache).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_is_told_that_a_component_is_compiled() {
    let org = Org::connected().await;
    let (file, cache) = large_component(&org);
    let mut script = org.harness_on_a_terminal(80, &["--component", &file, "list-open-quotes", "Acme"]);
    script.env("XDG_CACHE_HOME", &cache).env("TERM", "xterm");
    let run = org.end(script);
    assert!(run.code == Some(0) && run.stdout.contains("compiling the component"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_tokens_are_stored_before_it_ends_the_program() {
    let org = Org::expired().await;
    let before = org.connection();
    let secrets = org.secrets();
    let held = org.mock.hold_refreshes();
    // The call that the new token is for does not end by itself.
    org.mock.push_fault(Matcher::under("/services/oauth2/userinfo").nth(2), Fault::Hang);
    let child = org.harness(&["user-info"]).spawn().unwrap();
    until(|| org.refreshes() == 1).await;
    interrupt(&child);
    drop(held);
    assert_eq!(org.finish(child, secrets).code, Some(130));
    let after = org.connection();
    assert_ne!(after["access_token"], before["access_token"]);
    assert_ne!(after["refresh_token"], before["refresh_token"]);
    assert_eq!(after.get("refresh_under_way"), None);
    org.mock.forget_faults();
    assert_eq!(org.run(&["user-info"]).done()["active"], json!(null));
    assert_eq!(org.refreshes(), 1);
}
