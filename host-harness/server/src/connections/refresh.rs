//! One refresh of a connection at a time, over all executions and all processes on the same database.
//!
//! ```text
//! session expired at generation N ──► turn (a lock in this process, then a lock file for all processes)
//!        │
//!        ▼ read again
//!   generation ≠ N ──────────────────────────► somebody else has refreshed: use the new tokens
//!   a refresh was begun and never finished ──► ask the org whether it still honours the token (introspection)
//!        │                                        no ──► its answer was lost: needs-reauthorization
//!        ▼ otherwise
//!   commit "begun" ──► refresh ──► commit the new tokens, generation N + 1 ──► use them
//!                                    └─ the disk takes no writes: keep them, try again
//! ```
//!
//! Salesforce may rotate refresh tokens, and ends the connection when an old one comes back. So a refresh whose answer
//! was lost, with its process or on the wire, is never sent again blindly: introspection (RFC 7662) reads and changes
//! nothing. A connected app without a secret cannot ask; there the token is sent again, for under the lock nobody
//! else can hold newer tokens that this could end.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use super::login_host::AllowedApp;
use super::{ConnectionError, ConnectionState, Connections, OAUTH_CALL, Tokens};
use crate::database::StoreError;
use crate::ids::ConnectionId;
use salesforce_runtime::bindings::oauth::TokenType;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use salesforce_runtime::secret::Secret;

/// Pauses before the next look while the org says that the token is being refreshed already, or after a lost answer.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1600),
    Duration::from_millis(3200),
];

/// Whose turn it is to refresh.
#[derive(Debug)]
pub(super) struct Refreshes {
    directory: PathBuf,
    turns: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

/// The turn to refresh one connection. It ends with the value, or with the process.
pub(super) struct Turn {
    _among_processes: File,
    _in_this_process: OwnedMutexGuard<()>,
}

/// Whether the org still honours a refresh token.
enum Honoured {
    Yes,
    No,
    CannotAsk,
}

impl Connections {
    /// Tokens that are newer than generation `seen`. `refused` is what the org said when it refused their session; none if
    /// nothing is known against it.
    ///
    /// Runs to its end even if the caller is dropped: new tokens must be stored.
    pub(crate) async fn refreshed(
        &self,
        id: &str,
        seen: i64,
        refused: Option<String>,
    ) -> Result<Tokens, ConnectionError> {
        let refreshing = async {
            let (this, id) = (self.clone(), id.to_owned());
            let refreshing = tokio::spawn(async move { this.refresh_in_turn(&id, seen, refused).await });
            refreshing.await.map_err(|_| StoreError::Closed)?
        };
        self.or_waiting(id, refreshing).await
    }

    async fn refresh_in_turn(&self, id: &str, seen: i64, refused: Option<String>) -> Result<Tokens, ConnectionError> {
        let _turn = self.turn(id).await?;
        let tokens = self.tokens(id).await?;
        if tokens.generation != seen {
            return Ok(tokens);
        }
        let Some(refresh_token) = &tokens.refresh_token else {
            let words = refused.ok_or(ConnectionError::NoRefreshToken)?;
            let reason = format!("the session has expired, and there is no refresh token: {words}");
            return self.ask_user_again(&tokens, "no-refresh-token", reason).await;
        };
        let app = self.app_of(&tokens).inspect_err(|error| self.refresh_failed(&tokens.tenant, id, error))?;
        if tokens.refresh_begun && matches!(self.honours(&app, refresh_token).await?, Honoured::No) {
            return self.lost(&tokens).await;
        }
        for pause in PAUSES {
            match self.refresh_once(&tokens, &app, refresh_token).await? {
                Some(tokens) => return Ok(tokens),
                None => tokio::time::sleep(pause).await,
            }
            let again = self.tokens(id).await?;
            if again.generation != seen {
                return Ok(again);
            }
        }
        Err(ConnectionError::RefreshUnderWay)
    }

    /// Removes the locks of connections that are no more, while the database is held still. Answers how many.
    pub(crate) async fn collect_locks(&self) -> Result<usize, StoreError> {
        let directory = self.refreshes.directory.clone();
        self.database
            .hold_still(move |database| {
                let mut statement = database.prepare("SELECT id FROM connection")?;
                let kept = statement.query_map([], |row| row.get(0))?.collect::<Result<HashSet<String>, _>>()?;
                let Ok(entries) = fs::read_dir(directory) else { return Ok(0) };
                let gone = entries
                    .flatten()
                    .filter(|entry| entry.file_name().to_str().is_none_or(|name| !kept.contains(name)));
                Ok(gone.filter(|entry| fs::remove_file(entry.path()).is_ok()).count())
            })
            .await
    }

    /// Waits for the turn to change a connection's tokens.
    pub(super) async fn turn(&self, id: &str) -> Result<Turn, ConnectionError> {
        self.refreshes.turn(id).await.map_err(|error| {
            tracing::error!(%error, "the lock of a refresh cannot be used");
            ConnectionError::RefreshUnderWay
        })
    }

    /// One attempt; none if it is worth another one.
    async fn refresh_once(
        &self,
        tokens: &Tokens,
        app: &AllowedApp,
        token: &Secret,
    ) -> Result<Option<Tokens>, ConnectionError> {
        let Tokens { id, tenant, generation, .. } = tokens;
        self.begin_refresh(id, *generation).await?;
        let error = match self.at_login(app).refresh(&app.app, token.expose(), OAUTH_CALL).await {
            Ok(answer) => {
                let stored = self.store_at_last(id, app, &answer, Some(*generation)).await?;
                tracing::info!(connection = id, stored, "the session had expired; it was refreshed");
                return self.tokens(id).await.map(Some);
            }
            Err(error) => error,
        };
        let (kind, outcome) = (error.kind(), error.outcome());
        let error = ConnectionError::OAuth(error);
        self.refresh_failed(tenant, id, &error);
        match (kind, outcome) {
            (Some(ErrorKind::RefreshInProgress), _) => {
                self.end_refresh(id, *generation).await?;
                Ok(None)
            }
            (_, Outcome::Unknown) => match self.honours(app, token).await? {
                Honoured::No => self.lost(tokens).await.map(Some),
                Honoured::Yes | Honoured::CannotAsk => Ok(None),
            },
            (Some(ErrorKind::ReauthorizationRequired), _) => {
                self.ask_user_again(tokens, "refused", error.to_string()).await.map(Some)
            }
            // A policy that keeps the user out, say: whoever lifts it finds the connection as it was.
            _ => {
                self.end_refresh(id, *generation).await?;
                Err(error)
            }
        }
    }

    async fn honours(&self, app: &AllowedApp, token: &Secret) -> Result<Honoured, ConnectionError> {
        if app.app.client_secret.is_none() {
            return Ok(Honoured::CannotAsk);
        }
        match self.at_login(app).introspect(&app.app, token.expose(), TokenType::RefreshToken, OAUTH_CALL).await {
            Ok(introspection) if introspection.active => Ok(Honoured::Yes),
            Ok(_) => Ok(Honoured::No),
            Err(error) if error.outcome() == Outcome::Rejected => Ok(Honoured::CannotAsk),
            Err(error) => Err(ConnectionError::OAuth(error)),
        }
    }

    async fn lost(&self, tokens: &Tokens) -> Result<Tokens, ConnectionError> {
        let reason = "the answer to a refresh was lost after Salesforce had replaced the refresh token";
        self.ask_user_again(tokens, "answer-lost", reason.to_owned()).await
    }

    /// `why` is for the log and a metric, the reason for the tenant.
    async fn ask_user_again(
        &self,
        tokens: &Tokens,
        why: &'static str,
        reason: String,
    ) -> Result<Tokens, ConnectionError> {
        let state = ConnectionState::NeedsReauthorization;
        self.end(&tokens.id, state, Some(reason.clone()), Some(tokens.generation)).await?;
        self.user_needed(&tokens.tenant, &tokens.id, why);
        Err(ConnectionError::NotActive { state, reason: Some(reason) })
    }
}

impl Refreshes {
    pub(super) fn new(directory: PathBuf) -> Refreshes {
        Refreshes { directory, turns: Mutex::default() }
    }

    async fn turn(&self, id: &str) -> io::Result<Turn> {
        let in_this_process = self.in_this_process(id).lock_owned().await;
        let name: ConnectionId = id.parse().map_err(io::Error::other)?;
        let (directory, path) = (self.directory.clone(), self.directory.join(name.as_str()));
        let locking = tokio::task::spawn_blocking(move || {
            fs::create_dir_all(directory)?;
            let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
            file.lock()?;
            Ok::<_, io::Error>(file)
        });
        let among_processes = locking.await.map_err(io::Error::other)??;
        Ok(Turn { _among_processes: among_processes, _in_this_process: in_this_process })
    }

    fn in_this_process(&self, id: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(id).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(tokio::sync::Mutex::new(()));
        turns.insert(id.to_owned(), Arc::downgrade(&turn));
        turn
    }
}
