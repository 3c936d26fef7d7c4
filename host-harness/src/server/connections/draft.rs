//! A new connection as somebody fills it in, and its reading.

use super::NewConnection;
use crate::secret::Secret;
use crate::server::field::{self, FieldErrors};

/// The login host of production orgs.
pub(crate) const PRODUCTION: &str = "https://login.salesforce.com";
/// The login host of sandboxes.
pub(crate) const SANDBOX: &str = "https://test.salesforce.com";

/// What somebody asks of a new connection; nothing of it is known to be right.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) name: String,
    /// None: [`PRODUCTION`].
    pub(crate) login_url: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) api_version: Option<String>,
    pub(crate) scopes: Vec<String>,
}

impl TryFrom<Draft> for NewConnection {
    type Error = FieldErrors;

    fn try_from(draft: Draft) -> Result<NewConnection, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", field::name(&draft.name));
        let login_url = draft.login_url.as_deref().unwrap_or(PRODUCTION).parse();
        let login_url = errors.take("login_url", login_url.map_err(|error| format!("{error}")));
        if !is_word(&draft.client_id) {
            errors.add("client_id", "expected the consumer key of a connected app");
        }
        let api_version = draft.api_version.filter(|version| !version.is_empty());
        if api_version.as_deref().is_some_and(|version| !is_api_version(version)) {
            errors.add("api_version", "expected v46.0 or later, written like v67.0");
        }
        if !draft.scopes.iter().all(|scope| is_word(scope)) {
            errors.add("scopes", "expected names such as `api`, one an entry");
        }
        match (name, login_url) {
            (Some(name), Some(login_url)) if errors.is_empty() => Ok(NewConnection {
                name,
                login_url,
                client_id: draft.client_id,
                client_secret: draft.client_secret.filter(|secret| !secret.expose().is_empty()),
                api_version,
                scopes: draft.scopes,
            }),
            _ => Err(errors),
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// As the connector takes it.
fn is_api_version(text: &str) -> bool {
    let number = text.strip_prefix('v').and_then(|rest| rest.strip_suffix(".0"));
    let digits =
        number.filter(|number| matches!(number.len(), 2..=3) && number.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|number| number.parse::<u16>().ok()).is_some_and(|number| number >= 46)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft {
            name: "Sales".to_owned(),
            login_url: None,
            client_id: "3MVG9".to_owned(),
            client_secret: Some(Secret::from(String::new())),
            api_version: Some(String::new()),
            scopes: vec!["api".to_owned()],
        }
    }

    #[test]
    fn what_is_left_empty_is_left_out() {
        let new = NewConnection::try_from(draft()).unwrap();
        assert_eq!(new.login_url.to_string(), PRODUCTION);
        assert!(new.client_secret.is_none() && new.api_version.is_none());
    }

    #[test]
    fn every_wrong_field_is_told() {
        let wrong = Draft {
            name: " ".to_owned(),
            login_url: Some("http://example.com".to_owned()),
            client_id: "a b".to_owned(),
            client_secret: None,
            api_version: Some("67".to_owned()),
            scopes: vec!["api refresh_token".to_owned()],
        };
        let errors = NewConnection::try_from(wrong).unwrap_err();
        for field in ["name", "login_url", "client_id", "api_version", "scopes"] {
            assert!(errors.of(field).is_some(), "{field}: {errors}");
        }
    }

    #[test]
    fn versions_are_those_that_the_connector_takes() {
        assert!(is_api_version("v67.0") && is_api_version("v46.0") && is_api_version("v101.0"));
        for odd in ["67.0", "v67", "v67.1", "v45.0", "v6.0", "v+67.0"] {
            assert!(!is_api_version(odd), "{odd}");
        }
    }
}
