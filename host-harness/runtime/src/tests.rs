//! Components that behave badly, and what becomes of them and of the next execution.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use wasmtime::Store;
use wasmtime::component::InstancePre;
use wasmtime_wasi_http::WasiHttpView;

use super::sandbox::Sandbox;
use super::*;
use crate::bindings::types::Outcome;
use crate::component::DescribeError;

/// Exports without parameters or results: `nothing`, `spin`, `trap`, `eat` (1 MiB of memory after another, for ever).
const BADLY_BEHAVED: &str = r#"
    (component
        (core module $code
            (memory (export "memory") 1)
            (func (export "nothing"))
            (func (export "spin") (loop $again (br $again)))
            (func (export "trap") unreachable)
            (func (export "overflow") (call 3))
            (func (export "eat") (loop $again (drop (memory.grow (i32.const 16))) (br $again))))
        (core instance $instance (instantiate $code))
        (func (export "nothing") (canon lift (core func $instance "nothing")))
        (func (export "spin") (canon lift (core func $instance "spin")))
        (func (export "trap") (canon lift (core func $instance "trap")))
        (func (export "overflow") (canon lift (core func $instance "overflow")))
        (func (export "eat") (canon lift (core func $instance "eat"))))"#;

/// Its export `sleep` waits in the host for an hour.
const SLEEPER: &str = r#"
    (component
        (import "wasi:io/poll@0.2.2" (instance $poll
            (export "pollable" (type $pollable (sub resource)))
            (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
        (alias export $poll "pollable" (type $pollable))
        (import "wasi:clocks/monotonic-clock@0.2.2" (instance $clock
            (alias outer 1 $pollable (type $outer))
            (export "pollable" (type $pollable (eq $outer)))
            (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
        (core func $subscribe (canon lower (func $clock "subscribe-duration")))
        (core func $block (canon lower (func $poll "[method]pollable.block")))
        (core module $code
            (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
            (import "host" "block" (func $block (param i32)))
            (func (export "sleep") (call $block (call $subscribe (i64.const 3600000000000)))))
        (core instance $instance (instantiate $code (with "host" (instance
            (export "subscribe" (func $subscribe))
            (export "block" (func $block))))))
        (func (export "sleep") (canon lift (core func $instance "sleep"))))"#;

/// Its export `count` says how often it was called in this instance: once by a global, once by its memory.
const COUNTER: &str = r#"
    (component
        (core module $code
            (memory 1)
            (global $calls (mut i32) (i32.const 0))
            (func (export "count") (result i32)
                (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
                (i32.store (i32.const 4096) (i32.add (i32.load (i32.const 4096)) (i32.const 1)))
                (i32.add (i32.mul (global.get $calls) (i32.const 100)) (i32.load (i32.const 4096)))))
        (core instance $instance (instantiate $code))
        (func (export "count") (result u32) (canon lift (core func $instance "count"))))"#;

const MOMENT: Duration = Duration::from_millis(100);

fn runtime(limits: Limits) -> Runtime {
    Runtime::new(RuntimeOptions { limits, ..RuntimeOptions::default() }).unwrap()
}

fn small() -> Limits {
    Limits { concurrent_executions: 4, memory_bytes: 4 << 20, ..Limits::default() }
}

fn link(runtime: &Runtime, component: &str) -> InstancePre<State> {
    runtime.link(&wat::parse_str(component).unwrap()).unwrap()
}

async fn call(store: &mut Store<State>, component: &InstancePre<State>, export: &str) -> wasmtime::Result<()> {
    let instance = component.instantiate_async(&mut *store).await?;
    instance.get_typed_func::<(), ()>(&mut *store, export)?.call_async(store, ()).await
}

async fn run(runtime: &Runtime, component: &InstancePre<State>, export: &'static str) -> Result<(), HostFailure> {
    let sandbox = Sandbox::new(runtime.shared.clone(), EgressPolicy::default());
    let component = component.clone();
    sandbox.run(async move |mut store| call(&mut store, &component, export).await).await
}

/// Fails as expected, with nothing sent, and the next execution of the same component works.
async fn fails(runtime: &Runtime, component: &str, export: &'static str, kind: HostFailureKind) -> String {
    let component = link(runtime, component);
    let failure = run(runtime, &component, export).await.unwrap_err();
    assert_eq!(failure.kind, kind, "{failure}");
    assert_eq!(failure.outcome, Outcome::NotSent);
    let healthy = link(runtime, BADLY_BEHAVED);
    run(runtime, &healthy, "nothing").await.unwrap();
    failure.message
}

#[tokio::test]
async fn every_execution_has_a_fresh_instance_in_the_same_place_of_the_pool() {
    let runtime = runtime(Limits { concurrent_executions: 1, ..small() });
    let component = link(&runtime, COUNTER);
    for _ in 0..3 {
        let sandbox = Sandbox::new(runtime.shared.clone(), EgressPolicy::default());
        let component = component.clone();
        let counted = sandbox.run(async move |mut store| {
            let instance = component.instantiate_async(&mut store).await?;
            let count = instance.get_typed_func::<(), (u32,)>(&mut store, "count")?;
            let (first,) = count.call_async(&mut store, ()).await?;
            let (second,) = count.call_async(&mut store, ()).await?;
            Ok((first, second))
        });
        assert_eq!(counted.await.unwrap(), (101, 202));
    }
}

#[tokio::test]
async fn f92_a_trap_ends_one_execution() {
    let message = fails(&runtime(small()), BADLY_BEHAVED, "trap", HostFailureKind::Trapped).await;
    assert_eq!(message, "the component trapped: wasm `unreachable` instruction executed");
}

#[tokio::test]
async fn endless_recursion_is_a_trap() {
    let message = fails(&runtime(small()), BADLY_BEHAVED, "overflow", HostFailureKind::Trapped).await;
    assert_eq!(message, "the component trapped: call stack exhausted");
}

#[tokio::test]
async fn f89_more_memory_than_allowed_is_told_as_that() {
    let message = fails(&runtime(small()), BADLY_BEHAVED, "eat", HostFailureKind::ResourceExhausted).await;
    assert_eq!(message, "the component needs more than the 4194304 bytes of memory that the host allows");
}

#[tokio::test]
async fn an_execution_can_have_less_memory_than_the_runtime_allows_and_never_more() {
    let runtime = runtime(small());
    let component = link(&runtime, BADLY_BEHAVED);
    for (asked, allowed) in [(1 << 20, 1_048_576), (1 << 30, 4_194_304)] {
        let mut sandbox = Sandbox::new(runtime.shared.clone(), EgressPolicy::default());
        sandbox.lower_memory(asked);
        let component = component.clone();
        let failure = sandbox.run(async move |mut store| call(&mut store, &component, "eat").await).await.unwrap_err();
        assert_eq!(failure.kind, HostFailureKind::ResourceExhausted);
        assert!(failure.message.contains(&format!("more than the {allowed} bytes")), "{failure}");
    }
}

#[tokio::test]
async fn an_execution_tells_how_much_memory_it_took_even_if_it_wanted_too_much() {
    let runtime = runtime(small());
    let component = link(&runtime, BADLY_BEHAVED);
    for (export, bytes) in [("nothing", 64 << 10), ("eat", (64 << 10) + (3 << 20))] {
        let memory_use = MemoryUse::default();
        let mut sandbox = Sandbox::new(runtime.shared.clone(), EgressPolicy::default());
        sandbox.report_memory(&memory_use);
        let component = component.clone();
        let _ended = sandbox.run(async move |mut store| call(&mut store, &component, export).await).await;
        assert_eq!(memory_use.bytes(), bytes, "{export}");
    }
}

#[test]
fn what_is_not_offered_can_be_linked_to_traps_for_measuring() {
    let component = wat::parse_str(
        r#"(component
            (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
            (alias export $error "error" (type $error))
            (import "wasi:cli/environment@0.2.9" (instance
                (alias outer 1 $error (type $outer))
                (export "error" (type $e (eq $outer)))
                (export "own" (type (sub resource)))
                (export "get" (func (result (own $e)))))))"#,
    );
    let component = component.unwrap();
    let runtime = runtime(small());
    assert!(matches!(runtime.load(&component), Err(LoadError::Import { .. })));
    // It links, and what is wrong with it is only that it exports nothing.
    assert!(matches!(runtime.load_beyond_the_offer(&component), Err(LoadError::Export(_))));
}

#[cfg(feature = "bundled")]
#[tokio::test]
async fn an_instance_can_be_made_for_its_own_sake() {
    let connector = runtime(small()).load(component::CONNECTOR).unwrap();
    connector.instantiate().await.unwrap();
}

#[tokio::test]
async fn f90_a_busy_component_ends_at_the_deadline() {
    let runtime = runtime(Limits { deadline: MOMENT, ..small() });
    fails(&runtime, BADLY_BEHAVED, "spin", HostFailureKind::DeadlineExceeded).await;
}

#[tokio::test]
async fn f91_a_waiting_component_ends_at_the_deadline() {
    let runtime = runtime(Limits { deadline: MOMENT, ..small() });
    fails(&runtime, SLEEPER, "sleep", HostFailureKind::DeadlineExceeded).await;
}

#[tokio::test]
async fn one_execution_too_many_is_refused_and_the_place_is_free_again_afterwards() {
    let runtime = runtime(Limits { concurrent_executions: 1, ..small() });
    let component = link(&runtime, BADLY_BEHAVED);
    let sandbox = Sandbox::new(runtime.shared.clone(), EgressPolicy::default());
    let (same, again) = (runtime.clone(), component.clone());
    let refused = sandbox.run(async move |mut store| {
        call(&mut store, &again, "nothing").await?;
        Ok(run(&same, &again, "nothing").await)
    });
    let failure = refused.await.unwrap().unwrap_err();
    assert_eq!((failure.kind, failure.outcome), (HostFailureKind::Overloaded, Outcome::NotSent));
    run(&runtime, &component, "nothing").await.unwrap();
}

/// Posts as a component would, then calls an export in the same execution.
async fn post_then(runtime: &Runtime, origin: &str, export: &'static str) -> HostFailure {
    let component = link(runtime, BADLY_BEHAVED);
    let policy = EgressPolicy::origins([origin.parse().unwrap()]).allow_loopback();
    let sandbox = Sandbox::new(runtime.shared.clone(), policy);
    let origin = origin.to_owned();
    let ended = sandbox.run(async move |mut store| {
        let body = Full::new(Bytes::from_static(b"{}")).map_err(|never| match never {}).boxed_unsync();
        let request = Request::post(origin).body(body).unwrap();
        let hooks = store.data_mut().http().hooks;
        let _result = Box::into_pin(hooks.send_request(request, None, Box::new(async { Ok(()) }))).await;
        call(&mut store, &component, export).await
    });
    ended.await.unwrap_err()
}

#[tokio::test]
async fn f94_a_trap_after_a_request_left_has_an_unknown_outcome() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_exact(&mut [0; 1]).await.unwrap(); // and hang up without an answer
    });
    let failure = post_then(&runtime(small()), &origin, "trap").await;
    assert_eq!((failure.kind, failure.outcome), (HostFailureKind::Trapped, Outcome::Unknown));
    server.await.unwrap();
}

#[tokio::test]
async fn a_deadline_while_a_request_waits_for_its_answer_has_an_unknown_outcome() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let runtime = runtime(Limits { deadline: MOMENT, ..small() });
    let failure = post_then(&runtime, &origin, "nothing").await;
    assert_eq!((failure.kind, failure.outcome), (HostFailureKind::DeadlineExceeded, Outcome::Unknown));
}

#[tokio::test]
async fn a_trap_after_a_request_was_refused_has_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failure = post_then(&runtime(small()), &origin, "trap").await;
    assert_eq!((failure.kind, failure.outcome), (HostFailureKind::Trapped, Outcome::NotSent));
}

#[tokio::test]
async fn a_deadline_while_a_connection_is_being_made_has_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap(); // accepts nothing: the TLS handshake stalls
    let origin = format!("https://{}", listener.local_addr().unwrap());
    let runtime = runtime(Limits { deadline: MOMENT, ..small() });
    let failure = post_then(&runtime, &origin, "nothing").await;
    assert_eq!((failure.kind, failure.outcome), (HostFailureKind::DeadlineExceeded, Outcome::NotSent));
}

fn load_error(component: &[u8]) -> LoadError {
    runtime(small()).load(component).err().unwrap()
}

#[test]
fn an_import_that_is_not_offered_is_refused_by_name() {
    let component = wat::parse_str(
        r#"(component
            (import "wasi:io/error@0.2.0" (instance (export "error" (type (sub resource)))))
            (import "wasi:filesystem/preopens@0.2.2" (instance))
            (import "wasi:cli/environment@0.2.2" (instance)))"#,
    );
    let error = load_error(&component.unwrap());
    let LoadError::Import { names } = &error else { panic!("{error}") };
    assert_eq!(names, &["wasi:filesystem/preopens@0.2.2", "wasi:cli/environment@0.2.2"]);
    assert!(
        error.to_string().starts_with("the component needs wasi:filesystem/preopens@0.2.2, wasi:cli/environment@0.2.2")
    );
}

#[test]
fn what_is_not_a_component_is_refused() {
    assert!(matches!(
        load_error(&wat::parse_str("(module)").unwrap()),
        LoadError::NotAComponent(DescribeError::CoreModule)
    ));
    for bytes in [b"".as_slice(), b"not wasm", b"PK\x03\x04"] {
        let error = load_error(bytes);
        assert!(matches!(error, LoadError::NotAComponent(DescribeError::NotWebAssembly)), "{error}");
    }
    let truncated = load_error(b"\0asm");
    assert!(matches!(truncated, LoadError::NotAComponent(DescribeError::Malformed(_))), "{truncated}");
}

#[test]
fn a_component_that_is_not_a_connector_is_refused() {
    let error = load_error(&wat::parse_str(BADLY_BEHAVED).unwrap());
    assert!(matches!(error, LoadError::Export(_)), "{error}");
    assert!(error.to_string().contains("workflow:salesforce/"), "{error}");
}

#[test]
fn a_component_that_begins_beyond_the_memory_limit_is_refused() {
    let component = r#"(component (core module $code (memory 1000)) (core instance (instantiate $code)))"#;
    let error = load_error(&wat::parse_str(component).unwrap());
    assert!(matches!(error, LoadError::Compile(_)), "{error}");
}

#[cfg(feature = "bundled")]
#[test]
fn the_embedded_connector_loads() {
    let connector = runtime(small()).load(component::CONNECTOR);
    assert!(connector.is_ok(), "{}", connector.err().unwrap());
}
