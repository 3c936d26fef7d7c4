//! Who a connection belongs to (OpenID Connect Core section 5.3).

use super::oauth_error;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result, as_written};
use crate::core::http::{Request, Transport};
use crate::core::json::{Json, Object, required};
use crate::core::send::{Repeat, send_with};

/// Who a connection belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInfo {
    /// Id of the user.
    pub user_id: String,
    /// Id of the org.
    pub organization_id: String,
    /// User name, an e-mail address in form.
    pub username: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// The whole answer, JSON text.
    pub claims: String,
}

/// Asks the org who its access token belongs to.
pub fn user_info(transport: &mut dyn Transport, connection: &Connection, options: &CallOptions) -> Result<UserInfo> {
    let request = Request { path_and_query: "/services/oauth2/userinfo".into(), ..Request::get(connection, "") };
    let response = send_with(transport, &request, Repeat::Safe, options, oauth_error::from_user_info)?;
    let read = || {
        let claims = Json::parse(&response.body, "user info")?;
        let answer = Object::expect(claims, "user info")?;
        let shown = |name| answer.find(name, Json::shown).map(|text| as_written(&text, 500));
        Ok(UserInfo {
            user_id: required("user_id", answer.printable("user_id", 100))?,
            organization_id: required("organization_id", answer.printable("organization_id", 100))?,
            username: shown("preferred_username"),
            name: shown("name"),
            email: shown("email"),
            claims: claims.as_str().into(),
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
    fn the_owner_of_a_connection_is_read() {
        let connection = Connection::parse("https://x.my.salesforce.com", "00D!TOKEN", None).unwrap();
        let options = CallOptions::parse(None, None, None).unwrap();
        let body = r#"{"sub":"s","user_id":"005","organization_id":"00D","preferred_username":"a@b","name":null}"#;
        let mut script = Script::new([Ok(answer(200, body)), Ok(answer(403, "Bad_OAuth_Token"))]);
        let info = user_info(&mut script, &connection, &options).unwrap();
        assert_eq!(
            (info.user_id.as_str(), info.organization_id.as_str(), info.username.as_deref(), info.name),
            ("005", "00D", Some("a@b"), None)
        );
        assert_eq!(info.claims, body);
        assert_eq!(script.requests[0].1, "https://x.my.salesforce.com/services/oauth2/userinfo");
        assert_eq!(user_info(&mut script, &connection, &options).unwrap_err().kind, ErrorKind::SessionExpired);
    }
}
