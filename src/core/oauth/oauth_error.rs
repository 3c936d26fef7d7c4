//! What the OAuth endpoints' refusals mean: `error` and `error_description` to kind and whether to try again.
//! RFC 6749 sections 4.1.2.1 and 5.2, and Salesforce's own codes:
//! <https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flow_errors.htm>

use crate::core::error::{Error, ErrorKind, Outcome, Problem};
use crate::core::error_body::problems;
use crate::core::http::Response;
use crate::core::salesforce_error::{from_status, not_salesforces, on_read};
use crate::core::text::contains;

/// What one code means. The first row whose code is equal and whose words occur in the description counts.
struct Meaning {
    code: &'static str,
    /// Words of the description; empty for any.
    words: &'static str,
    kind: ErrorKind,
    retryable: bool,
}

const fn means(code: &'static str, words: &'static str, kind: ErrorKind) -> Meaning {
    Meaning { code, words, kind, retryable: false }
}

const fn later(code: &'static str, words: &'static str, kind: ErrorKind) -> Meaning {
    Meaning { code, words, kind, retryable: true }
}

const MEANINGS: &[Meaning] = &[
    later("invalid_grant", "already being processed", ErrorKind::RefreshInProgress),
    means("invalid_grant", "not supported on this domain", ErrorKind::InvalidClient),
    means("invalid_grant", "approved", ErrorKind::AccessDenied),
    means("invalid_grant", "ip restricted", ErrorKind::AccessDenied),
    // The grant stays good, and works again when the user or the org does.
    means("invalid_grant", "inactive", ErrorKind::AccessDenied),
    means("invalid_grant", "not active", ErrorKind::AccessDenied),
    means("invalid_grant", "suspended", ErrorKind::AccessDenied),
    means("invalid_grant", "frozen", ErrorKind::AccessDenied),
    means("invalid_grant", "locked", ErrorKind::AccessDenied),
    means("invalid_grant", "no client credentials user", ErrorKind::InvalidClient),
    later("invalid_grant", "rate exceeded", ErrorKind::RateLimited),
    later("invalid_grant", "retry your request", ErrorKind::Unavailable),
    means("invalid_grant", "", ErrorKind::ReauthorizationRequired),
    means("invalid_token", "", ErrorKind::ReauthorizationRequired),
    means("unsupported_token_type", "", ErrorKind::ReauthorizationRequired),
    means("invalid_assertion", "", ErrorKind::ReauthorizationRequired),
    means("invalid_client", "", ErrorKind::InvalidClient),
    means("invalid_client_id", "", ErrorKind::InvalidClient),
    means("invalid_client_credentials", "", ErrorKind::InvalidClient),
    means("invalid_scope", "", ErrorKind::InvalidClient),
    means("redirect_uri_mismatch", "", ErrorKind::InvalidClient),
    means("redirect_uri_missing", "", ErrorKind::InvalidClient),
    means("unauthorized_client", "", ErrorKind::InvalidClient),
    means("unsupported_grant_type", "", ErrorKind::InvalidClient),
    means("unsupported_response_type", "", ErrorKind::InvalidClient),
    means("invalid_request", "code verifier", ErrorKind::ReauthorizationRequired),
    means("access_denied", "", ErrorKind::AccessDenied),
    means("invalid_app_access", "", ErrorKind::AccessDenied),
    means("inactive_user", "", ErrorKind::AccessDenied),
    means("inactive_org", "", ErrorKind::AccessDenied),
    means("app_not_found", "", ErrorKind::InvalidClient),
    later("rate_limit_exceeded", "", ErrorKind::RateLimited),
    // "retry your request"
    later("unknown_error", "", ErrorKind::Unavailable),
    later("server_error", "", ErrorKind::Unavailable),
    later("temporarily_unavailable", "", ErrorKind::Unavailable),
];

/// The error that an OAuth endpoint's refusal stands for.
pub(super) fn from_response(response: &Response) -> Box<Error> {
    let mut error = from_status(response);
    let Some(problem) = problems(&response.body).into_iter().find(|problem| !problem.code.is_empty()) else {
        if response.status == 401 {
            error.kind = ErrorKind::InvalidClient;
        }
        not_salesforces(&mut error);
        return error;
    };
    error.message = problem.refusal(response.status);
    if response.status < 500 {
        error.outcome = Outcome::Rejected;
        apply(&mut error, problem);
    } else {
        error.problems.push(problem);
    }
    error
}

/// The same for the user info endpoint, which a call's access token is sent to. Of a token that it does not know it says
/// so without JSON.
pub(super) fn from_user_info(response: &Response) -> Box<Error> {
    let is_bad_token = matches!(response.status, 401 | 403)
        && matches!(response.body.as_slice(), b"Bad_OAuth_Token" | b"Missing_OAuth_Token" | b"Wrong_Org");
    if is_bad_token {
        let mut error = from_status(response);
        (error.kind, error.outcome) = (ErrorKind::SessionExpired, Outcome::Rejected);
        error.message = "Salesforce does not accept the access token".into();
        return error;
    }
    let error = on_read(response);
    match error.kind {
        // No words of the REST API: perhaps those of OAuth.
        ErrorKind::InvalidResponse | ErrorKind::Rejected => from_response(response),
        _ => error,
    }
}

/// Gives `error` the meaning of `problem`.
pub(super) fn apply(error: &mut Error, problem: Problem) {
    let description = problem.message.to_ascii_lowercase();
    let meaning = MEANINGS
        .iter()
        .find(|meaning| problem.code.eq_ignore_ascii_case(meaning.code) && contains(&description, meaning.words));
    (error.kind, error.retryable) = match meaning {
        Some(meaning) => (meaning.kind, meaning.retryable),
        None if problem.code.to_ascii_lowercase().starts_with("oauth_") => (ErrorKind::AccessDenied, false),
        None => (ErrorKind::Rejected, false),
    };
    error.problems.push(problem);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::script::answer;

    fn error(status: u16, code: &str, description: &str) -> Box<Error> {
        let body = serde_json::json!({ "error": code, "error_description": description }).to_string();
        from_response(&answer(status, &body))
    }

    #[test]
    fn each_code_means_what_the_table_says() {
        use ErrorKind::*;
        let expected = [
            ("invalid_grant", "token request is already being processed", RefreshInProgress, true),
            ("invalid_grant", "request not supported on this domain", InvalidClient, false),
            ("invalid_grant", "user hasn't approved this consumer", AccessDenied, false),
            ("invalid_grant", "ip restricted", AccessDenied, false),
            ("invalid_grant", "Inactive user", AccessDenied, false),
            ("invalid_grant", "organization is not active", AccessDenied, false),
            ("invalid_grant", "organization suspended", AccessDenied, false),
            ("invalid_grant", "user is frozen", AccessDenied, false),
            ("invalid_grant", "user is locked out", AccessDenied, false),
            ("invalid_grant", "no client credentials user enabled", InvalidClient, false),
            ("invalid_grant", "login rate exceeded", RateLimited, true),
            ("invalid_grant", "unknown_error, retry your request", Unavailable, true),
            ("invalid_grant", "expired access/refresh token", ReauthorizationRequired, false),
            ("invalid_token", "", ReauthorizationRequired, false),
            ("unsupported_token_type", "", ReauthorizationRequired, false),
            ("invalid_assertion", "", ReauthorizationRequired, false),
            ("invalid_client", "invalid client credentials", InvalidClient, false),
            ("invalid_client_id", "client identifier invalid", InvalidClient, false),
            ("invalid_client_credentials", "", InvalidClient, false),
            ("invalid_scope", "", InvalidClient, false),
            ("redirect_uri_mismatch", "", InvalidClient, false),
            ("redirect_uri_missing", "", InvalidClient, false),
            ("unauthorized_client", "", InvalidClient, false),
            ("unsupported_grant_type", "", InvalidClient, false),
            ("unsupported_response_type", "", InvalidClient, false),
            ("invalid_request", "invalid code verifier", ReauthorizationRequired, false),
            ("access_denied", "end-user denied authorization", AccessDenied, false),
            ("invalid_app_access", "user is not admin approved to access this app", AccessDenied, false),
            ("inactive_user", "", AccessDenied, false),
            ("inactive_org", "", AccessDenied, false),
            ("app_not_found", "", InvalidClient, false),
            ("rate_limit_exceeded", "", RateLimited, true),
            ("unknown_error", "retry your request", Unavailable, true),
            ("server_error", "", Unavailable, true),
            ("temporarily_unavailable", "", Unavailable, true),
        ];
        assert_eq!(
            expected.map(|row| row.0).as_slice(),
            MEANINGS.iter().map(|meaning| meaning.code).collect::<Vec<_>>(),
            "every row is tested"
        );
        for (code, description, kind, retryable) in expected {
            let error = error(400, code, description);
            assert_eq!(
                (error.kind, error.outcome, error.retryable),
                (kind, Outcome::Rejected, retryable),
                "{code} {description}"
            );
            assert_eq!((error.problems[0].code.as_str(), error.problems[0].message.as_str()), (code, description));
        }
        for description in ["inactive organization", "organization is inactive", "user is inactive", "org is inactive"]
        {
            assert_eq!(error(400, "invalid_grant", description).kind, AccessDenied, "{description}");
        }
        assert_eq!(error(400, "invalid_grant", "user hasn&#39;t approved this consumer").kind, AccessDenied);
        assert_eq!(error(400, "OAUTH_APP_BLOCKED", "blocked by admin").kind, AccessDenied);
        assert_eq!(error(400, "invalid_request", "x").kind, Rejected);
        assert_eq!(error(400, "brand_new", "x").kind, Rejected);
    }

    #[test]
    fn a_failing_server_leaves_it_open() {
        for answer in [error(500, "invalid_grant", "x"), from_response(&answer(502, "<html>"))] {
            assert_eq!(
                (answer.kind, answer.outcome, answer.retryable),
                (ErrorKind::Unavailable, Outcome::Unknown, true)
            );
        }
    }

    #[test]
    fn f99_an_answer_that_is_not_salesforces_is_no_refusal() {
        for status in [403, 404, 410] {
            for body in ["", "<html>", r#"{"message":"no route"}"#] {
                let error = from_response(&answer(status, body));
                assert_eq!(
                    (error.kind, error.outcome, error.retryable),
                    (ErrorKind::InvalidResponse, Outcome::Unknown, false),
                    "{status} {body}"
                );
            }
        }
    }

    #[test]
    fn a_token_that_user_info_does_not_know_is_an_expired_session() {
        let refused = |status, body| from_user_info(&answer(status, body)).kind;
        assert_eq!(refused(403, "Bad_OAuth_Token"), ErrorKind::SessionExpired);
        assert_eq!(refused(401, ""), ErrorKind::SessionExpired);
        assert_eq!(refused(403, "<html>"), ErrorKind::InvalidResponse);
        assert_eq!(from_response(&answer(401, "")).kind, ErrorKind::InvalidClient);
        assert_eq!(refused(401, r#"[{"errorCode":"INVALID_AUTH_HEADER","message":"m"}]"#), ErrorKind::AccessDenied);
        assert_eq!(refused(400, r#"{"error":"access_denied"}"#), ErrorKind::AccessDenied);
    }
}
