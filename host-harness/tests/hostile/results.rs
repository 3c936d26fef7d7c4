//! Results made to burst whoever reads them.

use std::time::Duration;

use host_harness::egress::EgressPolicy;
use host_harness::runtime::HostFailureKind;
use host_harness::verify::{Check, VerifyOptions};

use crate::guest::Guest;
use crate::tenant::{Host, assert_failed, options};

/// An error whose `problems` are a thousand, each with a `code` of 4 MiB that all share one place in memory: 4 GB for
/// who copies them, 4 MiB for who made them.
const SHARED_TEXTS: &str = r#"
    (local $problem i32)
    (local.set $problem (i32.const 2097152))
    (loop $next
        (i32.store offset=4 (local.get $problem) (i32.const 4194304))
        (local.set $problem (i32.add (local.get $problem) (i32.const 24)))
        (br_if $next (i32.lt_u (local.get $problem) (i32.const 2121152))))
    (i32.store8 (global.get $result) (i32.const 1))
    (i32.store offset=44 (global.get $result) (i32.const 2097152))
    (i32.store offset=48 (global.get $result) (i32.const 1000))"#;

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

#[tokio::test]
async fn a_result_larger_than_its_memory_is_not_copied() {
    let host = Host::start().await;
    for act in [SHARED_TEXTS, COUNTLESS, OUTSIDE, NO_KIND, NOWHERE] {
        let component = Guest::acting(act).component();
        let failure = host.failure_of(&component, EgressPolicy::default(), "https://x.my.salesforce.com").await;
        assert_eq!(failure.kind, HostFailureKind::Trapped, "{failure} {act}");
        let report = host.verify(component, &options()).await;
        assert_failed(&report, Check::OauthBegin, "begin-authorization: ");
    }
}

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

#[tokio::test]
async fn what_a_component_says_is_escaped_and_bounded_in_a_report() {
    let host = Host::start().await;
    let terminal = error_saying!(r#"\1b[2J\1b]0;owned\07\0d\0apassed"#, "22");
    let report = host.verify(terminal.component(), &options()).await;
    assert_failed(&report, Check::OauthBegin, r"\u{1b}[2J\u{1b}]0;owned\u{7}\r\npassed");
    // As many zeroes as there are in one piece.
    let report = host.verify(error_saying!("", "60000").component(), &options()).await;
    assert_failed(&report, Check::OauthBegin, "…");
    assert!(serde_json::to_string(&report).unwrap().len() < 40_000);
}

#[tokio::test]
async fn a_component_that_shows_the_token_in_its_errors_may_not_run_and_the_report_does_not_show_it() {
    // The parameters of every call are one after the other on the heap: this error says all of it.
    let guest = Guest::acting(
        "(i32.store8 (global.get $result) (i32.const 1))
        (i32.store offset=32 (global.get $result) (local.get $url))
        (i32.store offset=36 (global.get $result) (i32.sub (global.get $heap) (local.get $url)))",
    );
    // It answers at once: only a slow machine needs the time.
    let patient = VerifyOptions { behaviour_time: Duration::from_secs(60), ..options() };
    let report = Host::start().await.verify(guest.component(), &patient).await;
    assert_failed(&report, Check::Secrets, "an error of refresh holds the refresh token");
    assert_failed(&report, Check::Secrets, "an error of soql-query holds the access token");
    assert_failed(&report, Check::OauthRefresh, "[the client secret]");
    assert!(!format!("{report:?}").contains("SENTINEL"), "{report:?}");
}
