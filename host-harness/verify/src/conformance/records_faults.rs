//! Saves that are refused, and saves whose answer is lost.

use mock_salesforce::Fault;
use serde_json::json;

use super::bench::{ACCOUNTS, Bench, DEFAULTS};
use super::expect::{Checked, expect, expect_error};
use super::records::{by, upsert};
use salesforce_runtime::bindings::records::{RecordKey, Target};
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};

pub(super) async fn errors(bench: &Bench<'_>) -> Checked {
    for (object, target, fields, kind, code) in [
        (
            "Invoice__c",
            Target::Create,
            r#"{"Amount__c":-1}"#,
            ErrorKind::InvalidRecord,
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        ),
        ("Account", Target::Create, "{}", ErrorKind::InvalidRecord, "REQUIRED_FIELD_MISSING"),
        (
            "Account",
            Target::Create,
            r#"{"Name":"A","ERP_Id__c":"ERP-000001"}"#,
            ErrorKind::Duplicate,
            "DUPLICATE_VALUE",
        ),
        ("Account", Target::Update("0015g00000zzzzz".to_owned()), "{}", ErrorKind::NotFound, "NOT_FOUND"),
        ("Invoice__c", upsert("Invoice_Number__c", "none", true), "{}", ErrorKind::NotFound, "NOT_FOUND"),
    ] {
        let error = bench.save_error(object, &target, fields).await?;
        expect_error(&error, kind, Outcome::Rejected, &format!("for {code}"))?;
        let told = error.problems.iter().any(|problem| problem.code == code);
        expect(told, || format!("Salesforce's own code {code} among the problems"))?;
    }
    let error = bench.save_error("Invoice__c", &Target::Create, r#"{"Amount__c":-1}"#).await?;
    let named = error.problems.iter().any(|problem| problem.fields.iter().any(|field| field == "Amount__c"));
    expect(named, || "the field that is wrong to be named".to_owned())?;
    for status in [403, 404, 410] {
        let page = Fault::Answer { status, headers: Vec::new(), body: b"<html>no".to_vec() };
        bench.fault("/services/data/v67.0/sobjects/Invoice__c", page);
        let error = bench.save_error("Invoice__c", &upsert("Invoice_Number__c", "none", true), "{}").await?;
        let when = format!("for status {status} that is not Salesforce's");
        expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, &when)?;
    }
    let two = by("Legacy_Number__c", "L-0001");
    let error = bench.values_error("Invoice__c", &two, &["Name"]).await?;
    expect_error(&error, ErrorKind::Ambiguous, Outcome::Rejected, "for an external Id of two records")?;
    let error = bench.values_error("Account", &by("ERP_Id__c", "none"), &["Name"]).await?;
    expect_error(&error, ErrorKind::NotFound, Outcome::Rejected, "for an external Id that is not there")?;
    let writes = bench.mock.ledger().writes().count();
    expect(writes == 0, || format!("nothing to be written by refused saves, but {writes} records were"))
}

pub(super) async fn create_once(bench: &Bench<'_>) -> Checked {
    let often = CallOptions { attempts: Some(10), ..DEFAULTS };
    for (fault, what) in [
        (Fault::Reset, "a reset"),
        (Fault::ResetAfterWork, "a reset after the record was made"),
        (Fault::Close, "a closed connection"),
        (Fault::CloseAfterWork, "a connection closed after the record was made"),
        (Fault::status(500, &[]), "status 500"),
        (Fault::status(503, &[("retry-after", "0")]), "status 503"),
        (Fault::Replace(json!("not what was promised")), "an answer that is none"),
    ] {
        let before = bench.mock.ledger().requests("POST", ACCOUNTS);
        bench.fault(ACCOUNTS, fault);
        let saved = bench.try_save("Account", &Target::Create, r#"{"Name":"Once"}"#, often).await;
        let error = bench.refused("create-or-update-record", saved)?;
        expect(error.outcome == Outcome::Unknown && !error.retryable, || {
            format!("a create that met {what} to be of unknown outcome and not retryable")
        })?;
        let sent = bench.mock.ledger().requests("POST", ACCOUNTS) - before;
        expect(sent == 1, || format!("a create that met {what} to be sent once, but it was sent {sent} times"))?;
    }
    Ok(())
}

pub(super) async fn names(bench: &Bench<'_>) -> Checked {
    let acme = || by("ERP_Id__c", "ERP-000000");
    for (object, key, fields) in [
        ("Account/../User", acme(), &["Name"][..]),
        ("Account?x", acme(), &["Name"]),
        ("Acc%6funt", acme(), &["Name"]),
        ("Account\0", acme(), &["Name"]),
        ("", acme(), &["Name"]),
        ("Account", by("ERP_Id__c/x", "1"), &["Name"]),
        ("Account", by("ERP_Id__c", ""), &["Name"]),
        ("Account", RecordKey::Id("../x".to_owned()), &["Name"]),
        ("Account", acme(), &["Name,Phone"]),
        ("Account", acme(), &["Name&x=y"]),
        ("Account", acme(), &[]),
    ] {
        let error = bench.values_error(object, &key, fields).await?;
        expect_error(&error, ErrorKind::InvalidArgument, Outcome::NotSent, "for a name or key that cannot be one")?;
    }
    for (object, target, fields) in [
        ("Account", Target::Create, "[]"),
        ("Account", Target::Create, r#"{"Name":"A"} x"#),
        ("Account", Target::Create, r#"{"Name":"#),
        ("Account", Target::Create, r#"{"Name":"A","Name":"B"}"#),
        ("Account", Target::Create, r#"{"Name":"A","name":"B"}"#),
        ("Account", Target::Update("x".to_owned()), "{}"),
        ("Account\r\nx: y", Target::Create, "{}"),
        ("Invoice__c", upsert("Invoice Number", "1", false), "{}"),
    ] {
        let error = bench.save_error(object, &target, fields).await?;
        expect_error(&error, ErrorKind::InvalidArgument, Outcome::NotSent, "for a save that cannot be one")?;
    }
    expect(bench.requests() == 0, || "nothing to be sent for names that cannot be any".to_owned())
}
