//! A blob as a file, which has its name only once all of it is there.

use salesforce_actions::Call;
use salesforce_streams::bindings::Downloaded;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::super::super::failure::Failure;
use super::super::out::Out;
use super::{Streams, input, progress, usage};

#[derive(Deserialize)]
struct Input {
    object: String,
    id: String,
    field: String,
    range: Option<Box<RawValue>>,
}

/// Writes the blob, and gives what else the action has in its result.
///
/// # Errors
/// As [`super::run`]. Then there is no file.
pub(super) async fn to(streams: &Streams, call: &Call, out: &Out) -> Result<Value, Failure> {
    let Input { object, id, field, range } = input(call)?;
    if range.is_some() {
        return Err(Failure::Usage("--streams takes all of a blob: leave --offset and --length out".to_owned()));
    }
    let downloaded = streams.call(call, async |instance, connection| {
        let mut file = match out.begin() {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(Err(Failure::Usage("--streams needs a file: --out FILE".to_owned()))),
            Err(failure) => return Ok(Err(failure)),
        };
        let progress = progress::bytes(None);
        let mut blob = instance.download(connection, &object, &id, &field, streams.options);
        while let Some(piece) = blob.next_piece().await {
            if let Err(failure) = file.write(&piece) {
                return Ok(Err(failure));
            }
            progress.inc(piece.len() as u64);
        }
        let downloaded = blob.finish().await?;
        Ok(file.place().map(|()| downloaded))
    });
    let Downloaded { total_size, content_type, usage: used, .. } = downloaded.await?;
    Ok(json!({ "offset": 0, "total_size": total_size, "content_type": content_type, "usage": usage(used) }))
}
