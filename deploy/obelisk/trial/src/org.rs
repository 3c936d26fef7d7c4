//! The mock org, in this process: what it did wrong, and what really happened to it.

use std::collections::BTreeMap;
use std::time::Duration;

use mock_salesforce::fault::{Fault, Matcher};
use mock_salesforce::ledger::WriteKind;
use mock_salesforce::{ConnectedApp, MockSalesforce};

pub(crate) const CLIENT_ID: &str = "obelisk";
pub(crate) const CLIENT_SECRET: &str = "a-secret-that-is-much-shorter";
const USER: &str = "integ@example.org";

/// An org with an app for client credentials.
pub(crate) async fn start() -> MockSalesforce {
    let app = ConnectedApp {
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(CLIENT_SECRET.into()),
        scopes: vec!["api".to_owned()],
        client_credentials_user: Some(USER.to_owned()),
        ..ConnectedApp::default()
    };
    MockSalesforce::builder().connected_app(app).daily_api_requests(1_000_000_000).start().await.unwrap()
}

/// A token that is good as long as nobody expires it.
pub(crate) fn access_token(mock: &MockSalesforce) -> String {
    mock.issue_tokens(CLIENT_ID, USER).unwrap().access_token.expose().to_owned()
}

/// What the org does with saves, one after the other, each once: lost answers, refusals that pass, broken connections.
const MISBEHAVIOUR: [fn() -> Fault; 6] = [
    || Fault::CloseAfterWork,
    || Fault::status(503, &[]),
    || Fault::ResetAfterWork,
    || Fault::Reset,
    || Fault::status(429, &[]),
    || Fault::Close,
];

/// Every sixth of this many saves goes wrong; the others take a while.
pub(crate) fn misbehave(mock: &MockSalesforce, saves: usize) {
    for save in 0..saves {
        let fault = match MISBEHAVIOUR.get(save / 6 % MISBEHAVIOUR.len()) {
            Some(fault) if save % 6 == 0 => fault(),
            _ => Fault::Delay(Duration::from_millis(150)),
        };
        mock.push_fault(Matcher::under("/services/data/").method("PATCH"), fault);
    }
}

/// Every other of this many creations makes its record and never gets an answer; a server is killed meanwhile.
pub(crate) fn hold_creations(mock: &MockSalesforce, creations: usize) {
    for creation in 0..creations {
        let fault = if creation % 2 == 0 { Fault::Delay(Duration::from_millis(200)) } else { Fault::HangAfterWork };
        mock.push_fault(Matcher::under("/services/data/").method("POST"), fault);
    }
}

/// How often each key was created, by the request that did it: the key is what `of` finds in its path and body.
pub(crate) fn creates(mock: &MockSalesforce, of: impl Fn(&str, &str) -> Option<String>) -> BTreeMap<String, usize> {
    let mut creates = BTreeMap::new();
    for entry in mock.ledger().entries() {
        let made = entry.writes.iter().filter(|write| write.kind == WriteKind::Create).count();
        if made > 0
            && let Some(key) = of(&entry.path, entry.body.as_deref().unwrap_or_default())
        {
            *creates.entry(key).or_default() += made;
        }
    }
    creates
}
