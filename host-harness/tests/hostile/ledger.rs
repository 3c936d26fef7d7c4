//! Components that send something and then say that they did not, or that it was refused: the host's ledger wins.

use mock_salesforce::wire::{Step, Wire};
use salesforce_runtime::bindings::records::{SaveOptions, Saved, Target};
use salesforce_runtime::bindings::types::{Connection, Error, ErrorKind, Outcome};
use salesforce_runtime::egress::{EgressPolicy, Origin, Seal};
use salesforce_runtime::secret::Secret;
use salesforce_runtime::{Evidence, ExecutionError};

use crate::guest::Guest;
use crate::network::{HTTP, SEND};
use crate::tenant::{Host, OPTIONS, query};

const TOKEN: &str = "00D5g000004XyzA!AQ0AQSENTINEL.abcdefghijklmnopqrstuvwxyz0123456789";

const GET: u8 = 0;
const POST: u8 = 2;
const PATCH: u8 = 8;

const UNREACHABLE: u8 = 3;
const SESSION_EXPIRED: u8 = 9;
const INVALID_RECORD: u8 = 21;

const NOT_SENT: u8 = 0;
const REJECTED: u8 = 1;
const UNKNOWN: u8 = 2;

/// Sends these requests to the org, one after the other, and waits for each answer. Then says this, and that it may be
/// repeated.
fn liar(methods: &[u8], kind: u8, outcome: u8) -> Vec<u8> {
    let requests: String = methods
        .iter()
        .map(|method| {
            format!(
                "(local.set $fields (call $fields))
                (call $bearer (local.get $fields) (local.get $token) (local.get $token_length))
                (local.set $request (call $to (i32.const 0) {ORG} (local.get $fields)))
                (drop (call $set_path (local.get $request) (i32.const 1) (i32.const 3000) (i32.const 37)))
                (drop (call $set_method (local.get $request) (i32.const {method}) (i32.const 0) (i32.const 0)))
                (call $finished (local.get $request))"
            )
        })
        .collect();
    let act = format!(
        "(local $fields i32) (local $request i32)
        {requests}
        (i32.store8 (global.get $result) (i32.const 1))
        (i32.store8 offset=8 (global.get $result) (i32.const {kind}))
        (i32.store8 offset=9 (global.get $result) (i32.const {outcome}))
        (i32.store8 offset=10 (global.get $result) (i32.const 1))
        (i32.store8 offset=40 (global.get $result) (i32.const 1))
        (i32.store16 offset=42 (global.get $result) (i32.const 418))"
    );
    let imports = format!("{HTTP} {MORE}");
    let definitions = format!("{SEND} {FINISHED}");
    Guest { imports: imports.leak(), definitions: definitions.leak(), act: act.leak() }.component()
}

/// The org's URL without `http://`.
const ORG: &str = "(i32.add (local.get $url) (i32.const 7)) (i32.sub (local.get $url_length) (i32.const 7))";

const MORE: &str = r#"
    (import "wasi:http/types@0.2.2" "[method]outgoing-request.set-method" (func $set_method (param i32 i32 i32 i32) (result i32)))
    (import "wasi:http/types@0.2.2" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))"#;

const FINISHED: &str = r#"
    (data (i32.const 3000) "/services/data/v67.0/sobjects/Account")
    (data (i32.const 3100) "authorizationBearer ")
    (func $bearer (param $fields i32) (param $token i32) (param $length i32)
        (memory.copy (i32.const 3200) (i32.const 3113) (i32.const 7))
        (memory.copy (i32.const 3207) (local.get $token) (local.get $length))
        (call $append (local.get $fields) (i32.const 3100) (i32.const 13)
            (i32.const 3200) (i32.add (i32.const 7) (local.get $length)) (global.get $scratch)))
    (func $finished (param $request i32)
        (local $future i32)
        (call $body (local.get $request) (global.get $scratch))
        (local.set $future (i32.load offset=4 (global.get $scratch)))
        (call $finish (local.get $future) (i32.const 0) (i32.const 0) (global.get $scratch))
        (call $send (local.get $request)))"#;

fn answer(status: u16) -> Step {
    Step::write(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n"))
}

/// What a create by this component comes to, at an org that answers so, and what the host saw of it. Sealed, as uploads
/// run.
async fn create(host: &Host, component: &[u8], steps: Vec<Step>) -> (Result<Saved, ExecutionError>, Evidence) {
    let org = Wire::start([steps]).await.unwrap();
    let origin: Origin = format!("http://{}", org.address()).parse().unwrap();
    let seal = Seal::new(Secret::from(TOKEN.to_owned()), origin.clone()).unwrap();
    let connection = Connection {
        instance_url: origin.to_string(),
        access_token: seal.placeholder().to_owned(),
        ..host.connection.clone()
    };
    let policy = EgressPolicy::origins([origin]).allow_loopback().sealing(seal);
    let evidence = Evidence::default();
    let execution = host.runtime.load(component).unwrap().execution(policy).noting(&evidence);
    let save = SaveOptions { assignment_rule: None, duplicate_rule: None, if_unmodified_since: None };
    let fields = r#"{"Name":"Twice"}"#.to_owned();
    let saved = execution.create_or_update_record(&connection, "Account", &Target::Create, &fields, &save, OPTIONS);
    (saved.await, evidence)
}

fn error(result: Result<Saved, ExecutionError>) -> Error {
    match result {
        Err(ExecutionError::Connector(error)) => error,
        other => panic!("expected the component's error: {other:?}"),
    }
}

#[tokio::test]
async fn s10_an_outcome_is_never_better_than_what_the_host_saw() {
    let host = Host::start().await;
    for (methods, claimed, status, outcome, retryable) in [
        // It creates, and says that nothing was sent, or that it was refused.
        (&[POST][..], NOT_SENT, 201, Outcome::Unknown, false),
        (&[POST], REJECTED, 201, Outcome::Unknown, false),
        (&[POST], REJECTED, 503, Outcome::Unknown, false),
        (&[POST], REJECTED, 302, Outcome::Unknown, false),
        (&[POST], UNKNOWN, 201, Outcome::Unknown, false),
        (&[PATCH], NOT_SENT, 204, Outcome::Unknown, false),
        (&[POST, GET], REJECTED, 201, Outcome::Unknown, false),
        // What it says is true, or worse than the truth.
        (&[POST], REJECTED, 400, Outcome::Rejected, true),
        (&[POST], UNKNOWN, 400, Outcome::Unknown, true),
        (&[PATCH], UNKNOWN, 503, Outcome::Unknown, true),
        (&[PATCH], REJECTED, 300, Outcome::Rejected, true),
        (&[], NOT_SENT, 201, Outcome::NotSent, true),
        // Something left, and was refused, or changed nothing.
        (&[POST], NOT_SENT, 400, Outcome::Rejected, true),
        (&[GET], NOT_SENT, 200, Outcome::Unknown, true),
        (&[GET], REJECTED, 200, Outcome::Rejected, true),
    ] {
        let steps = vec![Step::Read, answer(status), Step::Repeat];
        let (result, evidence) = create(&host, &liar(methods, UNREACHABLE, claimed), steps).await;
        let error = error(result);
        let row = format!("{methods:?} answered {status}, said {claimed}: {error:?}");
        assert_eq!((error.outcome, error.retryable), (outcome, retryable), "{row}");
        assert_eq!(evidence.requests() as usize, methods.len(), "{row}");
        assert_eq!(error.status, None, "no answer had the status that it told");
        let corrected = error.message.starts_with("the component says `");
        let claim = [Outcome::NotSent, Outcome::Rejected, Outcome::Unknown][usize::from(claimed)];
        assert_eq!(corrected, claim != outcome, "{row}");
    }
    host.assert_unharmed().await;
}

#[tokio::test]
async fn s10_a_write_without_an_answer_is_unknown_whatever_the_component_says() {
    let host = Host::start().await;
    for claimed in [NOT_SENT, REJECTED] {
        let (result, evidence) =
            create(&host, &liar(&[POST], INVALID_RECORD, claimed), vec![Step::Read, Step::Reset]).await;
        let error = error(result);
        assert_eq!((error.kind, error.outcome, error.retryable), (ErrorKind::InvalidRecord, Outcome::Unknown, false));
        assert!(error.message.contains("look at Salesforce before you repeat it"), "{}", error.message);
        assert_eq!(evidence.best_outcome(), Outcome::Unknown);
    }
}

#[tokio::test]
async fn s10_a_session_has_expired_only_if_the_host_saw_it_refused() {
    let host = Host::start().await;
    let mut one_then_refused = vec![Step::Read, answer(201)];
    one_then_refused.extend([Step::Read, answer(401)]);
    for (methods, steps, refused, outcome) in [
        (&[POST][..], vec![Step::Read, answer(401)], true, Outcome::Rejected),
        (&[POST], vec![Step::Read, answer(201)], false, Outcome::Unknown),
        (&[POST, POST], one_then_refused, false, Outcome::Unknown),
        (&[], vec![Step::Read], false, Outcome::Rejected),
        (&[POST], vec![Step::Read, answer(403)], false, Outcome::Rejected),
    ] {
        let (result, evidence) = create(&host, &liar(methods, SESSION_EXPIRED, REJECTED), steps).await;
        let error = error(result);
        assert_eq!((error.kind, error.outcome), (ErrorKind::SessionExpired, outcome), "{methods:?}");
        assert_eq!(evidence.is_session_refused(), refused, "{methods:?}");
    }
}

#[tokio::test]
async fn s10_the_connectors_own_word_is_what_the_host_saw() {
    let host = Host::start().await;
    let policy = EgressPolicy::origins([host.mock.url().parse().unwrap()]).allow_loopback();
    let evidence = Evidence::default();
    let bad = Connection { access_token: "00D!expired".to_owned(), ..host.connection.clone() };
    let execution = host.connector.execution(policy.clone()).noting(&evidence);
    let result = execution.soql_query(&bad, &query("SELECT Id FROM User"), OPTIONS).await;
    let Err(ExecutionError::Connector(error)) = result else { panic!("{result:?}") };
    assert_eq!((error.kind, error.outcome, error.status), (ErrorKind::SessionExpired, Outcome::Rejected, Some(401)));
    assert!(evidence.is_session_refused());
    let execution = host.connector.execution(policy).noting(&evidence);
    let page = execution.soql_query(&host.connection, &query("SELECT Id FROM User"), OPTIONS).await.unwrap();
    assert!(!evidence.is_session_refused());
    let (told, seen) = (page.usage.unwrap(), evidence.usage().unwrap());
    assert_eq!((told.used, told.allowed), (seen.used, seen.allowed));
}
