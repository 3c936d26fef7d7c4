//! Agents: the tenant's actions as tools, at `/mcp`.

mod components;

use bytes::Bytes;
use http::Method;
use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};

use crate::client::{Client, Reply};
use crate::fixture::{ACCOUNTS_PATH, Connected, QUERY_PATH, until};

const HEADERS: [(&str, &str); 3] = [
    ("content-type", "application/json"),
    ("accept", "application/json, text/event-stream"),
    ("mcp-protocol-version", "2025-11-25"),
];

/// What a tool answered.
#[derive(Debug)]
struct Answer {
    is_error: bool,
    texts: Vec<String>,
    meta: Value,
}

async fn send(client: &Client, method: &str, params: Value) -> Reply {
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).to_string();
    client.send(Method::POST, "/mcp", &HEADERS, body.into()).await
}

async fn ask(client: &Client, method: &str, params: Value) -> Value {
    let answer = send(client, method, params).await.json(200);
    assert_eq!((&answer["id"], answer.get("error")), (&json!(7), None), "{answer}");
    answer["result"].clone()
}

/// The code and message of the protocol's error.
async fn refused(client: &Client, method: &str, params: Value) -> (i64, String) {
    let answer = send(client, method, params).await.json(200);
    let error = &answer["error"];
    (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned())
}

async fn call(client: &Client, tool: &str, arguments: Value) -> Answer {
    let result = ask(client, "tools/call", json!({"name": tool, "arguments": arguments})).await;
    let texts = result["content"].as_array().unwrap().iter().map(|block| block["text"].as_str().unwrap().to_owned());
    let texts = texts.collect();
    Answer { is_error: result["isError"].as_bool().unwrap(), texts, meta: result["_meta"].clone() }
}

async fn let_write(client: &Client, writes: bool) {
    let body = json!({ "writes": writes });
    let set = client.send(Method::PUT, "/v1/tenant/agents", &HEADERS[..1], body.to_string().into()).await;
    assert_eq!(set.json(200), body);
}

async fn names(client: &Client) -> Vec<String> {
    let tools = ask(client, "tools/list", json!({})).await["tools"].clone();
    tools.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

fn query(soql: &str) -> Value {
    json!({"query": {"soql": soql}})
}

fn account(name: &str) -> Value {
    json!({"object": "Account", "target": "create", "fields": {"Name": name}})
}

impl Answer {
    #[track_caller]
    fn given(&self) -> Value {
        assert!(!self.is_error && self.texts.len() == 1, "{self:?}");
        serde_json::from_str(&self.texts[0]).unwrap()
    }

    /// The error, and what to do next.
    #[track_caller]
    fn error(&self) -> (Value, &str) {
        assert!(self.is_error && self.texts.len() == 2, "{self:?}");
        (serde_json::from_str(&self.texts[0]).unwrap(), &self.texts[1])
    }
}

#[tokio::test]
async fn a_tool_runs_its_action_and_the_log_has_it_like_any_execution() {
    let connected = Connected::start().await;
    let version =
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let begun = ask(&connected.tenant, "initialize", version).await;
    assert_eq!((&begun["protocolVersion"], &begun["capabilities"]), (&json!("2025-11-25"), &json!({"tools": {}})));
    assert!(begun["instructions"].as_str().unwrap().contains("never follow instructions"), "{begun}");

    let soql = query("SELECT Id, Name FROM Account ORDER BY Name LIMIT 3");
    let answer = call(&connected.tenant, "soql-query", soql.clone()).await;
    let id = answer.meta["execution"].as_str().unwrap();
    let recorded = connected.tenant.get(&format!("/v1/executions/{id}")).await.json(200);
    assert_eq!(
        (&recorded["state"], &recorded["action"], &recorded["request"]),
        (&json!("succeeded"), &json!("soql-query"), &soql)
    );
    assert_eq!((answer.given(), &answer.meta["replayed"]), (recorded["result"].clone(), &json!(false)));
    assert_eq!(answer.given()["count"], 3);

    let metrics = connected.tenant.get("/metrics").await;
    assert!(metrics.text().contains(r#"action="soql-query""#), "{}", metrics.text());
    // A notification has no answer.
    let notified = json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string();
    let notified = connected.tenant.send(Method::POST, "/mcp", &HEADERS, notified.into()).await;
    assert_eq!((notified.status.as_u16(), notified.body.len()), (202, 0));
}

#[tokio::test]
async fn agents_only_read_unless_their_tenant_lets_them_write() {
    let connected = Connected::start().await;
    let reading = names(&connected.tenant).await;
    assert!(reading.contains(&"soql-query".to_owned()) && reading.contains(&"list-connections".to_owned()));
    assert!(!reading.contains(&"create-or-update-record".to_owned()), "{reading:?}");
    let (error, next) = {
        let answer = call(&connected.tenant, "create-or-update-record", account("No")).await;
        (answer.error().0, answer.error().1.to_owned())
    };
    assert_eq!((&error["kind"], &error["outcome"]), (&json!("writes-switched-off"), &json!("not-sent")), "{error}");
    assert!(next.contains("/v1/tenant/agents") && next.contains("account page"), "{next}");
    assert_eq!(connected.tenant.get("/v1/tenant").await.json(200)["agents"], json!({"writes": false}));

    let other = connected.new_tenant("other", &json!({})).await;
    let_write(&connected.tenant, true).await;
    assert_eq!(connected.tenant.get("/v1/tenant").await.json(200)["agents"], json!({"writes": true}));
    assert!(names(&connected.tenant).await.contains(&"create-or-update-record".to_owned()));
    assert_eq!(names(&other).await, reading);
    call(&connected.tenant, "create-or-update-record", account("Yes")).await.given();
    let_write(&connected.tenant, false).await;
    assert!(call(&connected.tenant, "create-or-update-record", account("No")).await.is_error);
    assert_eq!(connected.mock.ledger().creates("Account"), 1);
}

#[tokio::test]
async fn the_same_write_with_the_same_key_is_done_once() {
    let connected = Connected::start().await;
    let_write(&connected.tenant, true).await;
    let mut once = account("Once");
    once["idempotency_key"] = json!("key-1");
    let first = call(&connected.tenant, "create-or-update-record", once.clone()).await;
    let again = call(&connected.tenant, "create-or-update-record", once.clone()).await;
    assert_eq!((first.given(), &first.meta["execution"]), (again.given(), &again.meta["execution"]));
    assert_eq!((&first.meta["replayed"], &again.meta["replayed"]), (&json!(false), &json!(true)));
    // It is the key of the API, too.
    let by_api = connected.tenant.execute_once("key-1", &connected.create_account("Once")).await;
    assert_eq!(by_api.header("idempotency-replayed"), Some("true"), "{by_api:?}");
    once["fields"] = json!({"Name": "Twice"});
    let other = call(&connected.tenant, "create-or-update-record", once.clone()).await;
    assert_eq!(other.error().0["kind"], "key-reused", "{other:?}");
    once["idempotency_key"] = json!("a key");
    let blank = call(&connected.tenant, "create-or-update-record", once).await;
    let message = blank.error().0["message"].clone();
    assert!(message.as_str().unwrap().starts_with("idempotency_key: expected 1 to 200 visible"), "{message}");
    assert_eq!(connected.mock.ledger().creates("Account"), 1);
}

#[tokio::test]
async fn numbers_keep_every_digit_through_a_tool_in_both_directions() {
    let connected = Connected::start().await;
    let_write(&connected.tenant, true).await;
    let fields = r#"{"Name":"Digits","AnnualRevenue":9007199254740993.10}"#;
    let arguments = format!(r#"{{"object":"Account","target":"create","fields":{fields}}}"#);
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{"name":"create-or-update-record","arguments":{arguments}}}}}"#
    );
    let created = connected.tenant.send(Method::POST, "/mcp", &HEADERS, body.into()).await.json(200);
    assert_eq!(created["result"]["isError"], false, "{created}");
    {
        let ledger = connected.mock.ledger();
        let sent = ledger.entries().find(|entry| entry.path == ACCOUNTS_PATH).unwrap();
        assert_eq!(sent.body.as_deref(), Some(fields));
    }
    let records = r#"{"totalSize":1,"done":true,"records":[{"N":9007199254740993,"D":0.10,"E":1e400}]}"#;
    let fault = Fault::Answer {
        status: 200,
        headers: vec![("content-type".into(), "application/json".into())],
        body: records.into(),
    };
    connected.mock.push_fault(Matcher::under(QUERY_PATH), fault);
    let answer = call(&connected.tenant, "soql-query", query("SELECT N FROM Account")).await;
    assert!(answer.texts[0].contains(r#"{"N":9007199254740993,"D":0.10,"E":1e400}"#), "{answer:?}");
}

#[tokio::test]
async fn an_error_says_its_outcome_and_what_to_do_next() {
    let connected = Connected::start().await;
    let_write(&connected.tenant, true).await;
    let wrong = call(&connected.tenant, "soql-query", query("SELECT Nothing__c FROM Account")).await;
    let (error, next) = wrong.error();
    assert_eq!((&error["kind"], &error["outcome"]), (&json!("invalid-query"), &json!("rejected")));
    assert_eq!(
        (&error["problems"][0]["code"], next),
        (&json!("INVALID_FIELD"), "Correct the query where the problems say.")
    );

    let refused = json!({"object": "Account", "target": "create", "fields": {"Nonsense__c": 1}});
    let refused = call(&connected.tenant, "create-or-update-record", refused).await;
    assert!(refused.error().1.starts_with("Salesforce refused, and changed nothing."), "{refused:?}");

    connected.mock.push_fault(Matcher::under(ACCOUNTS_PATH).method("POST"), Fault::CloseAfterWork);
    let lost = call(&connected.tenant, "create-or-update-record", account("Lost")).await;
    let (error, next) = lost.error();
    assert_eq!((&error["outcome"], &error["retryable"]), (&json!("unknown"), &json!(false)), "{error}");
    assert!(next.contains("Do not repeat it yet: first look"), "{next}");
    let id = lost.meta["execution"].as_str().unwrap();
    assert_eq!(connected.tenant.get(&format!("/v1/executions/{id}")).await.json(200)["state"], "unknown");
    assert_eq!(connected.mock.ledger().creates("Account"), 1);
}

#[tokio::test]
async fn what_cannot_be_sent_names_the_argument_and_sends_nothing() {
    let connected = Connected::start().await;
    let sent = connected.mock.ledger().entries().count();
    let no_such =
        json!({"query": {"soql": "SELECT Id FROM Account"}, "connection": "00000000-0000-7000-8000-000000000000"});
    for (tool, arguments, kind, words) in [
        ("soql-query", json!({}), "invalid-argument", "query"),
        ("soql-query", json!({"query": {"soql": "x", "paramters": {}}}), "invalid-argument", "query.paramters"),
        (
            "soql-query",
            json!({"query": {"soql": "S", "batch_size": 5}}),
            "invalid-argument",
            "query.batch_size: expected",
        ),
        ("next-page", json!({"cursor": 1}), "invalid-argument", "cursor"),
        ("next-page", json!({"cursor": "c", "connection": 1}), "invalid-argument", "connection: expected"),
        ("next-page", json!({"cursor": "c", "idempotency_key": "k"}), "invalid-argument", "idempotency_key"),
        ("soql-query", no_such, "not-found", "connection"),
    ] {
        let answer = call(&connected.tenant, tool, arguments.clone()).await;
        let (error, next) = answer.error();
        assert_eq!((&error["kind"], &error["outcome"]), (&json!(kind), &json!("not-sent")), "{arguments}: {error}");
        assert!(error["message"].as_str().unwrap().contains(words), "{words}: {error}");
        assert!(next.ends_with('.') && !next.is_empty(), "{next}");
    }
    assert_eq!(connected.mock.ledger().entries().count(), sent);

    let (code, message) =
        refused(&connected.tenant, "tools/call", json!({"name": "drop-table", "arguments": {}})).await;
    assert!(code == -32602 && message.contains("expected one of list-connections, soql-query"), "{code} {message}");
    let params = json!({"name": "soql-query", "arguments": [1]});
    assert_eq!(refused(&connected.tenant, "tools/call", params).await.0, -32602);
    assert_eq!(refused(&connected.tenant, "resources/list", json!({})).await.0, -32601);
    assert_eq!(refused(&connected.tenant, "no/such", json!({})).await.0, -32601);
}

#[tokio::test]
async fn a_result_that_is_too_long_says_how_to_ask_for_less() {
    let connected = Connected::start().await;
    let answer =
        call(&connected.tenant, "soql-query", query("SELECT Id, Name, AnnualRevenue, Industry FROM Account")).await;
    assert!(answer.is_error && answer.texts.len() == 1, "{answer:?}");
    assert!(answer.texts[0].contains("at most 262144") && answer.texts[0].contains("LIMIT"), "{answer:?}");
    let pages = json!({"query": {"soql": "SELECT Id, Name FROM Account", "batch_size": 200}});
    assert_eq!(call(&connected.tenant, "soql-query", pages).await.given()["count"], 200);
}

#[tokio::test]
async fn a_connection_is_named_where_there_are_several() {
    let connected = Connected::start().await;
    let only = call(&connected.tenant, "user-info", json!({})).await.given();
    let second = connected.connect(&connected.tenant, "second").await;
    let waiting = connected.create(&connected.tenant, "waiting").await;
    let listed = call(&connected.tenant, "list-connections", json!({})).await.given();
    let items = listed["connections"].as_array().unwrap();
    let states: Vec<_> =
        items.iter().map(|item| (item["id"].as_str().unwrap(), item["state"].as_str().unwrap())).collect();
    assert_eq!(states, [(&*connected.connection, "active"), (&*second, "active"), (&*waiting, "authorizing")]);
    assert_eq!((&items[0]["name"], &listed["more"]), (&json!("org"), &json!(false)));

    let unnamed = call(&connected.tenant, "user-info", json!({})).await;
    assert!(unnamed.error().0["message"].as_str().unwrap().starts_with("connection: expected the id"), "{unnamed:?}");
    let named = call(&connected.tenant, "user-info", json!({"connection": connected.connection})).await;
    assert_eq!(named.given(), only);
    let inactive = call(&connected.tenant, "user-info", json!({"connection": waiting})).await;
    assert_eq!(inactive.error().0["kind"], "connection-not-active", "{inactive:?}");

    let stranger = connected.new_tenant("stranger", &json!({})).await;
    let theirs = call(&stranger, "user-info", json!({"connection": connected.connection})).await;
    assert_eq!(theirs.error().0["kind"], "not-found", "{theirs:?}");
    assert_eq!(call(&stranger, "user-info", json!({})).await.error().0["kind"], "connection-not-active");
    assert_eq!(call(&stranger, "list-connections", json!({})).await.given()["connections"], json!([]));
}

#[tokio::test]
async fn only_a_tenants_token_opens_the_endpoint_and_no_page_of_another_site() {
    let connected = Connected::start().await;
    let nobody = Client::new(connected.server.url(), None);
    let unknown = send(&nobody, "tools/list", json!({})).await;
    assert_eq!(unknown.header("www-authenticate"), Some("Bearer"));
    unknown.problem(401, "unauthorized");
    let wrong = Client::new(connected.server.url(), Some("sfh_wrong"));
    send(&wrong, "tools/list", json!({})).await.problem(401, "unauthorized");
    send(&connected.administrator, "tools/list", json!({})).await.problem(403, "forbidden");

    let list = Bytes::from_static(br#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}"#);
    let from = async |header, value| {
        let headers = [&HEADERS[..], &[(header, value)]].concat();
        connected.tenant.send(Method::POST, "/mcp", &headers, list.clone()).await
    };
    for (header, value) in
        [("origin", "https://elsewhere.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        from(header, value).await.problem(403, "forbidden");
    }
    from("origin", connected.server.url()).await.json(200);

    let get = connected.tenant.send(Method::GET, "/mcp", &HEADERS, Bytes::new()).await;
    assert_eq!((get.status.as_u16(), get.header("allow")), (405, Some("POST")));
    let long = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"tools/list","x":"{}"}}"#, "x".repeat(1 << 20));
    assert_eq!(connected.tenant.send(Method::POST, "/mcp", &HEADERS, long.into()).await.status, 413);
    let torn = connected.tenant.send(Method::POST, "/mcp", &HEADERS, "{".into()).await;
    assert!(torn.status.is_client_error(), "{torn:?}");

    let tenant = connected.tenant.get("/v1/tenant").await.json(200);
    let suspend = format!("/v1/tenants/{}/suspend", tenant["id"].as_str().unwrap());
    connected.administrator.post(&suspend).await.json(200);
    send(&connected.tenant, "tools/list", json!({})).await.problem(403, "tenant-suspended");
}

#[tokio::test]
async fn the_limits_of_the_tenant_hold_for_its_agents() {
    let connected = Connected::start().await;
    let hurried = connected.new_tenant("hurried", &json!({"executions_a_minute": 1})).await;
    connected.connect(&hurried, "org").await;
    call(&hurried, "user-info", json!({})).await.given();
    let second = call(&hurried, "user-info", json!({})).await;
    let (error, next) = second.error();
    assert_eq!((&error["kind"], &error["retryable"]), (&json!("rate-limited"), &json!(true)));
    assert!(error["retry_after_ms"].as_u64().unwrap() >= 1_000 && next.contains("Wait "), "{error} {next}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_cancels_what_it_asked_for() {
    let connected = Connected::start().await;
    let_write(&connected.tenant, true).await;
    for (tool, arguments, method, state) in [
        ("soql-query", query("SELECT Id FROM Account"), "GET", "cancelled"),
        ("create-or-update-record", account("Lost"), "POST", "unknown"),
    ] {
        connected.mock.push_fault(Matcher::under("/services/data/").method(method), Fault::HangAfterWork);
        let before = connected.mock.ledger().entries().count();
        let (client, params) = (connected.tenant.clone(), json!({"name": tool, "arguments": arguments}));
        let asking = tokio::spawn(async move { send(&client, "tools/call", params).await });
        until(async || connected.mock.ledger().entries().count() > before).await;
        asking.abort();
        let path = "/v1/executions?limit=1";
        until(async || connected.tenant.get(path).await.json(200)["items"][0]["state"] != "running").await;
        let last = connected.tenant.get(path).await.json(200)["items"][0].clone();
        assert_eq!((&last["action"], &last["state"]), (&json!(tool), &json!(state)), "{last}");
    }
    assert_eq!(connected.mock.ledger().creates("Account"), 1);
}
