//! Finishing the authorization-code flow: the callback is checked before anything is sent.

use ctutils::CtEq;

use super::authorization::PendingAuthorization;
use super::connected_app::ConnectedApp;
use super::oauth_error;
use super::token::request_tokens;
use super::token_set::TokenSet;
use crate::core::call_options::CallOptions;
use crate::core::encoding::parse_form;
use crate::core::error::{Error, ErrorKind, Outcome, Problem, Result};
use crate::core::http::Transport;
use crate::core::secret::Secret;
use crate::core::send::Repeat;

/// Checks the callback and exchanges its code for tokens.
pub fn complete_authorization(
    transport: &mut dyn Transport,
    app: &ConnectedApp,
    pending: &PendingAuthorization,
    callback_query: &str,
    options: &CallOptions,
) -> Result<TokenSet> {
    let code = read_code(pending, callback_query).map_err(|mut error| {
        error.redact(&[&pending.state]);
        error
    })?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.expose()),
        ("redirect_uri", &pending.redirect_uri),
        ("code_verifier", pending.code_verifier.expose()),
    ];
    // A code works once, and using it twice revokes what the first use gave (RFC 6749 section 4.1.2).
    request_tokens(transport, app, &form, &[&code, &pending.code_verifier], Repeat::Never, options)
}

/// The code of a callback that belongs to `pending`.
fn read_code(pending: &PendingAuthorization, callback_query: &str) -> Result<Secret> {
    let expected = "the raw query string of the callback URL";
    let pairs = parse_form(callback_query.strip_prefix('?').unwrap_or(callback_query))
        .filter(|_| callback_query.len() <= 16_384)
        .ok_or_else(|| Error::invalid_argument("callback-query", expected))?;
    let value = |name: &str| {
        let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(Error::invalid_argument("callback-query", "each parameter once (RFC 6749 section 3.1)")),
        }
    };

    let state = value("state")?.unwrap_or_default();
    if !bool::from(state.as_bytes().ct_eq(pending.state.expose().as_bytes())) {
        return Err(Error::new(
            ErrorKind::UntrustedAuthorization,
            Outcome::NotSent,
            "the callback's state is not the one this authorization began with; begin again",
        ));
    }
    if let Some(error) = value("error")? {
        return Err(declined(error, value("error_description")?.unwrap_or_default()));
    }
    let code = value("code")?.ok_or_else(|| Error::invalid_argument("callback-query", "a code or an error"))?;
    Secret::parse("code", code)
}

/// RFC 6749 section 4.1.2.1. The description comes from the browser, so it is bounded like a server's text.
fn declined(code: &str, description: &str) -> Box<Error> {
    let mut error = Error::new(ErrorKind::AccessDenied, Outcome::Rejected, "");
    oauth_error::apply(&mut error, Problem::new(code, description, &[]));
    if error.kind == ErrorKind::Rejected {
        error.kind = ErrorKind::AccessDenied;
    }
    error.message = "Salesforce did not authorize the connection; see problems".into();
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::script::{Script, answer};

    const STATE: &str = "STATE-STATE-STATE-STATE-STATE-STATE-STATE-1";
    const VERIFIER: &str = "VERIFIER-VERIFIER-VERIFIER-VERIFIER-VERIFIE";

    fn run(script: &mut Script, secret: Option<&str>, query: &str) -> Result<TokenSet> {
        let app = ConnectedApp::parse("https://login.salesforce.com", "KEY", secret).unwrap();
        let pending = PendingAuthorization::parse(STATE, VERIFIER, "https://workflow.example.com/sso").unwrap();
        complete_authorization(script, &app, &pending, query, &CallOptions::parse(None, None, None).unwrap())
    }

    fn tokens() -> crate::core::http::Response {
        answer(
            200,
            r#"{"access_token":"00D!NEW","token_type":"Bearer","instance_url":"https://x.my.salesforce.com","scope":"api"}"#,
        )
    }

    #[test]
    fn the_code_is_exchanged_with_verifier_and_secret() {
        let mut script = Script::new([Ok(tokens()), Ok(tokens())]);
        run(&mut script, None, &format!("code=aPrx%3D%3D&state={STATE}")).unwrap();
        run(&mut script, Some("SECRET"), &format!("?state={STATE}&code=aPrx%3D%3D&sfdc_community_id=x")).unwrap();
        assert_eq!(script.requests[0].1, "https://login.salesforce.com/services/oauth2/token");
        assert_eq!(
            script.requests[0].2,
            format!(
                "grant_type=authorization_code&code=aPrx%3D%3D&redirect_uri=https://workflow.example.com/sso&code_verifier={VERIFIER}&client_id=KEY"
            )
        );
        assert!(script.requests[1].2.ends_with("&client_id=KEY&client_secret=SECRET"));
    }

    #[test]
    fn a_state_that_does_not_match_sends_nothing() {
        let shorter = &STATE[1..];
        for query in [
            "code=c".to_string(),
            "code=c&state=".into(),
            format!("code=c&state={shorter}"),
            "code=c&state=other".into(),
            "error=access_denied".into(),
        ] {
            let mut script = Script::new([]);
            let error = run(&mut script, None, &query).unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::UntrustedAuthorization, Outcome::NotSent), "{query}");
        }
    }

    #[test]
    fn a_state_that_the_browser_repeats_is_not_shown() {
        for query in
            [format!("error=a&error_description=bad+{STATE}&state={STATE}"), format!("error={STATE}&state={STATE}")]
        {
            let error = run(&mut Script::new([]), None, &query).unwrap_err();
            assert_eq!(error.kind, ErrorKind::AccessDenied);
            assert!(!format!("{error:?}").contains(STATE), "{error:?}");
        }
    }

    #[test]
    fn a_user_who_declines_is_access_denied() {
        let query = format!("error=access_denied&error_description=end-user+denied%0Aauthorization&state={STATE}");
        let error = run(&mut Script::new([]), None, &query).unwrap_err();
        assert_eq!(error.kind, ErrorKind::AccessDenied);
        assert_eq!(
            (error.problems[0].code.as_str(), error.problems[0].message.as_str()),
            ("access_denied", "end-user denied\nauthorization")
        );
        let long = format!("error=x&error_description={}&state={STATE}", "y".repeat(10_000));
        let error = run(&mut Script::new([]), None, &long).unwrap_err();
        assert!(error.problems[0].message.chars().count() <= 2001);
    }

    #[test]
    fn a_query_that_cannot_be_a_callback_sends_nothing() {
        for query in [
            format!("state={STATE}"),
            format!("code=&state={STATE}"),
            format!("code=a%0d%0a&state={STATE}"),
            format!("code=a&code=b&state={STATE}"),
            format!("code=a&state={STATE}&state={STATE}"),
            format!("code=%ff&state={STATE}"),
            format!("code=a&state={STATE}&x={}", "y".repeat(17_000)),
        ] {
            let error = run(&mut Script::new([]), None, &query).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidArgument, "{query}");
        }
    }

    #[test]
    fn a_code_is_never_sent_twice() {
        let mut script = Script::new([Err(crate::core::http::Failure::Interrupted)]);
        let error = run(&mut script, None, &format!("code=SENTINEL-CODE&state={STATE}")).unwrap_err();
        assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, false, 1));
        assert!(!format!("{error:?}").contains("SENTINEL"));
    }
}
