//! Whether the keys fit the database. Nothing is written with keys that do not, and none is made over old data.

use rusqlite::Connection;

use super::key::{Key, KeyId};
use super::source::{self, KeySource};
use super::table::{self, KeyState, KnownKey};
use super::{Vault, VaultError, columns};
use crate::database::StoreError;

impl Vault {
    /// Holds the keys of this database, adopting them if it knows none yet, and notes which process holds them.
    pub(super) fn claim(&self, connection: &Connection) -> Result<(), StoreError> {
        let known = table::all(connection)?;
        if known.is_empty() {
            self.adopt(connection)?;
        } else {
            let offered = self.fit(&known)?;
            // A key file that cannot be written serves, and is tidied by a later start.
            if let Err(error) = self.tidy(connection, &known, &offered) {
                tracing::warn!(%error, "keys that are no longer needed stay in the key file");
            }
        }
        self.register(connection)
    }

    /// Reads the keys and holds those that the database knows. Answers what was read.
    ///
    /// # Errors
    /// A key that has encrypted something is not among them.
    pub(super) fn fit(&self, known: &[KnownKey]) -> Result<Vec<Key>, VaultError> {
        let offered = self.source.read()?;
        let among = |known: &KnownKey| offered.iter().flatten().find(|key| *key.check() == known.check);
        for needed in known {
            match (among(needed), needed.state) {
                (Some(key), KeyState::Opening | KeyState::Encrypting | KeyState::Retiring) => self.hold(key.clone()),
                (None, KeyState::Encrypting | KeyState::Retiring) => {
                    return Err(self.misfit(offered.as_deref(), needed.id, needed.state));
                }
                (_, KeyState::Opening | KeyState::Retired) => {}
            }
        }
        Ok(offered.unwrap_or_default())
    }

    /// Notes that this process holds its keys.
    pub(super) fn register(&self, connection: &Connection) -> Result<(), StoreError> {
        let Some(process) = &self.process else { return Ok(()) };
        let learns = matches!(self.source, KeySource::File(_));
        table::register(connection, process, learns, &self.held())
    }

    /// Takes retired keys out of the key file, then out of the database, and removes what a killed writer left.
    pub(super) fn tidy(&self, connection: &Connection, known: &[KnownKey], offered: &[Key]) -> Result<(), StoreError> {
        self.source.tidy()?;
        let retired: Vec<_> = known.iter().filter(|key| key.state == KeyState::Retired).map(|key| key.check).collect();
        if retired.is_empty() {
            return Ok(());
        }
        let kept = source::without(offered, &retired);
        if let KeySource::File(path) = &self.source
            && kept.len() < offered.len()
        {
            source::write(path, &kept)?;
        }
        table::remove(connection, KeyState::Retired)
    }

    /// The first key of a new database, or those of one that an earlier version made, where the first line encrypted.
    fn adopt(&self, connection: &Connection) -> Result<(), StoreError> {
        let needed = columns::key_ids(connection)?;
        let offered = match (self.source.read()?, &self.source) {
            (Some(offered), _) => offered,
            (None, KeySource::File(path)) if needed.is_empty() => {
                let made = vec![Key::generate()];
                source::write(path, &made)?;
                made
            }
            (None, _) => Vec::new(),
        };
        for id in needed.iter().copied() {
            let key = offered.iter().find(|key| key.id() == id);
            let key = key.ok_or_else(|| self.misfit(Some(&offered), id, KeyState::Encrypting))?;
            self.hold(key.clone());
            columns::open_samples(connection, self, id)?;
        }
        for (place, key) in offered.iter().enumerate().filter(|(place, key)| *place == 0 || needed.contains(&key.id()))
        {
            table::insert(connection, key, if place == 0 { KeyState::Encrypting } else { KeyState::Retiring })?;
            self.hold(key.clone());
        }
        Ok(self.source.tidy()?)
    }

    fn misfit(&self, offered: Option<&[Key]>, needed: KeyId, state: KeyState) -> VaultError {
        let found = offered.unwrap_or_default().iter().map(|key| key.id().to_string()).collect::<Vec<_>>().join(", ");
        let data = match state {
            KeyState::Retiring => format!("some of this directory's data is still encrypted with the key {needed}"),
            _ => format!("this directory's data is encrypted with the key {needed}"),
        };
        VaultError::Unfit(match &self.source {
            KeySource::File(path) if found.is_empty() => {
                format!(
                    "{data}, and the key file {} is missing: put it back from its copy, or set HARNESS_KEY if the key was given there",
                    path.display()
                )
            }
            KeySource::File(path) => format!(
                "{data}, and the key file {} holds {found}: put the file of this directory back from its copy, or set \
                 HARNESS_KEY if the key was given there",
                path.display()
            ),
            KeySource::Given { .. } => format!(
                "{data}, and {} gives {found}: set HARNESS_KEY to {needed}; or, for a new key, set HARNESS_KEY to the new \
                 one and HARNESS_PREVIOUS_KEY to {needed}, and run harness rotate-key",
                self.source.name()
            ),
        })
    }
}
