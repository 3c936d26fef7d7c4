//! What an org's refusal means, for a host that asks the org something itself.

use super::error::Error;
use super::http::Response;
use super::salesforce_error;
use super::secret::Secret;

/// The error that an answer to a GET stands for, its status other than 2xx, cleared of the token that was sent.
pub fn of_get(response: &Response, token: &Secret) -> Box<Error> {
    let mut error = salesforce_error::on_read(response);
    error.redact(&[token]);
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;
    use crate::core::script::answer;

    #[test]
    fn a_refusal_is_read_as_the_connectors_own_and_repeats_no_token() {
        let token = Secret::parse("token", "00D!SENTINEL").unwrap();
        let body = r#"[{"message":"bad token 00D!SENTINEL","errorCode":"INVALID_SESSION_ID"}]"#;
        let error = of_get(&answer(401, body), &token);
        assert_eq!((error.kind, error.status), (ErrorKind::SessionExpired, Some(401)));
        assert!(!format!("{error:?}").contains("SENTINEL") && error.message.contains("bad token"), "{error:?}");
    }
}
