//! The bytes of components: files that are named by what the database knows and nothing else.
//!
//! A file comes to its place inside of the transaction that refers to it, and goes while the database is held still and
//! nobody refers to it. So what one process uploads and another one deletes at the same moment is there, or is not needed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::ids::{ComponentDigest, ProcessId};
use crate::process::Process;

const PART: &str = ".part";

/// The directory of the files.
#[derive(Clone, Debug)]
pub(super) struct Files {
    directory: PathBuf,
}

/// Bytes on the disk that are no component's yet. They go with the value.
pub(super) struct Part(NamedTempFile);

impl Files {
    pub(super) fn new(directory: PathBuf) -> Files {
        Files { directory }
    }

    /// Writes bytes that will be a component's. The name says whose they are as long as they are not.
    pub(super) fn write(&self, process: &Process, wasm: &[u8]) -> io::Result<Part> {
        fs::create_dir_all(&self.directory)?;
        let prefix = format!("{}.", process.id());
        let mut file = tempfile::Builder::new().prefix(&prefix).suffix(PART).tempfile_in(&self.directory)?;
        file.write_all(wasm)?;
        file.as_file().sync_all()?;
        Ok(Part(file))
    }

    /// Makes it the file of this component, whatever was there. Call it inside of a transaction that refers to it.
    pub(super) fn place(&self, part: Part, digest: &ComponentDigest) -> io::Result<()> {
        part.0.persist(self.path(digest)).map_err(|refused| refused.error)?;
        File::open(&self.directory)?.sync_all()
    }

    /// The bytes; none if they are missing or damaged.
    pub(super) fn read(&self, digest: &ComponentDigest) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.path(digest)) {
            Ok(wasm) => Ok(Some(wasm).filter(|wasm| ComponentDigest::of(wasm) == *digest)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a file of this length is there: what can be told of many without reading them.
    pub(super) fn is_there(&self, digest: &ComponentDigest, bytes: u64) -> bool {
        fs::metadata(self.path(digest)).is_ok_and(|file| file.is_file() && file.len() == bytes)
    }

    /// Removes the file of a component that nobody refers to. Call it while the database is held still.
    pub(super) fn remove(&self, digest: &ComponentDigest) {
        remove(&self.path(digest));
    }

    /// Removes what nobody refers to. Call it while the database is held still. Answers how many.
    pub(super) fn collect(&self, process: &Process, is_referred_to: impl Fn(&ComponentDigest) -> bool) -> usize {
        let is_garbage = |name: &str| match name.strip_suffix(".wasm").map(str::parse::<ComponentDigest>) {
            Some(digest) => !digest.is_ok_and(|digest| is_referred_to(&digest)),
            None => !name.split_once('.').is_some_and(|(owner, _)| {
                name.ends_with(PART) && owner.parse::<ProcessId>().is_ok() && process.is_alive(owner)
            }),
        };
        collect(&self.directory, is_garbage)
    }

    fn path(&self, digest: &ComponentDigest) -> PathBuf {
        self.directory.join(format!("{digest}.wasm"))
    }
}

/// Removes the entries of a directory whose name is garbage. Answers how many.
pub(super) fn collect(directory: &Path, is_garbage: impl Fn(&str) -> bool) -> usize {
    let Ok(entries) = fs::read_dir(directory) else { return 0 };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| is_garbage(name) && remove(&directory.join(name))).count()
}

/// Removes a file, or a directory with all that is in it. What cannot be removed is looked at again in the next round.
pub(super) fn remove(path: &Path) -> bool {
    let Ok(found) = fs::symlink_metadata(path) else { return false };
    let removed = if found.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.inspect_err(|error| tracing::warn!(?path, %error, "what nobody needs could not be removed")).is_ok()
}
