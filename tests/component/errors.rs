//! Errors as callers see them: one test for each kind, named for what provokes it, and what all of them keep.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::oauth::TokenType;
use salesforce_runtime::bindings::records::{RecordKey, SaveOptions, Target};
use salesforce_runtime::bindings::soql::Argument;
use salesforce_runtime::bindings::types::{CallOptions, Connection, Error, ErrorKind, Outcome};
use salesforce_runtime::egress::EgressPolicy;
use serde_json::json;

use crate::calls::{DEFAULTS, ONCE, PLAIN, SHORT, by, query, text, with_x};
use crate::fixture::{ACCOUNTS, Fixture, QUERY, TOKEN, decision, refused};

/// A test for each kind: what provokes it, and what the caller is told. A kind without a test does not compile.
macro_rules! kinds {
    ($($name:ident: $kind:ident, $outcome:ident, $retryable:literal, $status:expr, $provoke:expr;)*) => {
        $(#[tokio::test]
        async fn $name() {
            let fixture = Fixture::start().await;
            let error = provoke(&fixture, $provoke).await;
            assert_eq!(decision(&error), (ErrorKind::$kind, Outcome::$outcome, $retryable), "{}", error.message);
            assert_eq!(error.status, $status);
            assert!(error.message.len() > 10, "{}", error.message);
        })*

        const _: fn(ErrorKind) = |kind| match kind { $(ErrorKind::$kind => {})* };
    };
}

async fn provoke(fixture: &Fixture, by: impl AsyncFnOnce(&Fixture) -> Error) -> Error {
    by(fixture).await
}

kinds! {
    a_query_without_text: InvalidArgument, NotSent, false, None, async |f| refused(f.query(&query("")).await);
    a_list_too_long_for_an_address: RequestTooLarge, NotSent, false, None, async |f| {
        let names = Argument::Many(vec![text("a rather long name"); 1000]);
        refused(f.query(&with_x("SELECT Id FROM Account WHERE Name IN :x", names)).await)
    };
    a_host_that_lets_nobody_out: DeniedByHost, NotSent, false, None, async |f| {
        let nowhere = f.execution_with(EgressPolicy::origins([]));
        refused(nowhere.soql_query(&f.connection, &query("SELECT Id FROM User"), DEFAULTS).await)
    };
    a_port_where_nobody_listens: Unreachable, NotSent, true, None, async |f| {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        at(f, format!("http://{nobody}")).await
    };
    a_port_without_tls: Insecure, NotSent, false, None, async |f| {
        at(f, f.mock.url().replace("http:", "https:")).await
    };
    a_reset: Interrupted, Unknown, true, None, async |f| met(f, Fault::Reset).await;
    a_server_that_never_answers: Timeout, Unknown, true, None, async |f| {
        f.fault(QUERY, Fault::Hang);
        f.read_error(SHORT).await
    };
    an_answer_beyond_the_cap: ResponseTooLarge, Unknown, false, None, async |f| {
        f.read_error(CallOptions { max_response_bytes: Some(10), ..ONCE }).await
    };
    a_maintenance_page: InvalidResponse, Unknown, false, Some(200), async |f| {
        met(f, Fault::Answer { status: 200, headers: Vec::new(), body: b"<html>SENTINEL".to_vec() }).await
    };
    an_ended_session: SessionExpired, Rejected, false, Some(401), async |f| {
        f.mock.expire_access_tokens();
        f.read_error(DEFAULTS).await
    };
    a_refresh_token_that_is_gone: ReauthorizationRequired, Rejected, false, Some(400), async |f| {
        refused(f.refresh("SENTINEL-GONE").await)
    };
    a_refresh_beside_another: RefreshInProgress, Rejected, true, Some(400), async |f| {
        let busy = json!({"error": "invalid_grant", "error_description": "token request is already being processed"});
        f.fault(TOKEN, Fault::json(400, &busy));
        refused(f.refresh(&f.refresh_token).await)
    };
    a_session_without_the_api: AccessDenied, Rejected, false, Some(401), async |f| {
        let message = "This session is not valid for use with the REST API";
        met(f, Fault::json(401, &json!([{"message": message, "errorCode": "INVALID_SESSION_ID"}]))).await
    };
    a_wrong_client_secret: InvalidClient, Rejected, false, Some(400), async |f| {
        let mut app = f.app();
        app.client_secret = Some("SENTINEL-WRONG".to_owned());
        refused(f.execution().introspect(&app, &f.refresh_token, TokenType::RefreshToken, DEFAULTS).await)
    };
    a_token_answer_with_a_wrong_signature: UntrustedAuthorization, Unknown, false, Some(200), async |f| {
        let answer = json!({"access_token": "SENTINEL", "token_type": "Bearer", "instance_url": f.mock.url(),
            "id": "x", "issued_at": "1", "signature": "AAAA"});
        f.fault(TOKEN, Fault::json(200, &answer));
        refused(f.refresh(&f.refresh_token).await)
    };
    a_record_that_never_was: NotFound, Rejected, false, Some(404), async |f| {
        refused(f.values("Account", &by("ERP_Id__c", "none"), &["Name"]).await)
    };
    a_record_in_the_recycle_bin: Deleted, Rejected, false, Some(404), async |f| {
        let id = f.deleted_account().await;
        refused(f.values("Account", &RecordKey::Id(id), &["Name"]).await)
    };
    an_external_id_of_two_records: Ambiguous, Rejected, false, Some(300), async |f| {
        refused(f.values("Invoice__c", &by("Legacy_Number__c", "L-0001"), &["Name"]).await)
    };
    a_record_that_changed: PreconditionFailed, Rejected, false, Some(412), async |f| {
        let update = Target::Update(f.new_account().await);
        let old = SaveOptions { if_unmodified_since: Some("Sat, 01 Jan 2000 00:00:00 GMT".to_owned()), ..PLAIN };
        refused(f.save_with("Account", &update, "{}", &old, DEFAULTS).await)
    };
    a_query_with_an_unknown_field: InvalidQuery, Rejected, false, Some(400), async |f| {
        refused(f.query(&query("SELECT Nope FROM Account")).await)
    };
    a_cursor_after_two_days: CursorExpired, Rejected, false, Some(400), async |f| {
        let cursor = f.query(&query("SELECT Id FROM Account")).await.unwrap().next.unwrap();
        f.mock.expire_query_locators();
        refused(f.next_page(&cursor).await)
    };
    a_record_without_its_name: InvalidRecord, Rejected, false, Some(400), async |f| {
        refused(f.save("Account", &Target::Create, "{}").await)
    };
    a_value_that_is_taken: Duplicate, Rejected, false, Some(400), async |f| {
        refused(f.save("Account", &Target::Create, r#"{"Name":"A","ERP_Id__c":"ERP-000001"}"#).await)
    };
    a_record_that_another_transaction_holds: Locked, Rejected, true, Some(400), async |f| {
        let id = f.new_account().await;
        f.mock.org(|org| org.lock(&id)).unwrap();
        refused(f.save("Account", &Target::Update(id), "{}").await)
    };
    a_user_without_the_permission: Forbidden, Rejected, false, Some(403), async |f| {
        let code = "INSUFFICIENT_ACCESS_OR_READONLY";
        met(f, Fault::json(403, &json!([{"message": "no", "errorCode": code}]))).await
    };
    an_allowance_that_is_used_up: RateLimited, Rejected, true, Some(403), async |f| {
        f.mock.allow_api_requests(0);
        f.read_error(DEFAULTS).await
    };
    a_server_that_is_down: Unavailable, Unknown, true, Some(503), async |f| met(f, Fault::status(503, &[])).await;
    an_org_without_room: LimitExceeded, Rejected, false, Some(400), async |f| {
        met(f, coded(400, "STORAGE_LIMIT_EXCEEDED")).await
    };
    a_record_in_an_approval_process: WrongState, Rejected, false, Some(400), async |f| {
        met(f, coded(400, "ALREADY_IN_PROCESS")).await
    };
    a_part_that_was_undone: RolledBack, Rejected, false, Some(400), async |f| {
        met(f, coded(400, "ALL_OR_NONE_OPERATION_ROLLED_BACK")).await
    };
    a_part_that_was_not_tried: NotRun, Rejected, false, Some(400), async |f| {
        met(f, coded(400, "PROCESSING_HALTED")).await
    };
    a_code_that_nobody_knows_yet: Rejected, Rejected, false, Some(400), async |f| {
        met(f, Fault::json(400, &json!([{"message": "new", "errorCode": "NEW_IN_WINTER_29"}]))).await
    };
}

/// The error of one query that meets a fault.
async fn met(fixture: &Fixture, fault: Fault) -> Error {
    fixture.fault(QUERY, fault);
    fixture.read_error(ONCE).await
}

/// A refusal with this code.
fn coded(status: u16, code: &str) -> Fault {
    Fault::json(status, &json!([{"message": "why", "errorCode": code}]))
}

/// The error of one query somewhere else.
async fn at(fixture: &Fixture, instance_url: String) -> Error {
    let connection = Connection { instance_url, ..fixture.connection.clone() };
    let execution = fixture.execution_for(&connection);
    refused(execution.soql_query(&connection, &query("SELECT Id FROM User"), ONCE).await)
}

/// An answer of status 400 with a request id.
fn refusal(body: &serde_json::Value) -> Fault {
    let headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("x-sfdc-request-id".to_owned(), "4f1c0de0".to_owned()),
    ];
    Fault::Answer { status: 400, headers, body: body.to_string().into_bytes() }
}

#[tokio::test]
async fn all_of_salesforces_errors_are_kept_in_order_with_their_fields() {
    let body = json!([
        {"message": "one", "errorCode": "REQUIRED_FIELD_MISSING", "fields": ["LastName", "Email"]},
        {"message": "two", "errorCode": "STRING_TOO_LONG", "fields": ["Phone"], "new": {"in": ["2029"]}},
        {"message": "three", "errorCode": "UNHEARD_OF"},
    ]);
    for path in [QUERY, ACCOUNTS] {
        let fixture = Fixture::meeting(path, refusal(&body)).await;
        let error = if path == QUERY { fixture.read_error(ONCE).await } else { fixture.create_error(ONCE).await };
        let told: Vec<_> = error.problems.iter().map(|problem| (&*problem.code, &*problem.message)).collect();
        assert_eq!(
            told,
            [("REQUIRED_FIELD_MISSING", "one"), ("STRING_TOO_LONG", "two"), ("UNHEARD_OF", "three")],
            "{path}"
        );
        let fields: Vec<_> = error.problems.iter().map(|problem| problem.fields.join(" ")).collect();
        assert_eq!(fields, ["LastName Email", "Phone", ""]);
        assert_eq!((error.status, error.request_id.as_deref()), (Some(400), Some("4f1c0de0")));
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidRecord, Outcome::Rejected));
    }
}

#[tokio::test]
async fn an_oauth_error_keeps_code_and_description() {
    let body = json!({"error": "invalid_grant", "error_description": "expired access/refresh token"});
    let fixture = Fixture::meeting(TOKEN, refusal(&body)).await;
    let error = refused(fixture.refresh(&fixture.refresh_token).await);
    assert_eq!(error.problems[0].code, "invalid_grant");
    assert_eq!(error.problems[0].message, "expired access/refresh token");
    assert_eq!((error.status, error.request_id.as_deref()), (Some(400), Some("4f1c0de0")));
}

#[tokio::test]
async fn a_servers_words_are_bounded_and_cannot_draw_on_a_terminal() {
    let message = format!("\u{1b}[31mred\r\n\u{202e}{}", "x".repeat(5_000));
    let body = json!([{"message": message, "errorCode": "X\u{7}", "fields": ["a\u{1b}b"]}]);
    let error = Fixture::meeting(QUERY, refusal(&body)).await.read_error(ONCE).await;
    let problem = &error.problems[0];
    assert!(problem.message.chars().count() < 2_100);
    assert!(problem.message.starts_with("\\u{1b}[31mred\\u{d}\n\u{202e}xxx"), "{:?}", problem.message);
    for shown in [&error.message, &problem.code, &problem.fields[0]] {
        assert!(shown.chars().all(|character| !character.is_control() && character != '\u{202e}'), "{shown:?}");
    }
}

#[tokio::test]
async fn a_secret_that_a_server_repeats_is_taken_out() {
    let fixture = Fixture::start().await;
    let echo = |secret: &str| {
        refusal(&json!([{"message": format!("bad {secret}"), "errorCode": "X", "fields": [secret],
            "duplicateResult": {"seen": secret}}]))
    };
    fixture.fault(QUERY, echo(&fixture.connection.access_token));
    let error = fixture.read_error(ONCE).await;
    assert_eq!(error.problems[0].message, "bad [redacted]");
    fixture.fault(ACCOUNTS, echo(&fixture.connection.access_token));
    let error = fixture.create_error(ONCE).await;
    assert_eq!(error.detail.as_deref(), Some(r#"{"seen":"[redacted]"}"#));
    for secret in [fixture.refresh_token.as_str(), crate::fixture::CLIENT_SECRET] {
        let body = json!({"error": "invalid_request", "error_description": format!("bad {secret}")});
        fixture.fault(TOKEN, refusal(&body));
        let error = refused(fixture.refresh(&fixture.refresh_token).await);
        assert_eq!(error.problems[0].message, "bad [redacted]");
    }
}
