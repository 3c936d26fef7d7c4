//! Jobs against a script.

mod ingest;
mod jobs;
mod query_results;

use super::*;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{ErrorKind, Outcome};
use crate::core::http::{Failure, Method, Response};
use crate::core::record_id::RecordId;
use crate::core::script::{Script, answer};

const ID: &str = "7505e000003xPmkAAE";
const DATA: &str = "https://example.my.salesforce.com/services/data/v67.0";
const LOST: Failure = Failure::Interrupted;

fn connection() -> Connection {
    Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap()
}

fn job_id() -> RecordId {
    RecordId::parse("job-id", ID).unwrap()
}

fn options(attempts: Option<u8>) -> CallOptions {
    CallOptions::parse(None, None, attempts).unwrap()
}

/// A job as it was recorded, in another state and with more members.
fn job(state: &str, more: &str) -> Result<Response, Failure> {
    Ok(answer(200, &format!(r#"{{"id":"{ID}","object":"Account","state":"{state}","apiVersion":60.0{more}}}"#)))
}

fn refused(status: u16, code: &str) -> Result<Response, Failure> {
    Ok(answer(status, &format!(r#"[{{"errorCode":"{code}","message":"why"}}]"#)))
}

/// CSV with these headers.
fn csv(body: &str, headers: &[(&str, &str)]) -> Response {
    let own = [("Content-Type", "text/csv; charset=UTF-8"), ("Sforce-Limit-Info", "api-usage=18/5000")];
    let headers = own.iter().chain(headers).map(|(name, value)| ((*name).into(), value.as_bytes().to_vec()));
    Response { status: 200, headers: headers.collect(), body: body.as_bytes().to_vec() }
}
