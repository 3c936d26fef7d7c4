//! `uploads`.

use salesforce_connector::core::files::{self, NewFile};

use crate::connect::run;
use crate::mapping::{file_link, file_target};
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::uploads as wit;

impl wit::Guest for Activity {
    fn upload_file(
        file_name: String,
        data: Vec<u8>,
        target: wit::FileTarget,
        title: Option<String>,
        content_type: Option<String>,
        fields: Option<String>,
    ) -> Result<String, wit::Error> {
        run(Action::Write, |transport, connection, options| {
            let target = file_target(target)?;
            let file = NewFile::parse(file_name, &target, title.as_deref(), content_type, fields.as_deref())?;
            Ok(files::upload(transport, connection, &file, &data, options)?.0)
        })
    }

    fn link_file(
        document_id: String,
        record_id: String,
        share_type: wit::ShareType,
        visibility: Option<wit::FileVisibility>,
    ) -> Result<String, wit::Error> {
        run(Action::Write, |transport, connection, options| {
            let link = file_link(&document_id, &record_id, share_type, visibility)?;
            Ok(files::link(transport, connection, &link, options)?.0)
        })
    }
}
