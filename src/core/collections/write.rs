//! Sends a batch and sorts out what became of each record.
//!
//! An answer counts only if it has as many results as there are records. Otherwise nobody can say which result is whose, so
//! the call fails with one error for all.

use super::batch::{Batch, Work};
use super::result::{Written, is_list, read};
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, ErrorKind, MESSAGE, Outcome, Result, cut};
use crate::core::http::{Request, Response, Transport};
use crate::core::json::Json;
use crate::core::salesforce_error::on_write;
use crate::core::send::{Repeat, send_until};

/// What became of each record, in their order.
#[derive(Debug)]
pub struct Results {
    /// One for each record.
    pub results: Vec<Result<Written>>,
    /// API usage, if the answer told it.
    pub usage: Option<ApiUsage>,
}

/// Writes all records of a batch.
pub fn write(
    transport: &mut dyn Transport,
    connection: &Connection,
    mut batch: Batch,
    options: &CallOptions,
) -> Result<Results> {
    let body = batch.body.take();
    let mut request = match body {
        Some(body) => Request::write(connection, batch.method, &batch.path, body),
        None => Request::delete(connection, &batch.path),
    };
    request.extra_headers.append(&mut batch.headers);
    let repeat = if batch.work == Work::Create { Repeat::Never } else { Repeat::Idempotent };
    let refusal = |response: &Response| match response.status {
        200..=299 => None,
        400 if is_list(&response.body) => None,
        _ => Some(on_write(response)),
    };
    let (response, is_repeat) =
        send_until(transport, &request, repeat, options, &refusal).map_err(|error| of_all(error, &batch))?;
    let mut results = read_all(&response, &batch).map_err(|error| of_all(error.with_answer(&response), &batch))?;
    judge(&mut results, &batch, response.status, is_repeat);
    for error in results.iter_mut().filter_map(|result| result.as_mut().err()) {
        if error.kind == ErrorKind::InvalidResponse {
            error.message.insert_str(0, "the answer leaves open what became of this record: ");
        }
        error.retryable &= error.outcome != Outcome::Unknown || batch.work != Work::Create;
        error.status = Some(response.status);
        error.request_id = response.header("x-sfdc-request-id").map(Into::into);
        error.redact(&request.secrets);
    }
    let usage = response.header("sforce-limit-info").and_then(ApiUsage::parse);
    Ok(Results { results, usage })
}

/// One result for each record, or an error for all.
fn read_all(response: &Response, batch: &Batch) -> Result<Vec<Result<Written>>> {
    let list = Json::parse(&response.body, "a list of results")?;
    let came = list.elements().map(Iterator::count);
    let came = came.ok_or_else(|| Error::invalid_response("expected a list of results, but something else came"))?;
    if came != batch.count {
        let expected = batch.count;
        return Err(Error::invalid_response(format!(
            "expected {expected} results, one for each record, but {came} came"
        )));
    }
    let entries = list.elements().into_iter().flatten().enumerate();
    Ok(entries.map(|(index, entry)| read(entry, batch, index)).collect())
}

/// Corrects what no result can tell by itself.
fn judge(results: &mut [Result<Written>], batch: &Batch, status: u16, is_repeat: bool) {
    // The first request may have deleted it.
    if batch.work == Work::Delete && is_repeat {
        let is_deleted = |result: &Result<Written>| match result {
            Ok(_) => true,
            Err(error) => error.kind == ErrorKind::Deleted,
        };
        // With all or none it has deleted all of them, or none.
        if !batch.all_or_none || results.iter().all(is_deleted) {
            for (result, id) in results.iter_mut().zip(&batch.ids).filter(|(result, _)| is_deleted(result)) {
                let already_deleted = result.is_err();
                *result = Ok(Written { id: id.to_18(), created: Some(false), event_uuid: None, already_deleted });
            }
        }
    }
    let is_refused =
        |result: &Result<Written>| result.as_ref().is_err_and(|error| error.kind != ErrorKind::InvalidResponse);
    let contradiction = if status == 400 {
        Some("the whole request was refused")
    } else if batch.all_or_none && results.iter().any(is_refused) {
        Some("another record was refused, and all or none was asked for")
    } else {
        None
    };
    let is_twin: Vec<_> = (0..results.len()).map(|index| is_twin(results, index)).collect();
    for (result, is_twin) in results.iter_mut().zip(is_twin) {
        let untrusted = contradiction.or(is_twin.then_some("another new record has the same Id"));
        match (result, untrusted) {
            (Err(error), _) if is_repeat => error.outcome = Outcome::Unknown,
            (result @ Ok(_), Some(why)) => {
                *result =
                    Err(Error::invalid_response(["Salesforce says that it wrote the record, but ", why].concat()));
            }
            _ => {}
        }
    }
}

/// Whether this is a new record with the Id of another one. Events have one Id for all of them.
fn is_twin(results: &[Result<Written>], index: usize) -> bool {
    let is_new = |written: &&Written| written.created == Some(true) && written.event_uuid.is_none();
    let new = || results.iter().map(|result| result.as_ref().ok().filter(is_new));
    let id = new().nth(index).flatten().map(|written| &written.id);
    id.is_some() && new().flatten().filter(|written| Some(&written.id) == id).count() > 1
}

/// The error of a call that has no results: what it says holds for every record.
fn of_all(mut error: Box<Error>, batch: &Batch) -> Box<Error> {
    if error.outcome == Outcome::Unknown {
        let done = match batch.work {
            Work::Create => "created",
            Work::Update => "updated",
            Work::Upsert => "created or updated",
            Work::Delete => "deleted",
        };
        let which = match batch.count {
            1 => "the record".into(),
            count => format!("any of the {count} records"),
        };
        error.message = cut(format!("{which} may have been {done}: {}", error.message), MESSAGE);
    }
    error
}
