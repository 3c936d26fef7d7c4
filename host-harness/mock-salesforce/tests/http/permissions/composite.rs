//! Requests in a request: each passes the permissions as it would alone.

use serde_json::json;

use super::*;

/// Plays composite requests; answers status and body of each.
async fn play(mock: &MockSalesforce, requests: Value) -> Vec<(u64, Value)> {
    let answer = post(mock, "composite", json!({"compositeRequest": requests})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answers = answer.json()["compositeResponse"].as_array().unwrap().clone();
    answers.into_iter().map(|item| (item["httpStatusCode"].as_u64().unwrap(), item["body"].clone())).collect()
}

fn code((status, body): &(u64, Value)) -> (u64, &str) {
    (*status, body[0]["errorCode"].as_str().unwrap_or("none"))
}

#[tokio::test]
async fn references_lead_to_nothing_hidden() {
    let mock = mock().await;
    let id = one_id(&mock, "SELECT Id FROM Account WHERE Industry != null LIMIT 1").await;
    hide(&mock, &["Account.Industry"]);
    let base = "/services/data/v67.0";
    let note = |value: &str| json!({"Subject": "copy", "Description": value});
    let answers = play(
        &mock,
        json!([
            {"method": "GET", "url": format!("{base}/sobjects/Account/{id}"), "referenceId": "row"},
            {"method": "POST", "url": format!("{base}/sobjects/Task"), "referenceId": "copy", "body": note("@{row.Industry}")},
            {"method": "GET", "url": format!("{base}/sobjects/Account/describe"), "referenceId": "all"},
            {"method": "GET", "url": format!("{base}/query?q=SELECT+Industry+FROM+Account"), "referenceId": "query"},
            {"method": "GET", "url": format!("{base}/sobjects/Account/{id}?fields=Industry"), "referenceId": "named"},
        ]),
    )
    .await;
    assert!(answers[0].1.get("Industry").is_none());
    assert_eq!(code(&answers[1]), (400, "PROCESSING_HALTED"));
    let described = answers[2].1["fields"].as_array().unwrap();
    assert!(described.iter().any(|field| field["name"] == "Phone"));
    assert!(described.iter().all(|field| field["name"] != "Industry"));
    assert_eq!(code(&answers[3]), (400, "INVALID_FIELD"));
    assert_eq!(code(&answers[4]), (400, "INVALID_FIELD"));
    assert_eq!(mock.ledger().writes().count(), 0);
}

#[tokio::test]
async fn an_object_that_one_may_not_read_is_not_there() {
    let mock = mock().await;
    let id = one_id(&mock, "SELECT Id FROM Contact LIMIT 1").await;
    hide_object(&mock, "Contact");
    let requests = json!([
        {"method": "GET", "url": format!("v67.0/sobjects/Contact/{id}")},
        {"method": "GET", "url": "v67.0/sobjects/Contact/describe"},
        {"method": "PATCH", "url": format!("v67.0/sobjects/Contact/{id}"), "richInput": {"LastName": "x"}},
        {"method": "DELETE", "url": format!("v67.0/sobjects/Contact/{id}")},
        {"method": "GET", "url": "v67.0/query?q=SELECT+Id+FROM+Contact"},
        {"method": "GET", "url": "v67.0/search?q=FIND+%7BAcme%7D+RETURNING+Contact(Id)"},
    ]);
    let answer = post(&mock, "composite/batch", json!({"batchRequests": requests})).await.json();
    let answers: Vec<_> = answer["results"].as_array().unwrap().clone();
    let codes: Vec<_> = answers
        .iter()
        .map(|item| (item["statusCode"].as_u64().unwrap(), item["result"][0]["errorCode"].clone()))
        .collect();
    let gone = (404, json!("NOT_FOUND"));
    let unknown = (400, json!("INVALID_TYPE"));
    assert_eq!(codes, [gone.clone(), gone.clone(), gone.clone(), gone, unknown.clone(), unknown]);
    let tree = json!({"records": [{"attributes": {"type": "Account", "referenceId": "a"}, "Name": "x",
        "Contacts": {"records": [{"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": "y"}]}}]});
    let refused = post(&mock, "composite/tree/Account", tree).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["hasErrors"]), (400, &json!(true)));
    assert!(refused.text().contains("No such relation 'Contacts' on sobject of type Account"), "{}", refused.text());
    assert_eq!(post(&mock, "composite/tree/Contact", json!({"records": []})).await.error().0, 404);
    assert_eq!(mock.ledger().writes().count(), 0);
}

#[tokio::test]
async fn trees_and_graphs_write_what_one_may_write() {
    let mock = mock().await;
    let tree = |fields: Value| {
        let mut record = json!({"attributes": {"type": "Account", "referenceId": "a"}, "Name": "x"});
        record.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({"records": [record]})
    };
    let graph = |fields: Value| {
        let mut body = json!({"Name": "x"});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let node =
            json!({"method": "POST", "url": "/services/data/v67.0/sobjects/Account", "referenceId": "a", "body": body});
        json!({"graphs": [{"graphId": "one", "compositeRequest": [node]}]})
    };
    let both = async |fields: Value| {
        let tree = post(&mock, "composite/tree/Account", tree(fields.clone())).await;
        let graph = post(&mock, "composite/graph", graph(fields)).await.json();
        let answer = &graph["graphs"][0]["graphResponse"]["compositeResponse"][0];
        assert_eq!(graph["graphs"][0]["isSuccessful"], false);
        let codes = [&tree.json()["results"][0]["errors"][0]["statusCode"], &answer["body"][0]["errorCode"]]
            .map(|code| code.as_str().unwrap().to_owned());
        assert_eq!(codes[0], codes[1]);
        codes[0].clone()
    };
    hide(&mock, &["Account.Industry"]);
    assert_eq!(both(json!({"Industry": "Energy"})).await, "INVALID_FIELD");
    restrict(&mock, &["Account.Industry"], true);
    assert_eq!(both(json!({"Industry": "Energy"})).await, "INVALID_FIELD_FOR_INSERT_UPDATE");
    read_only(&mock);
    assert_eq!(both(json!({})).await, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY");
    assert_eq!(mock.ledger().writes().count(), 0);
}

#[tokio::test]
async fn what_is_rolled_back_stays_behind_the_permissions() {
    let mock = mock().await;
    hide(&mock, &["Account.Industry"]);
    let base = "/services/data/v67.0";
    let requests = json!([
        {"method": "POST", "url": format!("{base}/sobjects/Account"), "referenceId": "a", "body": {"Name": "x"}},
        {"method": "POST", "url": format!("{base}/sobjects/Account"), "referenceId": "b", "body": {"Industry": "Energy"}},
    ]);
    let answer = post(&mock, "composite", json!({"allOrNone": true, "compositeRequest": requests})).await.json();
    assert_eq!(answer["compositeResponse"][1]["body"][0]["errorCode"], "INVALID_FIELD");
    assert_eq!(soql(&mock, "SELECT Industry FROM Account").await.error().1, "INVALID_FIELD");
    let other = of_another(&mock, "GET", "query?q=SELECT+Industry+FROM+Account+LIMIT+1").send().await;
    assert_eq!(other.status, 200, "others see it");
}
