//! What changed in a span of time: sObject Get Updated and Get Deleted.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_getupdated.htm>, and
//! `resources_getdeleted.htm` beside it.

use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::encoding::form;
use crate::core::error::{Error, Result};
use crate::core::http::{Request, Response, Transport};
use crate::core::json::{Json, Object, required};
use crate::core::moment::Moment;
use crate::core::name::ObjectName;
use crate::core::record_id::RecordId;
use crate::core::send::{Repeat, send};
use crate::core::soql::datetime;

/// A span of time, from its start to before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    start: String,
    end: String,
}

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatedRecords {
    /// JSON array of Ids, as they came.
    pub ids: String,
    /// How many.
    pub count: u32,
    /// Where the next span starts.
    pub latest_date_covered: String,
    /// API usage, if the answer told it.
    pub usage: Option<ApiUsage>,
}

/// What was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedRecords {
    /// JSON array of `{"id", "deletedDate"}`, as they came.
    pub records: String,
    /// How many.
    pub count: u32,
    /// How far back deletions are known.
    pub earliest_date_available: String,
    /// Where the next span starts.
    pub latest_date_covered: String,
    /// API usage, if the answer told it.
    pub usage: Option<ApiUsage>,
}

impl Span {
    /// Parses both ends. Of what Salesforce refuses, only a span that is too short can be known here, where there is no clock.
    pub fn parse(start: &str, end: &str) -> Result<Self> {
        let moment = |name: &str, text: &str| {
            let both = datetime(text).zip(Moment::parse(text));
            both.ok_or_else(|| Error::invalid_argument(name, DATETIME))
        };
        let ((start, from), (end, until)) = (moment("start", start)?, moment("end", end)?);
        if until.less(60) < from || until.0 < 60_000 {
            return Err(Error::invalid_argument("end", "a time at least a minute after start"));
        }
        Ok(Self { start, end })
    }
}

/// What a date and time must be, to complete "expected ...".
pub(super) const DATETIME: &str =
    "a date and time with zone such as 2026-11-24T09:30:00Z or 2026-11-24T09:30:00.000+0100";

/// The Ids of the records that were made or changed.
pub fn updated_records(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: &ObjectName,
    span: &Span,
    options: &CallOptions,
) -> Result<UpdatedRecords> {
    let response = ask(transport, connection, object, "updated", span, options)?;
    let read = || {
        let answer = Object::parse(&response.body, "updated records")?;
        let (ids, count) = list(&answer, "ids", is_id)?;
        let latest_date_covered = moment(&answer, "latestDateCovered")?;
        Ok(UpdatedRecords { ids, count, latest_date_covered, usage: usage(&response) })
    };
    read().map_err(|error: Box<Error>| error.with_answer(&response))
}

/// The Ids of the records that were deleted, each with its time.
pub fn deleted_records(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: &ObjectName,
    span: &Span,
    options: &CallOptions,
) -> Result<DeletedRecords> {
    let response = ask(transport, connection, object, "deleted", span, options)?;
    let read = || {
        let answer = Object::parse(&response.body, "deleted records")?;
        let (records, count) = list(&answer, "deletedRecords", |record| match record.named(["id", "deletedDate"]) {
            Some([Some(id), Some(deleted)]) => is_id(id) && is_moment(deleted),
            _ => false,
        })?;
        Ok(DeletedRecords {
            records,
            count,
            earliest_date_available: moment(&answer, "earliestDateAvailable")?,
            latest_date_covered: moment(&answer, "latestDateCovered")?,
            usage: usage(&response),
        })
    };
    read().map_err(|error: Box<Error>| error.with_answer(&response))
}

fn ask(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: &ObjectName,
    which: &str,
    span: &Span,
    options: &CallOptions,
) -> Result<Response> {
    let query = form(&[("start", &span.start), ("end", &span.end)]);
    let path = format!("/sobjects/{}/{which}/?{query}", object.as_str());
    send(transport, &Request::get(connection, &path), Repeat::Safe, options)
}

fn usage(response: &Response) -> Option<ApiUsage> {
    response.header("sforce-limit-info").and_then(ApiUsage::parse)
}

/// A list of which each element must be what was asked for.
fn list(answer: &Object<'_>, name: &str, is_it: impl Fn(Json<'_>) -> bool) -> Result<(String, u32)> {
    let list = required(name, answer.list(name)?)?;
    let mut count = 0;
    for element in list.elements().into_iter().flatten() {
        if !is_it(element) {
            return Err(Error::invalid_response(format!("expected {name} to hold Ids of records")));
        }
        count += 1;
    }
    Ok((list.as_str().into(), count))
}

fn is_id(json: Json<'_>) -> bool {
    json.text().is_some_and(|text| RecordId::parse("id", &text).is_ok())
}

fn is_moment(json: Json<'_>) -> bool {
    json.text().is_some_and(|text| datetime(&text).is_some())
}

fn moment(answer: &Object<'_>, name: &str) -> Result<String> {
    let text = required(name, answer.text(name)?)?;
    match datetime(&text) {
        Some(_) => Ok(text),
        None => Err(Error::invalid_response(format!("expected {name} to be a date and time"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::http::Failure;
    use crate::core::script::{Script, answer};

    const BASE: &str = "https://example.my.salesforce.com/services/data/v67.0/sobjects/Account";
    const ONE: &str = "001D000000IqhSLIAZ";

    fn spanned(start: &str, end: &str) -> Result<Span> {
        Span::parse(start, end)
    }

    fn span() -> Span {
        spanned("2026-06-01T08:00:00.000+0000", "2026-06-02T08:00:00+01:00").unwrap()
    }

    fn connection() -> Connection {
        Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap()
    }

    fn options() -> CallOptions {
        CallOptions::parse(None, None, None).unwrap()
    }

    fn updated(script: &mut Script) -> Result<UpdatedRecords> {
        updated_records(script, &connection(), &ObjectName::parse("Account").unwrap(), &span(), &options())
    }

    fn deleted(script: &mut Script) -> Result<DeletedRecords> {
        deleted_records(script, &connection(), &ObjectName::parse("Account").unwrap(), &span(), &options())
    }

    #[test]
    fn what_changed_is_told_as_it_came() {
        let ids = format!(r#"[ "{ONE}" , "001D000000IqhSL" ]"#);
        let body = format!(r#"{{"ids":{ids},"latestDateCovered":"2026-06-02T07:00:00.000+0000"}}"#);
        let mut script = Script::new([Ok(answer(200, &body))]);
        let found = updated(&mut script).unwrap();
        assert_eq!((found.ids, found.count), (ids, 2));
        assert_eq!(found.latest_date_covered, "2026-06-02T07:00:00.000+0000");
        assert_eq!(found.usage, Some(ApiUsage { used: 18, allowed: 5000 }));
        let query = "start=2026-06-01T08:00:00.000%2B00:00&end=2026-06-02T08:00:00%2B01:00";
        assert_eq!(script.requests[0].1, format!("{BASE}/updated/?{query}"));
        let none = r#"{"ids":[],"latestDateCovered":"2026-06-02T07:00:00.000Z"}"#;
        assert_eq!(updated(&mut Script::new([Ok(answer(200, none))])).unwrap().count, 0);
    }

    #[test]
    fn what_was_deleted_is_told_with_its_times() {
        let records = format!(r#"[{{"deletedDate":"2026-06-01T09:00:00.000+0000","id":"{ONE}","new":1}}]"#);
        let body = format!(
            r#"{{"deletedRecords":{records},"earliestDateAvailable":"2026-05-18T00:00:00.000+0000","latestDateCovered":"2026-06-02T07:00:00.000+0000"}}"#
        );
        let mut script = Script::new([Ok(answer(200, &body))]);
        let found = deleted(&mut script).unwrap();
        assert_eq!((found.records, found.count), (records, 1));
        assert_eq!(found.earliest_date_available, "2026-05-18T00:00:00.000+0000");
        assert!(script.requests[0].1.starts_with(&format!("{BASE}/deleted/?start=")));
    }

    #[test]
    fn a_lost_answer_is_asked_for_again() {
        let body = r#"{"ids":[],"latestDateCovered":"2026-06-02T07:00:00.000Z"}"#;
        let mut script = Script::new([Err(Failure::Interrupted), Ok(answer(200, body))]);
        assert!(updated(&mut script).is_ok());
        let mut script = Script::new([Err(Failure::Interrupted), Err(Failure::Interrupted), Err(Failure::Interrupted)]);
        let error = deleted(&mut script).unwrap_err();
        assert_eq!((error.kind, error.outcome, script.sent()), (ErrorKind::Interrupted, Outcome::Unknown, 3));
    }

    #[test]
    fn a_span_has_two_ends_in_their_order() {
        for (start, end, name) in [
            ("2026-06-01", "2026-06-02T00:00:00Z", "start: expected a date and time"),
            ("2026-06-01T00:00:00", "2026-06-02T00:00:00Z", "start: expected a date and time"),
            ("2026-06-01T00:00:00Z", "now", "end: expected a date and time"),
            ("2026-06-01T00:00:00Z&x=1", "2026-06-02T00:00:00Z", "start: expected a date and time"),
            ("2026-06-02T00:00:00Z", "2026-06-01T00:00:00Z", "end: expected a time at least a minute after start"),
            ("2026-06-01T00:00:00Z", "2026-06-01T00:00:59Z", "end: expected a time at least a minute after start"),
            ("2026-06-01T00:00:00Z", "2026-06-01T00:02:00+01:00", "end: expected a time at least a minute after start"),
            ("1960-01-01T00:00:00Z", "1961-01-01T00:00:00Z", "end: expected a time at least a minute after start"),
        ] {
            let error = spanned(start, end).unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
            assert!(error.message.starts_with(name), "{}", error.message);
        }
        assert!(spanned("2026-06-01T00:00:00Z", "2026-06-01T00:01:00Z").is_ok());
    }

    #[test]
    fn a_refusal_says_what_the_caller_may_do_next() {
        for (status, code, kind) in [
            (400, "INVALID_REPLICATION_DATE", ErrorKind::InvalidArgument),
            (400, "EXCEEDED_ID_LIMIT", ErrorKind::LimitExceeded),
            (404, "NOT_FOUND", ErrorKind::NotFound),
            (400, "INVALID_TYPE_FOR_OPERATION", ErrorKind::InvalidQuery),
        ] {
            let refused = format!(r#"[{{"message":"m","errorCode":"{code}"}}]"#);
            let error = updated(&mut Script::new([Ok(answer(status, &refused))])).unwrap_err();
            assert_eq!((error.kind, error.outcome), (kind, Outcome::Rejected), "{code}");
        }
    }

    #[test]
    fn an_answer_that_is_not_of_its_form_is_refused() {
        let date = r#""latestDateCovered":"2026-06-02T07:00:00.000Z""#;
        for body in [
            "{}".to_owned(),
            "[]".to_owned(),
            format!(r#"{{{date}}}"#),
            r#"{"ids":[]}"#.to_owned(),
            format!(r#"{{"ids":{{}},{date}}}"#),
            format!(r#"{{"ids":[null],{date}}}"#),
            format!(r#"{{"ids":["../x"],{date}}}"#),
            format!(r#"{{"ids":["001D000000IqhSLIAA"],{date}}}"#),
            format!(r#"{{"ids":[],"ids":[],{date}}}"#),
            r#"{"ids":[],"latestDateCovered":"soon"}"#.to_owned(),
            r#"{"ids":[],"latestDateCovered":null}"#.to_owned(),
        ] {
            let error = updated(&mut Script::new([Ok(answer(200, &body))])).unwrap_err();
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{body}");
        }
        let dates = format!(r#""earliestDateAvailable":"2026-05-18T00:00:00Z",{date}"#);
        for records in [
            "null".to_owned(),
            r#"["x"]"#.to_owned(),
            format!(r#"[{{"id":"{ONE}"}}]"#),
            format!(r#"[{{"id":"{ONE}","deletedDate":1}}]"#),
            format!(r#"[{{"id":"{ONE}","id":"{ONE}","deletedDate":"2026-05-18T00:00:00Z"}}]"#),
        ] {
            let body = format!(r#"{{"deletedRecords":{records},{dates}}}"#);
            let error = deleted(&mut Script::new([Ok(answer(200, &body))])).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidResponse, "{body}");
        }
        let body = format!(r#"{{"deletedRecords":[],{date}}}"#);
        assert!(deleted(&mut Script::new([Ok(answer(200, &body))])).is_err());
    }
}
