//! Which record.

use super::{external_id, wit};
use crate::core::error::Result;
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
