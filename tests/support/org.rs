//! The connected app that a host is to an org.

use mock_salesforce::ConnectedApp;

/// A user of every mock.
pub const USERNAME: &str = "alind@example.org";

/// An app set up as Salesforce advises: PKCE is required, and refresh tokens rotate. Tests change what matters to them.
pub fn app(client_id: &str, client_secret: &str, callback_url: &str) -> ConnectedApp {
    ConnectedApp {
        client_id: client_id.to_owned(),
        client_secret: Some(client_secret.into()),
        callback_urls: vec![callback_url.to_owned()],
        scopes: ["api", "refresh_token", "id", "profile", "email"].map(str::to_owned).to_vec(),
        rotate_refresh_tokens: true,
        require_pkce: true,
        ..ConnectedApp::default()
    }
}
