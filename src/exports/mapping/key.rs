//! Which record.

use super::wit;
use crate::core::error::Result;
use crate::core::external_id::ExternalId;
use crate::core::record_id::RecordId;
use crate::core::records::{RecordKey, Target};

pub(crate) fn record_key(key: wit::RecordKey) -> Result<RecordKey> {
    Ok(match key {
        wit::RecordKey::Id(id) => RecordKey::Id(RecordId::parse("key.id", &id)?),
        wit::RecordKey::ExternalId(id) => RecordKey::ExternalId(external_id(&id)?),
    })
}

pub(crate) fn upsert(upsert: wit::Upsert) -> Result<Target> {
    Ok(Target::Upsert { external_id: external_id(&upsert.external_id)?, update_only: upsert.update_only })
}

pub(crate) fn external_id(id: &wit::ExternalId) -> Result<ExternalId> {
    ExternalId::parse(&id.field, &id.value)
}
