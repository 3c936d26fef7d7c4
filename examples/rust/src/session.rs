//! A stored connection: calls with it, and the one refresh that an expired session needs.
//!
//! The file is the one that `harness login` writes, and the lock beside it is the harness's too, so both may use it at
//! once.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use salesforce_runtime::bindings::oauth::ConnectedApp;
use salesforce_runtime::bindings::types::{Connection, ErrorKind, Outcome};
use salesforce_runtime::egress::{EgressPolicy, LoginUrl};
use salesforce_runtime::{Connector, Execution, ExecutionError};
use serde_json::{Map, Value, json};

use crate::OPTIONS;

/// Calls with the connection in a file. Clones share nothing but the file.
#[derive(Clone)]
pub(crate) struct Session {
    connector: Connector,
    file: PathBuf,
}

/// What the file says. It holds secrets, so it has no Debug.
#[derive(Clone)]
pub(crate) struct Stored(Map<String, Value>);

impl Session {
    pub(crate) fn new(connector: Connector, file: PathBuf) -> Session {
        Session { connector, file }
    }

    /// Makes one call. If the session has expired: one refresh, and the call once more.
    pub(crate) async fn call<T>(
        &self,
        action: impl AsyncFn(Execution, Connection) -> Result<T, ExecutionError>,
    ) -> anyhow::Result<T> {
        let stored = self.read()?;
        match action(self.connector.execution(stored.policy()?), stored.connection()?).await {
            // If an earlier attempt within the call may have arrived, the refusal of a later one does not make it
            // harmless; that would be `unknown`.
            Err(ExecutionError::Connector(error))
                if error.kind == ErrorKind::SessionExpired && error.outcome == Outcome::Rejected => {}
            other => return Ok(other?),
        }
        // In a task of its own: a caller that goes away must not take the new tokens with it.
        let (session, expired) = (self.clone(), stored.text("access_token")?.to_owned());
        let renewed = tokio::spawn(async move { session.refresh(&expired).await }).await??;
        Ok(action(self.connector.execution(renewed.policy()?), renewed.connection()?).await?)
    }

    async fn refresh(&self, expired: &str) -> anyhow::Result<Stored> {
        let _lock = self.lock().await?;
        let stored = self.read()?;
        if stored.text("access_token")? != expired {
            return Ok(stored);
        }
        if stored.0.get("refresh_under_way") == Some(&Value::Bool(true)) {
            bail!(
                "an earlier refresh never finished, and sending its token again could revoke the connection: log in again"
            );
        }
        let token = stored.text("refresh_token")?;
        // Whoever finds this mark after a crash must not send the token again: Salesforce may have replaced it.
        self.write(&stored.with([("refresh_under_way", true.into())]))?;
        let execution = self.connector.execution(stored.policy()?);
        let tokens = match execution.refresh(&stored.app()?, token, OPTIONS).await {
            Ok(tokens) => tokens,
            Err(error) => {
                if error.outcome() != Outcome::Unknown {
                    self.write(&stored)?;
                }
                return Err(error.into());
            }
        };
        let rotated = tokens.refresh_token.as_deref() != Some(token);
        let renewed = stored.with([
            ("instance_url", tokens.instance_url.into()),
            ("access_token", tokens.access_token.into()),
            ("refresh_token", tokens.refresh_token.into()),
        ]);
        // Before anybody uses them.
        self.write(&renewed)?;
        println!("{}", json!({"did": "refresh", "because": "session-expired", "rotated": rotated}));
        Ok(renewed)
    }

    pub(crate) fn read(&self) -> anyhow::Result<Stored> {
        let reading = || format!("reading {}", self.file.display());
        let text = std::fs::read_to_string(&self.file).with_context(reading)?;
        // Not serde_json's own words: they may repeat what they stumble on.
        let fields = serde_json::from_str(&text).map_err(|_| anyhow::anyhow!("expected one JSON object"));
        fields.map(Stored).with_context(reading)
    }

    /// Whole or not at all, and for the owner only: so tempfile makes it.
    fn write(&self, stored: &Stored) -> anyhow::Result<()> {
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut unfinished = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut unfinished, &stored.0)?;
        unfinished.as_file().sync_all()?;
        unfinished.persist(&self.file)?;
        Ok(())
    }

    /// Held until the file is dropped.
    async fn lock(&self) -> anyhow::Result<File> {
        let mut path = self.file.clone().into_os_string();
        path.push(".lock");
        let locked = tokio::task::spawn_blocking(move || {
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
            file.lock()?;
            std::io::Result::Ok(file)
        });
        Ok(locked.await??)
    }
}

impl Stored {
    /// The connected app.
    pub(crate) fn app(&self) -> anyhow::Result<ConnectedApp> {
        Ok(ConnectedApp {
            login_url: self.text("login_url")?.to_owned(),
            client_id: self.text("client_id")?.to_owned(),
            client_secret: self.optional("client_secret"),
        })
    }

    /// Where a call may connect to: the login host and the org. Loopback is for a mock, and only if the login URL,
    /// which the user chose, is on loopback.
    pub(crate) fn policy(&self) -> anyhow::Result<EgressPolicy> {
        let login: LoginUrl = self.text("login_url")?.parse()?;
        let policy = EgressPolicy::origins([login.origin().clone(), self.text("instance_url")?.parse()?]);
        Ok(if login.is_loopback() { policy.allow_loopback() } else { policy })
    }

    fn connection(&self) -> anyhow::Result<Connection> {
        Ok(Connection {
            instance_url: self.text("instance_url")?.to_owned(),
            access_token: self.text("access_token")?.to_owned(),
            api_version: self.optional("api_version"),
        })
    }

    fn text(&self, name: &str) -> anyhow::Result<&str> {
        let missing = || format!("expected a text `{name}` in the connection file: log in again");
        self.0.get(name).and_then(Value::as_str).with_context(missing)
    }

    fn optional(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    fn with<const N: usize>(&self, fields: [(&str, Value); N]) -> Stored {
        let mut changed = self.clone();
        changed.0.extend(fields.map(|(name, value)| (name.to_owned(), value)));
        changed
    }
}
