//! Whether a token is active (RFC 7662).

use super::connected_app::ConnectedApp;
use super::oauth_error;
use super::token_set::scopes;
use crate::core::call_options::CallOptions;
use crate::core::error::{Error, Result};
use crate::core::http::{Request, Transport};
use crate::core::json::{Json, Object, required};
use crate::core::secret::Secret;
use crate::core::send::{Repeat, send_with};

/// `token_type_hint`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the two of RFC 7009")]
pub enum TokenType {
    AccessToken,
    RefreshToken,
}

/// What Salesforce says of a token. See `introspection` in `wit/oauth.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is documented once, in wit/oauth.wit")]
pub struct Introspection {
    pub active: bool,
    pub scopes: Vec<String>,
    pub client_id: Option<String>,
    pub username: Option<String>,
    pub sub: Option<String>,
    pub exp: Option<u64>,
    pub iat: Option<u64>,
    pub nbf: Option<u64>,
}

/// Asks about a token; the client must have a secret.
pub fn introspect(
    transport: &mut dyn Transport,
    app: &ConnectedApp,
    token: &Secret,
    token_type: TokenType,
    options: &CallOptions,
) -> Result<Introspection> {
    let secret = app.required_secret()?;
    let hint = match token_type {
        TokenType::AccessToken => "access_token",
        TokenType::RefreshToken => "refresh_token",
    };
    let form = [
        ("token", token.expose()),
        ("token_type_hint", hint),
        ("client_id", &app.client_id),
        ("client_secret", secret.expose()),
    ];
    let request = Request::form(&app.login, "/services/oauth2/introspect", &form, vec![token, secret]);
    let response = send_with(transport, &request, Repeat::Safe, options, oauth_error::from_response)?;
    let read = || {
        let answer = Object::parse(&response.body, "an introspection answer")?;
        Ok(Introspection {
            active: required("active", answer.boolean("active")?)?,
            scopes: scopes(answer.find("scope", Json::text).as_deref()),
            client_id: answer.printable("client_id", 500),
            username: answer.printable("username", 500),
            sub: answer.printable("sub", 500),
            exp: answer.find("exp", Json::number),
            iat: answer.find("iat", Json::number),
            nbf: answer.find("nbf", Json::number),
        })
    };
    read().map_err(|error: Box<Error>| error.with_answer(&response))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;
    use crate::core::script::{Script, answer};

    #[test]
    fn a_token_is_asked_about_with_the_clients_secret() {
        let options = CallOptions::parse(None, None, None).unwrap();
        let token = Secret::parse("token", "T").unwrap();
        let app = ConnectedApp::parse("https://login.salesforce.com", "KEY", Some("S")).unwrap();
        let body =
            r#"{"active":true,"scope":"api refresh_token","username":"a@b","exp":1,"token_type":"access_token"}"#;
        let mut script =
            Script::new([Ok(answer(200, body)), Ok(answer(200, r#"{"active":false}"#)), Ok(answer(200, "{}"))]);
        let found = introspect(&mut script, &app, &token, TokenType::RefreshToken, &options).unwrap();
        assert_eq!(
            (found.active, found.scopes.len(), found.username.as_deref(), found.exp),
            (true, 2, Some("a@b"), Some(1))
        );
        assert_eq!(script.requests[0].2, "token=T&token_type_hint=refresh_token&client_id=KEY&client_secret=S");
        assert!(!introspect(&mut script, &app, &token, TokenType::AccessToken, &options).unwrap().active);
        let error = introspect(&mut script, &app, &token, TokenType::AccessToken, &options).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidResponse);
        let public = ConnectedApp::parse("https://login.salesforce.com", "KEY", None).unwrap();
        let error = introspect(&mut script, &public, &token, TokenType::AccessToken, &options).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
    }
}
