//! Callbacks and token answers that must not be believed.

use mock_salesforce::Fault;
use serde_json::{Value, json};

use super::bench::{Bench, DEFAULTS, TOKEN};
use super::expect::{Checked, expect, expect_error};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

pub(super) async fn state_mismatch(bench: &Bench<'_>) -> Checked {
    let (mine, other) = (bench.begin().await?, bench.begin().await?);
    let callback = bench.callback(&other)?;
    let code = format!("code={}", bench.plant());
    for callback in [callback, format!("{code}&state=another"), code.clone(), format!("{code}&state="), String::new()] {
        let completed =
            bench.execution().complete_authorization(&bench.app(), &mine.pending, &callback, DEFAULTS).await;
        let error = bench.refused("complete-authorization", completed)?;
        let (kind, outcome) = (ErrorKind::UntrustedAuthorization, Outcome::NotSent);
        expect_error(&error, kind, outcome, "for a callback without the pending state")?;
    }
    expect(bench.requests() == 0, || "nothing to be sent for a callback that cannot be trusted".to_owned())
}

pub(super) async fn denied(bench: &Bench<'_>) -> Checked {
    let pending = bench.begin().await?.pending;
    let callback = format!("error=access_denied&error_description=no&state={}", pending.state);
    let completed = bench.execution().complete_authorization(&bench.app(), &pending, &callback, DEFAULTS).await;
    let error = bench.refused("complete-authorization", completed)?;
    expect_error(&error, ErrorKind::AccessDenied, Outcome::Rejected, "for a user who declined")?;
    expect(bench.requests() == 0, || "nothing to be sent for a user who declined".to_owned())
}

pub(super) async fn refresh_once(bench: &Bench<'_>) -> Checked {
    for fault in [Fault::Reset, Fault::ResetAfterWork, Fault::CloseAfterWork, Fault::status(503, &[])] {
        let before = bench.mock.ledger().token_requests("refresh_token");
        bench.fault(TOKEN, fault);
        let refreshed = bench.execution().refresh(&bench.app(), &bench.refresh_token, DEFAULTS).await;
        let error = bench.refused("refresh", refreshed)?;
        expect(error.outcome == Outcome::Unknown, || "an unknown outcome of a refresh without an answer".to_owned())?;
        let sent = bench.mock.ledger().token_requests("refresh_token") - before;
        expect(sent == 1, || format!("a refresh to be sent once, but it was sent {sent} times"))?;
    }
    Ok(())
}

/// What is harmlessly odd throws no token away, and what will pass asks nobody to allow access again.
pub(super) async fn kept_tokens(bench: &Bench<'_>) -> Checked {
    for (name, value) in [
        ("instance_url", json!("HTTPS://X.my.Salesforce.com/")),
        ("issued_at", json!(1234)),
        ("scope", json!(["api"])),
        ("sfdc_community_url", json!(false)),
    ] {
        let answer = answer(bench, name, value);
        bench.fault(TOKEN, Fault::json(200, &answer));
        let refreshed = bench.execution().refresh(&bench.app(), &bench.refresh_token, DEFAULTS).await;
        let tokens = bench.done("refresh", refreshed)?;
        expect(tokens.instance_url == "https://x.my.salesforce.com", || "the instance URL normalised".to_owned())?;
    }
    for (code, words, kind, retryable) in [
        ("unknown_error", "retry your request", ErrorKind::Unavailable, true),
        ("invalid_grant", "inactive organization", ErrorKind::AccessDenied, false),
        ("invalid_grant", "inactive user", ErrorKind::AccessDenied, false),
    ] {
        bench.fault(TOKEN, Fault::json(400, &json!({"error": code, "error_description": words})));
        let refreshed = bench.execution().refresh(&bench.app(), &bench.refresh_token, DEFAULTS).await;
        let error = bench.refused("refresh", refreshed)?;
        expect_error(&error, kind, Outcome::Rejected, &format!("for {code} ({words})"))?;
        expect(error.retryable == retryable, || format!("retryable to be {retryable} for {code} ({words})"))?;
    }
    bench.fault(TOKEN, Fault::status(404, &[]));
    let refreshed = bench.execution().refresh(&bench.app(), &bench.refresh_token, DEFAULTS).await;
    let error = bench.refused("refresh", refreshed)?;
    expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, "for a token endpoint that is not there")
}

pub(super) async fn foreign_instance(bench: &Bench<'_>) -> Checked {
    for instance_url in [
        "https://salesforce.com.evil.example",
        "https://evilsalesforce.com",
        "http://x.my.salesforce.com",
        "https://user@x.my.salesforce.com",
        "https://x.my.salesforce.com/path",
        "https://192.0.2.1",
        "",
    ] {
        let error = answered(bench, &answer(bench, "instance_url", json!(instance_url))).await?;
        expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, "for tokens of a foreign instance_url")?;
    }
    for (name, value) in [("token_type", json!("mac")), ("access_token", Value::Null)] {
        let error = answered(bench, &answer(bench, name, value)).await?;
        expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, "for an answer without a bearer token")?;
    }
    Ok(())
}

pub(super) async fn forged_signature(bench: &Bench<'_>) -> Checked {
    let mut forged = answer(bench, "signature", json!("Sh9e9bbZ0Tr9L1hVV5s3VtPsvHsM8nyD5q5Z0m2LZ5o="));
    if let Some(fields) = forged.as_object_mut() {
        fields.insert("id".to_owned(), json!("https://login.salesforce.com/id/00D/005"));
        fields.insert("issued_at".to_owned(), json!("1795512600000"));
    }
    let error = answered(bench, &forged).await?;
    expect_error(&error, ErrorKind::UntrustedAuthorization, Outcome::Unknown, "for tokens with a wrong signature")
}

/// A token answer that would be taken but for this field.
fn answer(bench: &Bench<'_>, name: &str, value: Value) -> Value {
    let mut answer = json!({
        "access_token": format!("00D!{}", bench.plant()),
        "token_type": "Bearer",
        "instance_url": "https://x.my.salesforce.com",
    });
    if let Some(fields) = answer.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
    answer
}

/// The error of a refresh that is answered like this.
async fn answered(bench: &Bench<'_>, answer: &Value) -> Checked<salesforce_runtime::bindings::types::Error> {
    bench.fault(TOKEN, Fault::json(200, answer));
    let refreshed = bench.execution().refresh(&bench.app(), &bench.refresh_token, DEFAULTS).await;
    bench.refused("refresh", refreshed)
}
