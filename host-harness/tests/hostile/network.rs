//! Components that want to go where they may not, or to send what may not be sent.

use std::collections::HashMap;
use std::time::Duration;

use mock_salesforce::wire::{Step, Wire};
use salesforce_runtime::bindings::types::Outcome;
use salesforce_runtime::egress::{EgressPolicy, Refusals};
use salesforce_runtime::{HostFailureKind, RuntimeOptions};
use salesforce_verify::Check;

use crate::guest::Guest;
use crate::tenant::{Host, assert_failed, options, patient};

/// Only one that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// What all of them need of HTTP. `$send` sends a request and waits for what becomes of it.
pub(crate) const HTTP: &str = r#"
    (import "wasi:http/types@0.2.2" "[constructor]fields" (func $fields (result i32)))
    (import "wasi:http/types@0.2.2" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
    (import "wasi:http/types@0.2.2" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
    (import "wasi:http/types@0.2.2" "[method]outgoing-request.set-scheme" (func $set_scheme (param i32 i32 i32 i32 i32) (result i32)))
    (import "wasi:http/types@0.2.2" "[method]outgoing-request.set-authority" (func $set_authority (param i32 i32 i32 i32) (result i32)))
    (import "wasi:http/types@0.2.2" "[method]outgoing-request.set-path-with-query" (func $set_path (param i32 i32 i32 i32) (result i32)))
    (import "wasi:http/types@0.2.2" "[method]outgoing-request.body" (func $body (param i32 i32)))
    (import "wasi:http/types@0.2.2" "[method]outgoing-body.write" (func $stream (param i32 i32)))
    (import "wasi:http/types@0.2.2" "[method]future-incoming-response.subscribe" (func $subscribe (param i32) (result i32)))
    (import "wasi:http/outgoing-handler@0.2.2" "handle" (func $handle (param i32 i32 i32 i32)))
    (import "wasi:io/poll@0.2.2" "[method]pollable.block" (func $block (param i32)))
    (import "wasi:io/streams@0.2.2" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))"#;

pub(crate) const SEND: &str = r#"
    (data (i32.const 1000) "/")
    (func $to (param $scheme i32) (param $authority i32) (param $length i32) (param $fields i32) (result i32)
        (local $request i32)
        (local.set $request (call $request (local.get $fields)))
        (drop (call $set_scheme (local.get $request) (i32.const 1) (local.get $scheme) (i32.const 0) (i32.const 0)))
        (drop (call $set_authority (local.get $request) (i32.const 1) (local.get $authority) (local.get $length)))
        (drop (call $set_path (local.get $request) (i32.const 1) (i32.const 1000) (i32.const 1)))
        (local.get $request))
    (func $start (param $request i32) (result i32)
        (call $handle (local.get $request) (i32.const 0) (i32.const 0) (global.get $scratch))
        (if (i32.load8_u (global.get $scratch)) (then unreachable))
        (i32.load offset=8 (global.get $scratch)))
    (func $send (param $request i32)
        (call $block (call $subscribe (call $start (local.get $request)))))"#;

/// Sends to an authority of its own choice over https, then traps.
fn going_to(authority: &str) -> Vec<u8> {
    let length = authority.len();
    let definitions = format!(r#"{SEND} (data (i32.const 1024) "{authority}")"#);
    let act = format!(
        "(call $send (call $to (i32.const 1) (i32.const 1024) (i32.const {length}) (call $fields))) unreachable"
    );
    Guest { imports: HTTP, definitions: definitions.leak(), act: act.leak() }.component()
}

#[tokio::test]
async fn another_host_and_every_inner_address_are_refused_and_named() {
    let host = Host::start().await;
    for (authority, name) in [
        ("evil.example", "evil.example"),
        ("127.0.0.1:1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("[::1]:1", "[::1]"),
        ("169.254.169.254", "169.254.169.254"),
        ("[fe80::1]", "[fe80::1]"),
        ("10.0.0.1", "10.0.0.1"),
        ("x.my.salesforce.com@evil.example", "evil.example"),
    ] {
        let component = going_to(authority);
        let policy = EgressPolicy::origins(["https://x.my.salesforce.com".parse().unwrap()]).allow_loopback();
        let refusals = Refusals::default();
        let failure = host.failure_of(&component, policy.noting(refusals.clone()), "https://x.my.salesforce.com").await;
        assert_eq!((failure.kind, failure.outcome), (HostFailureKind::Trapped, Outcome::NotSent), "{authority}");
        assert_eq!(refusals.hosts(), [name], "{authority}");
        let report = host.verify(component, &options()).await;
        assert_failed(&report, Check::Egress, &format!("it asked for {name}"));
    }
}

#[tokio::test]
async fn an_inner_address_is_refused_even_if_a_policy_lists_it_and_so_is_a_name_that_leads_there() {
    let inner = Wire::start([]).await.unwrap();
    let fixed = [("loopback", "127.0.0.1"), ("private", "10.0.0.1"), ("metadata", "169.254.169.254")];
    let hosts: HashMap<_, _> =
        fixed.iter().map(|(name, address)| (format!("{name}.example"), vec![address.parse().unwrap()])).collect();
    let host = Host::with(RuntimeOptions { hosts, ..RuntimeOptions::default() }).await;
    let port = inner.address().port();
    for authority in [
        "loopback.example",
        "private.example",
        "metadata.example",
        "127.0.0.1",
        "localhost",
        "169.254.169.254",
        "10.0.0.1",
        "[fe80::1]",
    ] {
        let authority = format!("{authority}:{port}");
        let policy = EgressPolicy::origins([format!("https://{authority}").parse().unwrap()]);
        let refusals = Refusals::default();
        let component = going_to(&authority);
        let failure = host.failure_of(&component, policy.noting(refusals.clone()), "https://x.my.salesforce.com").await;
        assert_eq!((failure.kind, failure.outcome), (HostFailureKind::Trapped, Outcome::NotSent), "{authority}");
        assert_eq!(refusals.hosts().len(), 1, "{authority}");
    }
    assert_eq!(inner.accepted(), 0);
}

/// Sends to the server that it is called with, beyond `http://`.
macro_rules! to_the_server {
    ($fields:literal) => {
        concat!(
            "(call $to (i32.const 0) (i32.add (local.get $url) (i32.const 7)) (i32.sub (local.get $url_length) (i32.const 7)) ",
            $fields,
            ")"
        )
    };
}

/// `$smuggled`: header fields that would end the header section, announce another body, or name another host.
/// `$bent`: the request with a path that would begin another one.
const SMUGGLE: &str = r#"
    (func $header (param $fields i32) (param $name i32) (param $name_length i32) (param $value i32) (param $value_length i32)
        (call $append (local.get $fields) (local.get $name) (local.get $name_length) (local.get $value)
            (local.get $value_length) (global.get $scratch)))
    (func $smuggled (result i32)
        (local $fields i32)
        (local.set $fields (call $fields))
        (call $header (local.get $fields) (i32.const 1024) (i32.const 17) (i32.const 1041) (i32.const 7))
        (call $header (local.get $fields) (i32.const 1048) (i32.const 4) (i32.const 1052) (i32.const 4))
        (call $header (local.get $fields) (i32.const 1056) (i32.const 1) (i32.const 1057) (i32.const 38))
        (call $header (local.get $fields) (i32.const 1100) (i32.const 12) (i32.const 1056) (i32.const 1))
        (call $header (local.get $fields) (i32.const 1120) (i32.const 10) (i32.const 1130) (i32.const 10))
        (local.get $fields))
    (func $bent (param $request i32) (result i32)
        (drop (call $set_path (local.get $request) (i32.const 1) (i32.const 1200) (i32.const 29)))
        (local.get $request))
    (data (i32.const 1024) "transfer-encodingchunkedhostevil")
    (data (i32.const 1056) "xy\0d\0a\0d\0aGET /evil HTTP/1.1\0d\0ahost: evil\0d\0a")
    (data (i32.const 1100) "x\0d\0ay: evil\0d\0a")
    (data (i32.const 1120) "connectionkeep-alive")
    (data (i32.const 1200) "/x HTTP/1.1\0d\0ahost: evil\0d\0a\0d\0a")"#;

fn policy_for(wire: &Wire) -> (EgressPolicy, String) {
    let url = format!("http://{}", wire.address());
    (EgressPolicy::origins([url.parse().unwrap()]).allow_loopback(), url)
}

#[tokio::test]
async fn headers_and_paths_that_would_smuggle_a_second_request_do_not_leave() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let wire = Wire::start([vec![Step::Read, Step::write(answer), Step::Repeat]]).await.unwrap();
    let smuggler = Guest {
        imports: HTTP,
        definitions: Box::leak(format!("{SEND} {SMUGGLE}").into_boxed_str()),
        act: concat!("(call $send (call $bent ", to_the_server!("(call $smuggled)"), "))"),
    };
    let host = Host::start().await;
    let (policy, url) = policy_for(&wire);
    host.call(&smuggler.component(), policy, &url, PATIENCE).await.unwrap();
    let [request] = &wire.requests()[..] else { panic!("{:?}", wire.requests()) };
    assert_eq!(*request, format!("GET / HTTP/1.1\r\nhost: {}\r\n\r\n", wire.address()), "{request}");
}

#[tokio::test]
async fn thousands_of_open_requests_are_a_handful() {
    let silent = Wire::start([vec![Step::Hang]]).await.unwrap();
    let (policy, url) = policy_for(&silent);
    let greedy = Guest {
        imports: HTTP,
        definitions: SEND,
        act: concat!(
            "(local $left i32) (local.set $left (i32.const 400))
            (loop $again
                (drop (call $start ",
            to_the_server!("(call $fields)"),
            "))
                (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                (br_if $again (local.get $left)))
            (loop $for_ever (br $for_ever))"
        ),
    };
    let host = Host::start().await;
    let failure = host.failure_of(&greedy.component(), policy, &url).await;
    assert_eq!(failure.kind, HostFailureKind::DeadlineExceeded, "{failure}");
    assert!(silent.accepted() <= 8, "{} connections", silent.accepted());
    assert_eq!(failure.outcome == Outcome::Unknown, silent.accepted() > 0);
}

#[tokio::test]
async fn a_body_without_end_never_leaves() {
    let wire = Wire::start([vec![Step::Hang]]).await.unwrap();
    let (policy, url) = policy_for(&wire);
    // Writes until the host takes no more, then traps: 4 KiB at once, more than any limit in all.
    let flood = Guest {
        imports: HTTP,
        definitions: SEND,
        act: concat!(
            "(local $request i32) (local $stream i32)
            (local.set $request ",
            to_the_server!("(call $fields)"),
            ")
            (call $body (local.get $request) (global.get $scratch))
            (call $stream (i32.load offset=4 (global.get $scratch)) (global.get $scratch))
            (local.set $stream (i32.load offset=4 (global.get $scratch)))
            (drop (call $start (local.get $request)))
            (loop $again
                (call $write (local.get $stream) (i32.const 0) (i32.const 4096) (global.get $scratch))
                (br_if $again (i32.eqz (i32.load8_u (global.get $scratch)))))
            unreachable"
        ),
    };
    let host = Host::start().await;
    let result = host.call(&flood.component(), policy, &url, PATIENCE).await;
    let Err(salesforce_runtime::ExecutionError::Host(failure)) = result else { panic!("{result:?}") };
    assert_eq!((failure.kind, failure.outcome), (HostFailureKind::Trapped, Outcome::NotSent), "{failure}");
    assert_eq!(wire.accepted(), 0);
}

#[tokio::test]
async fn a_connector_that_answers_without_asking_is_found_out() {
    let report = Host::start().await.verify(Guest::IDLE.component(), &patient()).await;
    assert_failed(&report, Check::OauthBegin, "expected a URL that begins with");
    assert_failed(&report, Check::SoqlQuery, "expected records to be a JSON array");
    assert_failed(&report, Check::RecordsCreateOnce, "expected an error of create-or-update-record, but it succeeded");
}
