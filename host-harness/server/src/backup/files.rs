//! Files of a copy: their owner's alone, on the disk before they count, and known by their digest.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::BackupError;

const PIECE: usize = 1 << 16;

/// What a file must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sum {
    /// 64 hexadecimal digits.
    pub(super) sha256: String,
    pub(super) bytes: u64,
}

/// Makes a new, empty file.
pub(super) fn create(path: &Path) -> Result<File, BackupError> {
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    created.map_err(|error| BackupError::new(path, error))
}

/// Copies a file to a new one and onto the disk.
pub(super) fn copy(from: &Path, to: &Path) -> Result<Sum, BackupError> {
    copy_if_there(from, to)?.ok_or_else(|| BackupError::new(from, "the file is missing"))
}

/// The same; none if there is nothing to copy.
pub(super) fn copy_if_there(from: &Path, to: &Path) -> Result<Option<Sum>, BackupError> {
    let mut source = match File::open(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| BackupError::new(from, error))?,
    };
    let mut file = create(to)?;
    let read = |piece: &mut [u8]| source.read(piece).map_err(|error| BackupError::new(from, error));
    let sum = each_piece(read, |piece| file.write_all(piece).map_err(|error| BackupError::new(to, error)))?;
    file.sync_all().map_err(|error| BackupError::new(to, error))?;
    Ok(Some(sum))
}

/// Reads a file that is there, and sees it onto the disk.
pub(super) fn sum(path: &Path) -> Result<Sum, BackupError> {
    let failed = |error| BackupError::new(path, error);
    let mut file = File::open(path).map_err(failed)?;
    let sum = each_piece(|piece| file.read(piece).map_err(failed), |_| Ok(()))?;
    file.sync_all().map_err(failed)?;
    Ok(sum)
}

fn each_piece(
    mut read: impl FnMut(&mut [u8]) -> Result<usize, BackupError>,
    mut write: impl FnMut(&[u8]) -> Result<(), BackupError>,
) -> Result<Sum, BackupError> {
    let (mut digest, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        let length = read(&mut buffer)?;
        let piece = buffer.get(..length).unwrap_or_default();
        if piece.is_empty() {
            let sha256 = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            return Ok(Sum { sha256, bytes });
        }
        digest.update(piece);
        write(piece)?;
        bytes += piece.len() as u64;
    }
}
