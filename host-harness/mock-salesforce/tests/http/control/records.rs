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
async fn a_tree_is_added_in_any_order_and_no_rule_runs() {
    let mock = steered().await;
    let flow = json!({"object": "Account", "on": "create", "message": "No."});
    done(&control(&mock, "PUT", "failing-flows/No").json(&flow).send().await);
    let added = add(
        &mock,
        &[
            json!({"attributes": {"type": "Task"}, "Subject": "Call", "WhatId": "001xx000003DGb1AAG", "WhoId": "@C2"}),
            json!({"attributes": {"type": "Account", "referenceId": "A1"}, "Id": "001xx000003DGb1AAG", "Name": "Root",
                "Contacts": {"records": [{"attributes": {"type": "Contact", "referenceId": "C2"}, "LastName": "Leaf"}]}}),
        ],
    );
    let ids = done(&added.send().await)["ids"].clone();
    let task = query(&mock, "SELECT Id, WhatId, WhoId, Who.LastName FROM Task").await["records"][0].clone();
    assert_eq!(json!([task["Id"], task["WhatId"], task["WhoId"]]), ids);
    assert_eq!(task["Who"]["LastName"], "Leaf");
    assert_eq!(
        query(&mock, "SELECT Account.Name FROM Contact WHERE LastName = 'Leaf'").await["records"][0]["Account"]["Name"],
        "Root"
    );
}

#[tokio::test]
async fn records_of_one_object_come_as_a_list_or_a_table() {
    let mock = steered().await;
    let list = json!([{"Name": "Listed", "ERP_Id__c": "L-1"}, {"Name": "Other"}]);
    let added = control(&mock, "POST", "records/account").json(&list).send().await;
    assert_eq!((added.status.as_u16(), done(&added)["ids"].as_array().unwrap().len()), (201, 2));
    let table = "LastName,Account.ERP_Id__c,HasOptedOutOfEmail\nRow,L-1,TRUE\n\"Two\nlines\",#N/A,\n";
    let csv = |text: &str| control(&mock, "POST", "records/Contact").raw("text/csv; charset=UTF-8", text).send();
    assert_eq!(done(&csv(table).await)["ids"].as_array().unwrap().len(), 2);
    let row =
        query(&mock, "SELECT HasOptedOutOfEmail, Account.Name FROM Contact WHERE LastName = 'Row'").await["records"][0]
            .clone();
    assert_eq!((&row["HasOptedOutOfEmail"], &row["Account"]["Name"]), (&json!(true), &json!("Listed")));
    for (text, place, got) in [
        ("LastName\nA\nB,C\n", "body, line 3", "B,C"),
        ("LastName,Nme\nA,B\n", "body, line 1", "LastName,Nme"),
        ("LastName,Account.ERP_Id__c\nA,\nB,none\n", "body, line 3", "B,none"),
    ] {
        let (status, told, shown, expected) = problem(&csv(text).await);
        assert_eq!((status, told.as_str(), shown.as_str()), (400, place, got), "{expected}");
    }
    let wrong = control(&mock, "POST", "records/Account").json(&json!([{"Name": "x"}, {"Nme": "x"}])).send().await;
    assert_eq!(
        problem(&wrong),
        (
            400,
            "body[1]".to_owned(),
            r#"{"Nme":"x"}"#.to_owned(),
            "what the org takes (INVALID_FIELD: No such column 'Nme' on sobject of type Account)".to_owned()
        )
    );
    let unknown = problem(&control(&mock, "POST", "records/Thing").raw("text/csv", table).send().await);
    assert_eq!((unknown.0, unknown.1.as_str()), (404, "path.object"));
    assert_eq!(mock.org(|org| org.count("Account")), 2_088);
}

#[tokio::test]
async fn a_record_changes_behind_its_clients_backs() {
    let mock = steered().await;
    let contact = json!({"attributes": {"type": "Contact"}, "LastName": "Stays"});
    let mut one = account("One");
    one["Contacts"] = json!({"records": [contact]});
    let id = done(&add(&mock, &[one]).send().await)["ids"][0].as_str().unwrap().to_owned();
    let path = format!("records/account/{id}");
    let entries = mock.ledger().entries().count();
    let changed = control(&mock, "PATCH", &path).json(&json!({"Industry": "Energy"})).send().await;
    assert_eq!((changed.status.as_u16(), mock.ledger().entries().count()), (204, entries));
    let row = mock.org(|org| org.row("Account", &id, Some(&["Industry", "LastModifiedDate"]), "v67.0")).unwrap();
    assert_eq!(
        (&row["Industry"], &row["LastModifiedDate"]),
        (&json!("Energy"), &json!("2026-06-15T12:00:00.000+0000"))
    );
    let wrong = problem(&control(&mock, "PATCH", &path).json(&json!({"Nme": "x"})).send().await);
    assert_eq!((wrong.0, wrong.1.as_str()), (400, "body"));
    assert_eq!(control(&mock, "DELETE", &path).send().await.status, 204);
    assert_eq!(query(&mock, "SELECT COUNT() FROM Account WHERE Name = 'One'").await["totalSize"], 0);
    let contact = query(&mock, "SELECT AccountId FROM Contact WHERE LastName = 'Stays'").await;
    assert_eq!(contact["records"][0]["AccountId"], Value::Null);
    for (method, path, status) in
        [("DELETE", path.as_str(), 404), ("PATCH", "records/Thing/x", 404), ("DELETE", "records/Account/x", 400)]
    {
        let answer = control(&mock, method, path).json(&json!({})).send().await;
        let (told, place, ..) = problem(&answer);
        assert_eq!((told, place.as_str()), (status, "path"), "{method} {path}");
    }
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
        (json!({"Name": "x"}), "body.records[1]"),
        (json!({"attributes": {"type": "Thing"}}), "body.records[1]"),
        (json!({"attributes": {"type": "Account"}, "Nme": "x"}), "body.records[1]"),
        (
            json!({"attributes": {"type": "Account"}, "Name": "x", "CreatedDate": "2026-01-01T00:00:00Z"}),
            "body.records[1]",
        ),
        (
            json!({"attributes": {"type": "Account"}, "Name": "x", "Contacts": {"records": [{"LastNme": "y"}]}}),
            "body.records[1].Contacts.records[0]",
        ),
        (json!({"attributes": {"type": "Contact"}, "LastName": "x", "AccountId": "@Nobody"}), "body.records[1]"),
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
