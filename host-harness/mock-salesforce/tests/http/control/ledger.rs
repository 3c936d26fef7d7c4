//! What arrived, page by page.

use serde_json::json;

use super::{done, problem};
use crate::fixture::*;

#[tokio::test]
async fn entries_come_in_order_with_their_writes_and_no_secrets() {
    let mock = steered().await;
    let token = access_token(&mock);
    let created = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "x"})).send().await.json();
    for _ in 0..3 {
        works(&mock, &token).await;
    }
    let page = done(&control(&mock, "GET", "ledger?limit=2").send().await);
    assert_eq!(page["entries"].as_array().unwrap().len(), 2);
    let first = &page["entries"][0];
    assert_eq!((&first["method"], &first["path"]), (&json!("POST"), &json!("/services/data/v67.0/sobjects/Account")));
    assert_eq!((&first["status"], &first["sequence"]), (&json!(201), &json!(1)));
    assert_eq!(first["writes"], json!([{"kind": "create", "object": "Account", "id": created["id"]}]));
    assert!(!page.to_string().contains(&token));
    assert_eq!(page["next"], 2);
    let page = done(&control(&mock, "GET", "ledger?after=2").send().await);
    let sequences: Vec<_> = page["entries"].as_array().unwrap().iter().map(|entry| entry["sequence"].clone()).collect();
    assert_eq!((sequences, &page["next"]), (vec![json!(3), json!(4)], &json!(null)));
    done(&control(&mock, "DELETE", "ledger").send().await);
    let page = done(&control(&mock, "GET", "ledger").send().await);
    assert_eq!(page, json!({"entries": [], "next": null, "forgotten": 4}));
}

#[tokio::test]
async fn a_page_is_bounded() {
    let mock = steered().await;
    for (query, place) in
        [("limit=0", "query.limit"), ("limit=1001", "query.limit"), ("limit=x", "query"), ("a=1", "query")]
    {
        let (status, told, ..) = problem(&control(&mock, "GET", &format!("ledger?{query}")).send().await);
        assert_eq!((status, told.as_str()), (400, place), "{query}");
    }
}
