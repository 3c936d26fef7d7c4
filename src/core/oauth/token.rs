//! The token endpoint, and the grants that need no browser.

use super::connected_app::ConnectedApp;
use super::oauth_error;
use super::token_set::TokenSet;
use crate::core::call_options::CallOptions;
use crate::core::error::Result;
use crate::core::http::{BodyLength, Request, Transport};
use crate::core::secret::Secret;
use crate::core::send::{Repeat, send_with};

/// RFC 6749 section 6. Sent once unless it provably never left: Salesforce rotates refresh tokens, and using an old one
/// revokes the connection.
pub fn refresh(
    transport: &mut dyn Transport,
    app: &ConnectedApp,
    refresh_token: &Secret,
    options: &CallOptions,
) -> Result<TokenSet> {
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())];
    let tokens = request_tokens(transport, app, &form, &[refresh_token], Repeat::Never, options)?;
    // RFC 6749 section 6: without a new one, the old one stays valid.
    Ok(TokenSet { refresh_token: tokens.refresh_token.or_else(|| Some(refresh_token.clone())), ..tokens })
}

/// RFC 6749 section 4.4.
pub fn client_credentials(
    transport: &mut dyn Transport,
    app: &ConnectedApp,
    options: &CallOptions,
) -> Result<TokenSet> {
    app.required_secret()?;
    request_tokens(transport, app, &[("grant_type", "client_credentials")], &[], Repeat::Safe, options)
}

/// RFC 7523 section 2.1.
pub fn jwt_bearer(
    transport: &mut dyn Transport,
    app: &ConnectedApp,
    assertion: &Secret,
    options: &CallOptions,
) -> Result<TokenSet> {
    let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion.expose())];
    request_tokens(transport, app, &form, &[assertion], Repeat::Safe, options)
}

/// Posts a grant with the client's own credentials, and reads the tokens.
pub(super) fn request_tokens(
    transport: &mut dyn Transport,
    app: &ConnectedApp,
    grant: &[(&str, &str)],
    secrets: &[&Secret],
    repeat: Repeat,
    options: &CallOptions,
) -> Result<TokenSet> {
    let mut form = grant.to_vec();
    form.push(("client_id", &app.client_id));
    form.extend(app.client_secret.as_ref().map(|secret| ("client_secret", secret.expose())));
    let secrets: Vec<&Secret> = secrets.iter().copied().chain(&app.client_secret).collect();
    let mut request = Request::form(&app.login, "/services/oauth2/token", &form, secrets);
    if app.has_placeholders {
        request.body_length = BodyLength::Unknown;
    }
    let response = send_with(transport, &request, repeat, options, oauth_error::from_response)?;
    TokenSet::read(&response, app).map_err(|mut error| {
        error.redact(&request.secrets);
        error.with_answer(&response)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::http::Failure;
    use crate::core::script::{Script, answer};

    const TOKENS: &str =
        r#"{"access_token":"00D!NEW","token_type":"Bearer","instance_url":"https://x.my.salesforce.com"}"#;

    fn app(secret: Option<&str>) -> ConnectedApp {
        ConnectedApp::parse("https://x.my.salesforce.com", "KEY", secret).unwrap()
    }

    fn options() -> CallOptions {
        CallOptions::parse(None, None, None).unwrap()
    }

    fn run_refresh(script: &mut Script) -> Result<TokenSet> {
        refresh(
            script,
            &app(Some("SENTINEL-SECRET")),
            &Secret::parse("refresh-token", "SENTINEL-OLD").unwrap(),
            &options(),
        )
    }

    #[test]
    fn a_refresh_keeps_the_old_token_unless_a_new_one_comes() {
        let rotated = TOKENS.replace('{', r#"{"refresh_token":"5Aep.NEW","#);
        let mut script = Script::new([Ok(answer(200, TOKENS)), Ok(answer(200, &rotated))]);
        let kept = run_refresh(&mut script).unwrap().refresh_token.unwrap();
        let new = run_refresh(&mut script).unwrap().refresh_token.unwrap();
        assert_eq!((kept.expose(), new.expose()), ("SENTINEL-OLD", "5Aep.NEW"));
        assert_eq!(
            script.requests[0].2,
            "grant_type=refresh_token&refresh_token=SENTINEL-OLD&client_id=KEY&client_secret=SENTINEL-SECRET"
        );
    }

    #[test]
    fn a_refresh_is_sent_once() {
        let mut script = Script::new([Err(Failure::Interrupted)]);
        let error = run_refresh(&mut script).unwrap_err();
        assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, false, 1));
        let mut script = Script::new([Err(Failure::Unreachable), Ok(answer(200, TOKENS))]);
        assert!(run_refresh(&mut script).is_ok());
    }

    #[test]
    fn a_server_that_echoes_secrets_does_not_get_them_into_an_error() {
        let echo = r#"{"error":"invalid_grant","error_description":"SENTINEL-OLD and SENTINEL-SECRET"}"#;
        for status in [200, 400, 500] {
            let error = run_refresh(&mut Script::new([Ok(answer(status, echo))])).unwrap_err();
            assert!(!format!("{error:?}").contains("SENTINEL"), "{error:?}");
        }
    }

    #[test]
    fn the_host_knows_how_long_a_request_with_placeholders_is_and_its_signature_cannot_be_checked() {
        let signed = TOKENS.replace('{', r#"{"id":"https://x/id/1/2","issued_at":"1","signature":"AAAA","#);
        let mut script = Script::new([Ok(answer(200, &signed)), Ok(answer(200, &signed))]);
        let open = client_credentials(&mut script, &app(Some("S")), &options()).unwrap_err();
        assert_eq!(open.kind, ErrorKind::UntrustedAuthorization);
        let answered = client_credentials(&mut script, &app(Some("S")).with_placeholders(), &options()).unwrap();
        assert!(!answered.signature_verified);
        let lengths: Vec<bool> =
            script.headers.iter().map(|headers| headers.iter().any(|(name, _)| *name == "content-length")).collect();
        assert_eq!(lengths, [true, false]);
    }

    #[test]
    fn the_other_grants_say_what_they_are() {
        let mut script = Script::new([Ok(answer(200, TOKENS)), Ok(answer(200, TOKENS))]);
        client_credentials(&mut script, &app(Some("S")), &options()).unwrap();
        jwt_bearer(&mut script, &app(None), &Secret::parse("assertion", "a.b.c").unwrap(), &options()).unwrap();
        assert_eq!(script.requests[0].2, "grant_type=client_credentials&client_id=KEY&client_secret=S");
        assert_eq!(
            script.requests[1].2,
            "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=a.b.c&client_id=KEY"
        );
        let error = client_credentials(&mut Script::new([]), &app(None), &options()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
    }
}
