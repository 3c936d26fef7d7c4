//! Records, reset and snapshots.

use serde_json::{Value, json};

use super::{done, problem};
use crate::client::Call;
use crate::fixture::*;

fn account(name: &str) -> Value {
    json!({"attributes": {"type": "Account"}, "Name": name})
}

fn add(mock: &mock_salesforce::MockSalesforce, records: &[Value]) -> Call {
    control(mock, "POST", "records").json(&json!({"records": records}))
}

#[tokio::test]
async fn records_are_added_and_read_page_by_page() {
    let mock = steered().await;
    let contact = json!({"attributes": {"type": "Contact"}, "LastName": "L", "Account": {"ERP_Id__c": "new-1"}});
    let mut first = account("First");
    first["ERP_Id__c"] = json!("new-1");
    let added = add(&mock, &[first, contact]).send().await;
    assert_eq!(added.status, 201);
    let ids = done(&added)["ids"].clone();
    let found = query(&mock, "SELECT Account.Name FROM Contact WHERE Account.ERP_Id__c = 'new-1'").await;
    assert_eq!(found["records"][0]["Account"]["Name"], "First");
    assert_eq!(done(&control(&mock, "GET", "records").send().await)["objects"]["Account"], 2_087);
    let page = done(&control(&mock, "GET", "records/Account?limit=2000").send().await);
    assert_eq!(page["records"].as_array().unwrap().len(), 2_000);
    let after = page["next"].as_str().unwrap();
    let page = done(&control(&mock, "GET", &format!("records/account?limit=87&after={after}")).send().await);
    let last = &page["records"].as_array().unwrap()[86];
    assert_eq!((&last["Id"], &last["Name"], &page["next"]), (&ids[0], &json!("First"), &Value::Null));
    assert_eq!(mock.ledger().writes().count(), 0);
}

#[tokio::test]
async fn replacing_leaves_users_alone_and_nothing_else() {
    let mock = steered().await;
    let profile = mock.org(|org| org.records("Profile", None, 1, false)).unwrap()[0]["Id"].clone();
    let new = json!({"records": [account("Only"), {"attributes": {"type": "User"}, "Username": "new@example.org", "ProfileId": profile,
        "LastName": "New", "Email": "new@example.org", "Alias": "new", "IsActive": true,
        "TimeZoneSidKey": "Europe/Berlin", "LocaleSidKey": "de", "LanguageLocaleKey": "de"}]});
    done(&control(&mock, "PUT", "records").json(&new).send().await);
    let counts = done(&control(&mock, "GET", "records").send().await);
    assert_eq!((&counts["objects"]["Account"], &counts["objects"]["Contact"]), (&json!(1), &json!(0)));
    assert!(mock.issue_tokens(APP, "new@example.org").is_ok());
    done(&control(&mock, "POST", "reset").send().await);
    assert_eq!(done(&control(&mock, "GET", "records").send().await)["objects"]["Account"], 2_086);
    assert!(mock.issue_tokens(APP, "new@example.org").is_err());
}

#[tokio::test]
async fn a_wrong_record_is_named_and_none_is_added() {
    let mock = steered().await;
    for (record, place) in [
        (json!({"Name": "x"}), "body.records[1].attributes.type"),
        (json!({"attributes": {"type": "Thing"}}), "body.records[1].attributes.type"),
        (json!({"attributes": {"type": "Account"}, "Nme": "x"}), "body.records[1]"),
        (json!({"attributes": {"type": "Account"}, "Name": "x", "Id": "0015g00000zzzzz"}), "body.records[1]"),
        (
            json!({"attributes": {"type": "Contact"}, "LastName": "x", "AccountId": "0015g00000zzzzz"}),
            "body.records[1]",
        ),
    ] {
        let (status, told, _, expected) = problem(&add(&mock, &[account("One"), record]).send().await);
        assert_eq!((status, told.as_str()), (400, place), "{expected}");
    }
    assert_eq!(done(&control(&mock, "GET", "records").send().await)["objects"]["Account"], 2_086);
    let (status, place, ..) = problem(&control(&mock, "GET", "records/Thing").send().await);
    assert_eq!((status, place.as_str()), (404, "path.object"));
    let (status, place, ..) = problem(&control(&mock, "GET", "records/Account?after=x").send().await);
    assert_eq!((status, place.as_str()), (400, "query.after"));
    let (status, place, ..) = problem(&control(&mock, "POST", "records").json(&json!({"records": 1})).send().await);
    assert_eq!((status, place.as_str()), (400, "body.records"));
}

#[tokio::test]
async fn a_reset_undoes_everything_but_sessions() {
    let mock = steered().await;
    let token = access_token(&mock);
    rest(&mock, "POST", "sobjects/Account").json(&account("Soon gone")).send().await;
    let job = json!({"operation": "query", "query": "SELECT Id FROM Account"});
    assert_eq!(rest(&mock, "POST", "jobs/query").json(&job).send().await.status, 200);
    mock.advance_clock(jiff::SignedDuration::from_secs(60));
    done(&control(&mock, "PATCH", "limits").json(&json!({"daily_api_requests": {"allowed": 0}})).send().await);
    done(&control(&mock, "POST", "faults").json(&json!({"fault": "close"})).send().await);
    let rule = json!({"object": "Account", "condition": "Name != null", "message": "No"});
    done(&control(&mock, "PUT", "validation-rules/none").json(&rule).send().await);
    assert_eq!(control(&mock, "POST", "reset").send().await.status, 204);
    assert_eq!(mock.now().to_string(), "2026-06-15T12:00:00Z");
    assert_eq!((mock.faults_waiting(), mock.ledger().entries().count()), (0, 0));
    assert!(works(&mock, &token).await);
    assert_eq!(rest(&mock, "GET", "jobs/query").send().await.json()["records"], json!([]));
    assert_eq!(rest(&mock, "POST", "sobjects/Account").json(&account("Again")).send().await.status, 201);
    assert_eq!(mock.org(|org| org.count("Account")), 2_087);
}

#[tokio::test]
async fn a_snapshot_brings_the_org_back_as_often_as_wanted() {
    let mock = steered().await;
    done(&add(&mock, &[account("Kept")]).send().await);
    let taken = done(&control(&mock, "PUT", "snapshots/with-kept").send().await);
    assert_eq!(taken["name"], "with-kept");
    assert!(taken["bytes"].as_u64().unwrap() > 1_000_000, "{taken}");
    for _ in 0..2 {
        done(&control(&mock, "PUT", "records").json(&json!({"records": []})).send().await);
        assert_eq!(mock.org(|org| org.count("Account")), 0);
        assert_eq!(control(&mock, "POST", "snapshots/with-kept/restore").send().await.status, 204);
        assert_eq!(mock.org(|org| org.count("Account")), 2_087);
    }
    let list = done(&control(&mock, "GET", "snapshots").send().await);
    assert_eq!(list["snapshots"], json!([taken]));
    assert_eq!(control(&mock, "DELETE", "snapshots/with-kept").send().await.status, 204);
    for (method, path) in [("DELETE", "snapshots/with-kept"), ("POST", "snapshots/with-kept/restore")] {
        let (status, place, ..) = problem(&control(&mock, method, path).send().await);
        assert_eq!((status, place.as_str()), (404, "path.name"));
    }
    let (status, place, ..) = problem(&control(&mock, "PUT", "snapshots/a%20b").send().await);
    assert_eq!((status, place.as_str()), (400, "path.name"));
}

#[tokio::test]
async fn there_are_no_more_snapshots_than_fit() {
    let mock = steered().await;
    done(&control(&mock, "PUT", "records").json(&json!({"records": []})).send().await);
    for number in 0..16 {
        done(&control(&mock, "PUT", &format!("snapshots/{number}")).send().await);
    }
    let (status, place, ..) = problem(&control(&mock, "PUT", "snapshots/one-more").send().await);
    assert_eq!((status, place.as_str()), (409, "path.name"));
    done(&control(&mock, "PUT", "snapshots/7").send().await);
}
