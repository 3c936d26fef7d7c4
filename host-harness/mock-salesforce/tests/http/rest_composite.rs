//! Several requests in one: composite, batch, graph and tree.

use mock_salesforce::MockSalesforce;
use serde_json::{Value, json};

use crate::client::{call, encode};
use crate::fixture::*;

async fn post(mock: &MockSalesforce, path: &str, body: Value) -> Value {
    let answer = rest(mock, "POST", path).json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn request(id: &str, method: &str, path: &str, body: Value) -> Value {
    let url = format!("/services/data/v67.0/{path}");
    let mut request = json!({"method": method, "url": url, "referenceId": id});
    if !body.is_null() {
        request["body"] = body;
    }
    request
}

/// An account, a contact of it, and a query that finds the contact.
fn account_and_contact(last_name: &str) -> Value {
    let soql = "SELECT Id, Account.Name FROM Contact WHERE AccountId = '@{account.id}'";
    json!([
        request("account", "POST", "sobjects/Account/", json!({"Name": "Composite"})),
        request("contact", "POST", "sobjects/Contact", json!({"LastName": last_name, "AccountId": "@{account.id}"})),
        request("found", "GET", &format!("query/?q={}", soql.replace(' ', "+")), Value::Null),
        request("read", "GET", "sobjects/Contact/@{found.records[0].Id}?fields=LastName", Value::Null),
    ])
}

fn statuses(answer: &Value) -> Vec<u64> {
    let answers = answer["compositeResponse"].as_array().unwrap();
    answers.iter().map(|answer| answer["httpStatusCode"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_composite_leads_values_from_one_request_to_the_next() {
    let mock = mock().await;
    let before = mock.ledger().entries().count();
    let answer = post(&mock, "composite", json!({"compositeRequest": account_and_contact("Comp")})).await;
    assert_eq!(statuses(&answer), [201, 201, 200, 200], "{answer}");
    let [account, contact, found, read] = answer["compositeResponse"].as_array().unwrap().as_slice() else {
        panic!("four answers")
    };
    let id = account["body"]["id"].as_str().unwrap();
    let told = json!({
        "body": {"id": id, "success": true, "errors": []},
        "httpHeaders": {"Location": format!("/services/data/v67.0/sobjects/Account/{id}")},
        "httpStatusCode": 201,
        "referenceId": "account",
    });
    assert_eq!(account, &told);
    assert_eq!(found["body"]["records"][0]["Account"]["Name"], "Composite");
    assert_eq!((&read["body"]["Id"], &read["body"]["LastName"]), (&contact["body"]["id"], &json!("Comp")));
    assert_eq!(read["httpHeaders"]["Last-Modified"], "Mon, 15 Jun 2026 12:00:00 GMT");
    assert_eq!(mock.ledger().entries().count(), before + 1, "one request");
    assert_eq!((mock.ledger().creates("Account"), mock.ledger().creates("Contact")), (1, 1));
}

#[tokio::test]
async fn what_refers_to_a_failure_is_halted_and_the_rest_stays() {
    let mock = mock().await;
    let requests = json!([
        request("account", "POST", "sobjects/Account", json!({})),
        request("contact", "POST", "sobjects/Contact", json!({"LastName": "x", "AccountId": "@{account.id}"})),
        request("other", "POST", "sobjects/Account", json!({"Name": "Other"})),
        request("wrong_case", "GET", "sobjects/Account/@{other.Id}", Value::Null),
        request("nowhere", "GET", "limits", Value::Null),
    ]);
    let answer = post(&mock, "composite", json!({"compositeRequest": requests})).await;
    assert_eq!(statuses(&answer), [400, 400, 201, 400, 404]);
    let code = |place: usize| answer["compositeResponse"][place]["body"][0]["errorCode"].as_str().unwrap();
    assert_eq!(
        [0, 1, 3, 4].map(code),
        ["REQUIRED_FIELD_MISSING", "PROCESSING_HALTED", "PROCESSING_HALTED", "NOT_FOUND"]
    );
    assert_eq!((mock.ledger().creates("Account"), mock.ledger().creates("Contact")), (1, 0));
}

#[tokio::test]
async fn all_or_none_rolls_back_and_says_so() {
    let mock = mock().await;
    let counts = || mock.org(|org| (org.count("Account"), org.count("Contact")));
    let before = counts();
    let body = json!({"allOrNone": true, "compositeRequest": account_and_contact("")});
    let answer = post(&mock, "composite", body).await;
    assert_eq!(statuses(&answer), [400, 400, 400, 400], "{answer}");
    let halted = json!([{
        "message": "The transaction was rolled back since another operation in the same transaction failed.",
        "errorCode": "PROCESSING_HALTED",
    }]);
    let body = |place: usize| &answer["compositeResponse"][place]["body"];
    assert_eq!((body(0), body(2), body(3)), (&halted, &halted, &halted));
    assert_eq!(body(1)[0]["errorCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!((counts(), mock.ledger().writes().count()), (before, 0));
    let good = json!({"allOrNone": true, "compositeRequest": account_and_contact("Good")});
    assert_eq!(statuses(&post(&mock, "composite", good).await), [201, 201, 200, 200]);
    assert_eq!(counts(), (before.0 + 1, before.1 + 1));
}

#[tokio::test]
async fn a_record_of_a_collection_that_fails_fails_the_transaction() {
    let mock = mock().await;
    let before = mock.org(|org| org.count("Account"));
    let named = |name: &str| json!({"attributes": {"type": "Account"}, "Name": name});
    let collection = |all_or_none: bool| {
        let records = json!({"allOrNone": !all_or_none, "records": [named("One"), named("")]});
        let request = request("several", "POST", "composite/sobjects", records);
        json!({"allOrNone": all_or_none, "compositeRequest": [request]})
    };
    let undone = post(&mock, "composite", collection(true)).await;
    let item = &undone["compositeResponse"][0]["body"][0];
    assert_eq!(item["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK", "the outer switch wins");
    assert_eq!(mock.org(|org| org.count("Account")), before);
    let kept = post(&mock, "composite", collection(false)).await;
    assert_eq!(kept["compositeResponse"][0]["body"][0]["success"], true);
    assert_eq!(mock.org(|org| org.count("Account")), before + 1);
}

#[tokio::test]
async fn a_composite_counts_once_against_the_allowance() {
    let mock = mock().await;
    mock.allow_api_requests(1);
    let body = json!({"compositeRequest": account_and_contact("Once")});
    let token = access_token(&mock);
    let send = || {
        let call = call(&mock, "POST", "/services/data/v67.0/composite").token(&token);
        call.json(&body).send()
    };
    assert_eq!(statuses(&send().await.json()), [201, 201, 200, 200]);
    assert_eq!(send().await.error(), (403, "REQUEST_LIMIT_EXCEEDED".to_owned()));
}

#[tokio::test]
async fn composites_out_of_bounds_are_refused_whole() {
    let mock = mock().await;
    let read = |number: usize| request(&format!("r{number}"), "GET", "sobjects", Value::Null);
    let many: Vec<Value> = (0..26).map(read).collect();
    let answer = rest(&mock, "POST", "composite").json(&json!({"compositeRequest": many})).send().await;
    let errors = json!([{"message": "The request can\u{2019}t contain more than 25 operations.", "errorCode": "LIMIT_EXCEEDED"}]);
    let told = json!({"body": errors, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": null});
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({"compositeResponse": [told]})));
    let mut own = read(1);
    own["httpHeaders"] = json!({"Authorization": "Bearer x"});
    let answer = rest(&mock, "POST", "composite").json(&json!({"compositeRequest": [own]})).send().await;
    assert_eq!(answer.status, 400);
    assert_eq!(rest(&mock, "PUT", "composite").send().await.error(), (405, "METHOD_NOT_ALLOWED".to_owned()));
    let listed = rest(&mock, "GET", "composite").send().await.json();
    assert_eq!(listed["batch"], "/services/data/v67.0/composite/batch");
}

#[tokio::test]
async fn a_batch_takes_urls_without_their_beginning() {
    let mock = mock().await;
    let soql = encode("SELECT Id FROM Account LIMIT 1");
    let requests = json!([
        {"method": "GET", "url": "v57.0/limits"},
        {"method": "POST", "url": "v67.0/sobjects/Account", "richInput": {"Name": "Batch"}},
        {"method": "GET", "url": format!("v67.0/query?q={soql}")},
        {"method": "DELETE", "url": "v67.0/sobjects/Account/0015g00000zzzzz"},
        {"method": "GET", "url": "v67.0/nothing"},
    ]);
    let answer = post(&mock, "composite/batch", json!({"batchRequests": requests})).await;
    assert_eq!(answer["hasErrors"], true);
    let statuses: Vec<_> =
        (0..5).map(|place: usize| answer["results"][place]["statusCode"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 201, 200, 404, 404]);
    assert_eq!(answer["results"][0]["result"]["DailyApiRequests"]["Max"], 15_000);
    assert_eq!(answer["results"][2]["result"]["totalSize"], 1);
    assert_eq!(mock.ledger().creates("Account"), 1);

    let newer =
        json!({"batchRequests": [{"method": "GET", "url": "v67.0/limits"}, {"method": "GET", "url": "v33.0/limits"}]});
    let older = call(&mock, "POST", "/services/data/v62.0/composite/batch").token(&access_token(&mock));
    let answer = older.json(&newer).send().await.json();
    for result in [&answer["results"][0], &answer["results"][1]] {
        assert_eq!(result["statusCode"], 400);
        assert_eq!(result["result"][0]["errorCode"], "UNSUPPORTED_API_VERSION");
    }
    let answer = post(&mock, "composite/batch", newer).await;
    assert_eq!(answer["results"][0]["statusCode"], 200, "{answer}");

    let halting = json!({"haltOnError": true, "batchRequests": [
        {"method": "GET", "url": "v67.0/nothing"},
        {"method": "POST", "url": "v67.0/sobjects/Account", "richInput": {"Name": "Never"}},
    ]});
    let answer = post(&mock, "composite/batch", halting).await;
    assert_eq!(answer["results"][1]["statusCode"], 412);
    assert_eq!(answer["results"][1]["result"][0]["errorCode"], "BATCH_PROCESSING_HALTED");
    assert_eq!(mock.ledger().creates("Account"), 1);
}

#[tokio::test]
async fn each_graph_is_all_or_none() {
    let mock = mock().await;
    let graph = |id: &str, last_name: &str| {
        json!({"graphId": id, "compositeRequest": [
            request("account", "POST", "sobjects/Account", json!({"Name": id})),
            request("contact", "POST", "sobjects/Contact", json!({"LastName": last_name, "AccountId": "@{account.id}"})),
        ]})
    };
    let (accounts, contacts) = mock.org(|org| (org.count("Account"), org.count("Contact")));
    let answer = post(&mock, "composite/graph", json!({"graphs": [graph("bad", ""), graph("good", "x")]})).await;
    let [bad, good] = answer["graphs"].as_array().unwrap().as_slice() else { panic!("two graphs") };
    assert_eq!((&bad["graphId"], &bad["isSuccessful"]), (&json!("bad"), &json!(false)));
    assert_eq!((&good["graphId"], &good["isSuccessful"]), (&json!("good"), &json!(true)));
    assert_eq!((statuses(&bad["graphResponse"]), statuses(&good["graphResponse"])), (vec![400, 400], vec![201, 201]));
    assert_eq!(mock.org(|org| (org.count("Account"), org.count("Contact"))), (accounts + 1, contacts + 1));
    assert_eq!(mock.ledger().writes().count(), 2);

    let failing: Vec<Value> = (0..16).map(|number| graph(&format!("g{number}"), "")).collect();
    let answer = post(&mock, "composite/graph", json!({"graphs": failing})).await;
    let code = |place: usize, node: usize| {
        let node = &answer["graphs"][place]["graphResponse"]["compositeResponse"][node];
        node["body"][0]["errorCode"].as_str().unwrap()
    };
    assert_eq!((code(13, 1), code(14, 1)), ("REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"));

    let many: Vec<Value> = (0..76).map(|number| graph(&format!("g{number}"), "x")).collect();
    let refused = rest(&mock, "POST", "composite/graph").json(&json!({"graphs": many})).send().await;
    assert_eq!(refused.error(), (400, "LIMIT_EXCEEDED".to_owned()));
    let query =
        json!({"graphs": [{"graphId": "q", "compositeRequest": [request("q", "GET", "query?q=x", Value::Null)]}]});
    let answer = post(&mock, "composite/graph", query).await;
    assert_eq!(statuses(&answer["graphs"][0]["graphResponse"]), [404]);
}

fn tree(email: &str) -> Value {
    json!({"records": [
        {"attributes": {"type": "Account", "referenceId": "a1"}, "Name": "Parent", "Contacts": {"records": [
            {"attributes": {"type": "Contact", "referenceId": "c1"}, "LastName": "One", "Email": email},
            {"attributes": {"type": "Contact", "referenceId": "c2"}, "LastName": "Two"},
        ]}},
        {"attributes": {"type": "Account", "referenceId": "a2"}, "Name": "Alone"},
    ]})
}

#[tokio::test]
async fn a_tree_is_made_whole_or_not_at_all() {
    let mock = mock().await;
    let send = async |body: Value| rest(&mock, "POST", "composite/tree/Account").json(&body).send().await;
    let made = send(tree("one@example.net")).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let results = made["results"].as_array().unwrap();
    let references: Vec<&str> = results.iter().map(|result| result["referenceId"].as_str().unwrap()).collect();
    assert_eq!((&made["hasErrors"], references), (&json!(false), vec!["a1", "c1", "c2", "a2"]));
    let parent = results[0]["id"].as_str().unwrap();
    let contacts =
        query(&mock, &format!("SELECT LastName FROM Contact WHERE AccountId = '{parent}' ORDER BY LastName")).await;
    assert_eq!((&contacts["totalSize"], &contacts["records"][1]["LastName"]), (&json!(2), &json!("Two")));

    let before = mock.org(|org| org.count("Account"));
    let failed = send(tree("nobody")).await;
    assert_eq!(failed.status, 400);
    let told = json!({"hasErrors": true, "results": [{"referenceId": "c1", "errors": [{
        "statusCode": "INVALID_EMAIL_ADDRESS", "message": "Email: invalid email address: nobody", "fields": ["Email"],
    }]}]});
    assert_eq!(failed.json(), told);
    assert_eq!(mock.org(|org| org.count("Account")), before);
    assert_eq!(mock.ledger().writes().count(), 4);
}

#[tokio::test]
async fn a_tree_out_of_bounds_is_refused() {
    let mock = mock().await;
    let record = |reference: usize| json!({"attributes": {"type": "Account", "referenceId": reference.to_string()}, "Name": "x"});
    let many: Vec<Value> = (0..201).map(record).collect();
    for (records, message) in [
        (json!(many), "a tree has at most 200 records in 5 levels"),
        (json!([record(1), record(1)]), "Duplicate ReferenceId provided in the request."),
        (json!([{"attributes": {"type": "Account"}}]), "Include a reference ID for each record in the request."),
    ] {
        let answer = rest(&mock, "POST", "composite/tree/Account").json(&json!({"records": records})).send().await;
        assert_eq!(answer.status, 400);
        let error = &answer.json()["results"][0]["errors"][0];
        assert_eq!((&error["statusCode"], &error["message"]), (&json!("INVALID_INPUT"), &json!(message)));
    }
    assert_eq!(mock.ledger().writes().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_undoes_nothing_of_others() {
    let mock = mock().await;
    let before = mock.org(|org| org.count("Account"));
    let failing = json!({"allOrNone": true, "compositeRequest": account_and_contact("")});
    let calls = (0..20).flat_map(|number| {
        let create = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": format!("Kept {number}")}));
        [rest(&mock, "POST", "composite").json(&failing), create]
    });
    let calls: Vec<_> = calls.map(|call| tokio::spawn(call.send())).collect();
    let mut made = 0;
    for call in calls {
        made += usize::from(call.await.unwrap().status == 201);
    }
    assert_eq!((made, mock.org(|org| org.count("Account"))), (20, before + 20));
    assert_eq!(mock.ledger().writes().count(), 20);
}

/// Only here can a query have the 100,000 characters that SOQL allows.
#[tokio::test]
async fn a_query_may_be_longer_than_a_uri() {
    let mock = mock().await;
    let soql = format!("SELECT Id FROM Account WHERE Name = '{}' OR ERP_Id__c = 'ERP-000007'", "x".repeat(90_000));
    let url = format!("/services/data/v67.0/query?q={}", encode(&soql));
    let body = json!({"compositeRequest": [{"method": "GET", "url": url, "referenceId": "long"}]});
    let answer = rest(&mock, "POST", "composite").json(&body).send().await.json();
    assert_eq!(answer["compositeResponse"][0]["body"]["totalSize"], 1);
}
