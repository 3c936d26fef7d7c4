//! Where a secret may go. Origin means scheme, host and port, everywhere.
//!
//! An [`InstanceOrigin`] receives access tokens, so it must belong to Salesforce. A [`LoginUrl`] is what the operator
//! registered the connected app with, so it may be any https host (My Domain and custom domains), and have the path of an
//! Experience Cloud site. Both may be literal loopback for development; whether loopback can be reached is the host's
//! decision.

use super::error::{Error, Result};
use super::salesforce_domains::SALESFORCE_DOMAINS;
use super::text::contains;

/// Where the user interface of an org is, behind the org's name; and where its API and login are.
const USER_INTERFACES: [(&str, &str); 3] = [
    (".lightning.force.com", ".my.salesforce.com"),
    (".my.salesforce-setup.com", ".my.salesforce.com"),
    (".lightning.crmforce.mil", ".my.salesforce.mil"),
];

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

/// Where the login and token endpoints are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginUrl {
    origin: Origin,
    /// Of an Experience Cloud site, e.g. `/partners`; else empty.
    path: String,
}

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

    /// Sites have paths; `login.salesforce.com` and an org's My Domain have none.
    fn may_have(&self, path: &str) -> bool {
        path.is_empty() || is_path(path) && !is_below(&self.authority, &["salesforce.com", "salesforce.mil"])
    }

    fn may_take_tokens(&self) -> bool {
        self.loopback || is_salesforce(&self.authority)
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
            Some(origin) if origin.may_take_tokens() && api_host(&origin.authority).is_none() => Ok(Self(origin)),
            origin => Err(expected(
                "instance-url",
                "an https origin on a Salesforce domain, such as https://example.my.salesforce.com, without path, user \
                 or port (or http on loopback for development)",
                origin.as_ref(),
            )),
        }
    }

    /// An origin in an answer of Salesforce, in capitals or with slashes at its end perhaps.
    pub(super) fn from_response(text: &str) -> Option<Self> {
        let origin = Origin::parse(text.to_ascii_lowercase().trim_end_matches('/'), false)?;
        Some(origin).filter(Origin::may_take_tokens).map(Self)
    }
}

impl LoginUrl {
    /// An https URL on any host name, or http or https on literal loopback.
    pub fn parse(text: &str) -> Result<Self> {
        let slash = text.match_indices('/').nth(2).map_or(text.len(), |(at, _)| at);
        let (origin, path) = text.split_at_checked(slash).unwrap_or_default();
        let (origin, path) = (Origin::parse(origin, false), path.trim_end_matches('/'));
        match origin {
            Some(origin) if api_host(&origin.authority).is_none() && origin.may_have(path) => {
                Ok(Self { origin, path: path.into() })
            }
            origin => Err(expected(
                "login-url",
                "an https URL such as https://login.salesforce.com, or that of an Experience Cloud site with its path, \
                 without user, port or query (or http on loopback for development)",
                origin.as_ref(),
            )),
        }
    }

    /// The URL as text, without a slash at its end.
    pub fn url(&self) -> String {
        self.origin.url() + &self.path
    }

    /// The path of an endpoint below it.
    pub(super) fn path_to(&self, endpoint: &str) -> String {
        [&self.path, endpoint].concat()
    }
}

/// What was expected, and for the address of a user interface the one to use instead.
fn expected(name: &str, what: &str, origin: Option<&Origin>) -> Box<Error> {
    match origin.and_then(|origin| api_host(&origin.authority)) {
        Some(host) => {
            Error::invalid_argument(name, &format!("the org's My Domain, https://{host}, not its user interface"))
        }
        None => Error::invalid_argument(name, what),
    }
}

/// The host of an org's API, if `host` is that of its user interface.
pub(super) fn api_host(host: &str) -> Option<String> {
    USER_INTERFACES.iter().find_map(|(interface, api)| Some([host.strip_suffix(interface)?, *api].concat()))
}

/// Steps of a path of at most 255 characters, none of which leads up or is an endpoint's own.
fn is_path(path: &str) -> bool {
    let is_step = |step: &str| {
        !matches!(step, "" | "." | "..")
            && step.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    path.len() <= 255
        && path.strip_prefix('/').is_some_and(|steps| steps.split('/').all(is_step))
        && !contains(path, "/services/oauth2")
}

impl std::ops::Deref for InstanceOrigin {
    type Target = Origin;

    fn deref(&self) -> &Origin {
        &self.0
    }
}

impl std::ops::Deref for LoginUrl {
    type Target = Origin;

    fn deref(&self) -> &Origin {
        &self.origin
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
        && contains(host, ".")
        && host.split('.').all(label_fits)
        && (last.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-') || last.starts_with("xn--"))
}

fn is_salesforce(host: &str) -> bool {
    is_below(host, &SALESFORCE_DOMAINS)
}

/// Whether it is one of these domains or below one, label by label.
pub(super) fn is_below(host: &str, domains: &[&str]) -> bool {
    domains.iter().any(|domain| host.strip_suffix(domain).is_some_and(|below| below.is_empty() || below.ends_with('.')))
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
            ("https://x--sb.sandbox.my.salesforce.mil", "https://x--sb.sandbox.my.salesforce.mil"),
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
        for (text, url) in [
            ("https://login.example.com", "https://login.example.com"),
            ("https://login.salesforce.com/", "https://login.salesforce.com"),
            ("https://Acme.my.site.com/partners", "https://acme.my.site.com/partners"),
            ("https://acme.my.site.com/EU-1/partners_2/", "https://acme.my.site.com/EU-1/partners_2"),
            ("http://127.0.0.1:8080/site", "http://127.0.0.1:8080/site"),
        ] {
            let login = LoginUrl::parse(text).unwrap();
            assert_eq!((login.url().as_str(), LoginUrl::parse(&login.url()).unwrap()), (url, login.clone()));
        }
        let login = LoginUrl::parse("https://acme.my.site.com/partners").unwrap();
        assert_eq!(login.path_to("/services/oauth2/token"), "/partners/services/oauth2/token");
        let long = format!("https://acme.my.site.com/{}", "a".repeat(255));
        for text in [
            "http://login.salesforce.com",
            "https://8.8.8.8",
            "https://intranet",
            "https://acme.my.site.com//x",
            "https://acme.my.site.com/../x",
            "https://acme.my.site.com/a/%2e%2e",
            "https://acme.my.site.com/x?y",
            "https://acme.my.site.com/x#y",
            "https://acme.my.site.com/x@evil.com\\",
            "https://acme.my.site.com/a b",
            "https://login.salesforce.com/services/oauth2/authorize",
            "https://login.salesforce.com/path",
            "https://acme.my.salesforce.com/partners",
            "https://acme.my.site.com/services/oauth2/token",
            &long,
        ] {
            assert!(LoginUrl::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn f106_the_address_of_the_user_interface_is_answered_with_that_of_the_api() {
        for (text, api) in [
            ("https://acme.lightning.force.com", "https://acme.my.salesforce.com,"),
            ("https://Acme--sb.sandbox.lightning.force.com/", "https://acme--sb.sandbox.my.salesforce.com,"),
            ("https://acme.my.salesforce-setup.com/lightning/setup", "https://acme.my.salesforce.com,"),
            ("https://acme.lightning.crmforce.mil", "https://acme.my.salesforce.mil,"),
        ] {
            let error = LoginUrl::parse(text).unwrap_err();
            assert!(error.message.contains(api), "{}", error.message);
        }
        for host in ["acme.lightning.force.com", "acme.my.salesforce-setup.com"] {
            let error = InstanceOrigin::parse(&format!("https://{host}")).unwrap_err();
            assert!(error.message.contains("https://acme.my.salesforce.com,"), "{}", error.message);
        }
    }

    #[test]
    fn an_answers_url_is_normalised_and_stays_on_salesforce() {
        for text in ["https://x.my.salesforce.com/", "HTTPS://X.my.SALESFORCE.com:443//", "https://x.my.salesforce.com"]
        {
            assert_eq!(InstanceOrigin::from_response(text).unwrap().url(), "https://x.my.salesforce.com");
        }
        for text in [
            "",
            "x.my.salesforce.com",
            "https://evil.com/x.my.salesforce.com",
            "https://x.my.salesforce.com/services",
            "https://evil.com\\.salesforce.com",
            "https://x.my.salesforce.com@evil.com/",
            "https://x.my.salesforce.com?@evil.com",
            "http://x.my.salesforce.com/",
        ] {
            assert!(InstanceOrigin::from_response(text).is_none(), "{text:?}");
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
