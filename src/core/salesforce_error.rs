//! What Salesforce's refusals mean: REST error codes and HTTP statuses to kind, outcome and whether to try again.
//!
//! The codes are in `status_code`. OAuth has its own, in `oauth::oauth_error`.

use super::error::{Error, ErrorKind, Outcome, Problem, printable};
use super::error_body::entries;
use super::error_list::{judge, sort};
use super::http::Response;
use super::json::{Json, Object};
use super::retry_after;
use super::status_code::Meaning;
use super::text::contains;

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
    from_response(response, Meaning::on_read)
}

/// The error that a response to a write stands for, its status other than 2xx.
pub(super) fn on_write(response: &Response) -> Box<Error> {
    from_response(response, Meaning::on_write)
}

/// The error that the refusal of one record among several stands for, of which Salesforce tells these three and nothing else, as in
/// the results of a bulk job. The code is empty if there is none.
pub fn of_record(code: &str, message: &str, fields: &[String]) -> Box<Error> {
    let problem = Problem::new(code, message, fields);
    let mut error = Error::new(ErrorKind::Rejected, Outcome::Rejected, problem.refusal_of_record());
    error.problems = vec![problem];
    judge(&mut error, Meaning::on_write);
    error
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
    let text = String::from_utf8_lossy(&response.body);
    let entries = entries(text.as_bytes());
    let has_code = sort(&mut error, &entries, kind);
    let first = error.problems.iter().find(|problem| !problem.code.is_empty());
    match first.filter(|_| has_code) {
        Some(first) => {
            let is_expired = Meaning::of(&first.code).is_some_and(|code| kind(code) == ErrorKind::SessionExpired);
            if response.status == 401 && !is_expired || is_session_without_api(first) {
                (error.kind, error.outcome, error.retryable) = (ErrorKind::AccessDenied, Outcome::Rejected, false);
            }
            error.message = first.refusal(response.status);
        }
        None => {
            if let Some(first) = error.problems.first() {
                error.message = first.refusal(response.status);
            }
            not_salesforces(&mut error);
            if says_success(response) {
                (error.kind, error.outcome) = (ErrorKind::InvalidResponse, Outcome::Unknown);
                error.message = format!("the answer contradicts itself: status {} and success", response.status);
            }
        }
    }
    error
}

fn says_success(response: &Response) -> bool {
    Object::parse(&response.body, "an answer")
        .is_ok_and(|answer| answer.boolean("success").ok().flatten() == Some(true))
}

/// "Not found" and "forbidden" without Salesforce's own words may come from something between, which knows nothing of
/// records.
pub(super) fn not_salesforces(error: &mut Error) {
    if matches!(error.status, Some(403 | 404 | 410)) {
        (error.kind, error.outcome) = (ErrorKind::InvalidResponse, Outcome::Unknown);
    }
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

/// Whether a code says what became of the request: Salesforce's own, with a meaning beyond the status that it came with.
pub(super) fn has_meaning(error: &Error) -> bool {
    error
        .problems
        .iter()
        .find(|problem| !problem.code.is_empty())
        .is_some_and(|first| Meaning::of(&first.code).is_some())
}

/// The same code as an expired session, but a refresh does not help.
fn is_session_without_api(problem: &Problem) -> bool {
    problem.code == "INVALID_SESSION_ID" && contains(&problem.message, "not valid for use with the REST API")
}

/// 300: several records have the external Id value; the body lists their URLs.
fn ambiguous(response: &Response) -> Box<Error> {
    // Only a list of texts is handed on: it is the one thing that this answer is known to hold.
    let list = Json::parse(&response.body, "a list of URLs").ok();
    let urls = list.and_then(Json::elements).and_then(|urls| urls.map(Json::text).collect::<Option<Vec<_>>>());
    let error = match (list, urls) {
        (Some(list), Some(urls)) => {
            let message = format!("{} records match the external Id value, expected one", urls.len());
            Box::new(Error {
                detail: Some(list.as_str().into()),
                ..*Error::new(ErrorKind::Ambiguous, Outcome::Rejected, message)
            })
        }
        _ => Error::invalid_response("expected status 300 to bring the list of matching records"),
    };
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

    #[test]
    fn a_code_decides_before_the_status() {
        let body = r#"[{"message":"why","errorCode":"INVALID_FIELD","fields":["Name"]}]"#;
        for (error, kind) in [
            (on_read(&answer(404, body)), ErrorKind::InvalidQuery),
            (on_write(&answer(404, body)), ErrorKind::InvalidRecord),
        ] {
            assert_eq!((error.kind, error.outcome, error.retryable), (kind, Outcome::Rejected, false));
            assert_eq!(error.problems, [Problem::new("INVALID_FIELD", "why", &["Name".into()])]);
            assert_eq!((error.status, error.request_id.as_deref()), (Some(404), Some("abc")));
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
            (403, InvalidResponse, Outcome::Unknown, false),
            (404, InvalidResponse, Outcome::Unknown, false),
            (408, Unavailable, Outcome::Unknown, true),
            (410, InvalidResponse, Outcome::Unknown, false),
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
        for body in ["", "[]", "{}", "null", "[1]", r#"{"fields":["A"]}"#] {
            let error = on_read(&answer(400, body));
            assert_eq!((error.kind, error.problems.len()), (ErrorKind::Rejected, 0), "{body}");
        }
    }

    #[test]
    fn f99_a_refusal_without_salesforces_words_says_nothing_of_records() {
        for status in [403, 404, 410] {
            for body in
                ["<html>", "not found", "", r#"{"message":"Not Found"}"#, r#"[{"error":"Not Found","path":"/"}]"#]
            {
                let error = on_write(&answer(status, body));
                assert_eq!(
                    (error.kind, error.outcome),
                    (ErrorKind::InvalidResponse, Outcome::Unknown),
                    "{status} {body}"
                );
            }
        }
        let told = on_read(&answer(404, r#"{"message":"no route"}"#)).problems;
        assert_eq!(told, [Problem::new("", "no route", &[])]);
    }

    #[test]
    fn f98_a_401_is_an_expired_session_only_by_its_code_or_without_one() {
        for code in ["INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "INVALID_AUTH_HEADER", "BRAND_NEW", "NOT_FOUND"] {
            let error = on_read(&answer(401, &format!(r#"[{{"message":"why","errorCode":"{code}"}}]"#)));
            assert_eq!(
                (error.kind, error.outcome, error.retryable),
                (ErrorKind::AccessDenied, Outcome::Rejected, false)
            );
            assert!(error.message.contains("why"), "{}", error.message);
        }
        for body in ["", "<html>", r#"{"message":"m"}"#, r#"[{"message":"m","errorCode":"INVALID_SESSION_ID"}]"#] {
            assert_eq!(on_read(&answer(401, body)).kind, ErrorKind::SessionExpired, "{body}");
        }
    }

    #[test]
    fn f102_what_can_be_read_of_an_odd_list_is_told() {
        for (fields, told) in [
            (r#"["A",null]"#, &["A"][..]),
            (r#"[["B"],"A",1]"#, &["A"]),
            (r#""Name""#, &["Name"]),
            ("null", &[]),
            ("{}", &[]),
            (r#"1,"fields":["A"]"#, &["A"]),
        ] {
            let entry = format!(r#"{{"errorCode":"STRING_TOO_LONG","message":"half \ud83d","fields":{fields}}}"#);
            for body in [format!("[{entry}]"), format!(r#"[null,7,"x",[],{entry}]"#), entry] {
                let error = on_write(&answer(400, &body));
                assert_eq!(error.kind, ErrorKind::InvalidRecord, "{body}");
                assert_eq!(
                    (error.problems[0].message.as_str(), error.problems[0].fields.as_slice()),
                    ("half \u{fffd}", told.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>().as_slice())
                );
            }
        }
        let error =
            on_write(&answer(400, r#"[{"errorCode":7,"message":"why"},{"statusCode":"NOT_FOUND","message":[]}]"#));
        assert_eq!(error.problems, [Problem::new("", "why", &[]), Problem::new("NOT_FOUND", "", &[])]);
    }

    #[test]
    fn f103_a_lock_inside_another_error_is_a_lock() {
        for code in [
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "CANNOT_EXECUTE_FLOW_TRIGGER",
            "FIELD_CUSTOM_VALIDATION_EXCEPTION", // A trigger that passes the words on with addError.
            "BRAND_NEW",
        ] {
            let body = format!(
                r#"[{{"errorCode":"{code}","message":"T: execution of AfterUpdate caused by: Update failed. first error: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access"}}]"#
            );
            let error = on_write(&answer(400, &body));
            assert_eq!(
                (error.kind, error.outcome, error.retryable),
                (ErrorKind::Locked, Outcome::Rejected, true),
                "{code}"
            );
        }
    }

    #[test]
    fn f103_a_lock_that_people_write_of_is_none() {
        for (code, words) in [
            ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Do not type UNABLE_TO_LOCK_ROW, please"),
            (
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                "first error: FIELD_CUSTOM_VALIDATION_EXCEPTION, name me UNABLE_TO_LOCK_ROW: []",
            ),
            ("MALFORMED_QUERY", "WHERE Name = 'UNABLE_TO_LOCK_ROW, ' FOO"),
            ("STRING_TOO_LONG", "Name: data value too large: UNABLE_TO_LOCK_ROW"),
        ] {
            let body = serde_json::json!([{ "errorCode": code, "message": words }]).to_string();
            let error = on_write(&answer(400, &body));
            assert!(error.kind != ErrorKind::Locked && !error.retryable, "{code} {words}");
        }
    }

    #[test]
    fn f106_the_message_says_what_can_be_read_and_no_more() {
        let message = |body: &str| on_read(&answer(400, body)).message;
        assert_eq!(message(r#"[{"message":"only text"}]"#), "the answer has status 400 and no error code: only text");
        assert_eq!(message(r#"[{"errorCode":"NOT_FOUND"}]"#), "Salesforce refused with NOT_FOUND (status 400)");
        assert_eq!(message(r#"{"error":"a","error_description":"b"}"#), "Salesforce refused with a (status 400): b");
        assert!(message("[]").ends_with("no error that can be read"));
    }

    #[test]
    fn f106_errors_are_found_in_bytes_that_are_no_text_and_one_level_further_in() {
        let body = b"[{\"errorCode\":\"A_B\",\"message\":\"\xff\xfe\"}]".to_vec();
        let error = on_write(&Response { body, ..answer(400, "") });
        assert_eq!(error.problems, [Problem::new("A_B", "\u{fffd}\u{fffd}", &[])]);
        for body in [
            r#"[[{"errorCode":"A_B","message":"m"}]]"#,
            r#"{"errors":[{"statusCode":"A_B","message":"m"}]}"#,
            r#"[{"success":false,"errors":[{"statusCode":"A_B","message":"m","fields":[]}]}]"#,
        ] {
            assert_eq!(on_write(&answer(400, body)).problems, [Problem::new("A_B", "m", &[])], "{body}");
        }
        let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
        assert!(on_write(&answer(400, &deep)).problems.is_empty());
    }

    #[test]
    fn a_session_that_may_not_use_the_api_is_not_expired() {
        let body =
            r#"[{"message":"This session is not valid for use with the REST API","errorCode":"INVALID_SESSION_ID"}]"#;
        assert_eq!(on_read(&answer(401, body)).kind, ErrorKind::AccessDenied);
    }

    #[test]
    fn a_refusal_that_says_success_leaves_it_open_what_became_of_the_record() {
        let told = |body: &str| {
            let error = on_write(&answer(400, body));
            (error.kind, error.outcome, error.retryable)
        };
        let open = (ErrorKind::InvalidResponse, Outcome::Unknown, false);
        assert_eq!(told(r#"{"id":"001D000000IqhSLIAZ","success":true,"errors":[]}"#), open);
        assert_eq!(told(r#"{"success":false}"#).1, Outcome::Rejected);
        // Its own code says more than that.
        let refused =
            r#"{"success":true,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"m","fields":[]}]}"#;
        assert_eq!(told(refused).0, ErrorKind::InvalidRecord);
    }

    #[test]
    fn several_matches_are_listed() {
        let error = on_read(&answer(300, r#"["/services/data/v67.0/sobjects/A/1","/b"]"#));
        assert_eq!((error.kind, error.outcome), (ErrorKind::Ambiguous, Outcome::Rejected));
        assert_eq!(error.detail.as_deref(), Some(r#"["/services/data/v67.0/sobjects/A/1","/b"]"#));
        for body in ["", "<html>", "{}", "[1]"] {
            assert_eq!(on_read(&answer(300, body)).kind, ErrorKind::InvalidResponse, "{body}");
        }
    }

    #[test]
    fn duplicate_matches_are_kept() {
        let body = r#"[{"duplicateResult":{"allowSave":true,"size":1.50},"errorCode":"DUPLICATES_DETECTED","message":"Use one of these records?"}]"#;
        let error = on_write(&answer(400, body));
        assert_eq!(error.detail.as_deref(), Some(r#"{"allowSave":true,"size":1.50}"#));
    }
}
