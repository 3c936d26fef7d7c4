//! The vault on real databases and key files. Each [`Site::start`] is a process of its own as far as keys go.

mod columns;
mod fit;
mod rotation;

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::params;

use super::*;
use crate::connections::place;
use crate::process;

pub(super) const ONE: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
pub(super) const TWO: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
pub(super) const THREE: &str = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=";

/// A data directory.
pub(super) struct Site {
    pub(super) data: tempfile::TempDir,
    pub(super) database: Database,
}

impl Site {
    /// With a tenant and nothing encrypted.
    pub(super) async fn new() -> Site {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(&data.path().join("harness.sqlite")).unwrap();
        let site = Site { data, database };
        site.execute(
            "INSERT INTO tenant (id, name, executions_at_once, executions_a_minute, memory_mib, seconds, created_at)
             VALUES ('t', 't', 1, 1, 1, 1, 1)",
        )
        .await;
        site
    }

    pub(super) fn key_file(&self) -> PathBuf {
        self.data.path().join("key")
    }

    pub(super) fn processes(&self) -> PathBuf {
        process::directory(self.data.path())
    }

    /// Lines of the key file.
    pub(super) fn lines(&self) -> usize {
        std::fs::read_to_string(self.key_file()).unwrap().lines().count()
    }

    /// A server, with the key in the file.
    pub(super) async fn start(&self) -> Result<Arc<Vault>, StoreError> {
        self.start_with(KeySource::in_directory(self.data.path())).await
    }

    pub(super) async fn start_with(&self, source: KeySource) -> Result<Arc<Vault>, StoreError> {
        let process = Arc::new(Process::register(&self.processes()).unwrap());
        Ok(Arc::new(Vault::open(source, &self.database, Some(process)).await?))
    }

    /// Why a server does not start. Whatever the reason, nothing is changed.
    pub(super) async fn refused(&self, source: KeySource) -> String {
        let before = (std::fs::read(self.key_file()).ok(), self.keys().await);
        let error = self.start_with(source).await.expect_err("it has started").to_string();
        assert_eq!((std::fs::read(self.key_file()).ok(), self.keys().await), before);
        error
    }

    /// Stores a new connection with an encrypted client secret.
    pub(super) async fn store(&self, vault: &Arc<Vault>, id: &'static str) -> Result<(), StoreError> {
        let vault = vault.clone();
        self.database
            .write(move |connection| {
                let encrypted = vault.encrypt(connection, &place("client_secret", id), id.as_bytes())?;
                connection.execute(
                    "INSERT INTO connection (id, tenant, name, state, login_url, client_id, encrypted_client_secret,
                     requested_scopes, created_at, updated_at) VALUES (?1, 't', ?1, 'active', '', '', ?2, '', 1, 1)",
                    params![id, encrypted],
                )?;
                Ok(())
            })
            .await
    }

    /// Opens all client secrets; answers how many.
    pub(super) async fn open_all(&self, vault: &Arc<Vault>) -> Result<usize, StoreError> {
        let vault = vault.clone();
        self.database
            .read(move |connection| {
                let mut statement = connection.prepare("SELECT id, encrypted_client_secret FROM connection")?;
                let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                let rows = rows.collect::<Result<Vec<(String, Vec<u8>)>, _>>()?;
                for (id, encrypted) in &rows {
                    assert_eq!(vault.decrypt(&place("client_secret", id), encrypted)?, id.as_bytes());
                }
                Ok(rows.len())
            })
            .await
    }

    pub(super) async fn execute(&self, sql: &'static str) {
        self.database.write(move |connection| Ok(connection.execute_batch(sql)?)).await.unwrap();
    }

    /// States of the keys, in the order in which they were made.
    pub(super) async fn keys(&self) -> Vec<table::KeyState> {
        let known = self.database.read(table::all).await.unwrap();
        known.into_iter().map(|key| key.state).collect()
    }
}

pub(super) fn given(current: &str, previous: Option<&str>) -> KeySource {
    let secret = |text: &str| Secret::from(text.to_owned());
    KeySource::Given { current: secret(current), previous: previous.map(secret) }
}

/// Encrypts without storing.
pub(super) async fn encrypt(site: &Site, vault: &Arc<Vault>, place: &'static str, text: &'static [u8]) -> Vec<u8> {
    let vault = vault.clone();
    site.database.write(move |connection| vault.encrypt(connection, place, text)).await.unwrap()
}

#[tokio::test]
async fn what_is_encrypted_opens_at_its_place_only() {
    let site = Site::new().await;
    let vault = site.start().await.unwrap();
    let encrypted = encrypt(&site, &vault, "connection/1", b"sentinel-token").await;
    assert!(!encrypted.windows(8).any(|window| window == b"sentinel"));
    assert_eq!(vault.decrypt_secret("connection/1", &encrypted).unwrap().expose(), "sentinel-token");
    assert!(matches!(vault.decrypt_secret("connection/2", &encrypted), Err(VaultError::Damaged)));
    assert_ne!(encrypted, encrypt(&site, &vault, "connection/1", b"sentinel-token").await);
}

#[tokio::test]
async fn a_changed_value_does_not_open() {
    let site = Site::new().await;
    let vault = site.start().await.unwrap();
    let encrypted = encrypt(&site, &vault, "place", b"text").await;
    for place in 0..encrypted.len() {
        let mut changed = encrypted.clone();
        changed[place] ^= 1;
        let error = vault.decrypt("place", &changed).unwrap_err();
        assert!(matches!(error, VaultError::UnknownKey | VaultError::Damaged), "{error}");
    }
    for length in 0..encrypted.len() {
        assert!(vault.decrypt("place", &encrypted[..length]).is_err());
    }
}
