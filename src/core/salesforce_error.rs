//! What Salesforce's refusals mean: REST error codes and HTTP statuses to kind, outcome and whether to try again.
//!
//! OAuth has its own codes, in `oauth::oauth_error`.

use super::error::{Error, ErrorKind, Outcome, Problem, printable};
use super::http::Response;
use super::json::{Json, Object};
use super::retry_after;
use super::text::contains;

/// What one code means.
pub(super) struct Meaning {
    /// `errorCode` of the REST API.
    code: &'static str,
    /// Its kind in answer to a GET.
    on_read: ErrorKind,
    /// Its kind in answer to a POST or PATCH.
    on_write: ErrorKind,
    outcome: Outcome,
    retryable: bool,
}

const fn refused(code: &'static str, kind: ErrorKind) -> Meaning {
    Meaning { code, on_read: kind, on_write: kind, outcome: Outcome::Rejected, retryable: false }
}

const fn in_query_or_record(code: &'static str) -> Meaning {
    Meaning { on_write: ErrorKind::InvalidRecord, ..refused(code, ErrorKind::InvalidQuery) }
}

const fn later(code: &'static str, kind: ErrorKind, outcome: Outcome) -> Meaning {
    Meaning { outcome, retryable: true, ..refused(code, kind) }
}

/// Codes: <https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm>
/// and the REST guide's status codes and error responses. A code that is not here means what its status means.
pub(super) const MEANINGS: &[Meaning] = &[
    refused("INVALID_SESSION_ID", ErrorKind::SessionExpired),
    refused("API_CURRENTLY_DISABLED", ErrorKind::AccessDenied),
    refused("API_DISABLED_FOR_ORG", ErrorKind::AccessDenied),
    refused("FUNCTIONALITY_NOT_ENABLED", ErrorKind::AccessDenied),
    refused("INSUFFICIENT_ACCESS", ErrorKind::Forbidden),
    refused("INSUFFICIENT_ACCESS_OR_READONLY", ErrorKind::Forbidden),
    refused("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", ErrorKind::Forbidden),
    refused("NOT_FOUND", ErrorKind::NotFound),
    refused("ENTITY_IS_DELETED", ErrorKind::Deleted),
    refused("DUPLICATE_EXTERNAL_ID", ErrorKind::Ambiguous),
    refused("MALFORMED_QUERY", ErrorKind::InvalidQuery),
    in_query_or_record("INVALID_FIELD"),
    in_query_or_record("INVALID_TYPE"),
    in_query_or_record("NUMBER_OUTSIDE_VALID_RANGE"),
    refused("INVALID_QUERY_FILTER_OPERATOR", ErrorKind::InvalidQuery),
    refused("QUERY_TOO_COMPLICATED", ErrorKind::InvalidQuery),
    refused("QUERY_TIMEOUT", ErrorKind::InvalidQuery),
    refused("INVALID_QUERY_LOCATOR", ErrorKind::CursorExpired),
    refused("INVALID_QUERY_LOCATOR_FORMAT", ErrorKind::CursorExpired),
    refused("QUERY_LOCATOR_EXPIRED", ErrorKind::CursorExpired),
    refused("QUERY_LOCATOR_NOT_FOUND", ErrorKind::CursorExpired),
    refused("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", ErrorKind::InvalidRecord),
    refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", ErrorKind::InvalidRecord),
    refused("FIELD_FILTER_VALIDATION_EXCEPTION", ErrorKind::InvalidRecord),
    refused("FIELD_INTEGRITY_EXCEPTION", ErrorKind::InvalidRecord),
    refused("INVALID_CROSS_REFERENCE_KEY", ErrorKind::InvalidRecord),
    refused("INVALID_EMAIL_ADDRESS", ErrorKind::InvalidRecord),
    refused("INVALID_FIELD_FOR_INSERT_UPDATE", ErrorKind::InvalidRecord),
    refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ErrorKind::InvalidRecord),
    refused("INVALID_TYPE_ON_FIELD_IN_RECORD", ErrorKind::InvalidRecord),
    refused("JSON_PARSER_ERROR", ErrorKind::InvalidRecord),
    refused("MALFORMED_ID", ErrorKind::InvalidRecord),
    refused("MISSING_ARGUMENT", ErrorKind::InvalidRecord),
    refused("REQUIRED_FIELD_MISSING", ErrorKind::InvalidRecord),
    refused("STRING_TOO_LONG", ErrorKind::InvalidRecord),
    refused("DUPLICATES_DETECTED", ErrorKind::Duplicate),
    refused("DUPLICATE_VALUE", ErrorKind::Duplicate),
    later("UNABLE_TO_LOCK_ROW", ErrorKind::Locked, Outcome::Rejected),
    later("REQUEST_LIMIT_EXCEEDED", ErrorKind::RateLimited, Outcome::Rejected),
    later("SERVER_UNAVAILABLE", ErrorKind::Unavailable, Outcome::Unknown),
    later("UNKNOWN_EXCEPTION", ErrorKind::Unavailable, Outcome::Unknown),
    refused("UNSUPPORTED_API_VERSION", ErrorKind::InvalidArgument),
];

/// What a status means where no code says more.
fn by_status(status: u16) -> (ErrorKind, Outcome, bool) {
    use ErrorKind::*;
    match status {
        401 => (SessionExpired, Outcome::Rejected, false),
        403 => (Forbidden, Outcome::Rejected, false),
        404 => (NotFound, Outcome::Rejected, false),
        408 => (Unavailable, Outcome::Unknown, true),
        412 => (PreconditionFailed, Outcome::Rejected, false),
        413 | 414 | 431 => (RequestTooLarge, Outcome::Rejected, false),
        429 => (RateLimited, Outcome::Rejected, true),
        400..=499 => (Rejected, Outcome::Rejected, false),
        500..=599 => (Unavailable, Outcome::Unknown, true),
        _ => (InvalidResponse, Outcome::Unknown, false),
    }
}

/// The error that a response to a GET stands for, its status other than 2xx.
pub(super) fn on_read(response: &Response) -> Box<Error> {
    from_response(response, |meaning| meaning.on_read)
}

/// The error that a response to a write stands for, its status other than 2xx.
pub(super) fn on_write(response: &Response) -> Box<Error> {
    from_response(response, |meaning| meaning.on_write)
}

fn from_response(response: &Response, kind: fn(&Meaning) -> ErrorKind) -> Box<Error> {
    if response.status == 300 {
        return ambiguous(response);
    }
    let mut error = from_status(response);
    if (300..=399).contains(&response.status) {
        error.message =
            format!("expected an answer, but status {} points elsewhere; redirects are not followed", response.status);
        return error;
    }
    let entries = entries(&response.body);
    error.detail =
        entries.iter().find_map(|entry| entry.member("duplicateResult").ok()?).map(|detail| detail.as_str().into());
    error.problems = entries.iter().filter_map(problem).collect();
    if let Some(first) = error.problems.first() {
        if let Some(meaning) = MEANINGS.iter().find(|meaning| meaning.code == first.code) {
            (error.kind, error.outcome, error.retryable) = (kind(meaning), meaning.outcome, meaning.retryable);
        }
        if is_session_without_api(first) {
            error.kind = ErrorKind::AccessDenied;
        }
        error.message =
            format!("Salesforce refused with {} (status {}): {}", first.code, response.status, first.message);
    }
    error
}

/// The error by status alone, with all that the headers say.
pub(super) fn from_status(response: &Response) -> Box<Error> {
    let (kind, outcome, retryable) = by_status(response.status);
    let message = format!("Salesforce answered with status {} and no error that can be read", response.status);
    let retry_after_ms = response
        .header("retry-after")
        .filter(|_| matches!(response.status, 429 | 503))
        .and_then(|value| retry_after::parse(value, response.header("date")));
    let mut error = Error::new(kind, outcome, message);
    (error.retryable, error.retry_after_ms) = (retryable, retry_after_ms);
    error.with_answer(response)
}

/// The errors of a body, and nothing else of it.
pub(super) fn problems(body: &[u8]) -> Vec<Problem> {
    entries(body).iter().filter_map(problem).collect()
}

/// The objects of a body: of a list, or one alone. None if it is anything else.
fn entries(body: &[u8]) -> Vec<Object<'_>> {
    let Ok(whole) = Json::parse(body, "errors") else {
        return Vec::new();
    };
    let entries: Option<_> = match whole.elements() {
        Some(list) => list.map(Json::object).collect(),
        None => whole.object().map(|one| vec![one]),
    };
    entries.unwrap_or_default()
}

/// An error as REST writes it (`errorCode`, `message`, `fields`), or OAuth (`error`, `error_description`).
fn problem(entry: &Object<'_>) -> Option<Problem> {
    let text = |rest, oauth| entry.text(rest).ok()?.or(entry.text(oauth).ok()?);
    Some(Problem {
        code: printable(&text("errorCode", "error")?, 100),
        message: printable(&text("message", "error_description").unwrap_or_default(), 1_990),
        fields: entry.texts("fields").ok()?.unwrap_or_default().iter().map(|field| printable(field, 300)).collect(),
    })
}

/// The same code as an expired session, but a refresh does not help.
fn is_session_without_api(problem: &Problem) -> bool {
    problem.code == "INVALID_SESSION_ID" && contains(&problem.message, "not valid for use with the REST API")
}

/// 300: several records have the external Id value; the body lists their URLs.
fn ambiguous(response: &Response) -> Box<Error> {
    let mut error = Error::new(ErrorKind::Ambiguous, Outcome::Rejected, "several records match the external Id value");
    // Only a list of texts is handed on: it is the one thing that this answer is known to hold.
    if let Ok(whole) = Json::parse(&response.body, "a list of URLs")
        && let Some(urls) = whole.elements().and_then(|urls| urls.map(Json::text).collect::<Option<Vec<_>>>())
    {
        error.message = format!("{} records match the external Id value, expected one", urls.len());
        error.detail = Some(whole.as_str().into());
    }
    error.with_answer(response)
}

impl Error {
    /// Adds status and request id of the answer that led to the error.
    pub(super) fn with_answer(mut self: Box<Self>, response: &Response) -> Box<Self> {
        self.status = Some(response.status);
        self.request_id = response.header("x-sfdc-request-id").map(|id| printable(id, 100));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Response {
        let headers = vec![("X-SFDC-Request-Id".to_string(), b"abc".to_vec())];
        Response { status, headers, body: body.as_bytes().to_vec() }
    }

    /// Every row of the table, written out a second time: code, kind on a GET, kind on a POST, outcome, retryable.
    #[test]
    fn each_code_means_what_the_table_says() {
        use ErrorKind::*;
        let expected = [
            ("INVALID_SESSION_ID", SessionExpired, SessionExpired, Outcome::Rejected, false),
            ("API_CURRENTLY_DISABLED", AccessDenied, AccessDenied, Outcome::Rejected, false),
            ("API_DISABLED_FOR_ORG", AccessDenied, AccessDenied, Outcome::Rejected, false),
            ("FUNCTIONALITY_NOT_ENABLED", AccessDenied, AccessDenied, Outcome::Rejected, false),
            ("INSUFFICIENT_ACCESS", Forbidden, Forbidden, Outcome::Rejected, false),
            ("INSUFFICIENT_ACCESS_OR_READONLY", Forbidden, Forbidden, Outcome::Rejected, false),
            ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", Forbidden, Forbidden, Outcome::Rejected, false),
            ("NOT_FOUND", NotFound, NotFound, Outcome::Rejected, false),
            ("ENTITY_IS_DELETED", Deleted, Deleted, Outcome::Rejected, false),
            ("DUPLICATE_EXTERNAL_ID", Ambiguous, Ambiguous, Outcome::Rejected, false),
            ("MALFORMED_QUERY", InvalidQuery, InvalidQuery, Outcome::Rejected, false),
            ("INVALID_FIELD", InvalidQuery, InvalidRecord, Outcome::Rejected, false),
            ("INVALID_TYPE", InvalidQuery, InvalidRecord, Outcome::Rejected, false),
            ("NUMBER_OUTSIDE_VALID_RANGE", InvalidQuery, InvalidRecord, Outcome::Rejected, false),
            ("INVALID_QUERY_FILTER_OPERATOR", InvalidQuery, InvalidQuery, Outcome::Rejected, false),
            ("QUERY_TOO_COMPLICATED", InvalidQuery, InvalidQuery, Outcome::Rejected, false),
            ("QUERY_TIMEOUT", InvalidQuery, InvalidQuery, Outcome::Rejected, false),
            ("INVALID_QUERY_LOCATOR", CursorExpired, CursorExpired, Outcome::Rejected, false),
            ("INVALID_QUERY_LOCATOR_FORMAT", CursorExpired, CursorExpired, Outcome::Rejected, false),
            ("QUERY_LOCATOR_EXPIRED", CursorExpired, CursorExpired, Outcome::Rejected, false),
            ("QUERY_LOCATOR_NOT_FOUND", CursorExpired, CursorExpired, Outcome::Rejected, false),
            ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("FIELD_CUSTOM_VALIDATION_EXCEPTION", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("FIELD_FILTER_VALIDATION_EXCEPTION", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("FIELD_INTEGRITY_EXCEPTION", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("INVALID_CROSS_REFERENCE_KEY", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("INVALID_EMAIL_ADDRESS", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("INVALID_FIELD_FOR_INSERT_UPDATE", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("INVALID_TYPE_ON_FIELD_IN_RECORD", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("JSON_PARSER_ERROR", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("MALFORMED_ID", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("MISSING_ARGUMENT", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("REQUIRED_FIELD_MISSING", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("STRING_TOO_LONG", InvalidRecord, InvalidRecord, Outcome::Rejected, false),
            ("DUPLICATES_DETECTED", Duplicate, Duplicate, Outcome::Rejected, false),
            ("DUPLICATE_VALUE", Duplicate, Duplicate, Outcome::Rejected, false),
            ("UNABLE_TO_LOCK_ROW", Locked, Locked, Outcome::Rejected, true),
            ("REQUEST_LIMIT_EXCEEDED", RateLimited, RateLimited, Outcome::Rejected, true),
            ("SERVER_UNAVAILABLE", Unavailable, Unavailable, Outcome::Unknown, true),
            ("UNKNOWN_EXCEPTION", Unavailable, Unavailable, Outcome::Unknown, true),
            ("UNSUPPORTED_API_VERSION", InvalidArgument, InvalidArgument, Outcome::Rejected, false),
        ];
        let codes: Vec<_> = expected.iter().map(|row| row.0).collect();
        assert_eq!(codes, MEANINGS.iter().map(|meaning| meaning.code).collect::<Vec<_>>(), "every row is tested");
        for (code, on_read, on_write, outcome, retryable) in expected {
            let body = format!(r#"[{{"message":"why","errorCode":"{code}","fields":["Name"]}}]"#);
            for (error, kind) in
                [(super::on_read(&answer(400, &body)), on_read), (super::on_write(&answer(400, &body)), on_write)]
            {
                assert_eq!((error.kind, error.outcome, error.retryable), (kind, outcome, retryable), "{code}");
                assert_eq!(
                    error.problems,
                    [Problem { code: code.into(), message: "why".into(), fields: vec!["Name".into()] }]
                );
                assert_eq!((error.status, error.request_id.as_deref()), (Some(400), Some("abc")));
            }
        }
    }

    #[test]
    fn a_status_alone_says_what_became_of_a_write() {
        use ErrorKind::*;
        for (status, kind, outcome, retryable) in [
            (304, InvalidResponse, Outcome::Unknown, false),
            (307, InvalidResponse, Outcome::Unknown, false),
            (400, Rejected, Outcome::Rejected, false),
            (401, SessionExpired, Outcome::Rejected, false),
            (403, Forbidden, Outcome::Rejected, false),
            (404, NotFound, Outcome::Rejected, false),
            (408, Unavailable, Outcome::Unknown, true),
            (412, PreconditionFailed, Outcome::Rejected, false),
            (414, RequestTooLarge, Outcome::Rejected, false),
            (420, Rejected, Outcome::Rejected, false),
            (429, RateLimited, Outcome::Rejected, true),
            (500, Unavailable, Outcome::Unknown, true),
            (502, Unavailable, Outcome::Unknown, true),
            (503, Unavailable, Outcome::Unknown, true),
            (504, Unavailable, Outcome::Unknown, true),
            (999, InvalidResponse, Outcome::Unknown, false),
        ] {
            let error = on_write(&answer(status, "<h1>SENTINEL</h1>"));
            assert_eq!((error.kind, error.outcome, error.retryable), (kind, outcome, retryable), "{status}");
            assert!(!format!("{error:?}").contains("SENTINEL"));
        }
    }

    #[test]
    fn a_list_and_a_bare_object_are_both_read() {
        for body in
            [r#"[{"message":"m","errorCode":"NOT_FOUND"}]"#, r#"{"message":"m","errorCode":"NOT_FOUND","fields":null}"#]
        {
            assert_eq!(on_read(&answer(404, body)).problems.len(), 1, "{body}");
        }
        for body in ["", "[]", "{}", "null", "[1]", r#"{"message":"m"}"#] {
            let error = on_read(&answer(400, body));
            assert_eq!((error.kind, error.problems.len()), (ErrorKind::Rejected, 0), "{body}");
        }
    }

    #[test]
    fn a_session_that_may_not_use_the_api_is_not_expired() {
        let body =
            r#"[{"message":"This session is not valid for use with the REST API","errorCode":"INVALID_SESSION_ID"}]"#;
        assert_eq!(on_read(&answer(401, body)).kind, ErrorKind::AccessDenied);
    }

    #[test]
    fn several_matches_are_listed() {
        let error = on_read(&answer(300, r#"["/services/data/v67.0/sobjects/A/1","/b"]"#));
        assert_eq!((error.kind, error.outcome), (ErrorKind::Ambiguous, Outcome::Rejected));
        assert_eq!(error.detail.as_deref(), Some(r#"["/services/data/v67.0/sobjects/A/1","/b"]"#));
    }

    #[test]
    fn duplicate_matches_are_kept() {
        let body = r#"[{"duplicateResult":{"allowSave":true,"size":1.50},"errorCode":"DUPLICATES_DETECTED","message":"Use one of these records?"}]"#;
        let error = on_write(&answer(400, body));
        assert_eq!(error.detail.as_deref(), Some(r#"{"allowSave":true,"size":1.50}"#));
    }
}
