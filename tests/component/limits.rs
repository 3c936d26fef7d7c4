//! Limits, counts and recent items, through the component.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use serde_json::json;

use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, decision, refused};

const TWICE: CallOptions = CallOptions { attempts: Some(2), ..DEFAULTS };
const DATA: &str = "/services/data/v67.0";

#[tokio::test]
async fn limits_are_told_with_those_inside_of_others() {
    let fixture = Fixture::start().await;
    let told = fixture.act("org-limits", &json!({}), DEFAULTS).await.unwrap();
    let limits = told["limits"].as_array().unwrap();
    // 74 of the mock, and one inside another.
    assert_eq!(limits.len(), 75);
    for limit in [
        json!({"name": "DailyApiRequests", "max": 15_000, "remaining": 14_999}),
        json!({"name": "PermissionSets.CreateCustom", "max": 1_000, "remaining": 1_000}),
    ] {
        assert!(limits.contains(&limit), "{limit}");
    }
    assert_eq!(told["usage"], json!({"used": 1, "allowed": 15_000}));
}

#[tokio::test]
async fn counts_come_as_asked_for_and_what_the_org_does_not_know_is_missing() {
    let fixture = Fixture::start().await;
    let users = fixture.count(&crate::calls::query("SELECT COUNT() FROM User")).await;
    let input = json!({"objects": ["Nothing__c", "user", "Account"]});
    let told = fixture.act("record-counts", &input, DEFAULTS).await.unwrap();
    assert_eq!(told["counts"][0], json!({"object": "User", "count": users}));
    assert_eq!((&told["counts"][1]["object"], &told["missing"]), (&json!("Account"), &json!(["Nothing__c"])));
    for objects in [json!([]), json!(["Account", "account"]), json!(["Account,Contact"])] {
        let before = fixture.requests();
        let error = refused(fixture.act("record-counts", &json!({"objects": objects}), DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{objects}");
        assert_eq!(fixture.requests(), before);
    }
}

#[tokio::test]
async fn recent_items_are_those_that_the_user_saw() {
    let fixture = Fixture::start().await;
    assert_eq!(fixture.act("recent-items", &json!({}), DEFAULTS).await.unwrap()["items"], json!([]));
    let items = json!([
        {"attributes": {"type": "Account", "url": "/x"}, "Id": "001D000000IqhSLIAZ", "Name": "Acme"},
        {"attributes": {"type": "Case", "url": "/y"}, "CaseNumber": "00001001", "Id": "500D000000IqhSL"},
    ]);
    fixture.fault(&format!("{DATA}/recent"), Fault::json(200, &items));
    let told = fixture.act("recent-items", &json!({"limit": 2}), DEFAULTS).await.unwrap();
    assert_eq!(told["items"][0], json!({"object": "Account", "id": "001D000000IqhSLIAZ", "name": "Acme"}));
    assert_eq!(told["items"][1]["name"], "00001001");
    fixture.fault(&format!("{DATA}/recent"), Fault::json(200, &items));
    let error = refused(fixture.act("recent-items", &json!({"limit": 1}), DEFAULTS).await);
    assert_eq!(error.kind, ErrorKind::InvalidResponse);
    let error = refused(fixture.act("recent-items", &json!({"limit": 201}), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
}

#[tokio::test]
async fn lost_answers_are_read_again_and_refusals_told() {
    let fixture = Fixture::start().await;
    let all =
        [("org-limits", json!({})), ("record-counts", json!({"objects": ["Account"]})), ("recent-items", json!({}))];
    for (action, input) in all {
        fixture.fault(DATA, Fault::ResetAfterWork);
        assert!(fixture.act(action, &input, TWICE).await.is_ok(), "{action}");
        fixture.fault(DATA, Fault::json(403, &json!([{"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}])));
        let error = refused(fixture.act(action, &input, TWICE).await);
        assert_eq!(decision(&error), (ErrorKind::Forbidden, Outcome::Rejected, false), "{action}");
        fixture.fault(DATA, Fault::json(200, &json!("another form")));
        let error = refused(fixture.act(action, &input, TWICE).await);
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{action}");
    }
}
