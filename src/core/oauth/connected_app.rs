//! The registration of the workflow service at Salesforce.

use crate::core::error::{Error, Result};
use crate::core::origin::LoginUrl;
use crate::core::secret::Secret;

/// A connected app, or external client app.
#[derive(Debug, Clone)]
pub struct ConnectedApp {
    /// Where users log in and tokens are given.
    pub login: LoginUrl,
    /// Consumer key.
    pub client_id: String,
    /// Consumer secret of a confidential client.
    pub client_secret: Option<Secret>,
    /// See [`ConnectedApp::with_placeholders`].
    pub(super) has_placeholders: bool,
}

impl ConnectedApp {
    /// Parses `connected-app` in `wit/oauth.wit`.
    pub fn parse(login_url: &str, client_id: &str, client_secret: Option<&str>) -> Result<Self> {
        // RFC 6749 appendix A.1: client-id is *VSCHAR.
        if !(1..=1024).contains(&client_id.len()) || !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid_argument("client-id", "the consumer key: 1 to 1,024 visible ASCII characters"));
        }
        Ok(Self {
            login: LoginUrl::parse(login_url)?,
            client_id: client_id.into(),
            client_secret: client_secret.map(|secret| Secret::parse("client-secret", secret)).transpose()?,
            has_placeholders: false,
        })
    }

    /// The same app, its secrets being placeholders that the host replaces on their way out. Only the host knows how long
    /// the request will be, and Salesforce's signature cannot be checked: TLS alone says who answers.
    #[must_use]
    pub fn with_placeholders(self) -> Self {
        Self { has_placeholders: true, ..self }
    }

    /// The secret, for the calls that need one.
    pub(super) fn required_secret(&self) -> Result<&Secret> {
        self.client_secret.as_ref().ok_or_else(|| Error::invalid_argument("client-secret", "the consumer secret"))
    }
}
