//! Time, and what expires by it.

use serde_json::{Value, json};

use super::{done, problem};
use crate::client::encode;
use crate::fixture::*;

#[tokio::test]
async fn a_clock_is_read_moved_frozen_and_thawed() {
    let mock = steered().await;
    assert_eq!(
        done(&control(&mock, "GET", "clock").send().await),
        json!({"now": "2026-06-15T12:00:00Z", "frozen": true})
    );
    let advanced = control(&mock, "POST", "clock/advance").json(&json!({"seconds": 3600})).send().await;
    assert_eq!(done(&advanced), json!({"now": "2026-06-15T13:00:00Z", "frozen": true}));
    assert_eq!(done(&control(&mock, "POST", "clock/thaw").send().await)["frozen"], false);
    let frozen = control(&mock, "POST", "clock/freeze").json(&json!({"at": "2027-01-01T00:00:00Z"})).send().await;
    assert_eq!(done(&frozen), json!({"now": "2027-01-01T00:00:00Z", "frozen": true}));
    assert_eq!(mock.now().to_string(), "2027-01-01T00:00:00Z");
    let today = query(&mock, "SELECT COUNT() FROM Account WHERE CreatedDate = LAST_N_DAYS:1").await;
    assert_eq!(today["totalSize"], 0);
}

#[tokio::test]
async fn sessions_and_locators_expire_by_it() {
    let mock = steered().await;
    let token = access_token(&mock);
    let advance = |seconds: i64| control(&mock, "POST", "clock/advance").json(&json!({"seconds": seconds})).send();
    advance(7_199).await;
    assert!(works(&mock, &token).await);
    advance(7_200).await;
    assert!(!works(&mock, &token).await);
    let page = rest(&mock, "GET", &format!("query?q={}", encode("SELECT Id FROM Account"))).send().await.json();
    let locator = page["nextRecordsUrl"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    advance(48 * 3_600).await;
    let expired = rest(&mock, "GET", &format!("query/{locator}")).send().await;
    assert_eq!(expired.error(), (400, "INVALID_QUERY_LOCATOR".to_owned()));
}

#[tokio::test]
async fn no_session_or_code_ends_by_a_clock_that_goes_back() {
    let mock = steered().await;
    let token = access_token(&mock);
    let past = json!({"at": "2025-06-15T00:00:00Z"});
    done(&control(&mock, "POST", "clock/freeze").json(&past).send().await);
    assert!(works(&mock, &token).await);
    let made_then = access_token(&mock);
    let code = code(&mock, &authorization(APP)).await;
    done(&control(&mock, "POST", "reset").send().await);
    assert_eq!(mock.now().to_string(), "2026-06-15T12:00:00Z");
    assert!(works(&mock, &token).await && works(&mock, &made_then).await);
    assert_eq!(crate::fixture::token(&mock, &redemption(&code)).await.status, 200);
    done(&control(&mock, "POST", "clock/advance").json(&json!({"seconds": 7200})).send().await);
    assert!(!works(&mock, &token).await && !works(&mock, &made_then).await, "two hours from the reset on");
}

#[tokio::test]
async fn wrong_times_are_refused_by_place() {
    let mock = steered().await;
    let far = control(&mock, "POST", "clock/advance").json(&json!({"seconds": 4_000_000_000_i64})).send().await;
    let expected = "seconds from -3162240000 to 3162240000".to_owned();
    assert_eq!(problem(&far), (400, "body.seconds".to_owned(), "4000000000".to_owned(), expected));
    let refused = async |path: &str, body: &Value| {
        let (status, place, got, expected) = problem(&control(&mock, "POST", path).json(body).send().await);
        (status, [place, got, expected])
    };
    let is = |place: &str, got: &str, expected: &str| (400, [place, got, expected].map(str::to_owned));
    let moment = "a date-time such as 2026-01-01T00:00:00Z";
    let freeze = async |at: Value| refused("clock/freeze", &json!({"at": at})).await;
    assert_eq!(freeze(json!("gestern")).await, is("body.at", "\"gestern\"", moment));
    assert_eq!(freeze(json!("2026-02-30T00:00:00Z")).await, is("body.at", "\"2026-02-30T00:00:00Z\"", moment));
    let hours = refused("clock/advance", &json!({"hours": 1})).await;
    assert_eq!(hours, is("body.hours", "1", "no member of this name, but seconds"));
    let text = refused("clock/advance", &json!({"seconds": "5"})).await;
    assert_eq!(text, is("body.seconds", "\"5\"", "a whole number"));
    assert_eq!(mock.now().to_string(), "2026-06-15T12:00:00Z");
}
