//! Ending a connection (RFC 7009).

use super::connected_app::ConnectedApp;
use super::oauth_error;
use crate::core::call_options::CallOptions;
use crate::core::error::{Error, Result};
use crate::core::http::{Request, Transport};
use crate::core::secret::Secret;
use crate::core::send::{Repeat, send_with};

/// Revokes an access or a refresh token.
pub fn revoke(transport: &mut dyn Transport, app: &ConnectedApp, token: &Secret, options: &CallOptions) -> Result<()> {
    let request = Request::form(&app.login, "/services/oauth2/revoke", &[("token", token.expose())], vec![token]);
    let response = send_with(transport, &request, Repeat::Safe, options, oauth_error::from_response)?;
    // Nothing is in the answer. A page is from something between, and the token lives on.
    if response.body.trim_ascii_start().starts_with(b"<") {
        let error = Error::invalid_response("expected an empty answer, but a web page came, perhaps of a proxy");
        return Err(error.with_answer(&response));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::script::{Script, answer};

    #[test]
    fn the_token_is_revoked_where_it_came_from() {
        let app = ConnectedApp::parse("https://login.salesforce.com", "KEY", None).unwrap();
        let token = Secret::parse("token", "5Aep861!").unwrap();
        let options = CallOptions::parse(None, None, None).unwrap();
        let invalid = r#"{"error":"invalid_token","error_description":"invalid token: 5Aep861!"}"#;
        let mut script = Script::new([Ok(answer(200, "")), Ok(answer(400, invalid))]);
        revoke(&mut script, &app, &token, &options).unwrap();
        assert_eq!(script.requests[0].1, "https://login.salesforce.com/services/oauth2/revoke");
        assert_eq!(script.requests[0].2, "token=5Aep861!");
        let error = revoke(&mut script, &app, &token, &options).unwrap_err();
        assert_eq!(error.kind, ErrorKind::ReauthorizationRequired);
        assert!(!format!("{error:?}").contains("5Aep861!"), "{error:?}");
    }

    #[test]
    fn f99_a_page_is_no_word_of_salesforces_that_the_token_is_revoked() {
        let app = ConnectedApp::parse("https://login.salesforce.com", "KEY", None).unwrap();
        let token = Secret::parse("token", "5Aep861!").unwrap();
        let options = CallOptions::parse(None, None, None).unwrap();
        let page = answer(200, "\n<!DOCTYPE html><html>captive portal</html>");
        let error = revoke(&mut Script::new([Ok(page)]), &app, &token, &options).unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown));
    }
}
