//! Results made to burst whoever reads them.

use std::time::Duration;

use salesforce_runtime::bindings::soql::Page;
use salesforce_runtime::bindings::types::Outcome;
use salesforce_runtime::egress::EgressPolicy;
use salesforce_runtime::{ExecutionError, HostFailureKind};
use salesforce_verify::Check;

use crate::guest::Guest;
use crate::tenant::{Host, OPTIONS, assert_failed, options, patient, query};

/// Only a slow machine needs it.
const PATIENCE: Duration = Duration::from_secs(30);

/// An error whose `problems` are a hundred, each with a `code` of 2 MiB that all share one place in memory: 200 MB for
/// who copies them, 2 MiB for who made them.
const SHARED_TEXTS: &str = r#"
    (local $problem i32)
    (local.set $problem (i32.const 2097152))
    (loop $next
        (i32.store offset=4 (local.get $problem) (i32.const 2088960))
        (i32.store (local.get $problem) (i32.const 2105344))
        (local.set $problem (i32.add (local.get $problem) (i32.const 24)))
        (br_if $next (i32.lt_u (local.get $problem) (i32.const 2099552))))
    (i32.store8 (global.get $result) (i32.const 1))
    (i32.store offset=44 (global.get $result) (i32.const 2097152))
    (i32.store offset=48 (global.get $result) (i32.const 100))"#;

/// The same with a number of problems that no memory holds.
const COUNTLESS: &str = r#"
    (i32.store8 (global.get $result) (i32.const 1))
    (i32.store offset=48 (global.get $result) (i32.const -1))"#;

/// An error whose message lies outside of the memory.
const OUTSIDE: &str = r#"
    (i32.store8 (global.get $result) (i32.const 1))
    (i32.store offset=32 (global.get $result) (i32.const -16))
    (i32.store offset=36 (global.get $result) (i32.const 16))"#;

/// An error of a kind that does not exist.
const NO_KIND: &str = r#"
    (i32.store8 (global.get $result) (i32.const 1))
    (i32.store8 offset=8 (global.get $result) (i32.const 255))"#;

/// A place for the result that is not in memory.
const NOWHERE: &str = "(global.set $result (i32.const -8))";

/// Kind and outcome 0, and this message at the place of the message.
macro_rules! error_saying {
    ($text:literal, $length:literal) => {
        Guest {
            definitions: concat!(r#"(data (i32.const 1024) ""#, $text, r#"")"#),
            act: concat!(
                "(i32.store8 (global.get $result) (i32.const 1))
                (i32.store offset=32 (global.get $result) (i32.const 1024))
                (i32.store offset=36 (global.get $result) (i32.const ",
                $length,
                "))"
            ),
            ..Guest::IDLE
        }
    };
}

/// A hundred child cursors whose names are one place of 2 MiB.
const SHARED_CURSORS: &str = r#"
    (local $child i32)
    (local.set $child (i32.const 2097152))
    (loop $next
        (i32.store offset=4 (local.get $child) (i32.const 2105344))
        (i32.store offset=8 (local.get $child) (i32.const 2088960))
        (local.set $child (i32.add (local.get $child) (i32.const 40)))
        (br_if $next (i32.lt_u (local.get $child) (i32.const 2101152))))
    (i32.store offset=52 (global.get $result) (i32.const 2097152))
    (i32.store offset=56 (global.get $result) (i32.const 100))"#;

/// Records of 2,000,000 times `\0`, from where no parameter is.
const ZEROES: &str = r#"
    (i32.store offset=8 (global.get $result) (i32.const 2097152))
    (i32.store offset=12 (global.get $result) (i32.const 2000000))"#;

#[tokio::test]
async fn s04_a_result_larger_than_its_memory_is_not_copied() {
    let host = Host::start().await;
    use HostFailureKind::{ResourceExhausted, Trapped};
    for (act, kind) in [
        (SHARED_TEXTS, ResourceExhausted),
        (COUNTLESS, Trapped),
        (OUTSIDE, Trapped),
        (NO_KIND, Trapped),
        (NOWHERE, Trapped),
    ] {
        let component = Guest::acting(act).component();
        let failure = host.failure_of(&component, EgressPolicy::default(), "https://x.my.salesforce.com").await;
        assert_eq!(failure.kind, kind, "{failure} {act}");
        assert_eq!(failure.outcome, Outcome::NotSent);
        let report = host.verify(component, &options()).await;
        assert_failed(&report, Check::OauthBegin, "begin-authorization: ");
    }
}

/// What a query of this component comes to.
async fn query_of(host: &Host, component: &[u8], result_bytes: usize) -> Result<Page, ExecutionError> {
    let hostile = host.runtime.load(component).unwrap();
    let execution = hostile.execution(EgressPolicy::default()).within(PATIENCE).with_result(result_bytes);
    execution.soql_query(&host.connection, &query("SELECT Id FROM User"), OPTIONS).await
}

#[tokio::test]
async fn s04_results_are_bounded_before_they_are_copied_and_the_words_name_the_bound() {
    let host = Host::start().await;
    for act in [SHARED_CURSORS, ZEROES] {
        let result = query_of(&host, &Guest::acting(act).component(), 1 << 20).await;
        let Err(ExecutionError::Host(failure)) = result else { panic!("expected a bound: {act}") };
        assert_eq!((failure.kind, failure.outcome), (HostFailureKind::ResourceExhausted, Outcome::NotSent));
        assert!(failure.message.contains("more than the 1048576 bytes of a result"), "{failure}");
        assert!(failure.message.contains("ask for less at once"), "{failure}");
    }
    let page = query_of(&host, &Guest::acting(ZEROES).component(), 8 << 20).await.unwrap();
    assert_eq!(page.records.len(), 2_000_000);
    host.assert_unharmed().await;
}

#[tokio::test]
async fn s04_what_the_interface_bounds_is_refused_beyond_it() {
    let host = Host::start().await;
    for (act, words) in [
        // A next cursor of 513 characters; one with control characters; more records than their text holds.
        (
            "(i32.store8 offset=40 (global.get $result) (i32.const 1)) (i32.store offset=44 (global.get $result) (i32.const 1024)) (i32.store offset=48 (global.get $result) (i32.const 513))",
            "a cursor of more than 512 characters",
        ),
        (
            "(i32.store8 offset=40 (global.get $result) (i32.const 1)) (i32.store offset=44 (global.get $result) (i32.const 1024)) (i32.store offset=48 (global.get $result) (i32.const 5))",
            "a control character",
        ),
        ("(i32.store offset=16 (global.get $result) (i32.const -1))", "more records than its text holds"),
    ] {
        let result = query_of(&host, &Guest::acting(act).component(), 8 << 20).await;
        let Err(ExecutionError::Host(failure)) = result else { panic!("{words}: {result:?}") };
        assert_eq!(failure.kind, HostFailureKind::BadResult);
        assert!(failure.message.contains(words), "{failure}");
    }
}

#[tokio::test]
async fn s04_an_errors_texts_are_cleaned_and_its_claims_about_shared_things_dropped() {
    let host = Host::start().await;
    let terminal = error_saying!(r#"\1b[2J\1b]0;owned\07\0d\0apassed"#, "22");
    let Err(ExecutionError::Connector(error)) = query_of(&host, &terminal.component(), 8 << 20).await else {
        panic!("expected its error")
    };
    assert_eq!(error.message, r"\u{1b}[2J\u{1b}]0;owned\u{7}\u{d}\u{a}passed");
    let Err(ExecutionError::Connector(error)) = query_of(&host, &error_saying!("", "60000").component(), 8 << 20).await
    else {
        panic!("expected its error")
    };
    assert!(error.message.chars().count() <= 2_500 && error.message.ends_with('…'));
    // 4,294,967,295 of 0 requests used, which no answer of an org told.
    let claims = "(i32.store8 offset=60 (global.get $result) (i32.const 1)) (i32.store offset=64 (global.get $result) (i32.const -1))";
    let page = query_of(&host, &Guest::acting(claims).component(), 8 << 20).await.unwrap();
    assert_eq!(page.usage.map(|usage| usage.used), None);
}

#[tokio::test]
async fn s04_what_a_component_makes_the_host_keep_is_bounded() {
    let host = Host::start().await;
    // An authority and a method of a megabyte are refused, as is a megabyte of random bytes.
    for (import, act) in [
        (
            r#"(import "wasi:http/types@0.2.2" "[method]outgoing-request.set-authority" (func $set (param i32 i32 i32 i32) (result i32)))"#,
            "(if (call $set (call $request (call $fields)) (i32.const 1) (i32.const 1048576) (i32.const 1048576)) (then unreachable))",
        ),
        (
            r#"(import "wasi:http/types@0.2.2" "[method]outgoing-request.set-method" (func $set (param i32 i32 i32 i32) (result i32)))"#,
            "(if (call $set (call $request (call $fields)) (i32.const 9) (i32.const 1048576) (i32.const 1048576)) (then unreachable))",
        ),
        (
            r#"(import "wasi:random/random@0.2.2" "get-random-bytes" (func $random (param i64 i32)))"#,
            "(call $random (i64.const 1048576) (global.get $scratch))",
        ),
    ] {
        let fill = "(memory.fill (i32.const 1048576) (i32.const 97) (i32.const 1048576))";
        let imports = format!(
            r#"(import "wasi:http/types@0.2.2" "[constructor]fields" (func $fields (result i32)))
            (import "wasi:http/types@0.2.2" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
            {import}"#
        );
        let guest = Guest { imports: imports.leak(), act: format!("{fill} {act}").leak(), ..Guest::IDLE };
        let failure = host.failure_of(&guest.component(), EgressPolicy::default(), "https://x.my.salesforce.com").await;
        assert_eq!(failure.kind, HostFailureKind::Trapped, "{failure} {act}");
    }
}

#[tokio::test]
async fn what_a_component_says_is_escaped_and_bounded_in_a_report() {
    let host = Host::start().await;
    let terminal = error_saying!(r#"\1b[2J\1b]0;owned\07\0d\0apassed"#, "22");
    let report = host.verify(terminal.component(), &options()).await;
    assert_failed(&report, Check::OauthBegin, r"\u{1b}[2J\u{1b}]0;owned\u{7}\r\npassed");
    // As many zeroes as there are in one piece.
    let report = host.verify(error_saying!("", "60000").component(), &options()).await;
    assert_failed(&report, Check::OauthBegin, "…");
    let bytes = serde_json::to_string(&report).unwrap().len();
    // What all checks say has at most 96 KiB.
    assert!(bytes < 128 << 10, "{bytes}");
}

#[tokio::test]
async fn a_component_that_shows_the_token_in_its_errors_may_not_run_and_the_report_does_not_show_it() {
    // The parameters of every call are one after the other on the heap: this error says all of it.
    let guest = Guest::acting(
        "(i32.store8 (global.get $result) (i32.const 1))
        (i32.store offset=32 (global.get $result) (local.get $url))
        (i32.store offset=36 (global.get $result) (i32.sub (global.get $heap) (local.get $url)))",
    );
    let report = Host::start().await.verify(guest.component(), &patient()).await;
    assert_failed(&report, Check::Secrets, "an error of refresh holds the refresh token");
    assert_failed(&report, Check::Secrets, "an error of soql-query holds the access token");
    assert_failed(&report, Check::OauthRefresh, "[the client secret");
    assert!(!format!("{report:?}").contains("SENTINEL"), "{report:?}");
}
