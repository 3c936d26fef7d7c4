//! `--out FILE`: the bytes that an action gives, as a file.

use std::fs::Permissions;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::Args;
use salesforce_actions::types::{Shape, member};
use salesforce_actions::{Action, Actions};
use serde_json::Map;
use serde_json::value::RawValue;

use super::super::failure::Failure;
use super::super::input::replaced;

/// Where bytes go.
#[derive(Debug, Default, Args)]
pub(super) struct Out {
    /// Write the bytes to this file, and print the rest of the result. A file that is there stays as it is: see --overwrite
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write over the file of --out
    #[arg(long, requires = "out")]
    overwrite: bool,
}

/// The member of an action's result that holds bytes.
pub(super) fn bytes(actions: &Actions, action: &Action) -> Option<String> {
    let types = actions.types();
    let Shape::Record(fields) = types.shape(action.result?) else { return None };
    fields.iter().find(|field| *types.shape(field.ty) == Shape::Bytes).map(|field| member(&field.name))
}

impl Out {
    /// Before anything is sent: that nothing is written over.
    ///
    /// # Errors
    /// There is such a file already.
    pub(super) fn check(&self) -> Result<(), Failure> {
        match &self.out {
            Some(file) if !self.overwrite && file.symlink_metadata().is_ok() => Err(exists(file)),
            _ => Ok(()),
        }
    }

    /// Writes the bytes of an answer, if that was asked for: at once, or not at all. What is left is what is printed.
    ///
    /// # Errors
    /// The file cannot be written, or the answer has no bytes, which only another component than the connector gives.
    pub(super) fn write(&self, answer: Box<RawValue>, member: &str) -> Result<Box<RawValue>, Failure> {
        let Some(mut file) = self.begin()? else { return Ok(answer) };
        let odd = |error: &dyn std::fmt::Display| Failure::Output(io::Error::other(format!("{member}: {error}")));
        let mut members: Map<String, serde_json::Value> =
            serde_json::from_str(answer.get()).map_err(|error| odd(&error))?;
        let base64 = match members.shift_remove(member) {
            Some(serde_json::Value::String(base64)) => base64,
            _ => return Err(odd(&"expected base64")),
        };
        let bytes = BASE64_STANDARD.decode(base64).map_err(|error| odd(&error))?;
        file.write(&bytes)?;
        file.place()?;
        serde_json::value::to_raw_value(&members).map_err(|error| odd(&error))
    }

    /// Begins the file, under another name beside its own until it is whole. None: there is none to be written.
    ///
    /// # Errors
    /// It cannot be written there.
    pub(super) fn begin(&self) -> Result<Option<Begun>, Failure> {
        self.out.as_deref().map(|file| Begun::new(file, self.overwrite)).transpose()
    }
}

/// A file that is not whole yet. Dropped, it was never there.
pub(super) struct Begun {
    /// Behind links.
    file: PathBuf,
    overwrite: bool,
    new: tempfile::NamedTempFile,
}

impl Begun {
    fn new(file: &Path, overwrite: bool) -> Result<Begun, Failure> {
        let file = replaced(file).map_err(|error| unwritten(file, &error))?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Whoever may read files of this user by default may read this one.
        let mode = Permissions::from_mode(0o666);
        let new = tempfile::Builder::new().prefix(".harness-").permissions(mode).tempfile_in(folder);
        let new = new.map_err(|error| unwritten(&file, &error))?;
        Ok(Begun { file, overwrite, new })
    }

    /// Writes what comes next of it.
    ///
    /// # Errors
    /// `Failure::Local`
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.new.write_all(bytes).map_err(|error| unwritten(&self.file, &error))
    }

    /// It is whole: it takes its name.
    ///
    /// # Errors
    /// There is such a file by now, or it cannot be written.
    pub(super) fn place(self) -> Result<(), Failure> {
        let Begun { file, overwrite, new } = self;
        // Its name would be on the disk before its bytes are.
        new.as_file().sync_all().map_err(|error| unwritten(&file, &error))?;
        let placed = if overwrite { new.persist(&file) } else { new.persist_noclobber(&file) };
        placed.map(drop).map_err(|error| unwritten(&file, &error.error))
    }
}

fn unwritten(file: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::AlreadyExists => exists(file),
        _ => Failure::Local(format!("cannot write {}: {error}", file.display())),
    }
}

fn exists(file: &Path) -> Failure {
    Failure::Usage(format!("--out: {} is there already; name another file, or add --overwrite", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_with_bytes_are_known_by_their_types() {
        let own = Actions::of_connector();
        let of = |name: &str| bytes(own, own.named(name).unwrap());
        assert_eq!(of("download-blob").as_deref(), Some("data"));
        assert_eq!((of("upload-file"), of("explain")), (None, None));
    }

    #[test]
    fn bytes_are_written_and_the_rest_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.bin");
        let answer =
            || RawValue::from_string(r#"{"data":"aP8A","offset":9007199254740993,"usage":null}"#.to_owned()).unwrap();
        let plain = Out { out: None, overwrite: false };
        assert_eq!(plain.write(answer(), "data").unwrap().get(), answer().get());
        let out = Out { out: Some(file.clone()), overwrite: false };
        out.check().unwrap();
        let rest = out.write(answer(), "data").unwrap();
        assert_eq!(rest.get(), r#"{"offset":9007199254740993,"usage":null}"#);
        assert_eq!(std::fs::read(&file).unwrap(), b"h\xff\0");
        std::fs::write(&file, "mine").unwrap();
        for refused in [out.check(), out.write(answer(), "data").map(drop)] {
            let Err(Failure::Usage(words)) = refused else { panic!("it was not refused") };
            assert!(words.ends_with("a.bin is there already; name another file, or add --overwrite"), "{words}");
        }
        assert_eq!(std::fs::read(&file).unwrap(), b"mine");
        let out = Out { overwrite: true, ..out };
        out.check().unwrap();
        out.write(answer(), "data").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"h\xff\0");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left there");
    }
}
