//! Orgs that are all alike, and this connector's calls on them.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use mock_salesforce::{Action, ActionKind, ActionOutcome, ApexResource, MockSalesforce};
use salesforce_actions::{Actions, Call};
use salesforce_runtime::bindings::types::{CallOptions, Connection};
use salesforce_runtime::egress::EgressPolicy;
use salesforce_runtime::{Connector, Runtime, RuntimeOptions, component};
use serde_json::{Value, json};
use support::org::{USERNAME, app};

use super::cases::Case;

/// Of others' clients too.
const VERSION: &str = "60.0";
const NOW: &str = "2026-11-26T12:00:00Z";
const DEFAULTS: CallOptions = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };

/// This connector.
pub(super) struct Ours(Connector);

/// An org, whose clock stands still, with a session.
pub(super) struct Org<'a> {
    connector: &'a Connector,
    mock: MockSalesforce,
    connection: Connection,
}

impl Ours {
    pub(super) fn new(code_cache: &Path) -> Self {
        let options = RuntimeOptions { code_cache: Some(code_cache.to_owned()), ..RuntimeOptions::default() };
        Self(Runtime::new(options).unwrap().load(component::CONNECTOR).unwrap())
    }

    /// A fresh one, in which what comes before a case is done.
    pub(super) async fn org(&self, case: &Case) -> Org<'_> {
        let now = NOW.parse().unwrap();
        let app = app("compared", "compared", "https://workflow.example.com/callback");
        let mock = MockSalesforce::builder().clock_standing_at(now).connected_app(app).start().await.unwrap();
        let outputs = json!({"answer": 42, "list": ["a"]}).as_object().cloned().unwrap_or_default();
        let outcome = ActionOutcome::Outputs(outputs);
        mock.add_action(Action { kind: ActionKind::Apex, name: "Compared".into(), inputs: Vec::new(), outcome });
        mock.add_approval_process("Opportunity");
        mock.bulk_jobs_take("PT0S".parse().unwrap());
        mock.add_apex_resource(ApexResource {
            name: "Compared".into(),
            method: "GET".into(),
            path: "compared/1".into(),
            status: 200,
            content_type: "application/json".into(),
            body: br#"{"total":12.50,"lines":[{"sku":"A"}]}"#.to_vec(),
        });
        let tokens = mock.issue_tokens("compared", USERNAME).unwrap();
        let connection = Connection {
            instance_url: mock.url().to_owned(),
            access_token: tokens.access_token.expose().to_owned(),
            api_version: Some(format!("v{VERSION}")),
        };
        let org = Org { connector: &self.0, mock, connection };
        for (action, input) in case.before {
            org.act(action, input).await.unwrap();
        }
        if case.action == "recent-items" {
            let (address, token) = (org.mock.address(), org.connection.access_token.clone());
            tokio::task::spawn_blocking(move || see(address, &token)).await.unwrap();
        }
        org
    }
}

impl Org<'_> {
    /// For the scripts.
    pub(super) fn told(&self) -> Value {
        json!({"url": self.mock.url(), "access_token": self.connection.access_token, "version": VERSION})
    }

    /// A text in which no address is of one org alone.
    pub(super) fn without_url(&self, text: &str) -> String {
        text.replace(self.mock.url(), "https://org")
    }

    /// What the connector gives, but for the use of the org's allowance, which clients tell beside their results.
    pub(super) async fn call(&self, case: &Case) -> Result<Value, String> {
        let mut input: Value = serde_json::from_str(case.input).unwrap();
        let before = match (case.action, &input["cursor"]) {
            ("next-page", query) => Some(("soql-query", json!({"query": query}))),
            ("get-query-results", first @ Value::Object(_)) => Some((case.action, first.clone())),
            _ => None,
        };
        if let Some((action, first)) = before {
            input["cursor"] = self.act(action, &first.to_string()).await?["next"].take();
        }
        let mut given = self.act(case.action, &input.to_string()).await?;
        if case.action == "org-limits" {
            given = by_name(&given);
        }
        given.as_object_mut().map(|members| members.remove("usage"));
        Ok(serde_json::from_str(&self.without_url(&given.to_string())).unwrap())
    }

    async fn act(&self, action: &str, input: &str) -> Result<Value, String> {
        let policy = EgressPolicy::origins([self.mock.url().parse().unwrap()]).allow_loopback();
        let call = Call::parse(Actions::of_connector(), action, input).map_err(|error| error.to_string())?;
        let answer = call.run(self.connector.execution(policy), &self.connection, DEFAULTS).await;
        let json = answer.map_err(|error| error.to_string())?.to_json().map_err(|failure| failure.to_string())?;
        Ok(serde_json::from_str(json.get()).unwrap())
    }
}

/// Reads a record as a user sees it, which no client here does: the API notes only what it is told to.
fn see(org: SocketAddr, token: &str) {
    let mut stream = TcpStream::connect(org).unwrap();
    let record = format!("/services/data/v{VERSION}/sobjects/Account/0015g0000000001AAA");
    let headers = format!("authorization: Bearer {token}\r\nsforce-mru: updateMru=true\r\nconnection: close");
    write!(stream, "GET {record} HTTP/1.1\r\nhost: org\r\n{headers}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Limits as Salesforce tells them: members with their names, `A.B` that of B inside of A.
fn by_name(given: &Value) -> Value {
    let limits = given.get("limits").and_then(Value::as_array).into_iter().flatten();
    let mut told = json!({});
    for limit in limits {
        let text = |name: &str| limit.get(name).cloned().unwrap_or_default();
        let name = text("name");
        let place = name.as_str().unwrap_or_default().split('.').fold(&mut told, |place, name| &mut place[name]);
        (place["Max"], place["Remaining"]) = (text("max"), text("remaining"));
    }
    told
}
