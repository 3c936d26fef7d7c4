//! A file that goes out as it is read.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use indicatif::ProgressBar;
use salesforce_actions::Call;
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::files::{FileTarget, Uploaded};
use salesforce_streams::bindings::NewFile;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, ReadBuf};

use super::super::super::failure::Failure;
use super::super::super::input::expect_file;
use super::{Streams, input, progress, usage};

#[derive(Deserialize)]
struct Input {
    file_name: String,
    target: Target,
    title: Option<String>,
    content_type: Option<String>,
    fields: Option<Box<RawValue>>,
}

/// What becomes of the bytes, as JSON has it.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Target {
    Unlinked,
    LinkedTo(String),
    VersionOf(String),
}

impl From<Target> for FileTarget {
    fn from(target: Target) -> Self {
        match target {
            Target::Unlinked => FileTarget::Unlinked,
            Target::LinkedTo(id) => FileTarget::LinkedTo(id),
            Target::VersionOf(id) => FileTarget::VersionOf(id),
        }
    }
}

/// The file that `--data` names.
pub(super) struct Data(PathBuf);

impl Data {
    /// # Errors
    /// It names none.
    pub(super) fn named(argument: Option<&str>) -> Result<Data, Failure> {
        let argument = argument.unwrap_or_default();
        if argument == "-" {
            let words = "--data: standard input does not say how long it is, and Salesforce is told before the bytes come: write it \
                         to a file, and name that: --data @FILE";
            return Err(Failure::Usage(words.to_owned()));
        }
        let path = argument.strip_prefix('@').map(PathBuf::from);
        path.map(Data).ok_or_else(|| Failure::Usage("--data: with --streams expected @FILE".to_owned()))
    }

    /// Opens it, and says how long it is.
    fn open(&self) -> Result<(File, u64), Failure> {
        let Data(path) = self;
        let opened = || {
            expect_file(path)?;
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            // What the shell has opened for `<(command)` is a pipe.
            if metadata.is_file() {
                return Ok((file, metadata.len()));
            }
            Err(io::Error::new(io::ErrorKind::InvalidInput, "expected a file, found what has no length"))
        };
        opened().map_err(|error| unreadable(path, &error))
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::Local(format!("cannot read {}: {error}", path.display()))
}

/// Uploads the file, and gives the action's result.
///
/// # Errors
/// As [`super::run`].
pub(super) async fn of(streams: &Streams, call: &Call, data: &Data) -> Result<Value, Failure> {
    let Input { file_name, target, title, content_type, fields } = input(call)?;
    let (target, fields) = (FileTarget::from(target), fields.map(|fields| fields.get().to_owned()));
    let uploaded = streams.call(call, async |instance, connection| {
        let (file, size) = match data.open() {
            Ok(opened) => opened,
            Err(failure) => return Ok(Err(failure)),
        };
        let (target, title) = (target.clone(), title.clone());
        let (content_type, fields) = (content_type.clone(), fields.clone());
        let new = NewFile { target, title, content_type, fields, ..NewFile::new(&file_name, size) };
        let progress = progress::bytes(Some(size));
        let data = Reading { file, progress: progress.clone() };
        let uploaded = instance.upload(connection, new, data, streams.options).await;
        progress.finish_and_clear();
        uploaded.map(Ok).map_err(of_data)
    });
    let Uploaded { version_id, usage: used } = uploaded.await?;
    Ok(json!({ "version_id": version_id, "usage": usage(used) }))
}

/// The size is that of the file: what is wrong with it is wrong with the data.
fn of_data(mut error: ExecutionError) -> ExecutionError {
    if let ExecutionError::Connector(error) = &mut error
        && let Some(words) = error.message.strip_prefix("size: ")
    {
        error.message = format!("data: {words}");
    }
    error
}

/// A file that is read when the component asks for its bytes.
struct Reading {
    file: File,
    progress: ProgressBar,
}

impl AsyncRead for Reading {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // A disk is never waited for by a poll, and whatever else this thread has to do goes on elsewhere.
        let read = tokio::task::block_in_place(|| self.file.read(buffer.initialize_unfilled()))?;
        buffer.advance(read);
        self.progress.inc(read as u64);
        Poll::Ready(Ok(()))
    }
}
