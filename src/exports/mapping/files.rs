//! A link to a file.

use super::wit;
use crate::core::error::Result;
use crate::core::files::{Link, ShareType, Visibility};
use crate::core::record_id::RecordId;

pub(crate) fn file_link(
    document_id: &str,
    record_id: &str,
    share_type: wit::ShareType,
    visibility: Option<wit::FileVisibility>,
) -> Result<Link> {
    Ok(Link {
        document: RecordId::parse("document-id", document_id)?,
        record: RecordId::parse("record-id", record_id)?,
        share_type: match share_type {
            wit::ShareType::Viewer => ShareType::Viewer,
            wit::ShareType::Collaborator => ShareType::Collaborator,
            wit::ShareType::Inferred => ShareType::Inferred,
        },
        visibility: visibility.map(|visibility| match visibility {
            wit::FileVisibility::AllUsers => Visibility::AllUsers,
            wit::FileVisibility::InternalUsers => Visibility::InternalUsers,
            wit::FileVisibility::SharedUsers => Visibility::SharedUsers,
        }),
    })
}
