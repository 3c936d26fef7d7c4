//! `files`.

use super::Connector;
use super::mapping::{file_link, file_target};
use super::types::{answer, call};
use crate::core::files::{self, ByteRange, NewFile};
use crate::core::name::{FieldName, ObjectName};
use crate::core::record_id::RecordId;
use crate::world::exports::workflow::salesforce::files as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn download_blob(
        on: wit::Connection,
        object: String,
        id: String,
        field: String,
        range: Option<wit::ByteRange>,
        options: wit::CallOptions,
    ) -> Result<wit::Blob, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let object = ObjectName::parse(&object)?;
            let id = RecordId::parse("id", &id)?;
            let field = FieldName::parse_as("field", &field)?;
            let range = range.map(|range| ByteRange::parse(range.offset, range.length, options.max_response_bytes));
            let range = range.transpose()?;
            let blob = files::download(&mut transport, &connection, &object, &id, &field, range, &options)?;
            Ok(wit::Blob {
                data: blob.data,
                offset: blob.offset,
                total_size: blob.total_size,
                content_type: blob.content_type,
                usage: blob.usage.map(Into::into),
            })
        })
    }

    fn upload_file(
        on: wit::Connection,
        file_name: String,
        data: Vec<u8>,
        target: wit::FileTarget,
        title: Option<String>,
        content_type: Option<String>,
        fields: Option<String>,
        options: wit::CallOptions,
    ) -> Result<wit::Uploaded, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let target = file_target(target)?;
            let file = NewFile::parse(file_name, &target, title.as_deref(), content_type, fields.as_deref())?;
            let (version_id, usage) = files::upload(&mut transport, &connection, &file, &data, &options)?;
            Ok(wit::Uploaded { version_id, usage: usage.map(Into::into) })
        })
    }

    fn link_file(
        on: wit::Connection,
        document_id: String,
        record_id: String,
        share_type: wit::ShareType,
        visibility: Option<wit::FileVisibility>,
        options: wit::CallOptions,
    ) -> Result<wit::Linked, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let link = file_link(&document_id, &record_id, share_type, visibility)?;
            let (id, usage) = files::link(&mut transport, &connection, &link, &options)?;
            Ok(wit::Linked { id, usage: usage.map(Into::into) })
        })
    }
}
