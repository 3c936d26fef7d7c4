//! Refreshes of connections. The [session](salesforce_connections::Session) that every host has decides and acts; here is
//! where it keeps what it does, and what an operator and a tenant see of it.

use std::sync::Arc;

use salesforce_connections::protocol::Ending;
use salesforce_connections::{
    ConnectionStore, EndReason, HealingError, NewTokens, Observer, Session, SessionError, Settlement,
};
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::types::ErrorKind;

use super::lease::Lease;
use super::{ConnectionError, ConnectionKey, ConnectionState, Connections, OAUTH_CALL, Tokens, told};

impl Connections {
    /// Tokens that are newer than generation `seen`. `refused` is what the org said when it refused their session; none if
    /// nothing is known against it. `again`: though an earlier refresh never finished.
    ///
    /// Runs to its end even if the caller is dropped: new tokens must be stored.
    pub(crate) async fn refreshed(
        &self,
        key: &ConnectionKey,
        seen: i64,
        refused: Option<String>,
        again: bool,
    ) -> Result<Tokens, ConnectionError> {
        let words = refused.clone();
        match self.session().heal(key, seen, refused, again).await {
            Ok((tokens, _)) => Ok(tokens),
            Err(error) => Err(not_healed(error, words.as_deref())),
        }
    }

    pub(super) fn session(&self) -> Session<Connections> {
        Session::new(self.connector.clone(), self.clone(), OAUTH_CALL)
            .observed(Arc::new(Watch(self.clone())))
            .telling(told)
    }
}

impl ConnectionStore for Connections {
    type Id = ConnectionKey;
    type Revision = i64;
    type Lease = Lease;
    type Error = ConnectionError;

    async fn load(&self, key: &ConnectionKey) -> Result<Tokens, ConnectionError> {
        self.tokens(key).await
    }

    /// Not for a connection whose login host is no longer allowed: nothing is sent there.
    async fn lease(&self, key: &ConnectionKey) -> Result<Lease, ConnectionError> {
        let lease = self.lease_of(&key.id).await?;
        let tokens = self.tokens(key).await?;
        if tokens.refresh_token.is_some() {
            self.app_of(&tokens).inspect_err(|error| self.refresh_failed(key, error.kind()))?;
        }
        Ok(lease)
    }

    async fn begin(&self, key: &ConnectionKey, generation: &i64) -> Result<bool, ConnectionError> {
        Ok(self.begin_refresh(&key.id, *generation).await?)
    }

    async fn settle(
        &self,
        key: &ConnectionKey,
        refreshed: &Tokens,
        settlement: Settlement<'_>,
    ) -> Result<bool, ConnectionError> {
        let generation = refreshed.revision;
        match settlement {
            Settlement::Tokens(NewTokens(tokens)) => {
                self.store_at_last(&key.id, &self.app_of(refreshed)?, tokens, Some(generation)).await
            }
            Settlement::Unchanged => Ok(self.end_refresh(&key.id, generation).await?),
            Settlement::Ended(ended) => {
                let reason = Some(reason(&ended));
                Ok(self.end(&key.id, ConnectionState::NeedsReauthorization, reason, Some(generation)).await?)
            }
        }
    }

    async fn stalled(&self, key: &ConnectionKey) -> ConnectionError {
        self.tokens_wait(&key.id).await;
        ConnectionError::TokensWait
    }
}

/// What an operator sees of refreshes.
struct Watch(Connections);

impl Observer<ConnectionKey> for Watch {
    fn refreshed(&self, key: &ConnectionKey, rotated: bool) {
        tracing::info!(connection = key.id, rotated, "the tokens were refreshed");
        self.0.metrics.refreshed("refreshed");
    }

    fn refresh_failed(&self, key: &ConnectionKey, error: &ExecutionError) {
        self.0.refresh_failed(key, super::kind_of(error));
    }

    fn ended(&self, key: &ConnectionKey, ending: Ending) {
        self.0.user_needed(&key.tenant, &key.id, ending);
    }
}

fn reason(ended: &EndReason<'_>) -> String {
    match (ended.ending, ended.error) {
        (Ending::Refused, Some(error)) => told(error),
        _ => ended.to_string(),
    }
}

/// Why there are no new tokens. `refused` is what the org said to the session.
pub(super) fn not_healed(error: HealingError<ConnectionError>, refused: Option<&str>) -> ConnectionError {
    let ended = |ending, error: Option<&ExecutionError>| ConnectionError::NotActive {
        state: ConnectionState::NeedsReauthorization,
        reason: Some(reason(&EndReason { ending, error, refused })),
    };
    match error {
        HealingError::Store(error) | HealingError::NotStored(error) => error,
        HealingError::Refresh(error) if error.kind() == Some(ErrorKind::RefreshInProgress) => {
            ConnectionError::RefreshUnderWay
        }
        HealingError::Refresh(error) => ConnectionError::OAuth(error),
        HealingError::Busy => ConnectionError::RefreshUnderWay,
        HealingError::Panicked => ConnectionError::RefreshBroken,
        HealingError::Unfinished => ConnectionError::RefreshUnfinished,
        HealingError::NoRefreshToken if refused.is_none() => ConnectionError::NoRefreshToken,
        HealingError::NoRefreshToken => ended(Ending::NoRefreshToken, None),
        HealingError::Refused(error) => ended(Ending::Refused, Some(&error)),
        HealingError::AnswerLost => ended(Ending::AnswerLost, None),
    }
}

impl From<SessionError<ConnectionError>> for super::CallError {
    fn from(error: SessionError<ConnectionError>) -> Self {
        match error {
            SessionError::Store(error) => Self::Connection(error),
            SessionError::Call(error) => Self::Execution(error),
            SessionError::NotHealed(refused, why) => Self::Refresh(not_healed(*why, Some(&told(&refused)))),
        }
    }
}
