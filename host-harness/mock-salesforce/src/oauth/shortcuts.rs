//! Ways around the pages, for tests that are not about them.

use super::{Bearer, OAuth, authorize};
use crate::lock::lock;
use crate::secret::Secret;

/// Tokens made without the OAuth dance.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// For the header `Authorization: Bearer ...`.
    pub access_token: Secret,
    /// Only when the app's scopes have `refresh_token` or `offline_access`.
    pub refresh_token: Option<Secret>,
}

/// Why there are no tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// No such app.
    #[error("no connected app has the client id {0}")]
    App(String),
    /// No such user.
    #[error("no user has the user name {0}")]
    User(String),
}

impl OAuth {
    /// Makes tokens as if this user had allowed the app all of its scopes.
    pub(crate) fn issue_tokens(&self, client_id: &str, username: &str) -> Result<Tokens, IssueError> {
        let app = lock(&self.apps).find(client_id);
        let app = app.ok_or_else(|| IssueError::App(client_id.to_owned()))?;
        let user = self.site.user_named(username).ok_or_else(|| IssueError::User(username.to_owned()))?;
        let bearer = Bearer { client_id: app.client_id, user_id: user.id, scopes: app.scopes };
        let issued = self.grant(bearer);
        Ok(Tokens { access_token: issued.access_token.into(), refresh_token: issued.refresh_token.map(Secret::from) })
    }

    /// What a browser would bring back to the callback URL, or why not.
    pub(crate) fn allow(&self, authorization_url: &str, username: &str) -> Result<String, String> {
        let user = self.site.user_named(username).ok_or_else(|| IssueError::User(username.to_owned()).to_string())?;
        authorize::allowed(self, authorization_url, user.id)
    }
}
