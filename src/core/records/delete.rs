//! Delete a record.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_delete_record.htm>, and
//! `resources_sobject_upsert_delete.htm` beside it.
//!
//! A repeat may find that its first request, whose answer was lost, did the work. By Id that is certain: an Id is never
//! given to another record. By external Id value it is not. The value may have gone to another record, which a repeat would
//! delete, and "not found" may mean that there never was one. So a delete that may be repeated goes by Id.

use super::field_values::find_id;
use super::record_key::RecordKey;
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, ErrorKind, Outcome, Result};
use crate::core::http::{Request, Response, Transport};
use crate::core::name::ObjectName;
use crate::core::send::{Repeat, send};

/// A deleted record, or a deleted job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// Whether a repeated request found it gone.
    pub already_deleted: bool,
    /// API usage, if the answer told it.
    pub usage: Option<ApiUsage>,
}

/// Deletes one record.
pub fn delete(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: &ObjectName,
    key: &RecordKey,
    options: &CallOptions,
) -> Result<Deleted> {
    let RecordKey::ExternalId(external_id) = key else {
        return finish(send_delete(transport, connection, object, key, Repeat::Idempotent, options), |kind| {
            kind == ErrorKind::Deleted
        });
    };
    let answer = if options.attempts.is_none_or(|attempts| attempts < 2) {
        send_delete(transport, connection, object, key, Repeat::Never, options)
            .map_err(|error| external_id.explain(error))
    } else {
        let id = find_id(transport, connection, object, key, options).map_err(|error| external_id.explain(error))?;
        send_delete(transport, connection, object, &RecordKey::Id(id), Repeat::Idempotent, options)
    };
    // The look-up found the record, so "not found" says that it is gone since.
    finish(answer, |kind| matches!(kind, ErrorKind::Deleted | ErrorKind::NotFound)).map_err(|mut error| {
        // The next call may find another record with the value.
        error.retryable &= error.outcome != Outcome::Unknown;
        error
    })
}

fn send_delete(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: &ObjectName,
    key: &RecordKey,
    repeat: Repeat,
    options: &CallOptions,
) -> Result<Response> {
    let path = format!("/sobjects/{}/{}", object.as_str(), key.path());
    send(transport, &Request::delete(connection, &path), repeat, options)
}

/// A delete answers 204 without a body. Anything else leaves it open what happened, but for what `is_gone` takes for a
/// proof in the answer to a repeat.
pub(in crate::core) fn finish(answer: Result<Response>, is_gone: fn(ErrorKind) -> bool) -> Result<Deleted> {
    match answer {
        Ok(response) if response.status == 204 => {
            let usage = response.header("sforce-limit-info").and_then(ApiUsage::parse);
            Ok(Deleted { already_deleted: false, usage })
        }
        Ok(response) => {
            let message = format!("expected status 204 for a delete, but {} came", response.status);
            Err(Error::invalid_response(message).with_answer(&response))
        }
        // Of itself such a refusal has the outcome `rejected`. `send` made it unknown: an earlier request may have arrived.
        Err(error) if error.outcome == Outcome::Unknown && error.status == Some(404) && is_gone(error.kind) => {
            Ok(Deleted { already_deleted: true, usage: None })
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::external_id::ExternalId;
    use crate::core::http::{Failure, Method};
    use crate::core::record_id::RecordId;
    use crate::core::script::{Script, answer};

    const ID: &str = "001D000000IqhSLIAZ";
    const BASE: &str = "https://example.my.salesforce.com/services/data/v67.0/sobjects/Account";
    const LOST: Failure = Failure::Interrupted;
    const GONE: &str = "ENTITY_IS_DELETED";

    fn run(script: &mut Script, key: &RecordKey, attempts: Option<u8>) -> Result<Deleted> {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        let options = CallOptions::parse(None, None, attempts).unwrap();
        delete(script, &connection, &ObjectName::parse("Account").unwrap(), key, &options)
    }

    fn by_id() -> RecordKey {
        RecordKey::Id(RecordId::parse("id", ID).unwrap())
    }

    fn by_value(value: &str) -> RecordKey {
        RecordKey::ExternalId(ExternalId::parse("ERP_Id__c", value).unwrap())
    }

    /// 204 as it was recorded: no body, no `Content-Type`, no `Sforce-Limit-Info`.
    fn done() -> Result<Response, Failure> {
        Ok(Response { headers: Vec::new(), ..answer(204, "") })
    }

    fn found() -> Result<Response, Failure> {
        Ok(answer(200, &format!(r#"{{"attributes":{{}},"Id":"{ID}"}}"#)))
    }

    fn refused(status: u16, code: &str) -> Result<Response, Failure> {
        Ok(answer(status, &format!(r#"[{{"message":"m","errorCode":"{code}","fields":[]}}]"#)))
    }

    /// What was sent, as `DELETE /001...`.
    fn sent(script: &Script) -> Vec<String> {
        let line = |(method, url, body): &(Method, String, String)| {
            assert_eq!(body, "");
            format!("{method:?} {}", url.strip_prefix(BASE).unwrap())
        };
        script.requests.iter().map(line).collect()
    }

    #[test]
    fn a_record_is_deleted_by_its_id() {
        for attempts in [None, Some(1), Some(10)] {
            let mut script = Script::new([done()]);
            let deleted = run(&mut script, &by_id(), attempts).unwrap();
            assert_eq!(deleted, Deleted { already_deleted: false, usage: None });
            assert_eq!(sent(&script), [format!("Delete /{ID}")]);
            let names: Vec<_> = script.headers[0].iter().map(|(name, _)| *name).collect();
            assert_eq!(names, ["accept", "accept-encoding", "user-agent", "authorization", "content-length"]);
        }
    }

    #[test]
    fn a_record_is_deleted_by_its_value() {
        for attempts in [None, Some(1)] {
            let mut script = Script::new([done()]);
            assert!(!run(&mut script, &by_value("7"), attempts).unwrap().already_deleted);
            assert_eq!(sent(&script), ["Delete /ERP_Id__c/7"]);
        }
    }

    #[test]
    fn a_delete_by_value_that_may_be_repeated_goes_by_id() {
        for attempts in [Some(2), Some(10)] {
            let mut script = Script::new([found(), done()]);
            assert!(!run(&mut script, &by_value("7"), attempts).unwrap().already_deleted);
            assert_eq!(sent(&script), ["Get /ERP_Id__c/7?fields=Id".into(), format!("Delete /{ID}")]);
        }
    }

    #[test]
    fn a_value_is_one_segment_whatever_is_in_it() {
        for (value, segment) in [
            ("a/b", "a%2Fb"),
            ("../Contact/003", "%2E%2E%2FContact%2F003"),
            ("a?b=c&d#e", "a%3Fb%3Dc%26d%23e"),
            ("100% +1;x=y", "100%25%20%2B1%3Bx%3Dy"),
            ("é\u{1f600}", "%C3%A9%F0%9F%98%80"),
            ("a\\b'\"", "a%5Cb%27%22"),
            ("%2F", "%252F"),
            ("...", "%2E%2E%2E"),
        ] {
            let mut script = Script::new([done()]);
            run(&mut script, &by_value(value), None).unwrap();
            assert_eq!(sent(&script), [format!("Delete /ERP_Id__c/{segment}")]);
            let mut script = Script::new([found(), done()]);
            run(&mut script, &by_value(value), Some(2)).unwrap();
            assert_eq!(sent(&script)[0], format!("Get /ERP_Id__c/{segment}?fields=Id"));
        }
    }

    #[test]
    fn usage_is_told_if_the_answer_tells_it() {
        let deleted = run(&mut Script::new([Ok(answer(204, ""))]), &by_id(), None).unwrap();
        assert_eq!(deleted.usage.unwrap().used, 18);
    }

    #[test]
    fn a_record_that_was_deleted_before_is_an_error() {
        for (key, attempts) in [(by_id(), None), (by_id(), Some(10)), (by_value("7"), None)] {
            let mut script = Script::new([refused(404, GONE)]);
            let error = run(&mut script, &key, attempts).unwrap_err();
            let told = (error.kind, error.outcome, error.retryable, script.sent());
            assert_eq!(told, (ErrorKind::Deleted, Outcome::Rejected, false, 1), "{key:?} {attempts:?}");
        }
        let error = run(&mut Script::new([found(), refused(404, GONE)]), &by_value("7"), Some(2)).unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::Deleted, Outcome::Rejected));
    }

    #[test]
    fn a_repeat_that_finds_the_record_gone_is_a_success() {
        let lost = || {
            [
                Err(LOST),
                Err(Failure::HostTimeout),
                Err(Failure::DeadlineExceeded { sent: true }),
                Ok(answer(408, "")),
                Ok(answer(500, "")),
                Ok(answer(503, "")),
                refused(500, "UNKNOWN_EXCEPTION"),
            ]
        };
        let gone = Deleted { already_deleted: true, usage: None };
        for lost in lost() {
            let mut script = Script::new([lost, refused(404, GONE)]);
            assert_eq!(run(&mut script, &by_id(), Some(2)).unwrap(), gone);
            assert_eq!(sent(&script), [format!("Delete /{ID}"), format!("Delete /{ID}")]);
        }
        for (lost, code) in lost().into_iter().zip([GONE, "NOT_FOUND"].into_iter().cycle()) {
            let mut script = Script::new([found(), lost, refused(404, code)]);
            assert_eq!(run(&mut script, &by_value("7"), Some(2)).unwrap(), gone, "{code}");
            assert_eq!(sent(&script)[1..], [format!("Delete /{ID}"), format!("Delete /{ID}")]);
        }
    }

    #[test]
    fn a_repeat_that_deletes_is_a_success_like_any_other() {
        let mut script = Script::new([Err(LOST), done()]);
        assert!(!run(&mut script, &by_id(), Some(2)).unwrap().already_deleted);
        let mut script = Script::new([found(), Err(LOST), done()]);
        assert!(!run(&mut script, &by_value("7"), Some(2)).unwrap().already_deleted);
    }

    #[test]
    fn what_never_left_did_not_delete() {
        let mut script = Script::new([Err(Failure::Unreachable), refused(404, GONE)]);
        let error = run(&mut script, &by_id(), Some(2)).unwrap_err();
        assert_eq!((error.kind, error.outcome, script.sent()), (ErrorKind::Deleted, Outcome::Rejected, 2));
        let mut script = Script::new([Err(LOST), Err(Failure::Unreachable), refused(404, GONE)]);
        assert!(run(&mut script, &by_id(), Some(3)).unwrap().already_deleted, "the first may have arrived");
        let mut script = Script::new([Err(Failure::Unreachable), done()]);
        assert!(run(&mut script, &by_value("7"), None).is_ok(), "repeated without being asked to");
        assert_eq!(script.sent(), 2);
    }

    #[test]
    fn no_other_answer_to_a_repeat_proves_anything() {
        use ErrorKind::*;
        let cases = || {
            [
                (refused(404, "NOT_FOUND"), NotFound),
                (refused(400, GONE), Deleted),
                (Ok(answer(404, "")), InvalidResponse),
                (Ok(answer(404, r#"{"message":"no route"}"#)), InvalidResponse),
                (refused(401, "INVALID_SESSION_ID"), SessionExpired),
                (refused(400, "UNABLE_TO_LOCK_ROW"), Locked),
                (refused(403, "REQUEST_LIMIT_EXCEEDED"), RateLimited),
                (refused(400, "DELETE_FAILED"), Rejected),
                (Ok(answer(200, "")), InvalidResponse),
            ]
        };
        for (second, kind) in cases() {
            let error = run(&mut Script::new([Err(LOST), second]), &by_id(), Some(2)).unwrap_err();
            assert_eq!((error.kind, error.outcome), (kind, Outcome::Unknown));
        }
        for (second, kind) in cases().into_iter().skip(1) {
            let error = run(&mut Script::new([found(), Err(LOST), second]), &by_value("7"), Some(2)).unwrap_err();
            assert_eq!((error.kind, error.outcome, error.retryable), (kind, Outcome::Unknown, false));
        }
    }

    #[test]
    fn an_unknown_outcome_is_repeated_once_and_only_if_the_caller_allows_it() {
        for (attempts, times) in [(None, 1), (Some(1), 1), (Some(2), 2), (Some(10), 2)] {
            let mut script = Script::new([Err(LOST), Err(LOST), Err(LOST)]);
            let error = run(&mut script, &by_id(), attempts).unwrap_err();
            let told = (error.kind, error.outcome, error.retryable, script.sent());
            assert_eq!(told, (ErrorKind::Interrupted, Outcome::Unknown, true, times), "{attempts:?}");
        }
    }

    #[test]
    fn a_delete_by_value_with_unknown_outcome_is_never_called_safe_to_repeat() {
        for attempts in [None, Some(1)] {
            let mut script = Script::new([Err(LOST), done()]);
            let error = run(&mut script, &by_value("7"), attempts).unwrap_err();
            assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, false, 1));
        }
        let mut script = Script::new([found(), Err(LOST), Err(LOST), done()]);
        let error = run(&mut script, &by_value("7"), Some(10)).unwrap_err();
        assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, false, 3));
        let error = run(&mut Script::new([refused(400, "UNABLE_TO_LOCK_ROW")]), &by_value("7"), None).unwrap_err();
        assert!(error.retryable, "refused, so nothing was deleted");
    }

    #[test]
    fn nothing_is_deleted_without_the_id_that_was_looked_up() {
        use ErrorKind::*;
        for (answers, kind, retryable) in [
            ([refused(404, "NOT_FOUND"), done()], NotFound, false),
            ([Ok(answer(300, r#"["/a","/b"]"#)), done()], Ambiguous, false),
            ([Ok(answer(200, "{}")), done()], InvalidResponse, false),
            ([Ok(answer(200, r#"{"Id":"../x"}"#)), done()], InvalidResponse, false),
            ([Err(LOST), Err(LOST)], Interrupted, true),
            ([Err(LOST), refused(404, "NOT_FOUND")], NotFound, false),
        ] {
            let mut script = Script::new(answers);
            let error = run(&mut script, &by_value("7"), Some(2)).unwrap_err();
            assert_eq!((error.kind, error.retryable), (kind, retryable));
            assert!(sent(&script).iter().all(|line| line.starts_with("Get ")), "{kind:?}");
        }
    }

    #[test]
    fn a_refusal_says_what_the_caller_may_do_next() {
        use ErrorKind::*;
        for (status, code, kind, retryable) in [
            (400, "DELETE_FAILED", Rejected, false),
            (400, "MALFORMED_ID", InvalidRecord, false),
            (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", InvalidRecord, false),
            (400, "UNABLE_TO_LOCK_ROW", Locked, true),
            (400, "ENTITY_IS_LOCKED", WrongState, false),
            (400, "DELETE_OPERATION_TOO_LARGE", LimitExceeded, false),
            (400, "INSUFFICIENT_ACCESS_OR_READONLY", Forbidden, false),
            (401, "INVALID_SESSION_ID", SessionExpired, false),
            (403, "REQUEST_LIMIT_EXCEEDED", RateLimited, true),
            (404, "NOT_FOUND", NotFound, false),
            (405, "METHOD_NOT_ALLOWED", Rejected, false),
        ] {
            for key in [by_id(), by_value("7")] {
                let error = run(&mut Script::new([refused(status, code)]), &key, None).unwrap_err();
                let told = (error.kind, error.outcome, error.retryable, error.status);
                assert_eq!(told, (kind, Outcome::Rejected, retryable, Some(status)), "{code}");
                assert_eq!(error.problems[0].code, code);
            }
        }
        let error = run(&mut Script::new([Ok(answer(300, r#"["/a","/b"]"#))]), &by_value("7"), None).unwrap_err();
        assert_eq!((error.kind, error.outcome), (Ambiguous, Outcome::Rejected));
        assert_eq!(error.detail.as_deref(), Some(r#"["/a","/b"]"#));
    }

    #[test]
    fn an_answer_that_does_not_confirm_leaves_it_open() {
        for (status, body) in [(200, ""), (200, r#"{"success":true}"#), (202, ""), (302, ""), (404, "<html>")] {
            for key in [by_id(), by_value("7")] {
                let error = run(&mut Script::new([Ok(answer(status, body))]), &key, None).unwrap_err();
                let told = (error.kind, error.outcome, error.retryable, error.status);
                assert_eq!(
                    told,
                    (ErrorKind::InvalidResponse, Outcome::Unknown, false, Some(status)),
                    "{status} {body}"
                );
            }
        }
    }

    #[test]
    fn a_value_like_a_file_name_may_be_why_nothing_is_found() {
        let message = |key: &RecordKey, attempts| {
            run(&mut Script::new([refused(404, "NOT_FOUND")]), key, attempts).unwrap_err().message
        };
        for attempts in [None, Some(2)] {
            let told = message(&by_value("a@example.inc"), attempts);
            assert!(told.contains("NOT_FOUND") && told.ends_with("query for the Id instead"), "{told}");
            assert!(message(&by_value("7"), attempts).ends_with("(status 404): m"));
            assert!(message(&by_id(), attempts).ends_with("(status 404): m"));
        }
        for code in [GONE, "NOT_FOUND"] {
            let mut script = Script::new([found(), refused(404, code)]);
            let error = run(&mut script, &by_value("a@example.com"), Some(2)).unwrap_err();
            assert!(error.message.ends_with("(status 404): m"), "the look-up found it: {}", error.message);
        }
        let error = run(&mut Script::new([refused(404, GONE)]), &by_value("a@example.com"), None).unwrap_err();
        assert!(error.message.ends_with("(status 404): m"), "{}", error.message);
    }
}
