//! A record by an external Id.

use super::wit;
use crate::core::error::Result;
use crate::core::external_id::ExternalId;

pub(crate) fn external_id(id: &wit::ExternalId) -> Result<ExternalId> {
    ExternalId::parse(&id.field, &id.value)
}
