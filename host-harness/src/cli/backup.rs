//! `harness backup` and `harness restore`.

use std::path::PathBuf;

use clap::Args;
use salesforce_server::KeySource;
use serde::Serialize;

use super::App;
use super::failure::Failure;
use super::serve::{data_directory, key_source};

const BACKUP_HELP: &str = "\
DIR must not exist. It appears whole, as the last step: what has another name (DIR.unfinished) is
no backup, and the next run removes it.

Without --with-keys nothing secret in the backup opens without the key, so keep a copy of that
elsewhere, and a new one after each `harness rotate-key`. With --with-keys whoever can read DIR
can do what the server can.

Examples:
  harness backup /var/backups/harness-2026-11-28 --data ./data
  harness backup ./whole --data ./data --with-keys";

const RESTORE_HELP: &str = "\
The directory of --data must be missing or empty. It appears whole, as the last step.

What happened after the backup is not in it. Executions that ran then are `unknown`. An
Idempotency-Key that was used later is not known, so what was created with it is created again.
A connection whose refresh token was replaced later needs its user again.

Examples:
  harness restore /var/backups/harness-2026-11-28 --data ./data
  HARNESS_KEY=$KEY harness restore ./whole --data ./data";

/// Copy a server's data directory to a new directory, while servers run
///
/// The copy is of one moment, and is checked before it is there: the database, the digest of every component, and with
/// --with-keys whether the key fits.
#[derive(Debug, Args)]
#[command(after_help = BACKUP_HELP)]
pub(crate) struct Backup {
    /// Directory to make
    #[arg(value_name = "DIR")]
    to: PathBuf,
    /// Directory of the server
    #[arg(long, value_name = "DIR", env = "HARNESS_DATA")]
    data: Option<PathBuf>,
    /// Copy the key file too, and the files with tokens. A key in HARNESS_KEY is never written
    #[arg(long)]
    with_keys: bool,
}

/// Make a server's data directory from a backup
///
/// Everything is checked before the directory is there; a backup that is damaged is refused. Then start
/// `harness serve` on it.
#[derive(Debug, Args)]
#[command(after_help = RESTORE_HELP)]
pub(crate) struct Restore {
    /// Directory that `harness backup` made
    #[arg(value_name = "DIR")]
    from: PathBuf,
    /// Directory to make
    #[arg(long, value_name = "DIR", env = "HARNESS_DATA")]
    data: Option<PathBuf>,
}

#[derive(Serialize)]
struct BackedUp {
    backup: String,
    database_bytes: u64,
    components: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    damaged_components: Vec<String>,
    has_keys: bool,
    keys_needed: Vec<String>,
    /// What to do about the keys.
    note: String,
}

#[derive(Serialize)]
struct RestoredData {
    data: String,
    backup_made_at: String,
    components: u64,
    has_keys: bool,
    keys_needed: Vec<String>,
    /// What to do about the keys.
    note: String,
}

impl Backup {
    pub(crate) fn run(self, app: &App) -> Result<(), Failure> {
        let data = data_directory(self.data.as_deref())?;
        let key = key_source(&data)?;
        let made = salesforce_server::backup(&data, &key, &self.to, self.with_keys);
        let made = made.map_err(|error| Failure::Local(error.to_string()))?;
        let keys = made.keys_needed.join(", ");
        let note = match &key {
            _ if made.has_keys => "the key is in the backup: whoever can read it can do what the server can".to_owned(),
            KeySource::File(path) if path.exists() => format!(
                "the key {keys} is not in the backup, and nothing secret opens without it: it is in {}, keep a copy \
                 elsewhere",
                path.display()
            ),
            KeySource::File(_) | KeySource::Given { .. } => format!(
                "the key {keys} is not in the backup, and nothing secret opens without it: it is the one that servers \
                 are given in HARNESS_KEY"
            ),
        };
        app.output.write(&BackedUp {
            backup: self.to.display().to_string(),
            database_bytes: made.database_bytes,
            components: made.components,
            damaged_components: made.damaged_components,
            has_keys: made.has_keys,
            keys_needed: made.keys_needed,
            note,
        })
    }
}

impl Restore {
    pub(crate) fn run(self, app: &App) -> Result<(), Failure> {
        let data = data_directory(self.data.as_deref())?;
        let key = key_source(&data)?;
        let restored = salesforce_server::restore(&self.from, &data, &key);
        let restored = restored.map_err(|error| Failure::Local(error.to_string()))?;
        let keys = restored.keys_needed.join(", ");
        let note = match key {
            KeySource::Given { .. } => "HARNESS_KEY is the key of this backup: start the server with it".to_owned(),
            KeySource::File(_) if restored.has_keys => "the key was in the backup: start the server".to_owned(),
            KeySource::File(path) => format!(
                "the key {keys} was not in the backup: before the start, put the key file to {} (mode 600), or set \
                 HARNESS_KEY",
                path.display()
            ),
        };
        app.output.write(&RestoredData {
            data: data.display().to_string(),
            backup_made_at: restored.made_at,
            components: restored.components,
            has_keys: restored.has_keys,
            keys_needed: restored.keys_needed,
            note,
        })
    }
}
