//! Where users log in: an origin, perhaps with the path of an Experience Cloud site.

use std::fmt;
use std::str::FromStr;

use salesforce_connector::core::origin;

use super::origin::Origin;

/// What a `connected-app` has for `login-url`: `https://login.salesforce.com`, `https://example.my.site.com/partners`.
/// Read as the connector reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginUrl {
    origin: Origin,
    text: String,
}

/// The text is no login URL: what was expected instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LoginUrlError(String);

impl LoginUrl {
    /// Where its endpoints are.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Reads what a person typed, which may be the name of a My Domain (`acme`), a host, or an address copied from the browser:
    /// [`origin::LoginUrl::parse_typed`]. The exact form is what [`FromStr`] reads.
    ///
    /// # Errors
    /// It is no login host: what was expected instead.
    pub fn from_typed(text: &str) -> Result<Self, LoginUrlError> {
        Self::read(text, origin::LoginUrl::parse_typed)
    }

    /// Whether it is at one of Salesforce's own domains. What is elsewhere receives the app's secret and codes too.
    pub fn is_salesforce(&self) -> bool {
        !self.is_loopback() && origin::InstanceOrigin::parse(&self.origin.to_string()).is_ok()
    }

    fn read(
        text: &str,
        parse: fn(&str) -> Result<origin::LoginUrl, Box<salesforce_connector::core::error::Error>>,
    ) -> Result<Self, LoginUrlError> {
        let expected = |words: String| LoginUrlError(words.strip_prefix("login-url: ").unwrap_or(&words).to_owned());
        let url = parse(text).map_err(|error| expected(error.message))?;
        let origin = (*url).url().parse().map_err(|error: super::OriginError| expected(error.to_string()))?;
        Ok(Self { origin, text: url.url() })
    }

    /// True for literal loopback, for development.
    pub fn is_loopback(&self) -> bool {
        self.origin.is_loopback()
    }
}

impl FromStr for LoginUrl {
    type Err = LoginUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(text, origin::LoginUrl::parse)
    }
}

impl fmt::Display for LoginUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_keeps_its_path_and_is_reached_at_its_origin() {
        let url: LoginUrl = "https://Acme.my.site.com/partners/".parse().unwrap();
        assert_eq!(
            (url.to_string(), url.origin()),
            ("https://acme.my.site.com/partners".to_owned(), &"https://acme.my.site.com".parse().unwrap())
        );
        let local: LoginUrl = "http://127.0.0.1:8080".parse().unwrap();
        assert!(local.is_loopback() && !url.is_loopback());
    }

    #[test]
    fn what_is_typed_is_forgiven_and_foreign_hosts_are_known() {
        for (typed, url, is_salesforce) in [
            (" Acme ", "https://acme.my.salesforce.com", true),
            ("https://acme.lightning.force.com/lightning/page/home", "https://acme.my.salesforce.com", true),
            ("login.example.com", "https://login.example.com", false),
            ("salesforce.com.evil.example", "https://salesforce.com.evil.example", false),
            ("127.0.0.1:8080", "http://127.0.0.1:8080", false),
        ] {
            let login = LoginUrl::from_typed(typed).unwrap();
            assert_eq!((login.to_string().as_str(), login.is_salesforce()), (url, is_salesforce));
        }
        assert!(LoginUrl::from_typed("acme corp").unwrap_err().to_string().starts_with("expected "));
    }

    #[test]
    fn what_is_none_says_what_was_expected() {
        for (text, words) in [
            ("https://acme.lightning.force.com", "https://acme.my.salesforce.com"),
            ("https://login.salesforce.com:8443", "without user, port or query"),
            ("http://login.salesforce.com", "an https URL"),
            ("https://acme.my.site.com/../x", "an https URL"),
        ] {
            let error = text.parse::<LoginUrl>().unwrap_err().to_string();
            assert!(error.starts_with("expected ") && error.contains(words), "{error}");
        }
    }
}
