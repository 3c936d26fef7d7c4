//! Where a file goes.

use super::wit;
use crate::core::error::Result;
use crate::core::files::Target;
use crate::core::record_id::RecordId;

pub(crate) fn file_target(target: wit::FileTarget) -> Result<Target> {
    Ok(match target {
        wit::FileTarget::Unlinked => Target::Unlinked,
        wit::FileTarget::LinkedTo(id) => Target::LinkedTo(RecordId::parse("target.linked-to", &id)?),
        wit::FileTarget::VersionOf(id) => Target::VersionOf(RecordId::parse("target.version-of", &id)?),
    })
}
