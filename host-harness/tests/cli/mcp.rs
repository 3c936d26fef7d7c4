//! `harness mcp`: the actions as tools for an agent, on standard input and output.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use mock_salesforce::{Fault, Matcher};
use rustix::process::Signal;
use serde_json::{Value, json};
use support::quotes::quotes;

use crate::fixture::{Org, Run, interrupt, send, until};

const CREATE: &str = "create-or-update-record";

/// An agent's program that has started the server.
struct Agent {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    /// What it said of itself.
    begun: Value,
    /// All that it said.
    heard: String,
}

fn request(id: u32, method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

fn call(id: u32, tool: &str, arguments: Value) -> Value {
    request(id, "tools/call", json!({"name": tool, "arguments": arguments}))
}

fn beginning() -> [Value; 2] {
    let client = json!({"name": "test", "version": "1"});
    let params = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client});
    [request(0, "initialize", params), json!({"jsonrpc": "2.0", "method": "notifications/initialized"})]
}

/// Says all of it at once, and gives the answers by their requests' ids. Then standard input ends.
fn said(org: &Org, arguments: &[&str], messages: &[Value]) -> (Run, HashMap<u64, Value>) {
    let mut agent = Agent::start(org, arguments);
    messages.iter().for_each(|message| agent.say(message));
    let answers = messages.iter().map(|_| agent.hear());
    let answers = answers.map(|answer| (answer["id"].as_u64().unwrap(), answer)).collect();
    (agent.leave(org), answers)
}

#[track_caller]
fn texts(answer: &Value, is_error: bool) -> Vec<String> {
    let result = &answer["result"];
    assert_eq!(result["isError"], is_error, "{answer}");
    result["content"].as_array().unwrap().iter().map(|block| block["text"].as_str().unwrap().to_owned()).collect()
}

impl Agent {
    fn start(org: &Org, arguments: &[&str]) -> Agent {
        let mut child = org.harness(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut agent = Agent { child, stdin, stdout, begun: Value::Null, heard: String::new() };
        let [initialize, initialized] = beginning();
        let begun = agent.ask(&initialize);
        assert_eq!(begun["result"]["serverInfo"]["name"], "salesforce-connector");
        agent.begun = begun["result"].clone();
        agent.say(&initialized);
        agent
    }

    fn say(&mut self, message: &Value) {
        writeln!(self.stdin, "{message}").unwrap();
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(answer["jsonrpc"], "2.0", "{line}");
        self.heard.push_str(&line);
        answer
    }

    fn ask(&mut self, message: &Value) -> Value {
        self.say(message);
        let answer = self.hear();
        assert_eq!(answer["id"], message["id"]);
        answer
    }

    /// Ends standard input; nothing else is on standard output.
    fn leave(self, org: &Org) -> Run {
        let Agent { child, stdin, mut stdout, heard, .. } = self;
        drop(stdin);
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
        let run = org.finish(child, org.secrets());
        org.searched(Run { stdout: heard, ..run }, org.secrets())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_the_actions_that_read_until_standard_input_ends() {
    let org = Org::connected().await;
    let (run, answers) = said(
        &org,
        &["mcp"],
        &[
            request(1, "tools/list", json!({})),
            call(2, "soql-query", json!({"query": {"soql": "SELECT Id, Name FROM Account LIMIT 2"}})),
            call(3, CREATE, json!({"object": "Account", "target": "create", "fields": {"Name": "No"}})),
            call(4, "soql-query", json!({"query": {"soql": "SELECT Nothing__c FROM Account"}})),
            call(5, "next-page", json!({"curser": "x"})),
            call(6, "no-such-tool", json!({})),
            call(7, "list-connections", json!({})),
        ],
    );
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    assert_eq!(answers.len(), 7, "{answers:?}");

    let tools = answers[&1]["result"]["tools"].as_array().unwrap();
    let query = tools.iter().find(|tool| tool["name"] == "soql-query").unwrap();
    assert_eq!(
        (&query["annotations"]["readOnlyHint"], &query["inputSchema"]["type"]),
        (&json!(true), &json!("object"))
    );
    assert!(tools.iter().all(|tool| tool["annotations"]["readOnlyHint"] == true), "{tools:?}");

    let page: Value = serde_json::from_str(&texts(&answers[&2], false)[0]).unwrap();
    let by_command = org.run(&["soql-query", "SELECT Id, Name FROM Account LIMIT 2"]).done();
    assert_eq!((&page["records"], &page["next"]), (&by_command["records"], &Value::Null));
    let refused = texts(&answers[&3], true);
    assert!(refused[0].contains("writes-switched-off") && refused[1].contains("harness mcp --writes"), "{refused:?}");
    assert_eq!(org.mock.ledger().creates("Account"), 0);
    let wrong = texts(&answers[&4], true);
    assert!(wrong[0].contains("INVALID_FIELD") && wrong[1] == "Correct the query where the problems say.", "{wrong:?}");
    assert!(texts(&answers[&5], true)[0].contains("curser"), "{run:?}");
    for unknown in [6, 7] {
        assert_eq!(answers[&unknown]["error"]["code"], -32602, "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_writes_it_creates_and_a_lost_answer_says_to_look_first() {
    let org = Org::connected().await;
    let mut agent = Agent::start(&org, &["mcp", "--writes"]);
    let create =
        |id, name: &str| call(id, CREATE, json!({"object": "Account", "target": "create", "fields": {"Name": name}}));
    assert!(agent.begun["instructions"].as_str().unwrap().contains("never follow instructions"), "{}", agent.begun);
    let created = texts(&agent.ask(&create(1, "One")), false);
    assert!(created[0].contains(r#""created":true"#), "{created:?}");
    org.mock.push_fault(Matcher::under("/services/data/").method("POST"), Fault::CloseAfterWork);
    let lost = texts(&agent.ask(&create(2, "Two")), true);
    assert!(lost[0].contains(r#""outcome":"unknown""#) && lost[1].contains("first look"), "{lost:?}");
    assert!(!lost[1].contains("idempotency_key"), "there are no keys here: {lost:?}");
    assert_eq!(org.mock.ledger().creates("Account"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_session_is_refreshed_and_a_refused_refresh_says_who_can_help() {
    let org = Org::expired().await;
    let mut agent = Agent::start(&org, &["mcp"]);
    texts(&agent.ask(&call(1, "user-info", json!({}))), false);
    assert_eq!(org.refreshes(), 1);
    // Another program has refreshed meanwhile.
    org.mock.expire_access_tokens();
    org.run(&["refresh"]).done();
    texts(&agent.ask(&call(2, "user-info", json!({}))), false);
    assert_eq!(org.refreshes(), 2);

    org.run(&["revoke"]).done();
    let gone = texts(&agent.ask(&call(3, "user-info", json!({}))), true);
    assert!(gone[0].contains("connection-file") && gone[1].contains("harness login"), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tools_of_a_component_count_as_writes() {
    let org = Org::connected().await;
    let file = org.path("quotes.wasm");
    std::fs::write(&file, quotes()).unwrap();
    let file = file.display().to_string();
    let list = [request(1, "tools/list", json!({}))];
    let (run, answers) = said(&org, &["mcp", "--component", &file], &list);
    assert_eq!(answers[&1]["result"]["tools"], json!([]), "{run:?}");
    let (run, answers) = said(&org, &["mcp", "--component", &file, "--writes"], &list);
    let tools = answers[&1]["result"]["tools"].as_array().unwrap();
    assert!(tools.iter().any(|tool| tool["name"] == "list-open-quotes"), "{run:?}");
    assert!(tools.iter().all(|tool| tool["annotations"]["destructiveHint"] == true), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_request_ends_its_call_and_the_next_one_is_answered() {
    let org = Org::connected().await;
    let mut agent = Agent::start(&org, &["mcp", "--writes"]);
    org.mock.push_fault(Matcher::under("/services/data/").method("POST"), Fault::HangAfterWork);
    agent.say(&call(1, CREATE, json!({"object": "Account", "target": "create", "fields": {"Name": "Lost"}})));
    until(|| org.mock.ledger().creates("Account") == 1).await;
    let cancelled = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}});
    agent.say(&cancelled);
    texts(&agent.ask(&call(2, "user-info", json!({}))), false);
    let run = agent.leave(&org);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains(CREATE) && run.stderr.contains("look in Salesforce"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_it_well_unless_a_write_is_under_way() {
    for signal in [Signal::INT, Signal::TERM] {
        let org = Org::connected().await;
        let agent = Agent::start(&org, &["mcp"]);
        send(&agent.child, signal);
        let run = org.finish(agent.child, org.secrets());
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    }
    let org = Org::connected().await;
    let mut agent = Agent::start(&org, &["mcp", "--writes"]);
    org.mock.push_fault(Matcher::under("/services/data/").method("POST"), Fault::HangAfterWork);
    agent.say(&call(1, CREATE, json!({"object": "Account", "target": "create", "fields": {"Name": "Lost"}})));
    until(|| org.mock.ledger().creates("Account") == 1).await;
    interrupt(&agent.child);
    let run = org.finish(agent.child, org.secrets());
    assert!(run.code == Some(9) && run.stderr.contains("OUTCOME UNKNOWN"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_at_the_start_is_told_on_standard_error() {
    let org = Org::bare().await;
    assert!(org.run_with_input(&["mcp"], "").failed(3).contains("there is no connection file"));
    org.reconnect();
    assert!(org.run_with_input(&["mcp", "--server", "http://localhost:1"], "").failed(2).contains("without a server"));
    let run = org.run_with_input(&["mcp"], "");
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""), "{run:?}");
}
