//! A data directory from a backup, once all of it is what its manifest says.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::files::{self, Sum};
use super::manifest::Manifest;
use super::unfinished::Unfinished;
use super::{ADMIN_TOKEN, BackupError, COMPONENTS, DATABASE, KEY, TENANT_TOKEN, accepted, check_integrity, open};
use crate::database::StoreError;
use crate::database::schema;
use crate::process;
use crate::vault::{self, KeySource, VaultError};

/// A data directory that was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// When its backup was made, in RFC 3339.
    pub made_at: String,
    /// Components in it.
    pub components: u64,
    /// Which keys open what is encrypted in it.
    pub keys_needed: Vec<String>,
    /// Whether the key file is in it.
    pub has_keys: bool,
}

/// Makes a data directory from a backup. `data` is missing or empty. A key that servers will be given must fit.
///
/// # Errors
/// [`BackupError`], and nothing was written to `data`.
pub fn restore(from: &Path, data: &Path, key: &KeySource) -> Result<Restored, BackupError> {
    let manifest = Manifest::read(from)?;
    let data = place(data)?;
    let unfinished = Unfinished::begin(&data)?;
    let copy = |name, sum| copy_as(&from.join(name), &unfinished.path(name), sum);
    copy(DATABASE, &manifest.database)?;
    if let Some(keys) = &manifest.keys {
        copy(KEY, &keys.key)?;
        for (name, token) in [(ADMIN_TOKEN, &keys.admin_token), (TENANT_TOKEN, &keys.tenant_token)] {
            token.as_ref().map_or(Ok(()), |token| copy(name, token))?;
        }
    }
    let backup = from.join(DATABASE);
    let mut database = open(&unfinished.path(DATABASE))?;
    schema::check_version(&database)?;
    check_integrity(&database, &backup)?;
    unfinished.make_directory(COMPONENTS)?;
    let components = accepted(&database)?;
    if components.len() as u64 != manifest.components {
        let words = format!("expected {} components, the database has {}", manifest.components, components.len());
        return Err(BackupError::new(from, words));
    }
    for digest in &components {
        let name = format!("{COMPONENTS}/{digest}.wasm");
        let sum = files::copy(&from.join(&name), &unfinished.path(&name))?;
        if sum.sha256 != digest.as_str() {
            return Err(damaged(&from.join(&name)));
        }
    }
    if manifest.keys.is_some() {
        let fits = vault::fits(KeySource::File(unfinished.path(KEY)), &mut database);
        fits.map_err(|error| unfit(error, &from.join(KEY), "it is not the key of the backup's database"))?;
    }
    if let KeySource::Given { .. } = key {
        let fits = vault::fits(key.clone(), &mut database);
        fits.map_err(|error| unfit(error, from, "HARNESS_KEY is not the key that this backup is encrypted with"))?;
    }
    let keys_needed = vault::needed_keys(&database)?;
    database.close().map_err(|(_, error)| error)?;
    // Removing keys that are retired may have changed the file.
    if manifest.keys.is_some() {
        files::sum(&unfinished.path(KEY))?;
    }
    unfinished.finish()?;
    let has_keys = manifest.keys.is_some();
    Ok(Restored { made_at: manifest.made_at, components: manifest.components, keys_needed, has_keys })
}

/// Where the directory will be: nothing may be there but an empty directory.
fn place(data: &Path) -> Result<PathBuf, BackupError> {
    let failed = |error| BackupError::new(data, error);
    match fs::read_dir(data) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let data = std::path::absolute(data).map_err(failed)?;
            if let Some(parent) = data.parent() {
                DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(failed)?;
            }
            Ok(data)
        }
        Err(error) => Err(failed(error)),
        Ok(mut entries) => match entries.next() {
            None => fs::canonicalize(data).map_err(failed),
            Some(_) if process::living(&process::directory(data)).is_ok_and(|living| !living.is_empty()) => {
                let words = "a server is running on it: name a directory that is new or empty";
                Err(BackupError::new(data, words))
            }
            Some(_) => {
                let words =
                    "it is not empty, and nothing is overwritten: name another directory, or move this one away";
                Err(BackupError::new(data, words))
            }
        },
    }
}

fn copy_as(from: &Path, to: &Path, expected: &Sum) -> Result<(), BackupError> {
    if files::copy(from, to)? == *expected { Ok(()) } else { Err(damaged(from)) }
}

fn damaged(path: &Path) -> BackupError {
    BackupError::new(path, "it is damaged: it is not what was backed up. Use another backup")
}

fn unfit(error: StoreError, path: &Path, words: &str) -> BackupError {
    match error {
        StoreError::Vault(VaultError::Unfit(_)) => BackupError::new(path, words),
        other => other.into(),
    }
}
