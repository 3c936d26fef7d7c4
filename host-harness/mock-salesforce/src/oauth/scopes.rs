//! OAuth scopes: what a token may be used for.
//!
//! Source: Salesforce help, "OAuth Tokens and Scopes".

use std::fmt;

/// Scopes the mock knows. `openid` is not among them: the mock signs no ID tokens.
const KNOWN: [(&str, &str); 9] = [
    ("api", "Manage user data via APIs (api)"),
    ("refresh_token", "Perform requests at any time (refresh_token, offline_access)"),
    ("offline_access", "Perform requests at any time (refresh_token, offline_access)"),
    ("web", "Manage user data via Web browsers (web)"),
    ("full", "Full access (full)"),
    ("id", "Access the identity URL service (id, profile, email, address, phone)"),
    ("profile", "Access the identity URL service (id, profile, email, address, phone)"),
    ("email", "Access the identity URL service (id, profile, email, address, phone)"),
    ("chatter_api", "Access Connect REST API resources (chatter_api)"),
];

/// Some of the known scopes, each once, in the order they were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scopes(Vec<&'static str>);

impl Scopes {
    /// Reads scopes that are separated by spaces. None when there is none, or one that the mock does not know.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut scopes = Vec::new();
        for name in text.split_ascii_whitespace() {
            let (known, _) = KNOWN.iter().find(|(known, _)| *known == name)?;
            if !scopes.contains(known) {
                scopes.push(*known);
            }
        }
        (!scopes.is_empty()).then_some(Self(scopes))
    }

    /// Whether all of `others` are among these.
    pub(crate) fn cover(&self, others: &Self) -> bool {
        others.0.iter().all(|scope| self.0.contains(scope))
    }

    /// Whether a token with these scopes may call the REST API.
    pub(crate) fn allow_api(&self) -> bool {
        self.0.iter().any(|scope| matches!(*scope, "api" | "full"))
    }

    /// Whether a refresh token comes with the access token.
    pub(crate) fn allow_refresh(&self) -> bool {
        self.0.iter().any(|scope| matches!(*scope, "refresh_token" | "offline_access"))
    }

    /// These without the ones that ask for a refresh token.
    pub(crate) fn without_refresh(&self) -> Self {
        let rest = self.0.iter().copied().filter(|scope| !matches!(*scope, "refresh_token" | "offline_access"));
        Self(rest.collect())
    }

    /// What each means, as the consent page tells it.
    pub(crate) fn descriptions(&self) -> Vec<&'static str> {
        let mut texts = Vec::new();
        for (name, text) in KNOWN {
            if self.0.contains(&name) && !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_unimplemented_scopes_are_refused() {
        assert_eq!(Scopes::parse("api openid"), None);
        assert_eq!(Scopes::parse("api everything"), None);
        assert_eq!(Scopes::parse(""), None);
    }

    #[test]
    fn each_scope_counts_once() {
        let scopes = Scopes::parse("refresh_token  api api").unwrap();
        assert_eq!(scopes.to_string(), "refresh_token api");
        assert!(scopes.allow_api() && scopes.allow_refresh());
        assert_eq!(scopes.without_refresh().to_string(), "api");
    }

    #[test]
    fn full_includes_the_api_but_no_refresh_token() {
        let scopes = Scopes::parse("full").unwrap();
        assert!(scopes.allow_api());
        assert!(!scopes.allow_refresh());
    }
}
