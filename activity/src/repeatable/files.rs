//! `files`.

use salesforce_connector::core::files::{self, ByteRange};
use salesforce_connector::core::name::{FieldName, ObjectName};
use salesforce_connector::core::record_id::RecordId;

use crate::connect::run;
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::files as wit;

impl wit::Guest for Activity {
    fn download_blob(
        object: String,
        id: String,
        field: String,
        range: Option<wit::ByteRange>,
    ) -> Result<wit::Blob, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let object = ObjectName::parse(&object)?;
            let id = RecordId::parse("id", &id)?;
            let field = FieldName::parse_as("field", &field)?;
            let range = range.map(|range| ByteRange::parse(range.offset, range.length, options.max_response_bytes));
            let blob = files::download(transport, connection, &object, &id, &field, range.transpose()?, options)?;
            Ok(wit::Blob {
                data: blob.data,
                offset: blob.offset,
                total_size: blob.total_size,
                content_type: blob.content_type,
            })
        })
    }
}
