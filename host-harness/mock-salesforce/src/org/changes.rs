//! Which records changed in a span of time. Not for how they did: nothing keeps that.
//!
//! Source: SOAP API Developer Guide, "getUpdated()" and "getDeleted()".

use jiff::Timestamp;

use super::generated::check_stored;
use super::table::{Row, Table};
use super::value::{Key, Value};
use super::{Org, RecordId};
use crate::ApiError;

impl Org {
    /// The Ids of all live records that were made or changed from `start` on and before `end`.
    ///
    /// # Errors
    /// 404 `NOT_FOUND`; 400 `INVALID_TYPE_FOR_OPERATION` for an object that keeps no `SystemModstamp`.
    pub fn updated(&self, object: &str, start: Timestamp, end: Timestamp) -> Result<Vec<String>, ApiError> {
        Ok(self.changed(object, start, end, false)?.into_iter().map(|(id, _)| id.to_string()).collect())
    }

    /// The Ids of all records that were deleted from `start` on and before `end`, each with its time.
    ///
    /// # Errors
    /// Those of [`Org::updated`].
    pub fn deleted(
        &self,
        object: &str,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<Vec<(String, Timestamp)>, ApiError> {
        Ok(self.changed(object, start, end, true)?.into_iter().map(|(id, at)| (id.to_string(), at)).collect())
    }

    fn changed(
        &self,
        object: &str,
        start: Timestamp,
        end: Timestamp,
        deleted: bool,
    ) -> Result<Vec<(RecordId, Timestamp)>, ApiError> {
        let table = self.table(object)?;
        check_stored(table, "which of them changed")?;
        let Some(place) = table.object.place("SystemModstamp") else {
            let message = format!("entity type {} does not support replication", table.object.name);
            return Err(ApiError::bad_request("INVALID_TYPE_FOR_OPERATION", message));
        };
        let (from, until) = (Key::DateTime(start), Key::DateTime(end));
        let changed = table.range(place, &from, &until).filter(|row| row.deleted == deleted);
        let mut changed: Vec<_> = changed.filter_map(|row| modstamp(row, place).map(|at| (row.id, at))).collect();
        // In the order of their making, which is that of their Ids.
        changed.sort_unstable();
        Ok(changed)
    }

    /// Whether this record has not changed since.
    pub(crate) fn is_older(table: &Table, row: &Row, than: Timestamp) -> bool {
        let place = table.object.place("SystemModstamp");
        place.and_then(|place| modstamp(row, place)).is_none_or(|at| at <= than)
    }
}

fn modstamp(row: &Row, place: usize) -> Option<Timestamp> {
    match row.value(place) {
        Value::DateTime(at) => Some(*at),
        _ => None,
    }
}
