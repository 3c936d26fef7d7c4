//! The org's daily allowance, and the pages of queries.

use serde_json::json;

use super::{done, problem};
use crate::client::encode;
use crate::fixture::*;

#[tokio::test]
async fn the_daily_allowance_is_what_it_is_set_to() {
    let mock = steered().await;
    let set = |body| control(&mock, "PATCH", "limits").json(&json!({"daily_api_requests": body})).send();
    let limits = done(&set(json!({"used": 4_998, "allowed": 5_000})).await);
    assert_eq!(limits, json!({"daily_api_requests": {"used": 4_998, "allowed": 5_000}}));
    let answer = rest(&mock, "GET", "limits").send().await;
    assert_eq!(answer.json()["DailyApiRequests"], json!({"Max": 5_000, "Remaining": 1}));
    assert_eq!(answer.header("sforce-limit-info"), "api-usage=4999/5000");
    assert_eq!(rest(&mock, "GET", "limits").send().await.status, 200);
    assert_eq!(rest(&mock, "GET", "limits").send().await.error(), (403, "REQUEST_LIMIT_EXCEEDED".to_owned()));
    assert_eq!(done(&set(json!({"allowed": 6_000})).await)["daily_api_requests"]["used"], 5_000);
    assert_eq!(rest(&mock, "GET", "limits").send().await.status, 200);
    let (status, place, ..) = problem(&set(json!({"used": -1})).await);
    assert_eq!((status, place.as_str()), (400, "body.daily_api_requests.used"));
}

#[tokio::test]
async fn locators_end_and_paging_changes_when_told() {
    let mock = steered().await;
    let paging = json!({"ends_child_cursors": true, "repeats_cut_parents": false});
    done(&control(&mock, "PUT", "paging").json(&paging).send().await);
    assert_eq!(done(&control(&mock, "GET", "paging").send().await), paging);
    let page = rest(&mock, "GET", &format!("query?q={}", encode("SELECT Id FROM Account"))).send().await.json();
    let locator = page["nextRecordsUrl"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    done(&control(&mock, "DELETE", "locators").send().await);
    let ended = rest(&mock, "GET", &format!("query/{locator}")).send().await;
    assert_eq!(ended.error(), (400, "INVALID_QUERY_LOCATOR".to_owned()));
}
