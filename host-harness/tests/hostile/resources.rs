//! Components that use up what they are given: time, memory, tables, stack, handles.

use salesforce_runtime::HostFailureKind;
use salesforce_runtime::bindings::types::Outcome;
use salesforce_runtime::egress::EgressPolicy;
use salesforce_verify::{Check, Verdict};

use crate::guest::Guest;
use crate::tenant::{Host, assert_failed, finding, options};

/// Contained in a call beside the tenant's, and told as such by a verification.
async fn contained(guest: Guest, kind: HostFailureKind, words: &str) {
    let (host, component) = (Host::start().await, guest.component());
    let failure = host.failure_of(&component, EgressPolicy::default(), "https://x.my.salesforce.com").await;
    assert_eq!((failure.kind, failure.outcome), (kind, Outcome::NotSent), "{failure}");
    assert!(failure.message.contains(words), "{failure}");
    let report = host.verify(component, &options()).await;
    assert_failed(&report, Check::OauthBegin, words);
}

const SPIN: &str = "(loop $again (br $again))";

#[tokio::test]
async fn an_infinite_loop_at_the_start_ends_at_the_deadline() {
    let guest = Guest { definitions: "(func $spin (loop $again (br $again))) (start $spin)", ..Guest::IDLE };
    contained(guest, HostFailureKind::DeadlineExceeded, "no answer within").await;
}

#[tokio::test]
async fn an_infinite_loop_in_a_call_ends_at_the_deadline_and_the_report_goes_on() {
    contained(Guest::acting(SPIN), HostFailureKind::DeadlineExceeded, "no answer within").await;
    let report = Host::start().await.verify(Guest::acting(SPIN).component(), &options()).await;
    // More than one check was tried, and the rest was not waited for.
    assert_failed(&report, Check::OauthComplete, "no answer within");
    let late = finding(&report, Check::LimitTime);
    assert_eq!((late.verdict, late.details.len()), (Verdict::NotRun, 1), "{late:?}");
    assert_eq!(finding(&report, Check::Egress).verdict, Verdict::Passed);
}

#[tokio::test]
async fn a_memory_bomb_is_stopped_at_the_limit() {
    let bomb = Guest::acting("(loop $again (drop (memory.grow (i32.const 16))) (br $again))");
    contained(bomb, HostFailureKind::ResourceExhausted, "more than the 67108864 bytes of memory").await;
}

#[tokio::test]
async fn a_table_bomb_gets_no_more_than_its_table() {
    // It traps by itself when it gets no more; one that got a million elements would run into the deadline.
    let bomb = Guest {
        definitions: "(table $t 1 funcref)",
        act: "(loop $again
            (if (i32.eq (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1)) (then unreachable))
            (br_if $again (i32.lt_u (table.size $t) (i32.const 1000000)))
            (loop $for_ever (br $for_ever)))",
        ..Guest::IDLE
    };
    contained(bomb, HostFailureKind::Trapped, "unreachable").await;
}

#[tokio::test]
async fn deep_recursion_is_a_trap() {
    let guest = Guest { definitions: "(func $deep (call $deep))", act: "(call $deep)", ..Guest::IDLE };
    contained(guest, HostFailureKind::Trapped, "call stack exhausted").await;
}

#[tokio::test]
async fn thousands_of_handles_are_refused() {
    let guest = Guest {
        imports: r#"(import "wasi:http/types@0.2.2" "[constructor]fields" (func $fields (result i32)))"#,
        act: "(loop $again (drop (call $fields)) (br $again))",
        ..Guest::IDLE
    };
    contained(guest, HostFailureKind::Trapped, "used an import").await;
}

#[tokio::test]
async fn more_random_bytes_than_fit_are_refused() {
    let guest = Guest {
        imports: r#"(import "wasi:random/random@0.2.2" "get-random-bytes" (func $random (param i64 i32)))"#,
        act: "(call $random (i64.const 1000000000000) (global.get $scratch))",
        ..Guest::IDLE
    };
    contained(guest, HostFailureKind::Trapped, "").await;
}
