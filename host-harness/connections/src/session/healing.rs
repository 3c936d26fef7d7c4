//! New tokens for an expired session: [`protocol`](crate::protocol) decides what is done; here it is done.

use std::time::Duration;

use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::oauth::{TokenSet, TokenType};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use super::Session;
use crate::protocol::{Answer, Conclusion, Ending, Event, Healing, Honoured, Settling, Step};
use crate::store::{ConnectionStore, EndReason, NewTokens, Settlement, Stored};
use crate::uninterrupted::contained;

/// The pause before the first further round; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// How often new tokens, which exist nowhere else, are given to a store that fails.
const ATTEMPTS_TO_STORE: u32 = 4;

/// How a session came by new tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshedBy {
    /// This process refreshed.
    Us {
        /// Whether Salesforce gave a new refresh token.
        rotated: bool,
    },
    /// Somebody else had stored newer tokens already.
    Another,
}

/// Why there are no new tokens.
#[derive(Debug, thiserror::Error)]
pub enum HealingError<E> {
    /// The store cannot read the connection, or take a mark.
    #[error(transparent)]
    Store(E),
    /// The refresh failed, or the question what became of an earlier one. The connection is as it was.
    #[error("the refresh failed: {0}")]
    Refresh(ExecutionError),
    /// Somebody else changes the connection all the time.
    #[error("this connection is being changed elsewhere: try again in a few seconds")]
    Busy,
    /// Nobody knows what became of an earlier refresh, and the org cannot be asked.
    #[error(
        "an earlier refresh of this connection never finished, and sending its token again could revoke the connection"
    )]
    Unfinished,
    /// Only a login makes new ones.
    #[error("this connection has no refresh token")]
    NoRefreshToken,
    /// The org no longer honours the grant: its user has to log in.
    #[error("the org no longer honours this connection: {0}")]
    Refused(ExecutionError),
    /// The answer to a refresh was lost after Salesforce had replaced the token: its user has to log in.
    #[error("the answer to a refresh was lost after Salesforce had replaced the refresh token")]
    AnswerLost,
    /// The store or an observer has panicked. The mark of a refresh that may have been sent stays, and the lease is free.
    #[error(
        "this host failed in the middle of a refresh, and nobody knows what became of it: the same call may be made again, \
         and the org is asked first"
    )]
    Panicked,
    /// The tokens are new and lost: they could not be stored.
    #[error("Salesforce gave new tokens, but they cannot be stored: {0}")]
    NotStored(E),
}

impl<S: ConnectionStore> Session<S> {
    /// Tokens that are newer than the revision `seen`. `refused`: what the org said when it refused their session, if it
    /// did. `again`: even if an earlier refresh never finished, which may end the connection, so only a person may want it.
    ///
    /// Runs to its end even if the caller is dropped: new tokens must reach the store.
    ///
    /// # Errors
    /// [`HealingError`]
    pub async fn heal(
        &self,
        id: &S::Id,
        seen: S::Revision,
        refused: Option<String>,
        again: bool,
    ) -> Result<(Stored<S::Revision>, RefreshedBy), HealingError<S::Error>> {
        let (session, id) = (self.clone(), id.clone());
        let healing = {
            let id = id.clone();
            contained(async move { session.healed(&id, &seen, refused, again).await })
        };
        tokio::select! {
            biased;
            error = self.store.stalled(&id) => Err(HealingError::Store(error)),
            healed = healing => healed.unwrap_or(Err(HealingError::Panicked)),
        }
    }

    async fn healed(
        &self,
        id: &S::Id,
        seen: &S::Revision,
        refused: Option<String>,
        again: bool,
    ) -> Result<(Stored<S::Revision>, RefreshedBy), HealingError<S::Error>> {
        let _lease = self.store.lease(id).await.map_err(HealingError::Store)?;
        let stored = self.store.load(id).await.map_err(HealingError::Store)?;
        let mut healing = Healing::new(refused.is_some(), again);
        let mut last = Last { stored, refused, error: None, not_asked: None, tokens: None };
        let mut step = healing.next(last.loaded(seen));
        loop {
            let event = match step {
                Step::Load => {
                    last.stored = self.store.load(id).await.map_err(HealingError::Store)?;
                    last.loaded(seen)
                }
                Step::Ask => Event::Asked(self.ask(&mut last).await),
                Step::Begin => Event::Begun(self.store.begin(id, seen).await.map_err(HealingError::Store)?),
                Step::Send => Event::Answered(self.send(id, &mut last).await),
                Step::Settle(settling) => Event::Settled(self.settle(id, settling, &last).await?),
                Step::Wait(round) => {
                    tokio::time::sleep(FIRST_PAUSE * 2_u32.saturating_pow(u32::from(round) - 1)).await;
                    Event::Waited
                }
                Step::Finish(conclusion) => return self.finished(id, conclusion, last).await,
            };
            step = healing.next(event);
        }
    }

    async fn ask(&self, last: &mut Last<S::Revision>) -> Honoured {
        let (Some(_), Some(token)) = (&last.stored.client_secret, &last.stored.refresh_token) else {
            return Honoured::CannotAsk;
        };
        let execution = self.connector.execution(last.stored.login_policy());
        let app = last.stored.app();
        let asked = execution.introspect(&app, token.expose(), TokenType::RefreshToken, self.options);
        match asked.await {
            Ok(introspection) if introspection.active => Honoured::Yes,
            Ok(_) => Honoured::No,
            Err(error) => {
                let cannot = error.outcome() == Outcome::Rejected && !error.is_retryable();
                last.not_asked = Some(error);
                if cannot { Honoured::CannotAsk } else { Honoured::Failed }
            }
        }
    }

    async fn send(&self, id: &S::Id, last: &mut Last<S::Revision>) -> Answer {
        let Some(token) = &last.stored.refresh_token else { return Answer::Harmless };
        let execution = self.connector.execution(last.stored.login_policy());
        match execution.refresh(&last.stored.app(), token.expose(), self.options).await {
            Ok(tokens) => {
                last.tokens = Some(tokens);
                Answer::Tokens
            }
            Err(error) => {
                self.observe(|observer| observer.refresh_failed(id, &error));
                let answer = match (error.kind(), error.outcome()) {
                    (Some(ErrorKind::RefreshInProgress), _) => Answer::InProgress,
                    (_, Outcome::Unknown) => Answer::Unknown,
                    (Some(ErrorKind::ReauthorizationRequired), _) => Answer::Refused,
                    _ => Answer::Harmless,
                };
                last.error = Some(error);
                answer
            }
        }
    }

    async fn settle(
        &self,
        id: &S::Id,
        settling: Settling,
        last: &Last<S::Revision>,
    ) -> Result<bool, HealingError<S::Error>> {
        let settlement = match (settling, &last.tokens) {
            (Settling::Tokens, Some(tokens)) => Settlement::Tokens(NewTokens(tokens)),
            (Settling::Ended(ending), _) => {
                Settlement::Ended(EndReason { ending, error: last.error.as_ref(), refused: last.refused.as_deref() })
            }
            (Settling::Unchanged | Settling::Tokens, _) => Settlement::Unchanged,
        };
        if settling != Settling::Tokens {
            return self.store.settle(id, &last.stored, settlement).await.map_err(HealingError::Store);
        }
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS_TO_STORE {
            match self.store.settle(id, &last.stored, settlement).await {
                Ok(settled) => return Ok(settled),
                Err(error) => tracing::error!(%error, "new tokens could not be stored: it is tried again"),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.store.settle(id, &last.stored, settlement).await.map_err(HealingError::NotStored)
    }

    async fn finished(
        &self,
        id: &S::Id,
        conclusion: Conclusion,
        last: Last<S::Revision>,
    ) -> Result<(Stored<S::Revision>, RefreshedBy), HealingError<S::Error>> {
        if let Conclusion::Ended(ending) = conclusion {
            self.observe(|observer| observer.ended(id, ending));
        }
        Err(match (conclusion, last.error.or_else(|| last.not_asked.filter(|_| conclusion == Conclusion::Failed))) {
            (Conclusion::Refreshed, _) => {
                let before = last.stored.refresh_token;
                let stored = self.store.load(id).await.map_err(HealingError::Store)?;
                let rotated = stored.refresh_token != before;
                tracing::debug!(rotated, "the tokens were refreshed, and the new ones stored");
                self.observe(|observer| observer.refreshed(id, rotated));
                return Ok((stored, RefreshedBy::Us { rotated }));
            }
            (Conclusion::ByAnother, _) => return Ok((last.stored, RefreshedBy::Another)),
            (Conclusion::NoRefreshToken | Conclusion::Ended(Ending::NoRefreshToken), _) => HealingError::NoRefreshToken,
            (Conclusion::Ended(Ending::Refused), Some(error)) => HealingError::Refused(error),
            (Conclusion::Ended(Ending::AnswerLost | Ending::Refused), _) => HealingError::AnswerLost,
            (Conclusion::Unfinished | Conclusion::Failed, Some(error)) => HealingError::Refresh(error),
            (Conclusion::Unfinished, None) => HealingError::Unfinished,
            (Conclusion::Failed, None) => HealingError::Busy,
        })
    }
}

/// What the steps so far have brought.
struct Last<R> {
    stored: Stored<R>,
    /// What the org said when it refused the session.
    refused: Option<String>,
    /// What the org said to a refresh.
    error: Option<ExecutionError>,
    /// Why it could not be asked what became of one.
    not_asked: Option<ExecutionError>,
    tokens: Option<TokenSet>,
}

impl<R: Eq> Last<R> {
    fn loaded(&self, seen: &R) -> Event {
        Event::Loaded {
            newer: self.stored.revision != *seen,
            begun: self.stored.refresh_begun,
            refreshable: self.stored.refresh_token.is_some(),
        }
    }
}
