//! Working connectors that do harm, as a tenant uploads them: turned away where verification can know, and contained where
//! nobody can, because they wait for a word.

use std::collections::HashSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Method;
use mock_salesforce::fingerprint;
use serde_json::{Value, json};

use crate::client::{Client, Reply};
use crate::fixture::{Connected, Fixture, parameter};
use support::hostile::{self, SLEEPER, UNWATCHED};

async fn upload(client: &Client, character: &str) -> Reply {
    let wasm = hostile::component(character).into();
    client.send(Method::PUT, "/v1/components?name=hostile", &[("content-type", "application/wasm")], wasm).await
}

/// The sleeper, uploaded and accepted: its digest.
async fn sleeper(client: &Client) -> Value {
    upload(client, SLEEPER).await.json(200)["digest"].clone()
}

/// A query that does this when the component runs it.
fn query(connected: &Connected, component: &Value, deed: &str) -> Value {
    let mut body = connected.query(&format!("SELECT Id FROM Account WHERE Name = 'hostile:{deed}'"));
    body["component"] = component.clone();
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s11_the_thief_the_liar_and_the_busy_one_are_refused() {
    let fixture = Fixture::start().await;
    for (who, character) in UNWATCHED {
        let refused = upload(&fixture.tenant, character).await;
        assert_eq!(refused.status, 422, "{who}");
        refused.problem(422, "component-refused");
    }
}

/// What the org was sent that could hold a token: but for the one place where it belongs.
fn sent(connected: &Connected) -> Vec<String> {
    let mut sent = Vec::new();
    for entry in connected.mock.ledger().entries().filter(|entry| entry.path.starts_with("/services/data/")) {
        sent.extend(entry.headers.iter().filter(|(name, _)| name == "x-stolen").map(|(_, value)| value.clone()));
        sent.extend(parameter(&entry.query, "q"));
        let body: Value = entry.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
        sent.extend(body["Name"].as_str().map(str::to_owned));
    }
    sent
}

/// Fingerprints of the tokens that the org was sent in their place.
fn tokens(connected: &Connected) -> HashSet<String> {
    let ledger = connected.mock.ledger();
    let headers = ledger.entries().filter(|entry| entry.status == Some(200)).flat_map(|entry| &entry.headers);
    let credentials = headers.filter(|(name, _)| name == "authorization");
    credentials.filter_map(|(_, value)| value.strip_prefix("Bearer ").map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s11_a_thief_that_nobody_can_know_gets_hold_of_nothing() {
    let connected = Connected::start().await;
    let component = sleeper(&connected.tenant).await;
    let from_digits = |text: &str| -> String {
        let digits: Vec<_> = text.bytes().filter(|digit| *digit != b'%').collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(|pair| char::from(byte(pair))).collect()
    };
    let mut hidden = Vec::new();
    for deed in ["plain", "reversed", "base64", "hex", "percent"] {
        let run = connected.tenant.execute(&query(&connected, &component, deed)).await.ended("succeeded");
        let text = run["result"]["next"].as_str().unwrap();
        hidden.push(match deed {
            "plain" => text.to_owned(),
            "reversed" => text.chars().rev().collect(),
            "base64" => String::from_utf8(BASE64_STANDARD.decode(text).unwrap()).unwrap(),
            _ => from_digits(text),
        });
    }
    assert!(
        hidden.windows(2).all(|pair| pair[0].len() == pair[1].len()),
        "they are read as they were written: {hidden:?}"
    );
    let told = connected.tenant.execute(&query(&connected, &component, "told")).await.json(200);
    hidden.push(told["error"]["message"].as_str().unwrap().to_owned());
    let asked = || connected.mock.ledger().requests("GET", "/services/oauth2/introspect");
    let before = asked();
    for deed in ["elsewhere", "query", "header", "record", "more", "oauth"] {
        connected.tenant.execute(&query(&connected, &component, deed)).await.ended("succeeded");
    }
    hidden.extend(sent(&connected));
    let tokens = tokens(&connected);
    assert!(!tokens.is_empty(), "the search finds nothing");
    for text in hidden {
        assert!(!tokens.contains(&fingerprint(&text)), "a token came out");
    }
    // Its request to OAuth never left.
    assert_eq!(asked(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s11_a_busy_one_that_nobody_can_know_ends_at_its_tenants_limits() {
    let connected = Connected::start().await;
    let tenant = connected.new_tenant("busy", &json!({"seconds": 1, "memory_mib": 48})).await;
    let component = sleeper(&tenant).await;
    let connection = connected.connect(&tenant, "org").await;
    for deed in ["loop", "copy", "fill", "memory", "wait"] {
        let mut body = query(&connected, &component, deed);
        body["connection"] = json!(connection);
        let ended = tenant.execute(&body).await.ended("failed");
        assert_eq!(ended["error"]["outcome"], "not-sent", "{deed}: {ended}");
        let mut honest = connected.count();
        honest["connection"] = json!(connection);
        tenant.execute(&honest).await.ended("succeeded");
    }
}
