//! `files`: a blob, passed on while it comes. Of `upload` there is more in [`upload`](crate::upload).

use salesforce_connector::core::error::Result;
use salesforce_connector::core::files::{Arrival, Downloaded, NewFile};
use salesforce_connector::core::http::Failure;
use salesforce_connector::core::name::{FieldName, ObjectName};
use salesforce_connector::core::record_id::RecordId;
use wit_bindgen::{FutureReader, StreamReader, StreamWriter};

use crate::call;
use crate::deadline::Deadline;
use crate::export::{self, write};
use crate::mapping::file_target;
use crate::paged::parse;
use crate::upload::upload;
use crate::world::Streams;
use crate::world::exports::workflow::salesforce::types::Error as WitError;
use crate::world::exports::workflow::salesforce_streams::files as wit;

impl wit::Guest for Streams {
    async fn download(
        on: wit::Connection,
        object: String,
        id: String,
        field: String,
        options: wit::CallOptions,
    ) -> (StreamReader<u8>, FutureReader<Result<wit::Downloaded, WitError>>) {
        export::stream(async move |bytes| pass_on(&on, &object, &id, &field, options, bytes).await)
    }

    async fn upload(
        on: wit::Connection,
        file_name: String,
        size: u64,
        data: StreamReader<u8>,
        target: wit::FileTarget,
        title: Option<String>,
        content_type: Option<String>,
        fields: Option<String>,
        options: wit::CallOptions,
    ) -> Result<wit::Uploaded, WitError> {
        let file = file_target(target)
            .and_then(|target| NewFile::parse(file_name, &target, title.as_deref(), content_type, fields.as_deref()));
        upload(&on, file, (size, data), options).await.map_err(|error| (*error).into())
    }
}

/// Hands over all bytes, and ends the stream.
async fn pass_on(
    on: &wit::Connection,
    object: &str,
    id: &str,
    field: &str,
    options: wit::CallOptions,
    mut bytes: StreamWriter<u8>,
) -> Result<Downloaded> {
    let (connection, options) = parse(on, options)?;
    let object = ObjectName::parse(object)?;
    let id = RecordId::parse("id", id)?;
    let request = Arrival::request(&connection, &object, &id, &FieldName::parse_as("field", field)?);
    let (head, begun) = call::begin(&request, &options).await?;
    let mut arrival = Arrival::begin(&head)?;
    if let Some((mut body, mut piece)) = begun {
        while !piece.is_empty() {
            arrival.take(piece.len())?;
            let buffer = write(&mut bytes, piece).await?;
            let next = Deadline::start(&options).within(body.next(buffer)).await;
            let next = next.unwrap_or(Err(Failure::DeadlineExceeded { sent: true }));
            piece = next.map_err(|failure| arrival.broken(failure))?;
        }
    }
    arrival.finish()
}

impl From<Downloaded> for wit::Downloaded {
    fn from(blob: Downloaded) -> Self {
        Self {
            count: blob.count,
            total_size: blob.total_size,
            content_type: blob.content_type,
            usage: blob.usage.map(Into::into),
        }
    }
}
