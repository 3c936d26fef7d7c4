//! The mock org, in this process: it knows what the server sent it.

use mock_salesforce::MockSalesforce;
use mock_salesforce::ledger::Entry;
use salesforce_server::CONNECTION_PATH;
use serde_json::{Value, json};

use crate::server::PUBLIC_URL;

const CLIENT_ID: &str = "reliability";
const CLIENT_SECRET: &str = "secret-of-the-reliability-app";
pub(crate) const TOKEN_PATH: &str = "/services/oauth2/token";
/// Where all calls of the API are.
pub(crate) const API: &str = "/services/data/";

/// An org whose refresh tokens rotate.
pub(crate) async fn start() -> MockSalesforce {
    let app = support::org::app(CLIENT_ID, CLIENT_SECRET, &format!("{PUBLIC_URL}{CONNECTION_PATH}"));
    MockSalesforce::builder().connected_app(app).daily_api_requests(1_000_000_000).start().await.unwrap()
}

/// The body of `POST /v1/connections` for the org.
pub(crate) fn new_connection(mock: &MockSalesforce, name: &str) -> Value {
    json!({"name": name, "login_url": mock.url(), "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET})
}

/// The number of the last request so far.
pub(crate) fn last_request(mock: &MockSalesforce) -> u64 {
    mock.ledger().entries().next_back().map_or(0, |entry| entry.sequence)
}

/// Fingerprints of the tokens that refreshes after request `after` came with, in order.
pub(crate) fn refreshes(mock: &MockSalesforce, after: u64) -> Vec<String> {
    let ledger = mock.ledger();
    let since = ledger.entries().filter(|entry| entry.sequence > after);
    since.filter_map(refresh_token).collect()
}

fn refresh_token(entry: &Entry) -> Option<String> {
    let body = entry.body.as_deref().filter(|_| entry.path == TOKEN_PATH)?;
    let parameter =
        |wanted| form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value);
    parameter("grant_type").filter(|grant| grant == "refresh_token")?;
    parameter("refresh_token").map(|token| token.into_owned())
}
