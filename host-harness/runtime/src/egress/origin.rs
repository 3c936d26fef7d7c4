//! Scheme, host and port of a server.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use http::uri::{Authority, Scheme};

/// Scheme, host and port (RFC 6454 section 4): `https://example.my.salesforce.com`, `http://127.0.0.1:8080`.
///
/// The scheme is https, or http on literal loopback. A host name is kept in lower case.
///
/// ```
/// use salesforce_runtime::egress::Origin;
///
/// let org: Origin = "https://Example.my.salesforce.com:443".parse()?;
/// assert_eq!(org.to_string(), "https://example.my.salesforce.com");
/// assert!("http://example.my.salesforce.com".parse::<Origin>().is_err());
/// # Ok::<(), salesforce_runtime::egress::OriginError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    tls: bool,
    host: Host,
    port: u16,
}

/// The host of an [`Origin`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Host {
    Name(String),
    Ip(IpAddr),
}

/// A text that is not an origin which may be reached. Says what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{reason}; expected an origin such as `https://example.my.salesforce.com` (scheme, host, optional port, nothing else)"
)]
pub struct OriginError {
    reason: &'static str,
}

impl OriginError {
    /// What is wrong with it, where something else than an org is expected: `there is no scheme`.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

/// The port of an authority without a user, if it has one. For what follows the colon and is no port, `Authority::port` is none too.
pub(super) fn port(authority: &Authority) -> Result<Option<u16>, OriginError> {
    match authority.port() {
        Some(port) => Ok(Some(port.as_u16())),
        None if authority.as_str() == authority.host() => Ok(None),
        None if authority.as_str().ends_with(':') => Err(OriginError { reason: "the port is empty" }),
        None => Err(OriginError { reason: "the port is not a number up to 65535" }),
    }
}

impl Origin {
    /// True for literal loopback: an address in 127.0.0.0/8, `[::1]`, or the name `localhost` (RFC 6761 section 6.3).
    pub fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Name(name) => name == "localhost",
            Host::Ip(address) => address.is_loopback(),
        }
    }

    /// The origin of a request. Userinfo, an unknown scheme, or http off loopback is an error.
    pub(crate) fn of(uri: &Uri) -> Result<Self, OriginError> {
        let tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(OriginError { reason: "the scheme is neither https nor http" }),
        };
        let authority = uri.authority().ok_or(OriginError { reason: "there is no host" })?;
        if authority.as_str().contains('@') {
            return Err(OriginError { reason: "there is a user before the host" });
        }
        let port = port(authority)?.unwrap_or(if tls { 443 } else { 80 });
        if port == 0 {
            return Err(OriginError { reason: "port 0 cannot be reached" });
        }
        let origin = Self { tls, host: Host::parse(authority.host())?, port };
        if !origin.tls && !origin.is_loopback() {
            return Err(OriginError { reason: "http is accepted on loopback only" });
        }
        Ok(origin)
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.tls
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// Host, and port if it is not the scheme's own: the value of a `Host` header.
    #[must_use]
    pub fn authority(&self) -> String {
        let default_port = if self.tls { 443 } else { 80 };
        if self.port == default_port { self.host.to_string() } else { format!("{}:{}", self.host, self.port) }
    }
}

impl Host {
    fn parse(host: &str) -> Result<Self, OriginError> {
        if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return match address.parse() {
                Ok(address) => Ok(Self::Ip(IpAddr::V6(address))),
                Err(_) => Err(OriginError { reason: "the brackets do not hold an IPv6 address" }),
            };
        }
        if let Ok(address) = host.parse() {
            return Ok(Self::Ip(IpAddr::V4(address)));
        }
        let labels_are_valid = host.len() <= 253
            && host.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            });
        // A last label of digits would be read as an address by some resolvers: `127.1`, `0x7f000001`.
        let last_is_alphabetic =
            host.rsplit('.').next().is_some_and(|label| label.starts_with(|first: char| first.is_ascii_alphabetic()));
        if labels_are_valid && last_is_alphabetic {
            Ok(Self::Name(host.to_ascii_lowercase()))
        } else {
            Err(OriginError { reason: "the host is neither a DNS name nor an IP address" })
        }
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(|_| OriginError { reason: "this is not a URL" })?;
        let end_of_scheme = text.find("://").ok_or(OriginError { reason: "there is no scheme" })?;
        let rest = text.get(end_of_scheme + 3..).unwrap_or_default();
        if rest.trim_end_matches('/').contains(['/', '?', '#']) || rest.ends_with("//") {
            return Err(OriginError { reason: "there is a path or query" });
        }
        Self::of(&uri)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.tls { "https" } else { "http" }, self.authority())
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(IpAddr::V4(address)) => address.fmt(f),
            Self::Ip(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        text.parse().unwrap()
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert_eq!(origin("https://Example.my.Salesforce.com:443/").to_string(), "https://example.my.salesforce.com");
        assert_eq!(origin("http://127.0.0.1:8080").to_string(), "http://127.0.0.1:8080");
        assert_eq!(origin("http://[::1]:80").to_string(), "http://[::1]");
        assert_eq!(origin("https://203.0.113.7:8443").to_string(), "https://203.0.113.7:8443");
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused_with_a_reason() {
        for (text, reason) in [
            ("example.com", "there is no scheme"),
            ("ftp://example.com", "the scheme is neither https nor http"),
            ("http://example.com", "http is accepted on loopback only"),
            ("https://user:secret@example.com", "there is a user before the host"),
            ("https://example.com/path", "there is a path or query"),
            ("https://example.com?query", "there is a path or query"),
            ("https://example.com//", "there is a path or query"),
            ("https://example.com:0", "port 0 cannot be reached"),
            ("https://example.com:", "the port is empty"),
            ("https://example.com:65536", "the port is not a number up to 65535"),
            ("http://127.0.0.1:99999", "the port is not a number up to 65535"),
            ("https://[::1]:4294967739", "the port is not a number up to 65535"),
            ("https://example.com:https", "the port is not a number up to 65535"),
            ("https://127.1", "the host is neither a DNS name nor an IP address"),
            ("https://2130706433", "the host is neither a DNS name nor an IP address"),
            ("https://0x7f000001", "the host is neither a DNS name nor an IP address"),
            ("https://example.com.", "the host is neither a DNS name nor an IP address"),
            ("https://[fe80::1", "this is not a URL"),
            ("https://exa mple.com", "this is not a URL"),
            ("", "this is not a URL"),
        ] {
            assert_eq!(text.parse::<Origin>(), Err(OriginError { reason }), "{text}");
        }
    }

    #[test]
    fn an_error_never_repeats_the_text() {
        let error = "https://user:secret@example.com".parse::<Origin>().unwrap_err();
        assert!(!error.to_string().contains("secret"));
        assert!(error.to_string().contains("expected an origin"));
    }
}
