//! What the answer says of one record.

use super::batch::{Batch, Work};
use crate::core::error::{Error, ErrorKind, Outcome, Result, printable};
use crate::core::error_list::sort;
use crate::core::json::{Json, Object, required};
use crate::core::record_id::RecordId;
use crate::core::records::event_uuid;
use crate::core::status_code::Meaning;

/// A record that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// 18 characters.
    pub id: String,
    /// Whether it is new, if Salesforce told.
    pub created: Option<bool>,
    /// `EventUuid` of a published event.
    pub event_uuid: Option<String>,
    /// Whether a repeated delete found it gone.
    pub already_deleted: bool,
}

/// Reads the entry of the record with this index.
pub(super) fn read(entry: Json<'_>, batch: &Batch, index: usize) -> Result<Written> {
    let entry = Object::expect(entry, "the result of a record")?;
    let success = required("success", entry.boolean("success")?)?;
    let expected = batch.ids.get(index);
    let told = entry.find("id", Json::shown).unwrap_or_default();
    let id = RecordId::parse("id", &told).ok();
    // Also of a refusal: it may be that of another record.
    if let (Some(expected), Some(id)) = (expected, &id)
        && !expected.is(id)
    {
        return Err(not_its_id(&told));
    }
    if !success {
        return Err(refusal(&entry));
    }
    let id = id.ok_or_else(|| not_its_id(&told))?;
    let created = match batch.work {
        Work::Create => Some(true),
        Work::Update | Work::Delete => Some(false),
        Work::Upsert => entry.boolean("created")?,
    };
    Ok(Written { id: id.to_18(), created, event_uuid: event_uuid(&entry), already_deleted: false })
}

/// The error of a record that Salesforce says it did not write: its codes mean what they mean for a single record.
fn refusal(entry: &Object<'_>) -> Box<Error> {
    let mut error = Error::new(
        ErrorKind::Rejected,
        Outcome::Rejected,
        "Salesforce refused this record, and gave no reason that can be read",
    );
    let errors = entry.find("errors", Json::elements);
    let entries: Vec<_> = errors.into_iter().flatten().filter_map(Json::object).collect();
    sort(&mut error, &entries, Meaning::on_write);
    let first = error.problems.iter().find(|problem| !problem.code.is_empty()).or(error.problems.first());
    if let Some(first) = first {
        error.message = first.refusal_of_record();
    }
    error
}

fn not_its_id(told: &str) -> Box<Error> {
    let told = match printable(told, 30) {
        told if told.is_empty() => "none".into(),
        told => told,
    };
    Error::invalid_response(["expected the Id of this record, but ", &told, " came"].concat())
}

/// Whether an answer with status 400 is nevertheless a list of results, as all-or-none may have it.
pub(super) fn is_list(body: &[u8]) -> bool {
    let list = Json::parse(body, "results").ok().and_then(Json::elements);
    let mut results = list.into_iter().flatten().map(Json::object);
    results.next().flatten().is_some_and(|first| matches!(first.boolean("success"), Ok(Some(_))))
}
