//! A new connection, or a change of one, as somebody fills it in, and its reading.

use std::collections::HashSet;

use super::NewConnection;
use crate::field::{self, FieldErrors};
use salesforce_runtime::egress::{LoginUrl, LoginUrlError};
use salesforce_runtime::secret::Secret;

/// The login host of production orgs.
pub(crate) const PRODUCTION: &str = "https://login.salesforce.com";
/// The login host of sandboxes.
pub(crate) const SANDBOX: &str = "https://test.salesforce.com";

// The OpenAPI document states these bounds: `api/connections.rs`.
const LONGEST_LOGIN_URL: usize = 300;
const LONGEST_CLIENT_ID: usize = 500;
const LONGEST_SECRET: usize = 500;
const LONGEST_SCOPE: usize = 100;
const MOST_SCOPES: usize = 30;

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
    pub(crate) apex_rest: bool,
}

/// What somebody asks to change; none: it stays.
#[derive(Debug, Default)]
pub(crate) struct ChangeDraft {
    pub(crate) name: Option<String>,
    pub(crate) login_url: Option<String>,
    pub(crate) client_id: Option<String>,
    /// None within: the app has no secret any more.
    pub(crate) client_secret: Option<Option<Secret>>,
    /// None within: the connector's default.
    pub(crate) api_version: Option<Option<String>>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) apex_rest: Option<bool>,
}

/// What is to change of a connection; none: it stays.
#[derive(Debug)]
pub(crate) struct Change {
    pub(super) name: Option<String>,
    pub(super) login_url: Option<LoginUrl>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<Option<Secret>>,
    pub(super) api_version: Option<Option<String>>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) apex_rest: Option<bool>,
}

impl TryFrom<Draft> for NewConnection {
    type Error = FieldErrors;

    fn try_from(draft: Draft) -> Result<NewConnection, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", field::name(&draft.name));
        let login_url = errors.take("login_url", login_url(draft.login_url.as_deref().unwrap_or(PRODUCTION)));
        let client_id = errors.take("client_id", client_id(draft.client_id));
        let client_secret = draft.client_secret.filter(|secret| !secret.expose().is_empty());
        let client_secret = errors.take("client_secret", client_secret.map(secret).transpose());
        let version = draft.api_version.filter(|version| !version.is_empty());
        let version = errors.take("api_version", version.map(api_version).transpose());
        let asked = errors.take("scopes", scopes(draft.scopes));
        match (name, login_url, client_id, client_secret, version, asked) {
            (Some(name), Some(login_url), Some(client_id), Some(client_secret), Some(api_version), Some(scopes)) => {
                let apex_rest = draft.apex_rest;
                Ok(NewConnection { name, login_url, client_id, client_secret, api_version, scopes, apex_rest })
            }
            _ => Err(errors),
        }
    }
}

impl TryFrom<ChangeDraft> for Change {
    type Error = FieldErrors;

    fn try_from(draft: ChangeDraft) -> Result<Change, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = draft.name.map(|name| field::name(&name)).transpose();
        let login_url = draft.login_url.map(|url| login_url(&url)).transpose();
        let client_id = draft.client_id.map(client_id).transpose();
        let client_secret = draft.client_secret.map(|given| given.map(secret).transpose()).transpose();
        let version = draft.api_version.map(|given| given.map(api_version).transpose()).transpose();
        let change = Change {
            name: errors.take("name", name).flatten(),
            login_url: errors.take("login_url", login_url).flatten(),
            client_id: errors.take("client_id", client_id).flatten(),
            client_secret: errors.take("client_secret", client_secret).flatten(),
            api_version: errors.take("api_version", version).flatten(),
            scopes: errors.take("scopes", draft.scopes.map(scopes).transpose()).flatten(),
            apex_rest: draft.apex_rest,
        };
        if errors.is_empty() { Ok(change) } else { Err(errors) }
    }
}

/// As somebody typed it: the name of a My Domain will do.
pub(super) fn login_url(text: &str) -> Result<LoginUrl, String> {
    if text.len() > LONGEST_LOGIN_URL {
        return Err(format!("expected at most {LONGEST_LOGIN_URL} characters"));
    }
    LoginUrl::from_typed(text).map_err(|error: LoginUrlError| error.to_string())
}

fn client_id(text: String) -> Result<String, String> {
    let words =
        format!("expected the consumer key of a connected app: up to {LONGEST_CLIENT_ID} characters, no blanks");
    if is_word(&text, LONGEST_CLIENT_ID) { Ok(text) } else { Err(words) }
}

fn secret(secret: Secret) -> Result<Secret, String> {
    let words =
        format!("expected a consumer secret: 1 to {LONGEST_SECRET} characters, none of them a control character");
    let text = secret.expose();
    let is_secret = (1..=LONGEST_SECRET).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if is_secret { Ok(secret) } else { Err(words) }
}

fn api_version(text: String) -> Result<String, String> {
    if is_api_version(&text) { Ok(text) } else { Err("expected v46.0 or later, written like v67.0".to_owned()) }
}

/// Each once, however often it is named.
fn scopes(mut scopes: Vec<String>) -> Result<Vec<String>, String> {
    if scopes.len() > MOST_SCOPES || !scopes.iter().all(|scope| is_word(scope, LONGEST_SCOPE)) {
        return Err(format!("expected up to {MOST_SCOPES} names such as `api`, one an entry"));
    }
    let mut seen = HashSet::new();
    scopes.retain(|scope| seen.insert(scope.clone()));
    Ok(scopes)
}

fn is_word(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
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
            apex_rest: false,
        }
    }

    #[test]
    fn what_is_left_empty_is_left_out() {
        let new = NewConnection::try_from(draft()).unwrap();
        assert_eq!(new.login_url.to_string(), PRODUCTION);
        assert!(new.client_secret.is_none() && new.api_version.is_none());
    }

    #[test]
    fn a_login_host_is_read_as_people_type_it() {
        let typed = |url: &str| Some(url.to_owned());
        let new = NewConnection::try_from(Draft { login_url: typed(" Acme--dev "), ..draft() }).unwrap();
        assert_eq!(new.login_url.to_string(), "https://acme--dev.sandbox.my.salesforce.com");
        let url = typed("https://acme.lightning.force.com/lightning/page/home");
        let change = Change::try_from(ChangeDraft { login_url: url, ..ChangeDraft::default() }).unwrap();
        assert_eq!(change.login_url.unwrap().to_string(), "https://acme.my.salesforce.com");
    }

    #[test]
    fn a_scope_that_is_named_twice_is_asked_for_once() {
        let twice = || ["web", "api", "web", "api"].map(str::to_owned).to_vec();
        assert_eq!(NewConnection::try_from(Draft { scopes: twice(), ..draft() }).unwrap().scopes, ["web", "api"]);
        let change = Change::try_from(ChangeDraft { scopes: Some(twice()), ..ChangeDraft::default() }).unwrap();
        assert_eq!(change.scopes.unwrap(), ["web", "api"]);
    }

    #[test]
    fn every_wrong_field_is_told() {
        let wrong = Draft {
            name: " ".to_owned(),
            login_url: Some("http://example.com".to_owned()),
            client_id: "a b".to_owned(),
            client_secret: Some(Secret::from("x".repeat(501))),
            api_version: Some("67".to_owned()),
            scopes: vec!["api refresh_token".to_owned()],
            apex_rest: false,
        };
        let errors = NewConnection::try_from(wrong).unwrap_err();
        for field in ["name", "login_url", "client_id", "client_secret", "api_version", "scopes"] {
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
