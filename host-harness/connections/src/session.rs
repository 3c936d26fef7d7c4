//! Calls with a stored connection, and the healing of an expired session.
//!
//! ```text
//! call ── session-expired ──► lock the file ──► read it again ── newer token ──────────────┐
//!                                                   │ same token                          │
//!                                                   ▼                                     ▼
//!                                   mark, refresh, store the answer ───────────► repeat the call once
//! ```
//!
//! The component never refreshes: an instance that is thrown away could lose the rotated refresh token, and Salesforce
//! revokes a connection whose old one comes back. So the answer is stored before anything else happens, and a refresh
//! whose outcome is unknown is never sent again by itself.

use std::time::Duration;

use salesforce_runtime::secret::Secret;
use salesforce_runtime::{Connector, Evidence, Execution, ExecutionError};

use super::{ConnectionError, ConnectionFile, Document, Lock};
use crate::uninterrupted;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};

/// Pauses between looks at the file while another refresh of the same token is under way elsewhere.
const LOOK_AGAIN: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// A stored connection in use.
#[derive(Clone)]
pub struct Session {
    connector: Connector,
    file: ConnectionFile,
    options: CallOptions,
}

/// How a session came by new tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshedBy {
    /// This process refreshed.
    Us {
        /// Whether Salesforce gave a new refresh token.
        rotated: bool,
    },
    /// Another process had stored newer tokens already.
    Another,
}

/// Why a call with a stored connection failed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The connection file.
    #[error(transparent)]
    File(#[from] ConnectionError),
    /// The call itself.
    #[error("the call failed")]
    Call(ExecutionError),
    /// The refresh that the call needed; the call was not repeated.
    #[error("the refresh failed")]
    Refresh(ExecutionError),
    /// Nobody knows what became of an earlier refresh, so sending its token again might revoke the connection.
    #[error(
        "an earlier refresh of this connection never finished, and sending its token again could revoke the connection"
    )]
    RefreshNeverFinished,
    /// Only a login makes new tokens.
    #[error("the session has expired and this connection has no refresh token")]
    NoRefreshToken,
    /// The call was refused with the first error, and for the second reason nothing was refreshed.
    #[error("{1} ({0})")]
    NotHealed(ExecutionError, Box<SessionError>),
    /// The tokens are new and lost: they could not be stored.
    #[error("Salesforce gave new tokens, but they cannot be stored: {0}")]
    NotStored(String),
}

impl Session {
    /// A session on the connection in `file`.
    pub fn new(connector: Connector, file: ConnectionFile, options: CallOptions) -> Session {
        Session { connector, file, options }
    }

    /// Makes one call, each time in a fresh instance. An expired session is refreshed and the call repeated, once; but
    /// only if the host itself saw the org refuse the session, and nothing come of anything that could change something.
    ///
    /// # Errors
    /// The connection file, the call, or the refresh that it needed.
    pub async fn call<T>(
        &self,
        action: impl AsyncFn(Execution, &Document) -> Result<T, ExecutionError>,
    ) -> Result<T, SessionError> {
        let document = self.file.read()?;
        let evidence = Evidence::default();
        let refused = match action(self.connector.execution(document.policy()).noting(&evidence), &document).await {
            Err(error)
                if error.kind() == Some(ErrorKind::SessionExpired)
                    && error.outcome() == Outcome::Rejected
                    && evidence.is_session_refused() =>
            {
                error
            }
            other => return other.map_err(SessionError::Call),
        };
        let refreshed = self.refresh(document.access_token().clone()).await;
        let (document, _) = refreshed.map_err(|why| why.after(refused))?;
        action(self.connector.execution(document.policy()), &document).await.map_err(SessionError::Call)
    }

    /// Replaces the access token `expired` under the lock, and stores what came before it returns.
    ///
    /// Runs to its end even if the caller is dropped: new tokens must reach the file.
    ///
    /// # Errors
    /// See [`SessionError`].
    pub async fn refresh(&self, expired: Secret) -> Result<(Document, RefreshedBy), SessionError> {
        let session = self.clone();
        uninterrupted(async move { session.refresh_locked(&expired, false).await }).await
    }

    /// Refreshes whatever token is stored; with `again`, even if an earlier refresh never finished.
    ///
    /// # Errors
    /// See [`SessionError`].
    pub async fn refresh_now(&self, again: bool) -> Result<(Document, RefreshedBy), SessionError> {
        let expired = self.file.read()?.access_token().clone();
        let session = self.clone();
        uninterrupted(async move { session.refresh_locked(&expired, again).await }).await
    }

    async fn refresh_locked(&self, expired: &Secret, again: bool) -> Result<(Document, RefreshedBy), SessionError> {
        let path = self.file.path();
        let _lock = Lock::acquire(path).await.map_err(|source| ConnectionError::Io {
            path: path.to_owned(),
            doing: "lock",
            source,
        })?;
        let document = self.file.read()?;
        if document.access_token() != expired {
            return Ok((document, RefreshedBy::Another));
        }
        if document.refresh_under_way() && !again {
            return Err(SessionError::RefreshNeverFinished);
        }
        let token = document.refresh_token().ok_or(SessionError::NoRefreshToken)?.clone();
        self.file.write(&document.with_refresh_under_way(true))?;
        let execution = self.connector.execution(document.policy());
        match execution.refresh(&document.app(), token.expose(), self.options).await {
            Ok(tokens) => {
                let refreshed = document.refreshed(&tokens).map_err(SessionError::NotStored)?;
                self.file.write(&refreshed).map_err(|error| SessionError::NotStored(error.to_string()))?;
                let rotated = refreshed.refresh_token() != document.refresh_token();
                tracing::info!(rotated, "the session had expired; it was refreshed and the new tokens stored");
                Ok((refreshed, RefreshedBy::Us { rotated }))
            }
            Err(error) => {
                let elsewhere = error.kind() == Some(ErrorKind::RefreshInProgress);
                if (elsewhere || error.outcome() == Outcome::Unknown)
                    && let Some(document) = self.stored_by_another(expired).await?
                {
                    return Ok((document, RefreshedBy::Another));
                }
                if elsewhere || error.outcome() != Outcome::Unknown {
                    self.file.write(&document)?;
                }
                Err(SessionError::Refresh(error))
            }
        }
    }

    /// Looks whether another program, one that does not use our lock, stores newer tokens.
    async fn stored_by_another(&self, expired: &Secret) -> Result<Option<Document>, SessionError> {
        for pause in LOOK_AGAIN {
            let document = self.file.read()?;
            if document.access_token() != expired {
                return Ok(Some(document));
            }
            tokio::time::sleep(pause).await;
        }
        Ok(None)
    }
}

impl SessionError {
    /// Whether a refresh token is there that was not sent.
    pub fn has_refresh_token(&self) -> bool {
        match self {
            SessionError::RefreshNeverFinished => true,
            SessionError::NotHealed(_, why) => why.has_refresh_token(),
            _ => false,
        }
    }

    /// The same of a call that was refused so. Where no refresh was sent, the refusal is all that Salesforce has said.
    fn after(self, refused: ExecutionError) -> SessionError {
        match self {
            SessionError::NoRefreshToken | SessionError::RefreshNeverFinished => {
                SessionError::NotHealed(refused, Box::new(self))
            }
            other => other,
        }
    }
}
