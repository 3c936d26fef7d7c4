//! What a connection file says, version 1.
//!
//! ```json
//! {
//!   "version": 1,
//!   "login_url": "https://login.salesforce.com",
//!   "client_id": "3MVG9...",
//!   "client_secret": "...",
//!   "instance_url": "https://example.my.salesforce.com",
//!   "access_token": "00D...",
//!   "refresh_token": "5Aep...",
//!   "scopes": ["api", "refresh_token"],
//!   "identity_url": "https://login.salesforce.com/id/00D.../005...",
//!   "issued_at": 1795513800000,
//!   "api_version": "v67.0"
//! }
//! ```
//!
//! `client_secret`, `refresh_token`, `scopes`, `identity_url`, `issued_at` (milliseconds since 1970) and `api_version` may
//! be left out. A field of another name is an error: a misspelt one would otherwise be lost without a word.

mod members;

use std::fmt::Display;
use std::str::FromStr;

use salesforce_runtime::egress::{LoginUrl, Origin};
use salesforce_runtime::secret::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::store::Stored;
use salesforce_runtime::bindings::oauth::{ConnectedApp, TokenSet};

/// The only version there is.
const VERSION: u32 = 1;

/// One connection: the connected app it was made with, and its tokens.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    version: u32,
    #[serde(deserialize_with = "login_url", serialize_with = "address_text")]
    login_url: LoginUrl,
    client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "reveal_some")]
    client_secret: Option<Secret>,
    #[serde(deserialize_with = "instance_url", serialize_with = "address_text")]
    instance_url: Origin,
    #[serde(serialize_with = "reveal")]
    access_token: Secret,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "reveal_some")]
    refresh_token: Option<Secret>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issued_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api_version: Option<String>,
    /// Written before a refresh is sent and gone once its answer is stored: a refresh whose outcome nobody knows must
    /// not be sent again, because Salesforce revokes the connection when a rotated token comes back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    refresh_under_way: bool,
}

/// What a login yields, in the terms of the component.
pub struct Grant<'a> {
    /// The connected app the tokens belong to.
    pub app: &'a ConnectedApp,
    /// The tokens.
    pub tokens: &'a TokenSet,
    /// API version to call, e.g. `v67.0`.
    pub api_version: Option<String>,
}

impl Document {
    /// The document of a new connection.
    ///
    /// # Errors
    /// What was expected of an origin, if one is not an origin.
    pub fn new(grant: Grant<'_>) -> Result<Document, String> {
        Ok(Document {
            version: VERSION,
            login_url: parse_address("login_url", &grant.app.login_url)?,
            client_id: grant.app.client_id.clone(),
            client_secret: grant.app.client_secret.clone().map(Secret::from),
            instance_url: parse_address("instance_url", &grant.tokens.instance_url)?,
            access_token: Secret::from(grant.tokens.access_token.clone()),
            refresh_token: grant.tokens.refresh_token.clone().map(Secret::from),
            scopes: grant.tokens.scopes.clone(),
            identity_url: grant.tokens.identity_url.clone(),
            issued_at: grant.tokens.issued_at_ms,
            api_version: grant.api_version,
            refresh_under_way: false,
        })
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// The line (from 1) and what was expected there. Never a value out of the file: it may be a secret.
    pub fn parse(text: &str) -> Result<Document, (usize, String)> {
        #[derive(Deserialize)]
        struct Version {
            version: Option<u32>,
        }
        // What Windows' editors write before text in UTF-8.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let Version { version } = members::read(text)?;
        match version {
            Some(VERSION) => members::read(text),
            Some(other) => Err((1, format!("expected `\"version\": {VERSION}`, found version {other}"))),
            None => Err((1, format!("expected a field `\"version\": {VERSION}`"))),
        }
    }

    /// The text of a file.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// The same connection with the tokens of a refresh.
    ///
    /// # Errors
    /// What was expected of `instance_url`, if it is not an origin.
    pub fn refreshed(&self, tokens: &TokenSet) -> Result<Document, String> {
        Ok(Document {
            instance_url: parse_address("instance_url", &tokens.instance_url)?,
            access_token: Secret::from(tokens.access_token.clone()),
            refresh_token: tokens.refresh_token.clone().map(Secret::from).or_else(|| self.refresh_token.clone()),
            scopes: if tokens.scopes.is_empty() { self.scopes.clone() } else { tokens.scopes.clone() },
            identity_url: tokens.identity_url.clone().or_else(|| self.identity_url.clone()),
            issued_at: tokens.issued_at_ms,
            refresh_under_way: false,
            ..self.clone()
        })
    }

    /// The same connection, marked or unmarked as being refreshed.
    pub fn with_refresh_under_way(&self, under_way: bool) -> Document {
        Document { refresh_under_way: under_way, ..self.clone() }
    }

    /// What a session needs of it.
    pub fn stored(&self) -> Stored<Secret> {
        Stored {
            login_url: self.login_url.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            instance_url: self.instance_url.clone(),
            access_token: self.access_token.clone(),
            refresh_token: self.refresh_token.clone(),
            api_version: self.api_version.clone(),
            revision: self.access_token.clone(),
            refresh_begun: self.refresh_under_way,
            // The user once typed the login URL: a server on the internet cannot talk its way to loopback with an
            // `instance_url`.
            allow_loopback: self.login_url.is_loopback(),
        }
    }

    /// The access token, to see whether another process has stored a newer one.
    pub fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// The refresh token, if the login gave one.
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// Where the user logged in.
    pub fn login_url(&self) -> &LoginUrl {
        &self.login_url
    }

    /// Where the org is.
    pub fn instance_url(&self) -> &Origin {
        &self.instance_url
    }

    /// Scopes granted.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// When the tokens were issued, in milliseconds since 1970.
    pub fn issued_at(&self) -> Option<u64> {
        self.issued_at
    }
}

fn parse_address<Address: FromStr<Err: Display>>(field: &str, text: &str) -> Result<Address, String> {
    text.parse().map_err(|error| format!("`{field}`: {error}"))
}

fn login_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LoginUrl, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

fn instance_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Origin, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

fn address_text<S: Serializer, Address: Display>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(address)
}

fn reveal<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

fn reveal_some<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINIMAL: &str = r#"{
  "version": 1,
  "login_url": "https://login.salesforce.com",
  "client_id": "app",
  "instance_url": "https://example.my.salesforce.com",
  "access_token": "sentinel-token"
}"#;

    #[test]
    fn a_minimal_document_is_read_and_written_back() {
        let document = Document::parse(MINIMAL).unwrap();
        let again = Document::parse(&document.to_text().unwrap()).unwrap();
        assert_eq!(again.access_token(), document.access_token());
        assert_eq!(again.instance_url().to_string(), "https://example.my.salesforce.com");
        assert!(!document.to_text().unwrap().contains("refresh"));
    }

    #[test]
    fn errors_name_the_line_and_what_was_expected_but_no_value() {
        for (from, to, line, words) in [
            ("\"version\": 1", "\"version\": 2", 1, "expected `\"version\": 1`, found version 2"),
            ("\"version\": 1,", "", 1, "expected a field `\"version\": 1`"),
            ("\"app\",", "\"app\"", 5, "expected `,` or `}`"),
            ("\"access_token\"", "\"acess_token\"", 6, "unknown field `acess_token`"),
            ("\"sentinel-token\"", "77665544", 6, "`access_token`: expected a text"),
            ("\"sentinel-token\"", "\"sentinel-token", 6, "`access_token`: "),
            (
                "\"sentinel-token\"",
                "\"sentinel-token\", \"issued_at\": \"sentinel-token\"",
                6,
                "`issued_at`: expected a whole number",
            ),
            ("\"https://login.salesforce.com\"", "5", 3, "`login_url`: expected a text"),
            ("\"sentinel-token\"", "\"sentinel-token\", \"scopes\": [5]", 6, "`scopes`: expected a text"),
            (
                "\"client_id\": \"app\",",
                "\"client_id\": \"app\", \"client_id\": \"b\",",
                4,
                "duplicate field `client_id`",
            ),
            ("\"client_id\": \"app\",", "", 7, "missing field `client_id`"),
            ("https://login.salesforce.com", "login.salesforce.com", 3, "`login_url`: expected an https"),
            ("https://example.my", "example.my", 5, "`instance_url`: there is no scheme"),
        ] {
            let text = MINIMAL.replacen(from, to, 1);
            let (found_line, found) = Document::parse(&text).unwrap_err();
            assert_eq!(found_line, line, "{text}\n{found}");
            assert!(found.contains(words), "{found}");
            assert!(!found.contains("sentinel-token") && !found.contains("77665544"), "{found}");
        }
    }

    #[test]
    fn debug_output_has_no_secret() {
        let text = MINIMAL.replacen("\"app\"", "\"app\", \"client_secret\": \"sentinel-secret\"", 1);
        let shown = format!("{:?}", Document::parse(&text).unwrap());
        assert!(!shown.contains("sentinel"), "{shown}");
    }
}
