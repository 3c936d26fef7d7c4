//! What people type for where they log in: the name of their My Domain, a host without a scheme, or an address copied from the
//! browser. It becomes a [`LoginUrl`], or is refused as one is; nothing here decides whom to trust.
//!
//! Host names: Salesforce Help, "My Domain URL Formats" (with enhanced domains).

use super::error::Result;
use super::origin::{LoginUrl, api_host, is_below};

/// Domains of Salesforce whose hosts have no sites below paths: an org's My Domain, and `login` and `test`.
const WITHOUT_PATHS: [&str; 2] = ["salesforce.com", "salesforce.mil"];
/// What stands behind the name in the My Domain of an org that is not a production org's.
const PARTITIONS: [&str; 7] = ["sandbox", "develop", "scratch", "trailblaze", "patch", "demo", "free"];

impl LoginUrl {
    /// Reads what a person typed:
    ///
    /// | typed | read as |
    /// |---|---|
    /// | `acme` | `https://acme.my.salesforce.com` |
    /// | `acme--dev`, `acme--dev.sandbox` | `https://acme--dev.sandbox.my.salesforce.com` |
    /// | `login`, `test` | `https://login.salesforce.com`, `https://test.salesforce.com` |
    /// | ` ACME.my.salesforce.com/ ` | `https://acme.my.salesforce.com` |
    /// | `https://acme.lightning.force.com/lightning/page/home` | `https://acme.my.salesforce.com` |
    /// | `acme.my.site.com/partners` | `https://acme.my.site.com/partners` |
    ///
    /// # Errors
    /// As of [`LoginUrl::parse`].
    pub fn parse_typed(text: &str) -> Result<Self> {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        if scheme.as_deref().is_some_and(|scheme| !matches!(scheme, "http" | "https")) {
            return LoginUrl::parse(text);
        }
        let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let host = host.to_ascii_lowercase();
        let is_loopback =
            matches!(host.split(':').next(), Some("localhost" | "127.0.0.1")) || host.starts_with("[::1]");
        let host = match &scheme {
            None if !is_loopback => full(&host),
            _ => host,
        };
        let host = api_host(&host).unwrap_or(host);
        if is_below(&host, &WITHOUT_PATHS) {
            return LoginUrl::parse(&format!("https://{host}"));
        }
        let scheme = scheme.as_deref().unwrap_or(if is_loopback { "http" } else { "https" });
        LoginUrl::parse(&format!("{scheme}://{host}{path}"))
    }
}

/// A name without a domain, with the domain that it is in.
fn full(name: &str) -> String {
    match name.split_once('.') {
        None if matches!(name, "login" | "test") => format!("{name}.salesforce.com"),
        None if is_my_domain(name) => format!("{name}.my.salesforce.com"),
        None if is_of_sandbox(name) => format!("{name}.sandbox.my.salesforce.com"),
        Some((name, partition)) if PARTITIONS.contains(&partition) && (is_my_domain(name) || is_of_sandbox(name)) => {
            format!("{name}.{partition}.my.salesforce.com")
        }
        _ => name.to_owned(),
    }
}

/// Up to 34 letters, digits and single hyphens; a letter first. What is longer, a secret in the wrong field say, is none.
fn is_my_domain(name: &str) -> bool {
    (1..=34).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !name.ends_with('-')
        && !name.contains("--")
}

/// A My Domain, and the name of its sandbox: up to 10 letters and digits.
fn is_of_sandbox(name: &str) -> bool {
    name.split_once("--").is_some_and(|(name, sandbox)| {
        is_my_domain(name)
            && (1..=10).contains(&sandbox.len())
            && sandbox.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_type_becomes_the_address_of_their_login() {
        for (typed, url) in [
            ("acme", "https://acme.my.salesforce.com"),
            ("  ACME ", "https://acme.my.salesforce.com"),
            ("acme--dev", "https://acme--dev.sandbox.my.salesforce.com"),
            ("acme--dev.sandbox", "https://acme--dev.sandbox.my.salesforce.com"),
            ("acme-dev-ed.develop", "https://acme-dev-ed.develop.my.salesforce.com"),
            ("login", "https://login.salesforce.com"),
            ("test", "https://test.salesforce.com"),
            ("Acme.My.Salesforce.com", "https://acme.my.salesforce.com"),
            ("acme--dev.sandbox.my.salesforce.com/", "https://acme--dev.sandbox.my.salesforce.com"),
            ("http://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
            ("HTTPS://Login.Salesforce.com/?locale=eu", "https://login.salesforce.com"),
            ("https://acme.my.salesforce.com/home/home.jsp#x", "https://acme.my.salesforce.com"),
            ("https://acme.lightning.force.com/lightning/page/home?a=b", "https://acme.my.salesforce.com"),
            ("acme--dev.sandbox.lightning.force.com", "https://acme--dev.sandbox.my.salesforce.com"),
            ("https://acme.my.salesforce-setup.com/lightning/setup", "https://acme.my.salesforce.com"),
            ("Acme.my.site.com/partners/", "https://acme.my.site.com/partners"),
            ("login.example.com", "https://login.example.com"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("localhost:8080", "http://localhost:8080"),
            ("https://localhost", "https://localhost"),
        ] {
            assert_eq!(LoginUrl::parse_typed(typed).unwrap().url(), url, "{typed:?}");
        }
    }

    #[test]
    fn what_hides_another_host_is_refused() {
        for typed in [
            "",
            "   ",
            "acme corp",
            "0acme",
            "-acme",
            "acme--",
            "acme--dev--c",
            "a-name-that-is-longer-than-a-my-domain",
            "4E2F6C1A9B8D7C6F5E4D3C2B1A0F9E8D7C6B5A49382716051423324150607080",
            "acme@evil.example",
            "acme.my.salesforce.com@evil.example",
            "https://acme.my.salesforce.com:8443",
            "acme.my.salesforce.com:443x",
            "https://evil.example\\.salesforce.com",
            "http://login.example.com",
            "ftp://acme.my.salesforce.com.evil.example",
            "javascript:alert(1)",
            "javascript://acme.my.salesforce.com",
            "https://acme",
            "acme.my.site.com/x?y",
            "acm\u{e9}",
            "acme\r\nX: 1",
            "10.0.0.1",
        ] {
            assert!(LoginUrl::parse_typed(typed).is_err(), "{typed:?}");
        }
    }

    proptest! {
        /// It forgives how the address is written, never where it leads.
        #[test]
        fn what_is_exact_is_read_as_it_is(text in "https?://[a-z0-9.:@/-]{0,30}(salesforce\\.com|example\\.com)(/[a-z]{0,5})?") {
            if let Ok(exact) = LoginUrl::parse(&text) {
                prop_assert_eq!(LoginUrl::parse_typed(&text).unwrap(), exact);
            }
        }

        #[test]
        fn what_is_read_is_exact_and_of_the_host_that_was_typed(text in "[A-Za-z0-9.:@/?#\\\\ -]{0,40}") {
            if let Ok(url) = LoginUrl::parse_typed(&text) {
                prop_assert_eq!(&LoginUrl::parse(&url.url()).unwrap(), &url);
                let typed = text.to_ascii_lowercase();
                let name = url.authority().split('.').next().unwrap_or_default().to_owned();
                prop_assert!(typed.contains(&name), "{} of {:?}", url.url(), text);
            }
        }
    }
}
