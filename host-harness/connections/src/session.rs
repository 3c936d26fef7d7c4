//! Calls with stored connections, and the healing of expired sessions.
//!
//! The component never refreshes: an instance that is thrown away could lose the rotated refresh token, and Salesforce
//! ends a connection whose old one comes back. [`healing`] makes new tokens.

mod healing;
mod secrets;

use std::sync::Arc;

use salesforce_runtime::bindings::types::{CallOptions, Connection, ErrorKind, Outcome};
use salesforce_runtime::{Connector, Evidence, Execution, ExecutionError};

use crate::protocol::Ending;
use crate::store::{ConnectionStore, Stored};
pub use healing::{HealingError, RefreshedBy};

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
        let prepare = |stored: &Stored<S::Revision>, evidence: &Evidence| {
            let (execution, connection) = prepare(stored)?;
            Ok((execution.noting(evidence), connection))
        };
        self.call_on(id, stored, prepare, action).await
    }

    /// As [`Session::call_as`], with executions of another runtime, that of `salesforce-streams` say. `prepare` lets each execution note
    /// what it sends in the evidence that it is given, by which is decided whether the call may be repeated.
    ///
    /// # Errors
    /// As [`Session::call_as`].
    pub async fn call_on<X, T, E, F>(
        &self,
        id: &S::Id,
        stored: Stored<S::Revision>,
        prepare: impl Fn(&Stored<S::Revision>, &Evidence) -> Result<(X, Connection), E>,
        action: impl Fn(X, Connection) -> F,
    ) -> Result<T, E>
    where
        E: From<SessionError<S::Error>>,
        F: Future<Output = Result<T, ExecutionError>>,
    {
        let evidence = Evidence::default();
        let (execution, connection) = prepare(&stored, &evidence)?;
        let refused = match action(execution, connection).await {
            Err(error) if is_expired(&error) && evidence.is_session_refused() => error,
            other => return other.map_err(|error| SessionError::Call(secrets::taken_out(error, &stored)).into()),
        };
        let refused = secrets::taken_out(refused, &stored);
        let stored = match self.heal(id, stored.revision, Some((self.words)(&refused)), false).await {
            Ok((stored, _)) => stored,
            Err(why) => return Err(SessionError::NotHealed(refused, Box::new(why)).into()),
        };
        let (execution, connection) = prepare(&stored, &evidence)?;
        action(execution, connection)
            .await
            .map_err(|error| SessionError::Call(secrets::taken_out(error, &stored)).into())
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

fn is_expired(error: &ExecutionError) -> bool {
    error.kind() == Some(ErrorKind::SessionExpired) && error.outcome() == Outcome::Rejected
}
