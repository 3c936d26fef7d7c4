//! Reads records by Id, by POST: 2,000 Ids fit in no URI.

use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::http::{Method, Request, Response, Transport};
use crate::core::json::{Json, Object};
use crate::core::name::{FieldPath, ObjectName};
use crate::core::record_id::RecordId;
use crate::core::salesforce_error;
use crate::core::send::{Repeat, send_with};

/// Salesforce's limit on the records of a call.
const MOST_RECORDS: usize = 2_000;

/// Records that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// JSON array, an entry for each Id, in their order; null where there is no record.
    pub records: String,
    /// API usage, if the answer told it.
    pub usage: Option<ApiUsage>,
}

/// 1 to 2,000 Ids.
pub fn parse_ids(ids: &[String]) -> Result<Vec<RecordId>> {
    if !(1..=MOST_RECORDS).contains(&ids.len()) {
        let expected = format!("1 to 2,000, but there are {}: get the records in parts", ids.len());
        return Err(Error::invalid_argument("ids", &expected));
    }
    ids.iter().enumerate().map(|(index, id)| RecordId::parse(&format!("ids[{index}]"), id)).collect()
}

/// Reads records of one object by Id.
pub fn get(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: &ObjectName,
    ids: &[RecordId],
    fields: &[FieldPath],
    options: &CallOptions,
) -> Result<Found> {
    if fields.iter().any(FieldPath::is_relationship) {
        let expected = "API names of fields, such as Name: soql-query reads paths such as Owner.Name";
        return Err(Error::invalid_argument("fields", expected));
    }
    let has_id = fields.iter().any(|field| field.as_str().eq_ignore_ascii_case("Id"));
    let mut body = String::from("{\"ids\":[");
    list(&mut body, ids.iter().map(RecordId::as_str));
    body.push_str("],\"fields\":[");
    // By its Id a record is known to be the one that was asked for.
    list(&mut body, (!has_id).then_some("Id").into_iter().chain(fields.iter().map(FieldPath::as_str)));
    body.push_str("]}");
    let path = ["/composite/sobjects/", object.as_str()].concat();
    let request = Request::write(connection, Method::Post, &path, body);
    let response = send_with(transport, &request, Repeat::Safe, options, salesforce_error::on_read)?;
    let records = read(&response, ids).map_err(|error| error.with_answer(&response))?;
    let usage = response.header("sforce-limit-info").and_then(ApiUsage::parse);
    Ok(Found { records: records.as_str().into(), usage })
}

/// Names and Ids hold letters, digits and underscores, so they need no escapes.
fn list<'a>(text: &mut String, items: impl Iterator<Item = &'a str>) {
    for (index, item) in items.enumerate() {
        for part in [if index == 0 { "\"" } else { ",\"" }, item, "\""] {
            text.push_str(part);
        }
    }
}

/// The list of records, each the one that was asked for in its place.
fn read<'a>(response: &'a Response, ids: &[RecordId]) -> Result<Json<'a>> {
    let records = Json::parse(&response.body, "a list of records")?;
    let mut expected = ids.iter();
    let mut entries = records
        .elements()
        .ok_or_else(|| Error::invalid_response("expected a list of records, but something else came"))?;
    loop {
        match (entries.next(), expected.next()) {
            (None, None) => return Ok(records),
            (Some(entry), Some(id)) => is_record(entry, id)?,
            _ => {
                let came = records.elements().map_or(0, Iterator::count);
                let expected = ids.len();
                return Err(Error::invalid_response(format!("expected {expected} records or nulls, but {came} came")));
            }
        }
    }
}

fn is_record(entry: Json<'_>, id: &RecordId) -> Result<()> {
    if entry.is_null() {
        return Ok(());
    }
    let told = Object::expect(entry, "a record")?.field("Id")?.text();
    match told.and_then(|told| RecordId::parse("Id", &told).ok()) {
        Some(told) if told.is(id) => Ok(()),
        _ => {
            Err(Error::invalid_response(format!("expected the record {} in its place, but another came", id.as_str())))
        }
    }
}
