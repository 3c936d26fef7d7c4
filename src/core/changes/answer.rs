//! The rows of one query of a poll, each with what its place in the order is.

use super::position::{Id, Place};
use crate::core::error::{Error, Result};
use crate::core::json::Json;
use crate::core::moment::Moment;
use crate::core::record_id::RecordId;

/// A row of an answer.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) time: Moment,
    pub(super) id: Id,
    pub(super) json: Json<'a>,
}

/// Reads rows that must stand in the order of their times from `from` on, each record once. `met` are the records that came before
/// with the time of `from`; those with the last row's time are in it afterwards. The order of Ids is left to Salesforce.
pub(super) fn rows<'a>(records: Json<'a>, from: Place, met: &mut Vec<Id>) -> Result<Vec<Row<'a>>> {
    let mut rows = Vec::new();
    let mut time = from.time;
    for json in records.elements().into_iter().flatten() {
        let row = row(json)?;
        if row.time < time {
            return Err(Error::invalid_response("expected records in the order of SystemModstamp"));
        }
        if row.time > time {
            met.clear();
        }
        // In the usual order there is no need to look through them.
        if met.last().is_some_and(|last| *last >= row.id) && met.contains(&row.id) {
            return Err(Error::invalid_response("expected each record once, but one came twice"));
        }
        met.push(row.id);
        time = row.time;
        rows.push(row);
    }
    Ok(rows)
}

fn row(json: Json<'_>) -> Result<Row<'_>> {
    let members = json.named(["Id", "SystemModstamp"]);
    let row = members.and_then(|[id, time]| {
        let id = RecordId::parse("Id", &id?.text()?).ok()?;
        let id = id.as_str().as_bytes().first_chunk().copied()?;
        Some(Row { time: Moment::parse(&time?.text()?)?, id, json })
    });
    row.ok_or_else(|| Error::invalid_response("expected every record to have an Id and a SystemModstamp, each once"))
}
