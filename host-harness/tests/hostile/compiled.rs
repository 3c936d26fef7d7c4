//! What a verification leaves behind: the compiled code of a component that may run, and of no other.

use std::time::Duration;

use salesforce_runtime::component::CONNECTOR;
use salesforce_runtime::egress::EgressPolicy;
use salesforce_runtime::{ExecutionError, HostFailureKind, Limits, LoadError, Runtime, RuntimeOptions};
use salesforce_verify::{VerifyOptions, verify};

use crate::guest::Guest;
use crate::tenant::{Host, OPTIONS, options, query};

#[tokio::test]
async fn a_component_that_may_run_is_not_compiled_again() {
    let cache = tempfile::tempdir().unwrap();
    // Only a component that fails waits so long.
    let patient = Duration::from_secs(300);
    let mut options = VerifyOptions { behaviour_time: patient, code_cache: Some(cache.path().into()), ..options() };
    options.limits.deadline = patient;
    let runtime = |limits: Limits| {
        let code_cache = Some(cache.path().into());
        Runtime::new(RuntimeOptions { limits, code_cache, ..RuntimeOptions::default() }).unwrap()
    };
    let limits = Limits { concurrent_executions: 8, ..Limits::default() };
    let not_there = runtime(limits.clone()).load_compiled(CONNECTOR).err().unwrap();
    assert!(matches!(not_there, LoadError::Compile(_)), "{not_there}");

    let report = verify(CONNECTOR.into(), &options).await.unwrap();
    assert!(report.may_run, "{report:?}");
    assert_eq!(std::fs::read_dir(cache.path()).unwrap().count(), 1, "more than the compiled code is left");

    // It runs, and within less memory than it needs it ends as told.
    let (connector, host) = (runtime(limits.clone()).load_compiled(CONNECTOR).unwrap(), Host::start().await);
    let policy = EgressPolicy::origins([host.mock.url().parse().unwrap()]).allow_loopback();
    let query = query("SELECT COUNT() FROM Account");
    let execution = || connector.execution(policy.clone());
    let page = execution().with_memory(16 << 20).soql_query(&host.connection, &query, OPTIONS).await.unwrap();
    assert_eq!(page.total_size, Some(2086));
    let starved = execution().with_memory(64 << 10).soql_query(&host.connection, &query, OPTIONS).await;
    let Err(ExecutionError::Host(failure)) = starved else { panic!("{starved:?}") };
    assert_eq!(failure.kind, HostFailureKind::ResourceExhausted, "{failure}");

    // Bounds that hold at run time are not in the code.
    let other_stack = Limits { wasm_stack_bytes: limits.wasm_stack_bytes / 2, ..limits };
    runtime(other_stack).load_compiled(CONNECTOR).unwrap();
}

#[tokio::test]
async fn nothing_is_kept_of_a_component_that_may_not_run() {
    let cache = tempfile::tempdir().unwrap();
    let options = VerifyOptions { code_cache: Some(cache.path().into()), ..options() };
    let report = verify(Guest::IDLE.component().into(), &options).await.unwrap();
    assert!(!report.may_run);
    assert_eq!(std::fs::read_dir(cache.path()).unwrap().count(), 0);
}
