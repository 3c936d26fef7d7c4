//! From one key to the next, in steps that no process can miss and that can be gone on with after a crash.
//!
//! ```text
//! new key "opening" ──► key file has it ──► every living process holds it ──► it encrypts, the old one is "retiring"
//!                                                                                      │ re-encrypted, some at a time
//!   the key file is without it ◄── the old key is "retired" ◄── nothing encrypted with it is left
//! ```
//!
//! Each step is one transaction that reads where things stand, so several rotations may run at once and share the work.

use std::path::Path;

use rusqlite::Connection;

use super::columns::{self, Cursor};
use super::key::Key;
use super::source::{self, KeySource};
use super::table::{self, Holder, KeyState, KnownKey};
use super::{Vault, VaultError};
use crate::database::StoreError;

/// Looks at a key that another rotation announced, before that counts as cut off.
const MOST_LOOKS: u32 = 5;

/// What one rotation remembers between its steps. Everything else is in the database.
#[derive(Debug, Default)]
pub(crate) struct Rotation {
    /// The key that it made, until that is in the key file.
    made: Option<Key>,
    /// How often it has found another rotation's key announced and not yet in the key file.
    looks: u32,
    /// It has seen a new key encrypt: when nothing is left to do, it is done.
    switched: bool,
    cursor: Cursor,
    damaged: Vec<String>,
    reencrypted: usize,
}

/// What a step has come to.
#[derive(Debug)]
pub(crate) enum Step {
    /// There is more to do.
    Going,
    /// These processes cannot open what the new key would encrypt; or, without any, another rotation has the next step.
    Waiting(Vec<Holder>),
    /// Values at these places do not open, so their key cannot go.
    Damaged(Vec<String>),
    /// One key is left, and has encrypted everything. So many values were re-encrypted here.
    Done(usize),
}

impl Rotation {
    /// One step. `connection` is a transaction that writes, `processes` the directory in which servers are registered.
    ///
    /// # Errors
    /// The keys do not fit the database, or the key file or the database cannot be written. Nothing is lost: the next
    /// rotation goes on.
    pub(crate) fn step(
        &mut self,
        connection: &Connection,
        vault: &Vault,
        processes: &Path,
    ) -> Result<Step, StoreError> {
        let known = table::all(connection)?;
        let offered = vault.fit(&known)?;
        let has = |state| known.iter().find(|key| key.state == state);
        if let Some(opening) = has(KeyState::Opening) {
            return self.introduce(connection, vault, opening, offered, processes);
        }
        if has(KeyState::Retiring).is_some() {
            return self.reencrypt(connection, vault, &known);
        }
        if has(KeyState::Retired).is_some() {
            vault.tidy(connection, &known, &offered)?;
            return Ok(Step::Going);
        }
        if self.switched {
            return Ok(Step::Done(self.reencrypted));
        }
        self.begin(connection, vault, &known, &offered)
    }

    /// Announces a new key.
    fn begin(
        &mut self,
        connection: &Connection,
        vault: &Vault,
        known: &[KnownKey],
        offered: &[Key],
    ) -> Result<Step, StoreError> {
        let key = match (&vault.source, offered.first()) {
            (KeySource::Given { current: _, previous }, Some(current)) => {
                if known.iter().any(|key| key.check == *current.check()) {
                    self.switched = previous.is_some();
                    return if self.switched { Ok(Step::Going) } else { Err(nothing_new(current).into()) };
                }
                current.clone()
            }
            _ => Key::generate(),
        };
        table::insert(connection, &key, KeyState::Opening)?;
        self.made = Some(key);
        Ok(Step::Going)
    }

    /// Gets a new key to all processes; then it encrypts.
    fn introduce(
        &mut self,
        connection: &Connection,
        vault: &Vault,
        opening: &KnownKey,
        mut offered: Vec<Key>,
        processes: &Path,
    ) -> Result<Step, StoreError> {
        let is_offered = offered.iter().any(|key| *key.check() == opening.check);
        let made = self.made.as_ref().filter(|key| *key.check() == opening.check);
        match (&vault.source, made) {
            (KeySource::File(path), Some(key)) if !is_offered => {
                offered.push(key.clone());
                source::write(path, &offered)?;
                return Ok(Step::Going);
            }
            // Its maker is about to write it, was cut off before anybody could encrypt with it, or was given another key.
            _ if !is_offered && self.looks < MOST_LOOKS => {
                self.looks += 1;
                return Ok(Step::Waiting(Vec::new()));
            }
            _ if !is_offered => {
                self.looks = 0;
                table::remove(connection, KeyState::Opening)?;
                return Ok(Step::Going);
            }
            _ => {}
        }
        let late = table::without(connection, &opening.check, processes)?;
        if !late.is_empty() {
            return Ok(Step::Waiting(late));
        }
        table::replace_state(connection, KeyState::Encrypting, KeyState::Retiring)?;
        table::replace_state(connection, KeyState::Opening, KeyState::Encrypting)?;
        Ok(Step::Going)
    }

    /// Re-encrypts some values; after the last one, the old keys are no longer needed.
    fn reencrypt(&mut self, connection: &Connection, vault: &Vault, known: &[KnownKey]) -> Result<Step, StoreError> {
        self.switched = true;
        let reencrypted = columns::reencrypt(connection, vault, self.cursor)?;
        self.reencrypted += reencrypted.count;
        self.damaged.extend(reencrypted.damaged);
        if let Some(next) = reencrypted.next {
            self.cursor = next;
            return Ok(Step::Going);
        }
        let retiring = known.iter().filter(|key| key.state == KeyState::Retiring);
        let left = retiring.map(|key| columns::count(connection, key.id)).sum::<Result<i64, _>>()?;
        if left == 0 {
            table::replace_state(connection, KeyState::Retiring, KeyState::Retired)?;
            return Ok(Step::Going);
        }
        self.cursor = Cursor::default();
        let damaged = std::mem::take(&mut self.damaged);
        Ok(if damaged.is_empty() { Step::Going } else { Step::Damaged(damaged) })
    }
}

fn nothing_new(current: &Key) -> VaultError {
    VaultError::Key(format!(
        "HARNESS_KEY is the key {} that encrypts already: set HARNESS_KEY to the new key and HARNESS_PREVIOUS_KEY to this one",
        current.id()
    ))
}
