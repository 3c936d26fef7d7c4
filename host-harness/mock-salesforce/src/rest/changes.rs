//! Changes by polling: which records were changed or deleted in a span of time.
//!
//! Source: REST API Developer Guide, "sObject Get Updated" and "sObject Get Deleted"; SOAP API Developer Guide, "getUpdated()",
//! for the bounds of the span; Object Reference, "ApexRestApiEventLog", for the words about a start too early. The words about an end
//! too early are not verified.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::Rest;
use super::call::{RawQuery, parameter};
use crate::org::value::{Value, parse_moment};
use crate::{ApiError, answer};

/// How far back the changes go.
const UPDATED_DAYS: i64 = 30;
/// How far back the deletions go.
const DELETED_DAYS: i64 = 15;
/// The most Ids of an answer.
const IDS: usize = 600_000;

/// `GET /sobjects/{object}/updated?start=...&end=...`.
pub(crate) async fn updated(
    State(rest): State<Arc<Rest>>,
    Path((_, object)): Path<(String, String)>,
    query: RawQuery,
) -> Result<Response, ApiError> {
    let org = rest.site.org();
    let span = Span::parse(&query, org.now(), UPDATED_DAYS)?;
    let ids = org.updated(&object, span.start, span.end)?;
    within_limit(ids.len())?;
    Ok(answer::json(StatusCode::OK, &json!({"ids": ids, "latestDateCovered": shown(span.covered)})))
}

/// `GET /sobjects/{object}/deleted?start=...&end=...`.
pub(crate) async fn deleted(
    State(rest): State<Arc<Rest>>,
    Path((_, object)): Path<(String, String)>,
    query: RawQuery,
) -> Result<Response, ApiError> {
    let org = rest.site.org();
    let span = Span::parse(&query, org.now(), DELETED_DAYS)?;
    let deleted = org.deleted(&object, span.start, span.end)?;
    within_limit(deleted.len())?;
    let records: Vec<Json> = deleted.into_iter().map(|(id, at)| json!({"id": id, "deletedDate": shown(at)})).collect();
    let body = json!({
        "deletedRecords": records,
        "earliestDateAvailable": shown(span.earliest),
        "latestDateCovered": shown(span.covered),
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// A span of time in whole minutes, its end not in it.
#[derive(Debug, Clone, Copy)]
struct Span {
    earliest: Timestamp,
    start: Timestamp,
    end: Timestamp,
    /// Where the next poll starts: the end, or now if that is earlier.
    covered: Timestamp,
}

impl Span {
    fn parse(query: &RawQuery, now: Timestamp, days: i64) -> Result<Self, ApiError> {
        let moment = |name: &str| {
            let missing = || ApiError::bad_request("MISSING_ARGUMENT", format!("{name} not specified"));
            let text = parameter(query, name).ok_or_else(missing)?;
            let moment = parse_moment(&text).map(minute);
            moment.ok_or_else(|| refused(format!("{name} is no date and time: {text}")))
        };
        let (start, end) = (moment("start")?, moment("end")?);
        let earliest = minute(now.saturating_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN));
        if start < earliest {
            return Err(refused(format!("startDate cannot be more than {days} days ago")));
        }
        if end <= start {
            return Err(refused("end must be more than a minute after start".to_owned()));
        }
        Ok(Self { earliest, start, end, covered: end.min(minute(now)) })
    }
}

fn refused(message: String) -> ApiError {
    ApiError::bad_request("INVALID_REPLICATION_DATE", message)
}

fn within_limit(ids: usize) -> Result<(), ApiError> {
    if ids > IDS {
        return Err(ApiError::bad_request("EXCEEDED_ID_LIMIT", format!("more than {IDS} records in this span")));
    }
    Ok(())
}

/// Seconds are ignored.
fn minute(moment: Timestamp) -> Timestamp {
    let seconds = moment.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(60)).unwrap_or(moment)
}

fn shown(moment: Timestamp) -> Json {
    Value::DateTime(moment).to_json()
}
