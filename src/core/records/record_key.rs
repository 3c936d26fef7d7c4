//! Which record an action is for.

use crate::core::external_id::ExternalId;
use crate::core::record_id::RecordId;

/// Which record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordKey {
    /// By Id.
    Id(RecordId),
    /// By external Id.
    ExternalId(ExternalId),
}

impl RecordKey {
    /// What follows the object in the path of the record's resource: one segment, or two.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Id(id) => id.as_str().into(),
            Self::ExternalId(external_id) => external_id.path(),
        }
    }
}
