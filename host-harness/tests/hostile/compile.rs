//! Components made to cost more than they may before they run at all.

use std::fmt::Write;
use std::time::Duration;

use salesforce_runtime::Limits;
use salesforce_verify::{Check, VerifyOptions};

use crate::guest::Guest;
use crate::tenant::{Host, assert_failed, options};

/// Straight-line code, so that a compiler has as much to keep in mind as there is of it.
fn arithmetic(instructions: usize) -> String {
    let mut body = String::from("(local $x i64)");
    for number in 0..instructions {
        let _ = write!(body, "(local.set $x (i64.rotl (i64.mul (local.get $x) (i64.const {number})) (local.get $x)))");
    }
    body
}

fn many_functions(functions: usize, instructions: usize) -> Vec<u8> {
    let body = arithmetic(instructions);
    let definitions: String = (0..functions).map(|_| format!("(func {body})")).collect();
    Guest { definitions: definitions.leak(), ..Guest::IDLE }.component()
}

#[tokio::test]
async fn one_that_takes_too_long_to_compile_is_stopped() {
    let soon = VerifyOptions { compile_time: Duration::from_secs(1), ..options() };
    let report = Host::start().await.verify(many_functions(4_000, 200), &soon).await;
    assert_failed(&report, Check::CompileTime, "it took more than the 1 s of processor time allowed");
}

#[tokio::test]
async fn one_that_takes_too_much_memory_to_compile_is_stopped() {
    let little = VerifyOptions { compile_memory: 256 << 20, ..options() };
    let report = Host::start().await.verify(many_functions(1, 400_000), &little).await;
    assert_failed(&report, Check::CompileMemory, "it took more than the 268435456 bytes of memory allowed");
}

#[tokio::test]
async fn a_memory_or_table_beyond_the_limits_does_not_load() {
    let host = Host::start().await;
    let too_many = format!("(table {} funcref)", Limits::default().table_elements + 1);
    for (definitions, words) in [
        ("(memory $another 1)", "count of 2 exceeds"),
        (too_many.leak(), "table"),
        ("(table 10000000 funcref)", "table"),
        (
            "(table 1 funcref) (table 1 funcref) (table 1 funcref) (table 1 funcref) (table 1 funcref)",
            "count of 5 exceeds",
        ),
    ] {
        let report = host.verify(Guest { definitions, ..Guest::IDLE }.component(), &options()).await;
        assert_failed(&report, Check::Loads, words);
    }
}

#[tokio::test]
async fn a_component_that_begins_with_more_memory_than_allowed_does_not_load() {
    let mut little = options();
    little.limits.memory_bytes = 1 << 20;
    let report = Host::start().await.verify(Guest::IDLE.component(), &little).await;
    assert_failed(&report, Check::Loads, "memory");
}

#[tokio::test]
async fn a_compiler_that_is_none_is_told_as_this_machines_fault() {
    let mut broken = options();
    broken.compiler.program = "/no/such/compiler".into();
    let error = salesforce_verify::verify(Guest::IDLE.component().into(), &broken).await.unwrap_err();
    assert!(error.to_string().starts_with("cannot run the compiler in a process of its own"), "{error}");
    // One that says nothing has not said that all is well.
    broken.compiler.program = "/bin/true".into();
    let report = salesforce_verify::verify(Guest::IDLE.component().into(), &broken).await.unwrap();
    assert_failed(&report, Check::Component, "the compiler ended with");
}
