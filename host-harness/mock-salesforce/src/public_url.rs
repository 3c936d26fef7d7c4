//! The URL under which clients reach the mock, where it is not the address that the mock listens on: behind a container's
//! port or a proxy. Not for what tokens are for: audiences are held against the mock's own URL, never against a header.
//!
//! Source: RFC 9110 section 7.2 (Host), RFC 3986 section 3.2 (authority).

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use axum::http::{HeaderMap, header};

/// The most characters of a host and port.
const LONGEST: usize = 255;

/// Scheme, host and port: `https://mock.example.org:8443`. Without a path, a query or a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

/// A text is no [`PublicUrl`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected http:// or https://, a host and perhaps a port, and nothing after it, such as https://mock.example.org:8443"
)]
pub struct PublicUrlError;

impl PublicUrl {
    /// Without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name or address alone, an IPv6 address without its brackets: what a certificate is for.
    pub(crate) fn host(&self) -> &str {
        let authority = self.0.split_once("://").map_or("", |(_, authority)| authority);
        host_and_port(authority).0.trim_matches(['[', ']'])
    }
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(PublicUrlError)?;
        let scheme = ["http", "https"].into_iter().find(|known| known.eq_ignore_ascii_case(scheme));
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        match scheme {
            Some(scheme) if is_authority(authority) => {
                Ok(Self(format!("{scheme}://{}", authority.to_ascii_lowercase())))
            }
            _ => Err(PublicUrlError),
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The host and port by which a client says it reached the mock. None when it does not say so in one plain `Host`: the
/// header is a stranger's.
pub(crate) fn reached_at(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (host, None) = (hosts.next()?, hosts.next()) else { return None };
    host.to_str().ok().filter(|host| is_authority(host))
}

/// Whether this is a host (a name, an IPv4 address, or an IPv6 address in brackets), perhaps with a port.
fn is_authority(text: &str) -> bool {
    let (host, port) = host_and_port(text);
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    text.len() <= LONGEST && is_host(host) && port.is_none_or(is_port)
}

fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let is_label = |label: &str| {
        let is_plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        is_plain && !label.is_empty() && label.len() <= 63
    };
    host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin() {
        for (text, url) in [
            ("https://mock.example.org", "https://mock.example.org"),
            ("HTTP://Mock:8080/", "http://mock:8080"),
            ("http://[::1]:80", "http://[::1]:80"),
            ("https://10.0.0.1:443", "https://10.0.0.1:443"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().unwrap().as_str(), url);
        }
        for text in [
            "mock.example.org",
            "ftp://mock",
            "https://",
            "https://mock/path",
            "https://user@mock",
            "https://mock:99999",
            "https://mock:",
            "https://mock:+80",
            "https://mock?x",
            "https://mo ck",
            "https://a..b",
            "https://[::1",
            "https://[mock]",
        ] {
            assert_eq!(text.parse::<PublicUrl>(), Err(PublicUrlError), "{text}");
        }
    }

    #[test]
    fn a_certificate_is_for_the_host_alone() {
        for (url, host) in [("https://mock:1", "mock"), ("https://[::1]:1", "::1"), ("https://10.0.0.1", "10.0.0.1")] {
            assert_eq!(url.parse::<PublicUrl>().unwrap().host(), host);
        }
    }

    #[test]
    fn a_host_header_is_a_host_and_port_or_nothing() {
        let reached = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::HOST, value.parse().unwrap());
            }
            reached_at(&headers).map(str::to_owned)
        };
        for good in ["mock", "mock:8080", "127.0.0.1:1", "[::1]:8080", "a-b.example_c.org"] {
            assert_eq!(reached(&[good]).as_deref(), Some(good));
        }
        let long = "a.".repeat(200);
        for bad in ["", "mock/../x", "evil.example@mock", "mock#", "mock:80:80", "a b", "\"mock\"", "::1", &long] {
            assert_eq!(reached(&[bad]), None, "{bad}");
        }
        assert_eq!(reached(&["one", "two"]), None);
        assert_eq!(reached(&[]), None);
    }
}
