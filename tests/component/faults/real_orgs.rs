//! What real orgs answer that the guides do not say: totals that nobody knows, refusals by something between, odd lists.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::records::Target;
use salesforce_runtime::bindings::soql::Query;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::{Value, json};

use super::{TEN_TIMES, answer};
use crate::calls::{DEFAULTS, ONCE, PLAIN, query, upsert};
use crate::fixture::{ACCOUNTS, Fixture, QUERY, decision, refused};

/// Pages after the first.
const FURTHER: &str = "/services/data/v67.0/query/";

fn page(total: i64, next: Option<&str>, records: &Value) -> Fault {
    let mut page = json!({"totalSize": total, "done": next.is_none(), "records": records});
    if let Some(locator) = next {
        page["nextRecordsUrl"] = json!(format!("{FURTHER}{locator}"));
    }
    Fault::json(200, &page)
}

fn refusal(status: u16, code: &str, message: &str) -> Fault {
    Fault::json(status, &json!([{"errorCode": code, "message": message}]))
}

#[tokio::test]
async fn f97_a_total_that_nobody_knows() {
    let fixture = Fixture::start().await;
    let child = json!({"totalSize": -1, "done": false, "nextRecordsUrl": format!("{FURTHER}01c-2"), "records": [{}]});
    fixture.fault(QUERY, page(-1, Some("01g-2"), &json!([{"Id": 1}, {"Id": 2}])));
    fixture.fault(QUERY, page(-1, None, &json!([{"Id": 3, "Rows__r": child}])));
    let first = fixture.query(&query("SELECT Id FROM Event__b")).await.unwrap();
    assert_eq!((first.count, first.total_size), (2, None));
    let last = fixture.next_page(&first.next.unwrap()).await.unwrap();
    assert_eq!((last.count, last.total_size, last.next), (1, None, None));
    let [child] = last.children.as_slice() else { panic!("{:?}", last.children) };
    assert_eq!((child.relationship.as_str(), child.count, child.total_size), ("Rows__r", 1, None));
    for total in [-2, -2086] {
        let fixture = Fixture::meeting(QUERY, page(total, None, &json!([]))).await;
        assert_eq!(fixture.read_error(ONCE).await.kind, ErrorKind::InvalidResponse, "{total}");
    }
}

#[tokio::test]
async fn f98_a_401_that_no_refresh_helps_against() {
    for code in ["INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "INVALID_AUTH_HEADER", "NEW_IN_WINTER_29"] {
        let fixture = Fixture::meeting(QUERY, refusal(401, code, "the password has expired")).await;
        let error = fixture.read_error(TEN_TIMES).await;
        assert_eq!(decision(&error), (ErrorKind::AccessDenied, Outcome::Rejected, false), "{code}");
        assert_eq!(
            (error.problems[0].code.as_str(), error.problems[0].message.as_str()),
            (code, "the password has expired")
        );
        assert_eq!(fixture.requests(), 1);
    }
    let page = answer(401, ("content-type", "text/html"), "<html>SENTINEL</html>");
    for fault in [page, Fault::status(401, &[]), refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")] {
        let error = Fixture::meeting(QUERY, fault).await.read_error(TEN_TIMES).await;
        assert_eq!(decision(&error), (ErrorKind::SessionExpired, Outcome::Rejected, false));
    }
}

#[tokio::test]
async fn f99_a_refusal_that_is_not_salesforces() {
    for status in [403, 404, 410] {
        for (kind, body) in [
            ("text/html", "<html>SENTINEL</html>"),
            ("text/plain", "SENTINEL"),
            ("application/json", r#"{"message":"no route"}"#),
            ("application/json", r#"{"status":404,"error":"Not Found","path":"/"}"#),
        ] {
            let fault = || answer(status, ("content-type", kind), body);
            let read = Fixture::meeting(QUERY, fault()).await.read_error(TEN_TIMES).await;
            let create = Fixture::meeting(ACCOUNTS, fault()).await.create_error(TEN_TIMES).await;
            let fixture = Fixture::meeting(ACCOUNTS, fault()).await;
            let target = upsert("ERP_Id__c", "none", true);
            let update_only = refused(fixture.save_with("Account", &target, "{}", &PLAIN, ONCE).await);
            for error in [read, create, update_only] {
                assert_eq!(decision(&error), (ErrorKind::InvalidResponse, Outcome::Unknown, false), "{status} {body}");
                assert_eq!(error.status, Some(status));
            }
        }
    }
}

#[tokio::test]
async fn f102_an_error_list_with_an_odd_part() {
    for (fields, told) in [
        (json!(["A", null]), vec!["A"]),
        (json!("Name"), vec!["Name"]),
        (json!([["B"], "C", 7]), vec!["C"]),
        (json!({}), vec![]),
    ] {
        let entry = json!({"errorCode": "STRING_TOO_LONG", "message": "too long", "fields": fields});
        for body in [json!([entry]), json!([null, "x", 7, [], entry]), entry] {
            let error = Fixture::meeting(ACCOUNTS, Fault::json(400, &body)).await.create_error(ONCE).await;
            assert_eq!(decision(&error), (ErrorKind::InvalidRecord, Outcome::Rejected, false), "{body}");
            let [problem] = error.problems.as_slice() else { panic!("{:?}", error.problems) };
            assert_eq!((problem.code.as_str(), problem.message.as_str()), ("STRING_TOO_LONG", "too long"));
            assert_eq!(problem.fields, told, "{body}");
        }
    }
    let half = r#"[{"errorCode":"STRING_TOO_LONG","message":"half \ud83d","fields":"\ude00"}]"#;
    let error = Fixture::meeting(ACCOUNTS, answer(400, ("content-type", "application/json"), half)).await;
    let problem = error.create_error(ONCE).await.problems.remove(0);
    assert_eq!((problem.message.as_str(), problem.fields), ("half \u{fffd}", vec!["\u{fffd}".to_owned()]));
}

#[tokio::test]
async fn f103_a_lock_inside_another_error() {
    for code in ["CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER", "NEW_IN_WINTER_29"] {
        let message = "Trig: execution of AfterUpdate caused by: Update failed. First exception on row 0; first error: \
                       UNABLE_TO_LOCK_ROW, unable to obtain exclusive access to this record: []";
        let error = Fixture::meeting(ACCOUNTS, refusal(400, code, message)).await.create_error(TEN_TIMES).await;
        assert_eq!(decision(&error), (ErrorKind::Locked, Outcome::Rejected, true), "{code}");
    }
}

#[tokio::test]
async fn f104_joined_pages_that_do_not_end_at_the_total() {
    let two = json!([{}, {}]);
    for (total, second) in [
        (5, page(5, None, &json!([{}]))),
        (5, page(5, None, &json!([]))),
        (3, page(3, None, &two)),
        (3, page(3, Some("01g-4"), &two)),
    ] {
        let shown = format!("{total} {second:?}");
        let fixture = Fixture::start().await;
        fixture.fault(QUERY, page(total, Some("01g-2"), &two));
        fixture.fault(QUERY, second);
        let all = Query { max_records: Some(50), ..query("SELECT Id FROM Account") };
        let error = refused(fixture.query_with(&all, ONCE).await);
        assert_eq!((error.kind, error.retryable), (ErrorKind::InvalidResponse, false), "{shown}");
    }
}

#[tokio::test]
async fn f111_the_following_pages_have_the_batch_size_of_their_query() {
    let fixture = Fixture::start().await;
    let asked = Query { batch_size: Some(200), max_records: Some(600), ..query("SELECT Id FROM Account") };
    let first = fixture.query(&asked).await.unwrap();
    assert_eq!(first.count, 600);
    for cursor in [first.next.unwrap()] {
        let next = fixture.next_page(&cursor).await.unwrap();
        assert_eq!(fixture.sent_header("sforce-query-options").as_deref(), Some("batchSize=200"));
        assert_eq!(next.count, 200);
        assert!(next.next.unwrap().ends_with("?batchSize=200"));
    }
    let asked = Query { batch_size: Some(200), ..query("SELECT Id, (SELECT Id FROM Contacts) FROM Account") };
    let children = fixture.query(&asked).await.unwrap().children;
    let more = fixture.next_page(&children[0].next).await.unwrap();
    assert_eq!(fixture.sent_header("sforce-query-options").as_deref(), Some("batchSize=200"));
    assert!(more.count <= 200);
    // Without a wish there is none.
    let cursor = fixture.query(&query("SELECT Id FROM Account")).await.unwrap().next.unwrap();
    fixture.next_page(&cursor).await.unwrap();
    assert_eq!(fixture.sent_header("sforce-query-options"), None);
}

#[tokio::test]
async fn f113_a_flow_a_trigger_or_a_leads_state_refuses() {
    for code in ["CANNOT_EXECUTE_FLOW_TRIGGER", "CANNOT_UPDATE_CONVERTED_LEAD", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"]
    {
        let error = Fixture::meeting(ACCOUNTS, refusal(400, code, "no")).await.create_error(TEN_TIMES).await;
        assert_eq!(decision(&error), (ErrorKind::InvalidRecord, Outcome::Rejected, false), "{code}");
    }
}

#[tokio::test]
async fn f114_an_event_is_published() {
    let uuid = "e981b488-81f3-4fcc-bd6f-f7033c9d7ac3";
    let queued = json!({"id": "e01xx0000000001AAA", "success": true,
        "errors": [{"statusCode": "OPERATION_ENQUEUED", "message": uuid, "fields": []}]});
    let fixture = Fixture::meeting("/services/data/v67.0/sobjects/Low_Ink__e", Fault::json(201, &queued)).await;
    let saved = fixture
        .execution()
        .create_or_update_record(&fixture.connection, "Low_Ink__e", &Target::Create, &"{}".to_owned(), &PLAIN, DEFAULTS)
        .await
        .unwrap();
    assert_eq!(
        (saved.id.as_str(), saved.created, saved.event_uuid.as_deref()),
        ("e01xx0000000001AAA", true, Some(uuid))
    );
    assert_eq!(fixture.save("Account", &Target::Create, r#"{"Name":"A"}"#).await.unwrap().event_uuid, None);
}

#[tokio::test]
async fn a_created_record_whose_id_fails_its_check_says_that_this_is_why_nobody_knows() {
    let created = json!({"id": "0015g00000000GxAAB", "success": true, "errors": []});
    let error = Fixture::meeting(ACCOUNTS, Fault::json(201, &created)).await.create_error(TEN_TIMES).await;
    assert_eq!(decision(&error), (ErrorKind::InvalidResponse, Outcome::Unknown, false));
    assert!(error.message.contains("0015g00000000GxAAB") && error.message.contains("do not fit"), "{}", error.message);
}

#[tokio::test]
async fn pages_are_joined_no_further_than_a_page_with_cut_children() {
    let fixture = Fixture::start().await;
    let soql = "SELECT Id, (SELECT Id FROM Contacts) FROM Account ORDER BY ERP_Id__c";
    let asked = Query { batch_size: Some(200), max_records: Some(2_000), ..query(soql) };
    let first = fixture.query(&asked).await.unwrap();
    // The first account's contacts are more than a page holds, and count toward it.
    assert_eq!((first.count, first.children.is_empty(), first.next.is_some()), (1, false, true));
    for child in &first.children {
        let more = fixture.next_page(&child.next).await.unwrap();
        assert_eq!(more.total_size, child.total_size);
    }
    assert!(fixture.next_page(&first.next.unwrap()).await.is_ok());
}
