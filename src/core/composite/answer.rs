//! The answers of parts: each found by its name, and read as the same answer to a request of its own would be.

use super::action::Expected;
use super::parts::{Part, Parts};
use crate::core::error::{Error, Result};
use crate::core::http::Response;
use crate::core::json::{Json, Object, required};
use crate::core::records::{Saved, pick, read_saved_id};
use crate::core::salesforce_error::{on_read, on_write};
use crate::core::soql::{Page, read_first_page};

/// What a part gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gave {
    /// The record.
    Saved(Saved),
    /// It is updated.
    Updated,
    /// It is deleted.
    Deleted,
    /// JSON object, keyed as the fields were asked for.
    Values(String),
    /// A page of records.
    Records(Page),
}

/// Reads `compositeResponse` of an object inside of `response`: a result for each part, in their order. An error is one of
/// the whole request: nothing of the answer can be trusted.
pub(super) fn read(answer: &Object<'_>, parts: &Parts, response: &Response) -> Result<Vec<Result<Gave>>> {
    let entries = required("compositeResponse", answer.elements("compositeResponse")?)?;
    let mut found: Vec<(usize, Option<Object<'_>>)> = parts.list.iter().map(|_| (0, None)).collect();
    for entry in entries {
        let entry = Object::expect(entry, "the answer of a part")?;
        let Some(reference_id) = entry.text("referenceId")? else {
            return Err(of_the_whole(&entry, response));
        };
        let place = parts.list.iter().position(|part| part.reference_id == reference_id);
        let Some((count, of_part)) = place.and_then(|place| found.get_mut(place)) else {
            return Err(Error::invalid_response("the answer has a part that was not asked for"));
        };
        *count += 1;
        *of_part = Some(entry);
    }
    let results = parts.list.iter().zip(found).map(|(part, (count, entry))| match entry {
        Some(entry) if count == 1 => read_part(part, &entry, response),
        Some(_) => Err(Error::invalid_response("the answer has this part twice")),
        None => Err(Error::invalid_response("the answer does not have this part")),
    });
    Ok(results.collect())
}

/// Without a name, the one entry of the answer is about the request: so Salesforce refuses too many parts.
fn of_the_whole(entry: &Object<'_>, response: &Response) -> Box<Error> {
    match of_part(entry, response) {
        Ok(refusal) if refusal.status >= 400 => on_write(&refusal),
        _ => Error::invalid_response("expected referenceId, but it is missing"),
    }
}

fn read_part(part: &Part, entry: &Object<'_>, response: &Response) -> Result<Gave> {
    let mut response = of_part(entry, response)?;
    let expected = &part.request.expected;
    let result = match response.status {
        200..=299 => done(expected, &mut response).map_err(|error| error.with_answer(&response)),
        _ if expected.writes() => Err(on_write(&response)),
        _ => Err(on_read(&response)),
    };
    result.map_err(|mut error| {
        // A write that may have been done must not simply be made again.
        error.retryable &= error.outcome != crate::core::error::Outcome::Unknown || !expected.writes();
        error
    })
}

/// The answer as if it had come alone.
fn of_part(entry: &Object<'_>, response: &Response) -> Result<Response> {
    let status = required("httpStatusCode", entry.number("httpStatusCode")?)?;
    let status = u16::try_from(status).ok().filter(|status| (100..=599).contains(status));
    let status = required("a status in httpStatusCode", status)?;
    let body = entry.member("body")?.map_or("", Json::as_str);
    let is_kept = |name: &str| name.eq_ignore_ascii_case("x-sfdc-request-id");
    let headers = response.headers.iter().filter(|(name, _)| is_kept(name)).cloned().collect();
    Ok(Response { status, headers, body: body.into() })
}

fn done(expected: &Expected, response: &mut Response) -> Result<Gave> {
    match expected {
        Expected::Saved { is_create } => read_saved_id(response, *is_create).map(Gave::Saved),
        Expected::Updated if response.status == 204 => Ok(Gave::Updated),
        Expected::Deleted if response.status == 204 => Ok(Gave::Deleted),
        Expected::Updated | Expected::Deleted => {
            Err(Error::invalid_response(format!("expected status 204, but {} came", response.status)))
        }
        Expected::Values(fields) => {
            Json::parse(&response.body, "a record").and_then(|record| pick(record, fields)).map(Gave::Values)
        }
        Expected::Page(query) => read_first_page(response, query).map(Gave::Records),
    }
}
