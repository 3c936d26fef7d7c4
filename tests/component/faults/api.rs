//! What Salesforce itself says no to, and when it is worth asking again.

use std::sync::Arc;

use mock_salesforce::Fault;
use mock_salesforce::ledger::WriteKind;
use salesforce_runtime::bindings::records::{RecordKey, Target};
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use serde_json::{Value, json};

use super::TEN_TIMES;
use crate::calls::{DEFAULTS, ONCE, PLAIN, upsert};
use crate::fixture::{ACCOUNTS, Fixture, QUERY, decision, refused};

const PHONE: &str = r#"{"Phone":"+49 30 1"}"#;

#[tokio::test]
async fn f81_an_allowance_that_is_used_up() {
    let fixture = Fixture::start().await;
    fixture.mock.allow_api_requests(0);
    for error in [fixture.read_error(TEN_TIMES).await, fixture.create_error(TEN_TIMES).await] {
        assert_eq!(decision(&error), (ErrorKind::RateLimited, Outcome::Rejected, true));
        assert_eq!((error.status, &*error.problems[0].code), (Some(403), "REQUEST_LIMIT_EXCEEDED"));
    }
    assert_eq!(fixture.requests(), 2);
}

#[tokio::test]
async fn f82_retry_after_is_clamped_and_a_create_is_not_repeated() {
    for (status, asked, told) in [
        (429, "60", 60_000),
        (503, "60", 60_000),
        (503, "864000", 3_600_000),
        (429, "99999999999999999999", 3_600_000),
        (429, "Tue, 24 Nov 2026 09:31:00 GMT", 60_000),
        (429, "Fri, 01 Jan 2100 00:00:00 GMT", 3_600_000),
    ] {
        let headers = [("retry-after", asked), ("date", "Tue, 24 Nov 2026 09:30:00 GMT")];
        let fixture = Fixture::meeting(QUERY, Fault::status(status, &headers)).await;
        let error = fixture.read_error(DEFAULTS).await;
        assert_eq!((error.retry_after_ms, error.retryable), (Some(told), true), "{asked}");
        assert_eq!(fixture.requests(), 1, "{asked}: longer than the call may take");
    }
    for garbage in ["soon", "-1", "1.5", "", "Tue, 99 Nov 2026 09:31:00 GMT"] {
        let fixture = Fixture::meeting(QUERY, Fault::status(429, &[("retry-after", garbage)])).await;
        assert_eq!(fixture.read_error(ONCE).await.retry_after_ms, None, "{garbage}");
    }
    for (status, outcome, retryable) in [(429, Outcome::Rejected, true), (503, Outcome::Unknown, false)] {
        let fixture = Fixture::meeting(ACCOUNTS, Fault::status(status, &[("retry-after", "0")])).await;
        let error = fixture.create_error(TEN_TIMES).await;
        assert_eq!((error.outcome, error.retryable, fixture.requests()), (outcome, retryable, 1), "{status}");
    }
}

#[tokio::test]
async fn f83_a_gateway_that_gave_up_on_a_create() {
    for status in [500, 502, 504] {
        let fixture = Fixture::meeting(ACCOUNTS, Fault::status(status, &[])).await;
        let error = fixture.create_error(TEN_TIMES).await;
        assert_eq!(decision(&error), (ErrorKind::Unavailable, Outcome::Unknown, false), "{status}");
        assert_eq!(fixture.mock.ledger().requests("POST", ACCOUNTS), 1);
    }
}

#[tokio::test]
async fn f84_a_row_that_another_transaction_holds() {
    let fixture = Fixture::start().await;
    let id = fixture.new_account().await;
    fixture.mock.org(|org| org.lock(&id)).unwrap();
    let before = fixture.requests();
    let update = Target::Update(id.clone());
    let error = refused(fixture.save_with("Account", &update, PHONE, &PLAIN, TEN_TIMES).await);
    assert_eq!(decision(&error), (ErrorKind::Locked, Outcome::Rejected, true));
    assert_eq!((&*error.problems[0].code, fixture.requests()), ("UNABLE_TO_LOCK_ROW", before + 1));
    fixture.mock.org(|org| org.unlock(&id)).unwrap();
    assert!(fixture.save("Account", &update, PHONE).await.is_ok());
}

#[tokio::test]
async fn f85_refusals_keep_codes_fields_and_details() {
    let fixture = Fixture::start().await;
    let twin = r#"{"LastName":"Twice","Email":"contact1@example.com"}"#;
    let error = refused(fixture.save("Contact", &Target::Create, twin).await);
    assert_eq!(decision(&error), (ErrorKind::Duplicate, Outcome::Rejected, false));
    assert_eq!(error.problems[0].code, "DUPLICATES_DETECTED");
    let detail: Value = serde_json::from_str(&error.detail.unwrap()).unwrap();
    assert!(detail["matchResults"][0]["matchRecords"][0]["record"]["Id"].as_str().unwrap().starts_with("003"));

    let negative = r#"{"Amount__c":-1}"#;
    let error = refused(fixture.save("Invoice__c", &Target::Create, negative).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidRecord, Outcome::Rejected, false));
    assert_eq!(error.problems[0].code, "FIELD_CUSTOM_VALIDATION_EXCEPTION");
    assert_eq!(error.problems[0].fields, ["Amount__c"]);

    let all = json!([
        {"message": "one", "errorCode": "REQUIRED_FIELD_MISSING", "fields": ["LastName", "Email"]},
        {"message": "two", "errorCode": "UNHEARD_OF"},
    ]);
    fixture.fault(ACCOUNTS, Fault::json(400, &all));
    let error = fixture.create_error(ONCE).await;
    let told: Vec<_> = error.problems.iter().map(|problem| (&*problem.code, problem.fields.len())).collect();
    assert_eq!(told, [("REQUIRED_FIELD_MISSING", 2), ("UNHEARD_OF", 0)]);
    assert_eq!(fixture.writes(), []);
}

#[tokio::test]
async fn f86_a_record_that_never_was_and_one_that_is_deleted() {
    let fixture = Fixture::start().await;
    let gone = fixture.deleted_account().await;
    for (id, kind) in [(gone, ErrorKind::Deleted), ("0015g00000zzzzz".to_owned(), ErrorKind::NotFound)] {
        let error = refused(fixture.values("Account", &RecordKey::Id(id.clone()), &["Name"]).await);
        assert_eq!(decision(&error), (kind, Outcome::Rejected, false));
        let error = refused(fixture.save("Account", &Target::Update(id), PHONE).await);
        assert_eq!(decision(&error), (kind, Outcome::Rejected, false));
    }
}

#[tokio::test]
async fn f87_an_idempotent_write_is_repeated_once_if_the_caller_allows_it() {
    for (attempts, lost, sent) in [(None, 1, 1), (Some(1), 1, 1), (Some(2), 1, 2), (Some(10), 2, 2)] {
        let options = CallOptions { attempts, ..DEFAULTS };
        let fixture = Fixture::start().await;
        let id = fixture.new_account().await;
        for (object, target, path) in [
            ("Account", Target::Update(id.clone()), format!("{ACCOUNTS}/{id}")),
            (
                "Invoice__c",
                upsert("Invoice_Number__c", "once", false),
                "/services/data/v67.0/sobjects/Invoice__c/Invoice_Number__c/once".to_owned(),
            ),
        ] {
            for _ in 0..lost {
                fixture.fault(&path, Fault::ResetAfterWork);
            }
            let result = fixture.save_with(object, &target, "{}", &PLAIN, options).await;
            if sent > lost {
                assert!(result.is_ok());
            } else {
                let told = decision(&refused(result));
                assert_eq!(told, (ErrorKind::Interrupted, Outcome::Unknown, true), "{object} {attempts:?}");
            }
            assert_eq!(fixture.mock.ledger().requests("PATCH", &path), sent, "{object} {attempts:?}");
        }
        assert_eq!(fixture.mock.ledger().creates("Invoice__c"), 1);
    }
}

/// The risk is Salesforce's, and documented in `wit/records.wit`: only a unique external Id makes an upsert safe to race.
#[tokio::test(flavor = "multi_thread")]
async fn f88_upserts_that_race_are_each_told_what_they_did() {
    let fixture = Arc::new(Fixture::start().await);
    for field in ["Invoice_Number__c", "Legacy_Number__c"] {
        let target = Arc::new(upsert(field, "raced", false));
        let racers = (0..8).map(|number| {
            let (fixture, target) = (fixture.clone(), target.clone());
            tokio::spawn(
                async move { fixture.save("Invoice__c", &target, &format!(r#"{{"Amount__c":{number}}}"#)).await },
            )
        });
        let mut created = 0;
        for racer in racers.collect::<Vec<_>>() {
            created += u32::from(racer.await.unwrap().unwrap().created);
        }
        assert_eq!(created, 1, "{field}");
    }
    let creates = fixture.writes().iter().filter(|(kind, _)| *kind == WriteKind::Create).count();
    assert_eq!(creates, 2);
}
