//! `manifest.json`: what a backup is made of. It is written last, and read first.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::BackupError;
use super::files::{self, Sum};
use super::unfinished::Unfinished;

pub(crate) const NAME: &str = "manifest.json";
const KIND: &str = "harness-backup";
const FORMAT: u32 = 1;
const MOST_BYTES: u64 = 1 << 16;

/// What a backup is made of. Components are named by their digests in the database.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    kind: String,
    format: u32,
    pub(super) made_at: String,
    pub(super) database: Sum,
    pub(super) components: u64,
    /// Ids of the keys that open what is encrypted in the database.
    keys_needed: Vec<String>,
    /// Null: they are not in it.
    pub(super) keys: Option<Keys>,
}

/// What opens a backup, and the server that is started on it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    pub(super) key: Sum,
    pub(super) admin_token: Option<Sum>,
    pub(super) tenant_token: Option<Sum>,
}

/// What any version can read.
#[derive(Deserialize)]
struct Head {
    kind: String,
    format: u32,
}

impl Manifest {
    pub(super) fn new(
        made_at: String,
        database: Sum,
        components: u64,
        keys_needed: Vec<String>,
        keys: Option<Keys>,
    ) -> Manifest {
        Manifest { kind: KIND.to_owned(), format: FORMAT, made_at, database, components, keys_needed, keys }
    }

    pub(super) fn write(&self, unfinished: &Unfinished) -> Result<(), BackupError> {
        let path = unfinished.path(NAME);
        let mut file = files::create(&path)?;
        let written = serde_json::to_vec_pretty(self).map_err(io::Error::from);
        let written = written.and_then(|json| file.write_all(&json)).and_then(|()| file.sync_all());
        written.map_err(|error| BackupError::new(&path, error))
    }

    /// Of a backup.
    pub(super) fn read(backup: &Path) -> Result<Manifest, BackupError> {
        let path = backup.join(NAME);
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let words = format!("it is no backup, or only half of one: there is no {NAME} in it");
                return Err(BackupError::new(backup, words));
            }
            opened => opened.map_err(|error| BackupError::new(&path, error))?,
        };
        let mut json = Vec::new();
        file.take(MOST_BYTES).read_to_end(&mut json).map_err(|error| BackupError::new(&path, error))?;
        let foreign = |error| BackupError::new(&path, format!("it is damaged, or not of `harness backup`: {error}"));
        let head: Head = serde_json::from_slice(&json).map_err(foreign)?;
        if head.kind != KIND || head.format > FORMAT {
            let words = format!(
                "expected a {KIND} of format {FORMAT}, found {:?} of format {}: a later one needs the later program",
                head.kind, head.format
            );
            return Err(BackupError::new(&path, words));
        }
        serde_json::from_slice(&json).map_err(foreign)
    }
}
