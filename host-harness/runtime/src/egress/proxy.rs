//! An HTTP proxy on the way to the public network: each connection is a tunnel through it (CONNECT, RFC 9110 section 9.3.6).
//!
//! TLS goes through the tunnel from end to end, so the proxy learns the name and port of a host, and nothing of a request. It
//! resolves the name, and that this leads to a public address is for it to see to. What loopback is, and a stand-in, never takes it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower_service::Service;

use super::client::ConnectError;
use super::origin::port;
use super::resolver::{Hosts, Resolver};

/// A proxy, and the hosts that are reached without it. May hold a password, and never shows it.
#[derive(Clone)]
pub struct Proxy {
    matcher: Arc<Matcher>,
    address: Uri,
}

/// What was expected of a proxy's URL. It never repeats the URL, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// It cannot be parsed, or names no host.
    #[error("expected a URL such as http://proxy.example.com:3128")]
    NoUrl,
    /// Another protocol.
    #[error("expected a proxy that is reached over http:// or https://")]
    Scheme,
    /// The other parts of a URL mean nothing for a proxy.
    #[error("expected scheme, host and port alone, with user and password before the host if the proxy asks for them")]
    Path,
}

/// Connects to public hosts: directly, or through a proxy.
#[derive(Clone)]
pub(super) struct Way {
    direct: HttpConnector<Resolver>,
    through: Option<Through>,
}

#[derive(Clone)]
struct Through {
    proxy: Proxy,
    hosts: Hosts,
    connector: HttpsConnector<HttpConnector>,
}

/// A connection to a host, or to a proxy over TLS or without.
pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

impl Proxy {
    /// `url` as `HTTPS_PROXY` has it: `http://` or `https://`, host and port, before them `user:password@` if the proxy wants
    /// that. `exceptions` as `NO_PROXY` has it: names, which stand for those below them too, addresses and networks, separated by
    /// commas; `*` for all.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub fn new(url: &str, exceptions: &str) -> Result<Proxy, ProxyError> {
        let uri: Uri = url.trim().parse().map_err(|_| ProxyError::NoUrl)?;
        if !matches!(uri.scheme_str(), None | Some("http" | "https")) {
            return Err(ProxyError::Scheme);
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(ProxyError::Path);
        }
        let everywhere = Matcher::builder().https(url.trim().to_owned()).build();
        let address = everywhere.intercept(&Uri::from_static("https://example.com")).ok_or(ProxyError::NoUrl)?;
        let authority = address.uri().authority().filter(|authority| !authority.host().is_empty());
        authority.and_then(|authority| port(authority).ok()).ok_or(ProxyError::NoUrl)?;
        let address = address.uri().clone();
        let matcher = Matcher::builder().https(url.trim().to_owned()).no(exceptions.to_owned()).build();
        Ok(Proxy { matcher: Arc::new(matcher), address })
    }

    /// Where it is, without user and password: `http://proxy.example.com:3128/`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Way {
    pub(super) fn direct(connector: HttpConnector<Resolver>) -> Way {
        Way { direct: connector, through: None }
    }

    /// Through a proxy, but for its exceptions and for `hosts`, whose addresses are known here.
    pub(super) fn through(self, proxy: Proxy, hosts: Hosts, tls: ClientConfig) -> Way {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        let connector = connector.wrap_connector(tcp);
        Way { through: Some(Through { proxy, hosts, connector }), ..self }
    }
}

impl Through {
    fn intercept(&self, host: &Uri) -> Option<Intercept> {
        // A name below localhost would be the proxy's own loopback (RFC 6761 section 6.3).
        let is_known = host.host().is_some_and(|name| self.hosts.knows(name) || name.ends_with(".localhost"));
        if is_known { None } else { self.proxy.matcher.intercept(host) }
    }

    fn tunnel(&self, intercept: &Intercept) -> Tunnel<HttpsConnector<HttpConnector>> {
        let tunnel = Tunnel::new(intercept.uri().clone(), self.connector.clone());
        match intercept.basic_auth() {
            Some(credentials) => tunnel.with_auth(credentials.clone()),
            None => tunnel,
        }
    }
}

impl Service<Uri> for Way {
    type Response = Stream;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, ConnectError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        self.direct.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, host: Uri) -> Self::Future {
        let intercepted = self.through.as_ref().and_then(|through| Some((through, through.intercept(&host)?)));
        let Some((through, intercept)) = intercepted else {
            let connecting = self.direct.call(host);
            return Box::pin(async move { Ok(MaybeHttpsStream::Http(connecting.await?)) });
        };
        let (mut tunnel, address) = (through.tunnel(&intercept), through.proxy.address());
        Box::pin(async move {
            std::future::poll_fn(|context| tunnel.poll_ready(context)).await?;
            let made = tunnel.call(host.clone()).await;
            made.map_err(|error| {
                let host = host.host().unwrap_or_default();
                tracing::warn!(proxy = %address, %host, error = %Chain(&error), "the proxy gives no connection");
                error.into()
            })
        })
    }
}

/// An error with its causes.
struct Chain<'a>(&'a dyn std::error::Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let causes = std::iter::successors(self.0.source(), |cause| cause.source());
        causes.into_iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_scheme_host_and_port() {
        for (url, address) in [
            ("http://proxy.example:3128", "http://proxy.example:3128/"),
            ("proxy.example:3128", "http://proxy.example:3128/"),
            (" https://proxy.example/ ", "https://proxy.example/"),
            ("http://user:SENTINEL@10.0.0.1:3128", "http://10.0.0.1:3128/"),
            ("http://[fd00::1]:3128", "http://[fd00::1]:3128/"),
        ] {
            let proxy = Proxy::new(url, "").unwrap();
            assert_eq!(proxy.address(), address, "{url}");
            assert!(!format!("{proxy:?} {proxy:#?}").contains("SENTINEL"));
        }
        for (url, error) in [
            ("", ProxyError::NoUrl),
            ("http://", ProxyError::NoUrl),
            ("http://user:SENTINEL@", ProxyError::NoUrl),
            ("a b", ProxyError::NoUrl),
            ("http://proxy.example:99999", ProxyError::NoUrl),
            ("socks5://proxy.example:1080", ProxyError::Scheme),
            ("http://proxy.example/path", ProxyError::Path),
            ("http://proxy.example/?a=b", ProxyError::Path),
        ] {
            assert_eq!(Proxy::new(url, "").unwrap_err(), error, "{url}");
        }
    }

    #[test]
    fn exceptions_are_reached_without_it() {
        let proxy = Proxy::new("http://proxy.example:3128", "internal.example, 192.0.2.0/24,.low.example").unwrap();
        let takes = |host: &str| proxy.matcher.intercept(&host.parse().unwrap()).is_some();
        assert!(takes("https://acme.my.salesforce.com") && takes("https://example"));
        for host in
            ["https://internal.example", "https://a.internal.example", "https://192.0.2.7", "https://b.low.example"]
        {
            assert!(!takes(host), "{host}");
        }
        let none = Proxy::new("http://proxy.example:3128", "*").unwrap();
        assert!(none.matcher.intercept(&Uri::from_static("https://acme.my.salesforce.com")).is_none());
    }
}
