//! Calls with stored connections, and the healing of expired sessions.
//!
//! The component never refreshes: an instance that is thrown away could lose the rotated refresh token, and Salesforce
//! ends a connection whose old one comes back. [`protocol`](crate::protocol) decides what is done; here it is done.

use std::sync::Arc;
use std::time::Duration;

use salesforce_runtime::bindings::oauth::{TokenSet, TokenType};
use salesforce_runtime::bindings::types::{CallOptions, Connection, ErrorKind, Outcome};
use salesforce_runtime::{Connector, Evidence, Execution, ExecutionError};

use crate::protocol::{Answer, Conclusion, Ending, Event, Healing, Honoured, Settling, Step};
use crate::store::{ConnectionStore, EndReason, NewTokens, Settlement, Stored};
use crate::uninterrupted::contained;

/// The pause before the first further round; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// How often new tokens, which exist nowhere else, are given to a store that fails.
const ATTEMPTS_TO_STORE: u32 = 4;

/// The connections of one store, in use. Cheap to clone.
pub struct Session<S: ConnectionStore> {
    connector: Connector,
    component: Option<Connector>,
    store: S,
    options: CallOptions,
    observer: Option<Arc<dyn Observer<S::Id>>>,
    words: fn(&ExecutionError) -> String,
}

/// Hears of refreshes, for logs and metrics. Nothing that it is given holds a secret.
///
/// ```
/// use salesforce_connections::{ConnectionFile, Observer, Session};
///
/// struct Log;
///
/// impl Observer<()> for Log {
///     fn refreshed(&self, (): &(), rotated: bool) {
///         println!("refreshed, with {} refresh token", if rotated { "a new" } else { "the same" });
///     }
/// }
///
/// fn observed(session: Session<ConnectionFile>) -> Session<ConnectionFile> {
///     session.observed(std::sync::Arc::new(Log))
/// }
/// ```
pub trait Observer<Id>: Send + Sync {
    /// A refresh was sent, new tokens came and are stored; with whether the refresh token is another one now.
    fn refreshed(&self, _id: &Id, _rotated: bool) {}
    /// A refresh was sent and brought no tokens.
    fn refresh_failed(&self, _id: &Id, _error: &ExecutionError) {}
    /// The connection needs its user.
    fn ended(&self, _id: &Id, _ending: Ending) {}
}

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

/// Why a call with a stored connection failed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError<E> {
    /// The store cannot read the connection, or take a mark. Nothing was sent.
    #[error(transparent)]
    Store(E),
    /// The call itself.
    #[error("the call failed: {0}")]
    Call(ExecutionError),
    /// The org refused the session with the first error, and for the second reason there is no new one.
    #[error("the session has expired, and {1} ({0})")]
    NotHealed(ExecutionError, Box<HealingError<E>>),
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
    /// Calls with the connections of this store. The options are those of refreshes: each call passes its own to the
    /// execution's method.
    pub fn new(connector: Connector, store: S, options: CallOptions) -> Self {
        Self { connector, component: None, store, options, observer: None, words: ToString::to_string }
    }

    /// Makes calls with another component, which needs no OAuth: the connector that the session was made with still does all of
    /// that.
    #[must_use]
    pub fn calling(self, component: Connector) -> Self {
        Self { component: Some(component), ..self }
    }

    /// Tells an observer of every refresh.
    #[must_use]
    pub fn observed(self, observer: Arc<dyn Observer<S::Id>>) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// Says a refusal of a session in other words, where a store keeps why a connection ended.
    #[must_use]
    pub fn telling(self, words: fn(&ExecutionError) -> String) -> Self {
        Self { words, ..self }
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Makes one call, each time in a fresh instance that may reach the login host and the org. An expired session is
    /// refreshed and the call repeated, once: only if the host itself saw the org refuse the session before anything was
    /// changed, so a write is never made twice.
    ///
    /// `action` makes the call with the execution and the connection that it is given.
    ///
    /// # Errors
    /// [`SessionError`]: the store, the call, or the refresh that it needed.
    pub async fn call<T, F>(
        &self,
        id: &S::Id,
        action: impl Fn(Execution, Connection) -> F,
    ) -> Result<T, SessionError<S::Error>>
    where
        F: Future<Output = Result<T, ExecutionError>>,
    {
        let stored = self.store.load(id).await.map_err(SessionError::Store)?;
        #[expect(clippy::result_large_err, reason = "it never fails")]
        let prepare = |stored: &Stored<S::Revision>| {
            let component = self.component.as_ref().unwrap_or(&self.connector);
            Ok((component.execution(stored.policy()), stored.connection()))
        };
        self.call_as(id, stored, prepare, action).await
    }

    /// As [`Session::call`], with what was loaded already and executions of the caller's own making: another component,
    /// a sealed token, tighter bounds.
    ///
    /// The call is repeated only if the host itself saw the org refuse the session, and nothing come of anything that
    /// could change something: a component that merely says so would be run twice, and use up refresh tokens.
    ///
    /// # Errors
    /// As [`Session::call`], and those of `prepare`.
    pub async fn call_as<T, E, F>(
        &self,
        id: &S::Id,
        stored: Stored<S::Revision>,
        prepare: impl Fn(&Stored<S::Revision>) -> Result<(Execution, Connection), E>,
        action: impl Fn(Execution, Connection) -> F,
    ) -> Result<T, E>
    where
        E: From<SessionError<S::Error>>,
        F: Future<Output = Result<T, ExecutionError>>,
    {
        let evidence = Evidence::default();
        let (execution, connection) = prepare(&stored)?;
        let refused = match action(execution.noting(&evidence), connection).await {
            Err(error) if is_expired(&error) && evidence.is_session_refused() => error,
            other => return other.map_err(|error| SessionError::Call(error).into()),
        };
        let stored = match self.heal(id, stored.revision, Some((self.words)(&refused)), false).await {
            Ok((stored, _)) => stored,
            Err(why) => return Err(SessionError::NotHealed(refused, Box::new(why)).into()),
        };
        let (execution, connection) = prepare(&stored)?;
        action(execution.noting(&evidence), connection).await.map_err(|error| SessionError::Call(error).into())
    }

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

    fn observe(&self, tell: impl FnOnce(&dyn Observer<S::Id>)) {
        if let Some(observer) = &self.observer {
            tell(&**observer);
        }
    }
}

impl<S: ConnectionStore> Clone for Session<S> {
    fn clone(&self) -> Self {
        Self {
            connector: self.connector.clone(),
            component: self.component.clone(),
            store: self.store.clone(),
            options: self.options,
            observer: self.observer.clone(),
            words: self.words,
        }
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

fn is_expired(error: &ExecutionError) -> bool {
    error.kind() == Some(ErrorKind::SessionExpired) && error.outcome() == Outcome::Rejected
}
