//! Where a secret may go. Origin means scheme, host and port, everywhere.
//!
//! An [`InstanceOrigin`] receives access tokens, so it must belong to Salesforce. A [`LoginOrigin`] is what the operator
//! registered the connected app with, so it may be any https host (My Domain and custom domains). Both may be literal
//! loopback for development; whether loopback can be reached is the host's decision.

use super::error::{Error, Result};

/// Domains that Salesforce owns and serves orgs from; each matches itself and what is below it, label by label.
pub const SALESFORCE_DOMAINS: [&str; 5] =
    ["salesforce.com", "force.com", "cloudforce.com", "crmforce.mil", "sfcrmproducts.cn"];

/// `http` or `https`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP, on loopback only.
    Http,
    /// HTTP over TLS.
    Https,
}

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    authority: String,
    loopback: bool,
}

/// The origin of an org: the only place an access token is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceOrigin(Origin);

/// The origin of the login and token endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginOrigin(Origin);

impl Origin {
    /// `http` or `https`.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Host, and the port unless it is the scheme's own: `example.my.salesforce.com`, `127.0.0.1:8080`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Whether the host is literal loopback.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// The origin as text, e.g. `https://example.my.salesforce.com`.
    pub fn url(&self) -> String {
        match self.scheme {
            Scheme::Http => format!("http://{}", self.authority),
            Scheme::Https => format!("https://{}", self.authority),
        }
    }

    /// An https origin on a host name, or an http or https origin on literal loopback. Off loopback the port is the
    /// scheme's own unless `any_port`.
    pub(super) fn parse(text: &str, any_port: bool) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let rest = rest.strip_prefix("//")?;
        let scheme = match scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return None,
        };
        let (host, port) = match rest.strip_prefix("[::1]") {
            Some("") => ("[::1]", None),
            Some(port) => ("[::1]", Some(port.strip_prefix(':')?)),
            None => match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        let port = match port {
            Some(digits) => Some(parse_port(digits)?),
            None => None,
        };
        let own_port = match scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        };
        let port = port.filter(|port| *port != own_port);
        let host = host.to_ascii_lowercase();
        let loopback = matches!(host.as_str(), "127.0.0.1" | "[::1]" | "localhost");
        if !loopback && (scheme == Scheme::Http || (port.is_some() && !any_port) || !is_host_name(&host)) {
            return None;
        }
        let authority = match port {
            Some(port) => format!("{host}:{port}"),
            None => host,
        };
        Some(Self { scheme, authority, loopback })
    }
}

impl InstanceOrigin {
    /// An https origin on a domain that Salesforce owns, or http or https on literal loopback.
    pub fn parse(text: &str) -> Result<Self> {
        match Origin::parse(text, false) {
            Some(origin) if origin.loopback || is_salesforce(&origin.authority) => Ok(Self(origin)),
            _ => Err(Error::invalid_argument(
                "instance-url",
                "an https origin on a Salesforce domain, such as https://example.my.salesforce.com, without path, user \
                 or port (or http on loopback for development)",
            )),
        }
    }
}

impl LoginOrigin {
    /// An https origin on any host name, or http or https on literal loopback.
    pub fn parse(text: &str) -> Result<Self> {
        match Origin::parse(text, false) {
            Some(origin) => Ok(Self(origin)),
            None => Err(Error::invalid_argument(
                "login-url",
                "an https origin such as https://login.salesforce.com, without path, user or port (or http on loopback \
                 for development)",
            )),
        }
    }
}

impl std::ops::Deref for InstanceOrigin {
    type Target = Origin;

    fn deref(&self) -> &Origin {
        &self.0
    }
}

impl std::ops::Deref for LoginOrigin {
    type Target = Origin;

    fn deref(&self) -> &Origin {
        &self.0
    }
}

fn parse_port(digits: &str) -> Option<u16> {
    let plain = (1..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    // Read as u64, as all numbers are: a reader for each width costs the component 300 bytes.
    let port = digits.parse::<u64>().ok().filter(|port| plain && *port != 0)?;
    u16::try_from(port).ok()
}

/// At least two labels of letters, digits and inner hyphens (RFC 1123), the last not all digits, which would be an
/// IPv4 address in one of its spellings.
fn is_host_name(host: &str) -> bool {
    let mut last = "";
    let label_fits = |label| {
        last = label;
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253
        && host.contains('.')
        && host.split('.').all(label_fits)
        && (last.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-') || last.starts_with("xn--"))
}

fn is_salesforce(host: &str) -> bool {
    SALESFORCE_DOMAINS
        .iter()
        .any(|domain| host.strip_suffix(domain).is_some_and(|below| below.is_empty() || below.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn salesforce_origins_are_taken() {
        for (text, url) in [
            ("https://example.my.salesforce.com", "https://example.my.salesforce.com"),
            ("https://X--sb.sandbox.my.Salesforce.com:443", "https://x--sb.sandbox.my.salesforce.com"),
            ("https://na1.force.com", "https://na1.force.com"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://localhost:8443", "https://localhost:8443"),
            ("http://[::1]:9", "http://[::1]:9"),
            ("http://localhost:80", "http://localhost"),
        ] {
            assert_eq!(InstanceOrigin::parse(text).unwrap().url(), url);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "example.my.salesforce.com",
            "http://example.my.salesforce.com",
            "https://example.my.salesforce.com/",
            "https://example.my.salesforce.com/services",
            "https://user@example.my.salesforce.com",
            "https://example.my.salesforce.com:8443",
            "https://example.my.salesforce.com:0443x",
            "https://example.my.salesforce.com?x",
            "https://example.my.salesforce.com#x",
            "https://salesforce.com.evil.com",
            "https://evilsalesforce.com",
            "https://evil.com\\.salesforce.com",
            "https://.salesforce.com",
            "https://-.salesforce.com",
            "https://127.0.0.1.salesforce.com.",
            "https://10.0.0.1",
            "https://0x7f.1",
            "https://[::ffff:10.0.0.1]",
            "https://127.0.0.2",
            "http://127.0.0.1:99999",
            "http://127.0.0.1:",
            "http://127.0.0.1@evil.com",
            "http://localhost.evil.com",
            "HTTPS://example.my.salesforce.com",
            "https://exämple.my.salesforce.com",
            "https://example.my.salesforce.com\r\nX: 1",
        ] {
            assert!(InstanceOrigin::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_login_host_may_be_any_https_name_but_no_address() {
        assert!(LoginOrigin::parse("https://login.example.com").is_ok());
        for text in
            ["http://login.salesforce.com", "https://8.8.8.8", "https://intranet", "https://login.example.com/x"]
        {
            assert!(LoginOrigin::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_is_loopback_or_ends_in_a_salesforce_domain(text in "https?://[a-z0-9.:@/\\\\#?\\[\\]-]{0,40}(salesforce\\.com|force\\.com)?[a-z.:/@0-9]{0,10}") {
            if let Ok(origin) = InstanceOrigin::parse(&text) {
                let host = origin.authority().to_string();
                let below_salesforce = origin.scheme() == Scheme::Https && is_salesforce(&host);
                prop_assert!(origin.is_loopback() || below_salesforce);
                prop_assert_eq!(InstanceOrigin::parse(&origin.url()).unwrap(), origin);
            }
        }
    }
}
