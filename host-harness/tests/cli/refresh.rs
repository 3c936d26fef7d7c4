//! Expired sessions: healed by one refresh, whose answer is stored before anything else.

use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};

use crate::fixture::{CLIENT_ID, Org, PUBLIC_CLIENT_ID, until};

const COUNT: [&str; 2] = ["soql-query", "SELECT COUNT() FROM Account"];
const TOKEN: &str = "/services/oauth2/token";

fn session_expired() -> Fault {
    Fault::json(401, &json!([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]))
}

fn tokens(document: &Value) -> (Value, Value) {
    (document["access_token"].clone(), document["refresh_token"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn f57_an_expired_session_is_healed_by_exactly_one_refresh() {
    let org = Org::expired().await;
    let before = org.connection();
    assert_eq!(org.run(&COUNT).done()["total_size"], json!(2086));
    assert_eq!((org.refreshes(), org.queries()), (1, 2));
    let after = org.connection();
    assert_ne!(after["access_token"], before["access_token"]);
    assert_ne!(after["refresh_token"], before["refresh_token"], "the mock rotates");
    assert_eq!(after["client_secret"], before["client_secret"]);

    org.run(&COUNT).done();
    assert_eq!(org.refreshes(), 1, "the stored tokens are good");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_heals() {
    for arguments in [
        &["user-info"][..],
        &["explain", "SELECT Id FROM Account"],
        &["get-record-field-values", "Account", "--external-id", "ERP_Id__c=ERP-000000", "--fields", "Name"],
        &["create-or-update-record", "Account", "--create", "--fields", r#"{"Name":"Healed"}"#],
    ] {
        let org = Org::expired().await;
        org.run(arguments).done();
        assert_eq!(org.refreshes(), 1, "{arguments:?}");
        assert!(org.mock.ledger().creates("Account") <= 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_expires_between_two_pages_is_healed_too() {
    let org = Org::connected().await;
    let query = Matcher::under("/services/data/v67.0/query/");
    org.mock.push_fault(query, session_expired());
    let run = org.run(&["soql-query", "SELECT Id FROM Account", "--all"]);
    assert_eq!((run.code, run.stdout.lines().count(), run.stderr.as_str()), (Some(0), 2086, ""));
    assert_eq!(org.refreshes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn f61_new_tokens_are_stored_even_if_the_repeated_call_fails() {
    let org = Org::expired().await;
    let before = tokens(&org.connection());
    let run = org.run(&["soql-query", "SELECT Nothing FROM Account"]);
    run.failed(6);
    let (access, refresh) = tokens(&org.connection());
    assert!(access != before.0 && refresh != before.1);
    assert_eq!(org.run(&COUNT).done()["total_size"], json!(2086));
    assert_eq!(org.refreshes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn f58_a_second_refusal_is_an_error_and_no_loop() {
    let org = Org::connected().await;
    for _ in 0..2 {
        org.mock.push_fault(Matcher::under("/services/data/"), session_expired());
    }
    let run = org.run(&COUNT);
    assert!(run.failed(3).contains("session-expired"), "{run:?}");
    assert_eq!((org.refreshes(), org.queries()), (1, 2));
}

/// The first attempt has made the record. To repeat the call after a refresh and be refused would look like nothing was.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_may_have_arrived_is_not_repeated_when_the_session_expires() {
    let org = Org::connected().await;
    let invoices = Matcher::under("/services/data/v67.0/sobjects/Invoice__c");
    org.mock.push_fault(invoices.clone(), Fault::ResetAfterWork);
    org.mock.push_fault(invoices, session_expired());
    let upsert = ["create-or-update-record", "Invoice__c", "--upsert", "Invoice_Number__c=once", "--fields", "{}"];
    let run = org.run(&[&["--attempts", "3"][..], &upsert].concat());
    assert!(run.failed(9).contains("OUTCOME UNKNOWN"), "{run:?}");
    assert_eq!((org.refreshes(), org.mock.ledger().creates("Invoice__c")), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn f59_a_session_that_is_not_for_the_api_is_an_error_and_not_refreshed() {
    let org = Org::connected().await;
    let message = "This session is not valid for use with the REST API";
    let refusal = json!([{"errorCode": "INVALID_SESSION_ID", "message": message}]);
    org.mock.push_fault(Matcher::under("/services/data/"), Fault::json(401, &refusal));
    let run = org.run(&COUNT);
    assert!(run.failed(3).contains("access-denied"), "{run:?}");
    assert_eq!((org.refreshes(), org.queries()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn f98_a_401_for_another_reason_than_the_session_is_told_and_not_refreshed() {
    let org = Org::connected().await;
    let before = org.connection();
    for (code, message) in [
        ("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "The users password has expired, you must call SetPassword"),
        ("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"),
    ] {
        let refusal = Fault::json(401, &json!([{"errorCode": code, "message": message}]));
        org.mock.push_fault(Matcher::under("/services/data/"), refusal);
        let run = org.run(&COUNT);
        let told = run.failed(3);
        assert!(told.contains("access-denied") && told.contains(code) && told.contains(message), "{run:?}");
    }
    assert_eq!((org.refreshes(), org.queries()), (0, 2));
    assert_eq!(org.connection(), before);
    org.run(&COUNT).done();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_refresh_token_salesforces_words_are_told() {
    let org = Org::connected().await;
    let mut document = org.connection();
    document.as_object_mut().unwrap().remove("refresh_token");
    org.connect(&document);
    org.mock.push_fault(Matcher::under("/services/data/"), session_expired());
    let run = org.run(&COUNT);
    let told = run.failed(3);
    assert!(
        told.contains("the session has expired, and this connection has no refresh token (")
            && told.contains("INVALID_SESSION_ID (status 401)"),
        "{run:?}"
    );
    org.mock.push_fault(Matcher::under("/services/data/"), session_expired());
    let json = org.run(&[&["--json"][..], &COUNT].concat());
    let error: Value = serde_json::from_str(&json.stderr).unwrap();
    assert!(error["error"]["message"].as_str().unwrap().contains("Session expired or invalid"), "{json:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f101_a_suspended_org_costs_no_tokens() {
    let org = Org::expired().await;
    let before = org.connection();
    let refusal = json!({"error": "invalid_grant", "error_description": "inactive organization"});
    org.mock.push_fault(Matcher::path(TOKEN), Fault::json(400, &refusal));
    let run = org.run(&COUNT);
    let told = run.failed(3);
    assert!(told.contains("access-denied") && told.contains("inactive organization"), "{run:?}");
    assert_eq!(org.connection(), before);
    // The org is active again.
    org.run(&COUNT).done();
    assert_eq!(org.refreshes(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn f60_thirty_processes_make_one_refresh() {
    const PROCESSES: usize = 30;
    let org = Org::expired().await;
    let held = org.mock.hold_refreshes();
    let secrets = org.secrets();
    let children: Vec<_> = (0..PROCESSES).map(|_| org.harness(&COUNT).spawn().unwrap()).collect();
    let refused = |entry: &&mock_salesforce::ledger::Entry| entry.status == Some(401);
    until(|| org.mock.ledger().entries().filter(refused).count() == PROCESSES && org.refreshes() == 1).await;
    drop(held);
    for child in children {
        assert_eq!(org.finish(child, secrets.clone()).done()["total_size"], json!(2086));
    }
    assert_eq!(org.refreshes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_refresh_token_there_is_only_the_login() {
    let org = Org::expired().await;
    let mut document = org.connection();
    document.as_object_mut().unwrap().remove("refresh_token");
    org.connect(&document);
    let run = org.run(&COUNT);
    assert!(run.failed(3).contains("has no refresh token"), "{run:?}");
    assert!(run.stderr.contains("harness login") && !run.stderr.contains("--again"), "there is none to send: {run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_was_asked_for_says_nothing_of_a_session_that_is_good() {
    let org = Org::connected().await;
    let good = org.connection();
    let mut document = good.clone();
    document.as_object_mut().unwrap().remove("refresh_token");
    org.connect(&document);
    let run = org.run(&["refresh"]);
    assert!(run.failed(3).contains("error: this connection has no refresh token\n"), "{run:?}");
    org.connect(&good);
    let refusal = json!({"error": "invalid_client_id", "error_description": "client identifier invalid"});
    org.mock.push_fault(Matcher::path(TOKEN), Fault::json(400, &refusal));
    let run = org.run(&["refresh"]);
    assert!(run.failed(3).contains("the refresh failed: ") && !run.stderr.contains("expired"), "{run:?}");
    org.mock.expire_access_tokens();
    org.mock.push_fault(Matcher::path(TOKEN), Fault::json(400, &refusal));
    let run = org.run(&COUNT);
    assert!(run.failed(3).contains("the session has expired, and refreshing it failed: "), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_do_not_say_when_they_were_issued_have_not_the_time_of_others() {
    let org = Org::expired().await;
    let mut document = org.connection();
    document["issued_at"] = json!(1_111);
    org.connect(&document);
    let answer = json!({"access_token": "00D!NEW", "token_type": "Bearer", "instance_url": org.mock.url()});
    org.mock.push_fault(Matcher::path(TOKEN), Fault::json(200, &answer));
    assert_eq!(org.run(&["refresh"]).done()["issued_at"], Value::Null);
    assert_eq!((&org.connection()["access_token"], &org.connection()["issued_at"]), (&json!("00D!NEW"), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_is_no_longer_good_asks_for_a_login() {
    let org = Org::expired().await;
    let mut document = org.connection();
    document["refresh_token"] = json!("5Aep861unknown");
    org.connect(&document);
    let run = org.run(&COUNT);
    assert!(run.failed(3).contains("reauthorization-required"), "{run:?}");
    assert!(run.stderr.contains("harness login"), "{run:?}");
    assert_eq!((org.refreshes(), org.queries()), (1, 1));
    assert_eq!(org.connection()["refresh_token"], json!("5Aep861unknown"), "what is stored is left as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_answer_the_org_is_asked_what_became_of_the_token() {
    let org = Org::expired().await;
    org.mock.set_rotation(CLIENT_ID, false).unwrap();
    org.mock.push_fault(Matcher::path(TOKEN), Fault::CloseAfterWork);
    org.run(&COUNT).done();
    let asked = || org.mock.ledger().requests("POST", "/services/oauth2/introspect");
    assert_eq!((org.refreshes(), asked()), (2, 1), "it was honoured, so it was sent again");

    org.mock.set_rotation(CLIENT_ID, true).unwrap();
    org.mock.expire_access_tokens();
    org.mock.push_fault(Matcher::path(TOKEN), Fault::CloseAfterWork);
    for run in [org.run(&COUNT), org.run(&COUNT)] {
        assert!(run.failed(3).contains("the answer to a refresh was lost"), "{run:?}");
        assert!(run.stderr.contains("harness login") && !run.stderr.contains("--again"), "{run:?}");
    }
    assert_eq!((org.refreshes(), asked()), (3, 3), "it had been replaced, so it was never sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn f65_a_refresh_whose_answer_is_lost_is_never_sent_again_by_itself() {
    let org = Org::expired_without_a_secret().await;
    org.mock.set_rotation(PUBLIC_CLIENT_ID, false).unwrap();
    org.mock.push_fault(Matcher::path(TOKEN), Fault::CloseAfterWork);
    let lost = org.run(&COUNT);
    assert!(lost.failed(9).contains("OUTCOME UNKNOWN"), "{lost:?}");
    assert_eq!(org.refreshes(), 1);

    let next = org.run(&COUNT);
    assert!(next.failed(3).contains("never finished"), "{next:?}");
    assert_eq!(org.refreshes(), 1);

    let again = org.run(&["refresh", "--again"]).done();
    assert_eq!((&again["refreshed"], &again["rotated"]), (&json!(true), &json!(false)));
    org.run(&COUNT).done();
}

#[tokio::test(flavor = "multi_thread")]
async fn f64_another_programs_refresh_of_the_same_token_is_waited_for() {
    let org = Org::expired().await;
    let mut newer = org.connection();
    newer["access_token"] = json!(org.mock.issue_tokens(CLIENT_ID, "tobri@example.org").unwrap().access_token.expose());
    let answer = json!({"error": "invalid_grant", "error_description": "token request is already being processed"});
    org.mock.push_fault(Matcher::path(TOKEN), Fault::json(400, &answer));
    let secrets = org.secrets();
    let child = org.harness(&["user-info"]).spawn().unwrap();
    until(|| org.refreshes() == 1).await;
    org.connect(&newer);
    let user = org.finish(child, secrets).done();
    assert_eq!(user["username"], json!("tobri@example.org"), "the other program's token was taken");
    assert_eq!(org.refreshes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_now_stores_new_tokens_and_prints_none() {
    let org = Org::connected().await;
    let before = tokens(&org.connection());
    let refreshed = org.run(&["refresh"]).done();
    assert_eq!((&refreshed["refreshed"], &refreshed["rotated"]), (&json!(true), &json!(true)));
    assert_eq!(refreshed["instance_url"], json!(org.mock.url()));
    let after = tokens(&org.connection());
    assert!(before.0 != after.0 && before.1 != after.1);
    org.run(&["user-info"]).done();
}
