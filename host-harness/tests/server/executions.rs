//! Actions run, and the log says how they ended.

use std::time::Duration;

use mock_salesforce::{Fault, Matcher};
use salesforce_server::Server;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::{Client, Reply};
use crate::fixture::{ACCOUNTS_PATH, Connected, QUERY_PATH, options, until};

#[tokio::test]
async fn every_action_runs_and_is_told_again() {
    let connected = Connected::start().await;
    let created = connected.tenant.execute(&connected.create_account("One")).await.ended("succeeded");
    let id = created["result"]["id"].as_str().unwrap();
    assert_eq!(created["result"]["created"], true);
    assert_eq!((&created["outcome"], &created["error_kind"]), (&Value::Null, &Value::Null));

    let update = json!({"object": "Account", "target": {"update": id}, "fields": {"Name": "Two"}});
    let update = connected.action("create-or-update-record", update);
    assert_eq!(connected.tenant.execute(&update).await.ended("succeeded")["result"]["created"], false);

    let read = json!({"object": "Account", "key": {"id": id}, "fields": ["Name", "Owner.Name"]});
    let read = connected.tenant.execute(&connected.action("get-record-field-values", read)).await.ended("succeeded");
    assert_eq!(read["result"]["values"]["Name"], "Two");
    assert_eq!(read["records"], 1);

    let query =
        json!({"query": {"soql": "SELECT Name FROM Account WHERE Name = :name", "parameters": {"name": "Two"}}});
    let query = connected.tenant.execute(&connected.action("soql-query", query)).await.ended("succeeded");
    assert_eq!((&query["result"]["count"], &query["records"]), (&json!(1), &json!(1)));

    let pages = json!({"query": {"soql": "SELECT Id FROM Account", "batch_size": 2000}});
    let first = connected.tenant.execute(&connected.action("soql-query", pages)).await.ended("succeeded");
    let next = connected.action("next-page", json!({"cursor": first["result"]["next"]}));
    let last = connected.tenant.execute(&next).await.ended("succeeded");
    assert_eq!((&last["result"]["next"], &last["result"]["total_size"]), (&Value::Null, &json!(2087)));

    for execution in [created, read, query, last] {
        let path = format!("/v1/executions/{}", execution["id"].as_str().unwrap());
        assert_eq!(connected.tenant.get(&path).await.json(200), execution);
    }
}

#[tokio::test]
async fn an_error_of_salesforce_is_the_result_of_the_execution() {
    let connected = Connected::start().await;
    let failed = connected.tenant.execute(&connected.query("SELECT Nothing__c FROM Account")).await.ended("failed");
    assert_eq!(failed["outcome"], "rejected");
    assert_eq!(failed["error"]["problems"][0]["code"], "INVALID_FIELD", "{failed}");
    assert_eq!(failed["error_kind"], failed["error"]["kind"]);
    assert_eq!(failed.get("result"), None);
}

#[tokio::test]
async fn an_argument_that_the_component_refuses_is_named_by_its_place_in_the_input() {
    let connected = Connected::start().await;
    let sent = connected.mock.ledger().entries().count();
    let query = |query: Value| json!({ "query": query });
    let save = |target: Value, save: Value| json!({"object": "Account", "target": target, "fields": {}, "save": save});
    for (action, input, words) in [
        (
            "soql-query",
            query(json!({"soql": "S", "batch_size": 5})),
            "query.batch_size: expected 200 to 2,000 records a page",
        ),
        ("explain", query(json!({"soql": "S", "max_records": 0})), "query.max_records: expected at least 1"),
        ("soql-query", query(json!({"soql": "S :n"})), "query.soql: the placeholder :n has no parameter"),
        (
            "soql-query",
            query(json!({"soql": "SELECT Id FROM Account LIMIT :n", "parameters": {"n": 1.0}})),
            "query.parameters.n: expected an integer of 0 or more, such as 10 (not 10.0, and no text), after LIMIT, \
             OFFSET and LAST_N_DAYS:",
        ),
        ("next-page", json!({"cursor": "x"}), "cursor: expected a cursor"),
        ("delete-record", json!({"object": "Account", "key": {"id": "001"}}), "key.id: expected a record Id"),
        (
            "get-record-field-values",
            json!({"object": "Account", "key": {"external_id": {"field": "a b", "value": "v"}}, "fields": ["Name"]}),
            "key.external_id.field: expected the API name",
        ),
        ("create-or-update-record", save(json!({"update": "001"}), json!({})), "target.update: expected a record Id"),
        (
            "create-or-update-record",
            save(json!({"upsert": {"external_id": {"field": "F", "value": ".."}}}), json!({})),
            "target.upsert.external_id.value: expected 1 to 255",
        ),
        (
            "create-or-update-record",
            save(json!("create"), json!({"assignment_rule": {"rule": "01Q"}})),
            "save.assignment_rule.rule: expected a record Id",
        ),
        (
            "create-or-update-record",
            save(json!("create"), json!({"if_unmodified_since": "now"})),
            "save.if_unmodified_since: expected none for a create",
        ),
    ] {
        let failed = connected.tenant.execute(&connected.action(action, input)).await.ended("failed");
        assert_eq!((&failed["error_kind"], &failed["outcome"]), (&json!("invalid-argument"), &json!("not-sent")));
        let message = failed["error"]["message"].as_str().unwrap();
        assert!(message.starts_with(words), "{message}, and not: {words}");
    }
    assert_eq!(connected.mock.ledger().entries().count(), sent);
}

#[tokio::test]
async fn a_query_is_explained_as_it_is_run() {
    let connected = Connected::start().await;
    let query = json!({"query": {"soql": "SELECT Id FROM Account WHERE Name = :n", "parameters": {"n": "Acme"},
        "include_deleted": true, "batch_size": 200, "max_records": 7}});
    let plans = connected.tenant.execute(&connected.action("explain", query)).await.ended("succeeded");
    assert!(plans["result"][0]["relativeCost"].is_number(), "{plans}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_a_problem_and_not_an_execution() {
    let connected = Connected::start().await;
    let sent = connected.mock.ledger().entries().count();
    for (body, words) in [
        (connected.action("soql-query", json!({})), "query"),
        (connected.action("soql-query", json!({"query": {}})), "query: missing field `soql`"),
        (
            connected.action("soql-query", json!({"query": {"soql": "SELECT Id FROM Account", "paramters": {}}})),
            "query.paramters",
        ),
        (connected.action("next-page", json!({"cursor": 1})), "next-page"),
        (connected.action("merge-records", json!({})), "expected one of soql-query, next-page"),
        (json!({"action": "soql-query", "input": {"query": {"soql": "x"}}}), "connection"),
        (json!({"connection": connected.connection, "action": "soql-query"}), "input"),
    ] {
        let detail = connected.tenant.execute(&body).await.problem(400, "invalid-request");
        assert!(detail.contains(words), "{words}: {detail}");
    }
    let mut body = connected.count();
    body["connection"] = json!("00000000-0000-7000-8000-000000000000");
    connected.tenant.execute(&body).await.problem(404, "not-found");
    assert_eq!(connected.mock.ledger().entries().count(), sent);
    assert_eq!(connected.tenant.get("/v1/executions").await.json(200)["items"], json!([]));
}

#[tokio::test]
async fn numbers_keep_every_digit_in_both_directions() {
    let connected = Connected::start().await;
    let fields = r#"{"Name":"Digits","AnnualRevenue":9007199254740993}"#;
    let body = format!(
        r#"{{"connection":"{}","action":"create-or-update-record","input":{{"object":"Account","target":"create","fields":{fields}}}}}"#,
        connected.connection
    );
    let headers = [("content-type", "application/json")];
    let created = connected.tenant.send(http::Method::POST, "/v1/executions", &headers, body.into()).await;
    let id = created.ended("succeeded")["result"]["id"].as_str().unwrap().to_owned();
    let ledger = connected.mock.ledger();
    let sent = ledger.entries().find(|entry| entry.path == ACCOUNTS_PATH).unwrap();
    assert_eq!(sent.body.as_deref(), Some(fields));
    let read = connected.action(
        "get-record-field-values",
        json!({"object": "Account", "key": {"id": id}, "fields": ["AnnualRevenue"]}),
    );
    let read = connected.tenant.execute(&read).await;
    assert!(read.text().contains(r#""AnnualRevenue":9007199254740993"#), "{read:?}");
}

#[tokio::test]
async fn the_log_is_read_in_pieces_and_by_state_and_connection() {
    let connected = Connected::start().await;
    let other = connected.connect(&connected.tenant, "other").await;
    for _ in 0..3 {
        connected.tenant.execute(&connected.count()).await.ended("succeeded");
    }
    connected.tenant.execute(&connected.query("SELECT")).await.ended("failed");
    let mut elsewhere = connected.count();
    elsewhere["connection"] = json!(other);
    connected.tenant.execute(&elsewhere).await.ended("succeeded");

    let items = async |query: &str| {
        let list = connected.tenant.get(&format!("/v1/executions?{query}")).await.json(200);
        (list["items"].as_array().unwrap().clone(), list["next"].as_str().map(str::to_owned))
    };
    let (all, next) = items("limit=200").await;
    assert_eq!((all.len(), next), (5, None));
    assert!(all.windows(2).all(|pair| pair[0]["id"].as_str() > pair[1]["id"].as_str()), "not newest first");
    assert!(all.iter().all(|item| item.get("result").is_none() && item.get("error").is_none()));
    let (first, next) = items("limit=2").await;
    let (second, next) = items(&format!("limit=2&after={}", next.unwrap())).await;
    let (third, last) = items(&format!("limit=2&after={}", next.unwrap())).await;
    assert_eq!(([first, second, third].concat(), last), (all, None));
    assert_eq!(items("state=failed").await.0.len(), 1);
    assert_eq!(items(&format!("connection={other}")).await.0.len(), 1);
    assert_eq!(items(&format!("state=failed&connection={other}")).await.0.len(), 0);
    let detail = connected.tenant.get("/v1/executions?state=done").await.problem(400, "invalid-request");
    assert!(detail.contains("succeeded"), "{detail}");

    for (query, found) in [
        ("error_kind=any", 1),
        ("error_kind=invalid-query", 1),
        ("error_kind=forbidden", 0),
        ("action=soql-query", 5),
        ("action=soql-query&error_kind=any&limit=1", 1),
        ("action=nothing-has-it", 0),
        ("from=2020-01-01T00:00:00Z", 5),
        ("from=2020-01-01T00:00:00%2B01:00&to=2100-01-01T00:00:00Z", 5),
        ("to=2020-01-01T00:00:00Z", 0),
    ] {
        assert_eq!(items(query).await.0.len(), found, "{query}");
    }
    // A filtered list is read in pieces too.
    let filter = "action=soql-query&from=2020-01-01T00:00:00Z&limit=3";
    let (first, next) = items(filter).await;
    let (second, last) = items(&format!("{filter}&after={}", next.unwrap())).await;
    assert_eq!((first.len(), second.len(), last), (3, 2, None));
    for (query, word) in
        [("from=yesterday", "from: expected"), ("to=2026-11-24T09:30", "to: expected"), ("error_kind=", "error_kind")]
    {
        let detail = connected.tenant.get(&format!("/v1/executions?{query}")).await.problem(400, "invalid-request");
        assert!(detail.contains(word), "{query}: {detail}");
    }

    let stranger = connected.new_tenant("stranger", &json!({})).await;
    assert_eq!(stranger.get("/v1/executions").await.json(200)["items"], json!([]));
    let path = format!("/v1/executions/{}", latest_id(&connected).await);
    stranger.get(&path).await.problem(404, "not-found");
    stranger.post(&format!("{path}/cancel")).await.problem(404, "not-found");
}

async fn latest_id(connected: &Connected) -> String {
    let list = connected.tenant.get("/v1/executions?limit=1").await.json(200);
    list["items"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_tenant_that_is_too_fast_is_told_when_to_come_back() {
    let connected = Connected::start().await;
    let slow = connected.new_tenant("slow", &json!({"executions_a_minute": 1})).await;
    let connection = connected.connect(&slow, "org").await;
    let mut body = connected.count();
    body["connection"] = json!(connection);
    slow.execute(&body).await.ended("succeeded");
    let refused = slow.execute(&body).await;
    refused.problem(429, "rate-limited");
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&seconds), "{seconds}");
    // Others are not held up.
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    let metrics = connected.tenant.get("/metrics").await;
    assert!(metrics.text().contains(r#"harness_executions_refused_total{reason="rate-limited"} 1"#), "{metrics:?}");
}

#[tokio::test]
async fn a_tenant_runs_its_number_at_once_and_as_many_wait() {
    let connected = Connected::start().await;
    let narrow = connected.new_tenant("narrow", &json!({"executions_at_once": 1})).await;
    let connection = connected.connect(&narrow, "org").await;
    let mut body = connected.count();
    body["connection"] = json!(connection);
    connected.mock.push_fault(Matcher::path(QUERY_PATH), Fault::Hang);
    let mut running = JoinSet::new();
    let execute = |running: &mut JoinSet<Reply>| {
        let (client, body) = (narrow.clone(), body.clone());
        running.spawn(async move { client.execute(&body).await });
    };
    execute(&mut running);
    until(async || connected.mock.faults_waiting() == 0).await;
    // One of them waits for the place, the other is sent away.
    execute(&mut running);
    execute(&mut running);
    running.join_next().await.unwrap().unwrap().problem(429, "rate-limited");
    let log = narrow.get("/v1/executions?state=running").await.json(200);
    assert_eq!(log["items"].as_array().unwrap().len(), 1, "{log}");
    let cancel = format!("/v1/executions/{}/cancel", log["items"][0]["id"].as_str().unwrap());
    assert_eq!(narrow.post(&cancel).await.status, 202);
    let mut states: Vec<Value> =
        running.join_all().await.iter().map(|reply| reply.json(200)["state"].clone()).collect();
    states.sort_by_key(Value::to_string);
    assert_eq!(states, ["cancelled", "succeeded"]);
}

#[tokio::test]
async fn a_write_that_is_cancelled_while_it_is_sent_is_unknown() {
    let connected = Connected::start().await;
    connected.mock.push_fault(Matcher::path(ACCOUNTS_PATH), Fault::HangAfterWork);
    let (client, body) = (connected.tenant.clone(), connected.create_account("Cancelled"));
    let running = tokio::spawn(async move { client.execute(&body).await });
    until(async || connected.mock.ledger().creates("Account") == 1).await;
    let id = latest_id(&connected).await;
    assert_eq!(connected.tenant.post(&format!("/v1/executions/{id}/cancel")).await.status, 202);
    let ended = running.await.unwrap().ended("unknown");
    assert_eq!((&ended["outcome"], &ended["error_kind"]), (&json!("unknown"), &json!("cancelled")));
    connected.tenant.post(&format!("/v1/executions/{id}/cancel")).await.problem(404, "not-found");
}

#[tokio::test]
async fn an_execution_ends_with_its_deadline() {
    let connected = Connected::start().await;
    connected.mock.push_fault(Matcher::path(QUERY_PATH), Fault::Hang);
    let mut body = connected.count();
    body["options"] = json!({"deadline_ms": 300});
    let own = connected.tenant.execute(&body).await.ended("failed");
    assert_eq!(own["error_kind"], "timeout", "{own}");

    let hasty = connected.new_tenant("hasty", &json!({"seconds": 1})).await;
    body["connection"] = json!(connected.connect(&hasty, "org").await);
    body.as_object_mut().unwrap().shift_remove("options");
    connected.mock.push_fault(Matcher::path(QUERY_PATH), Fault::Hang);
    let limit = hasty.execute(&body).await.ended("failed");
    assert_eq!(limit["error_kind"], "host-deadline-exceeded", "{limit}");
}

#[tokio::test]
async fn results_survive_a_restart() {
    let connected = Connected::start().await;
    let ended = connected.tenant.execute_once("kept", &connected.create_account("Kept")).await.ended("succeeded");
    let (body, token) = (connected.create_account("Kept"), connected.tenant_token());
    let Connected { fixture, .. } = connected;
    fixture.server.stop(Duration::from_secs(30)).await;
    let server = Server::start(options(fixture.data.path())).await.unwrap();
    assert_eq!(server.first_start(), None);
    let client = Client::new(server.url(), Some(&token));
    let path = format!("/v1/executions/{}", ended["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.json(200), ended);
    let again = client.execute_once("kept", &body).await;
    assert_eq!((again.header("idempotency-replayed"), again.ended("succeeded")), (Some("true"), ended));
    assert_eq!(fixture.mock.ledger().creates("Account"), 1);
}
