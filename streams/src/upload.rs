//! `upload`: a file, sent on while its bytes come.

use salesforce_connector::core::error::Result;
use salesforce_connector::core::files::{NewFile, Uploading};
use wit_bindgen::{StreamReader, StreamResult};

use crate::call;
use crate::deadline::Deadline;
use crate::paged::parse;
use crate::transport::Outgoing;
use crate::world::exports::workflow::salesforce_streams::files as wit;
use crate::world::random::random::get_random_u64;

/// Bytes of a piece at most.
const PIECE: usize = 32 << 10;

/// Uploads these bytes as this file.
pub(crate) async fn upload(
    on: &wit::Connection,
    file: Result<NewFile>,
    (size, mut data): (u64, StreamReader<u8>),
    options: wit::CallOptions,
) -> Result<wit::Uploaded> {
    let (connection, options) = parse(on, options)?;
    let mut uploading = Uploading::parse(&file?, size, &mut get_random_u64)?;
    let request = uploading.request(&connection);
    let feed = async |body: &mut Outgoing| {
        let deadline = || Deadline::start(&options);
        body.write_within(uploading.before(), deadline()).await?;
        let (mut result, mut piece) = (StreamResult::Complete(0), Vec::new());
        while result != StreamResult::Dropped {
            piece.clear();
            piece.reserve(PIECE);
            (result, piece) = data.read(piece).await;
            uploading.take(piece.len())?;
            piece = body.write_within(piece, deadline()).await?;
        }
        body.write_within(uploading.after()?, deadline()).await?;
        Ok(())
    };
    let (response, ()) = call::put(&request, &options, feed).await?;
    let (version_id, usage) = Uploading::read(&response)?;
    Ok(wit::Uploaded { version_id, usage: usage.map(Into::into) })
}
