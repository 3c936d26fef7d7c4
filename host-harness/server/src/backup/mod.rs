//! `harness backup` and `harness restore`: a whole copy of a data directory, made while servers run.
//!
//! A backup is a directory with a database, the components that it refers to, a [manifest] of digests, and on request the
//! keys and tokens. Both ways the copy grows in a directory of another name and is renamed as the last step, so what has
//! the right name is whole, however the program ended.

mod files;
mod manifest;
mod restore;
mod unfinished;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::clock;
use super::database::schema;
use super::database::{FILE as DATABASE, StoreError};
use super::ids::ComponentDigest;
use super::vault::{self, KeySource, VaultError};
use files::Sum;
pub(super) use manifest::NAME as MANIFEST;
use manifest::{Keys, Manifest};
pub use restore::{Restored, restore};
use unfinished::Unfinished;

const KEY: &str = "key";
const TENANT_TOKEN: &str = "tenant-token";
const ADMIN_TOKEN: &str = "admin-token";
const COMPONENTS: &str = "components";
const BUSY: Duration = Duration::from_secs(20);
/// Copies that are made anew because the key was changed between that of the database and that of the key file.
const ATTEMPTS: u32 = 5;

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Bytes of its database.
    pub database_bytes: u64,
    /// Components in it.
    pub components: u64,
    /// Digests of those whose bytes were missing or damaged already, and are not in it.
    pub damaged_components: Vec<String>,
    /// Which keys open what is encrypted in it.
    pub keys_needed: Vec<String>,
    /// Whether they are in it.
    pub has_keys: bool,
}

/// There is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file or directory is not what it must be.
    #[error("{}: {reason}", path.display())]
    Path {
        /// Which.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The database cannot be copied, or a copy cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    fn new(path: &Path, reason: impl ToString) -> BackupError {
        BackupError::Path { path: path.to_owned(), reason: reason.to_string() }
    }
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> BackupError {
        BackupError::Store(error.into())
    }
}

/// Copies a data directory to a new directory. Servers may run on it meanwhile. `key` is where they have their key from,
/// which is copied on request, with the files of tokens, if it is a file.
///
/// # Errors
/// [`BackupError`], and there is nothing at `to`.
pub fn backup(data: &Path, key: &KeySource, to: &Path, with_keys: bool) -> Result<Backup, BackupError> {
    let path = data.join(DATABASE);
    if !path.is_file() {
        let words = "there is no database in it: name the directory that `harness serve --data` was given";
        return Err(BackupError::new(data, words));
    }
    let key_file = with_keys.then(|| key_file(data, key)).transpose()?;
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::new(to, "it exists: a backup is a new directory"));
    }
    let unfinished = Unfinished::begin(to)?;
    let live = open(&path)?;
    let (copy, key) = copy_with_its_key(&live, key_file, &unfinished)?;
    let (components, damaged_components) = copy_components(&live, &copy, &data.join(COMPONENTS), &unfinished)?;
    check_integrity(&copy, &unfinished.path(DATABASE))?;
    let keys_needed = vault::needed_keys(&copy)?;
    copy.close().map_err(|(_, error)| error)?;
    let database = files::sum(&unfinished.path(DATABASE))?;
    let token = |name| files::copy_if_there(&data.join(name), &unfinished.path(name));
    let keys = match key {
        Some(key) => Some(Keys { key, admin_token: token(ADMIN_TOKEN)?, tenant_token: token(TENANT_TOKEN)? }),
        None => None,
    };
    let made = Backup {
        database_bytes: database.bytes,
        components,
        damaged_components,
        keys_needed: keys_needed.clone(),
        has_keys: keys.is_some(),
    };
    Manifest::new(clock::rfc3339(clock::now()), database, components, keys_needed, keys).write(&unfinished)?;
    unfinished.finish()?;
    Ok(made)
}

fn key_file<'a>(data: &Path, key: &'a KeySource) -> Result<&'a Path, BackupError> {
    match key {
        KeySource::File(path) if path.is_file() => Ok(path),
        KeySource::File(path) => {
            let words = "there is no key file to copy: make the backup without keys, and keep the key that servers are \
                         given in HARNESS_KEY";
            Err(BackupError::new(path, words))
        }
        KeySource::Given { .. } => {
            let words = "the key is in HARNESS_KEY, and a key that is given is never written: make the backup without \
                         keys, and keep the key yourself";
            Err(BackupError::new(data, words))
        }
    }
}

/// Copies the database, and the key file so that it fits the copy: the key may be changed in between.
fn copy_with_its_key(
    live: &Connection,
    key_file: Option<&Path>,
    unfinished: &Unfinished,
) -> Result<(Connection, Option<Sum>), BackupError> {
    let mut attempt = 1;
    loop {
        let mut copy = copy_database(live, &unfinished.path(DATABASE))?;
        let Some(key_file) = key_file else { return Ok((copy, None)) };
        files::copy(key_file, &unfinished.path(KEY))?;
        match vault::fits(KeySource::File(unfinished.path(KEY)), &mut copy) {
            // Keys that are retired have been taken out of the copied file.
            Ok(()) => return Ok((copy, Some(files::sum(&unfinished.path(KEY))?))),
            Err(StoreError::Vault(VaultError::Unfit(_))) if attempt < ATTEMPTS => attempt += 1,
            Err(StoreError::Vault(VaultError::Unfit(_))) => {
                return Err(BackupError::new(key_file, "it does not hold the key that the database is encrypted with"));
            }
            Err(error) => return Err(error.into()),
        }
        copy.close().map_err(|(_, error)| error)?;
        unfinished.empty()?;
    }
}

/// A copy of what is committed now, as this program's version has it.
fn copy_database(live: &Connection, to: &Path) -> Result<Connection, BackupError> {
    let name = to.to_str().ok_or_else(|| BackupError::new(to, "expected a path in UTF-8"))?;
    files::create(to)?;
    live.execute("VACUUM INTO ?1", [name])?;
    let mut copy = open(to)?;
    schema::migrate(&mut copy)?;
    Ok(copy)
}

/// Copies the components that may run by the copied database. Answers how many, and which have no good bytes.
fn copy_components(
    live: &Connection,
    copy: &Connection,
    from: &Path,
    unfinished: &Unfinished,
) -> Result<(u64, Vec<String>), BackupError> {
    let (mut count, mut damaged) = (0, Vec::new());
    unfinished.make_directory(COMPONENTS)?;
    for digest in accepted(copy)? {
        let name = format!("{digest}.wasm");
        let to = unfinished.path(COMPONENTS).join(&name);
        match files::copy_if_there(&from.join(&name), &to)? {
            Some(sum) if sum.sha256 == digest.as_str() => {
                count += 1;
                continue;
            }
            Some(_) => std::fs::remove_file(&to).map_err(|error| BackupError::new(&to, error))?,
            None => {}
        }
        let still = "SELECT EXISTS (SELECT 1 FROM component WHERE digest = ?1 AND state = 'accepted')";
        if live.query_row(still, [digest.as_str()], |row| row.get(0))? {
            let note = "UPDATE component SET state = 'damaged' WHERE digest = ?1 AND state = 'accepted'";
            copy.execute(note, [digest.as_str()])?;
            damaged.push(digest.into());
        } else {
            // It was deleted while the copy was made.
            copy.execute("DELETE FROM component WHERE digest = ?1 AND state = 'accepted'", [digest.as_str()])?;
        }
    }
    Ok((count, damaged))
}

/// The components that may run.
fn accepted(connection: &Connection) -> Result<Vec<ComponentDigest>, BackupError> {
    let mut statement = connection.prepare("SELECT DISTINCT digest FROM component WHERE state = 'accepted'")?;
    let digests = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let digests = digests.iter().map(|digest| digest.parse()).collect::<Result<_, _>>();
    digests.map_err(|_| StoreError::Foreign("a component's digest").into())
}

fn check_integrity(connection: &Connection, path: &Path) -> Result<(), BackupError> {
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(BackupError::new(path, format!("the database is damaged: {found}"))) }
}

/// Opens a database that is there.
fn open(path: &Path) -> Result<Connection, BackupError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}
