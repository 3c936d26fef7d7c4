//! Requests of the host's own, on the way of all requests: a webhook's, say.
//!
//! The same policy, checks of addresses, pooled TLS, proxy and timeouts as for a component's. Of the answer its status counts: nothing of
//! its body is read, no redirect is followed, and the connection is closed.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::uri::{PathAndQuery, Uri};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;
use tokio::time::timeout;

use super::exchange::Exchange;
use super::journal::{Entry, Journal};
use super::observed::{ExchangeFailure, Observed};
use super::origin::Origin;
use super::policy::EgressPolicy;
use super::request::{Egress, destination};
use super::request_body::RequestBody;

/// A URL that the host itself posts to: over TLS, to a host that is not a private address. Debug shows its origin alone, for its path
/// and query may be a secret.
///
/// ```
/// use salesforce_runtime::egress::Endpoint;
///
/// assert!(Endpoint::new("https://hooks.example.com/salesforce?team=7", false).is_ok());
/// assert!(Endpoint::new("http://hooks.example.com/", false).is_err());
/// assert!(Endpoint::new("https://10.0.0.1/", false).is_err());
/// assert!(Endpoint::new("http://127.0.0.1:8080/", true).is_ok());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    uri: Uri,
    origin: Origin,
}

/// A text that is not a URL which the host may post to. Says what is wrong with it, and never repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; expected a URL such as `https://hooks.example.com/path`")]
pub struct EndpointError {
    reason: &'static str,
}

impl Endpoint {
    /// Reads a URL. `loopback`: whether it may be one on literal loopback, with TLS or without. That a name leads to a public
    /// address is seen when it is posted to.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn new(url: &str, loopback: bool) -> Result<Endpoint, EndpointError> {
        let refuse = |reason| Err(EndpointError { reason });
        let Ok(uri) = url.parse::<Uri>() else { return refuse("this is not a URL") };
        // http::Uri forgets a fragment, which no server would see.
        if url.contains('#') {
            return refuse("there is a fragment");
        }
        let origin = Origin::of(&uri).map_err(|error| EndpointError { reason: error.reason() })?;
        let policy = EgressPolicy::origins([origin.clone()]);
        let policy = if loopback { policy.allow_loopback() } else { policy };
        match destination(&uri, &policy) {
            Ok(origin) => Ok(Endpoint { uri, origin }),
            Err(_) => refuse("its address is not a public one"),
        }
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("origin", &self.origin.to_string()).finish_non_exhaustive()
    }
}

impl Egress {
    /// Posts a body, and waits for the status of the answer.
    pub(crate) async fn post(
        &self,
        endpoint: &Endpoint,
        headers: HeaderMap,
        body: Bytes,
        within: Duration,
    ) -> Result<StatusCode, ExchangeFailure> {
        let mut request = Request::new(RequestBody::Whole(Full::new(body)));
        *request.method_mut() = Method::POST;
        let path = endpoint.uri.path_and_query().cloned();
        *request.uri_mut() = path.unwrap_or_else(|| PathAndQuery::from_static("/")).into();
        *request.headers_mut() = headers;
        let authority = HeaderValue::from_maybe_shared(Bytes::from(endpoint.origin.authority()));
        request.headers_mut().insert(HOST, authority.map_err(|_| ExchangeFailure::Abandoned)?);
        let entry = Entry::of(&request, false);
        // Nobody observes it: what is observed are requests of executions.
        let mut observed = Observed::begin(None, endpoint.origin.clone(), &Method::POST);
        let journal = Journal::default();
        let exchange =
            Exchange::new(&self.client, &mut observed, request, (journal, entry), (within, within), &self.limits);
        match timeout(within, exchange).await {
            Ok(Ok((answer, _connection))) => {
                observed.complete();
                Ok(answer.status())
            }
            Ok(Err(error)) => {
                observed.fail(&error);
                Err(ExchangeFailure::of(&error))
            }
            Err(_elapsed) => Err(ExchangeFailure::TimedOut),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_over_tls_to_a_host_that_is_not_a_private_address() {
        for (url, loopback) in [
            ("https://hooks.example.com", false),
            ("https://hooks.example.com:8443/a/b?c=d", false),
            ("https://93.184.215.14/", false),
            ("http://127.0.0.1:8080/hook", true),
            ("https://localhost/hook", true),
        ] {
            assert!(Endpoint::new(url, loopback).is_ok(), "{url}");
        }
        for (url, loopback, reason) in [
            ("hooks.example.com/a", false, "this is not a URL"),
            ("/a", false, "the scheme is neither https nor http"),
            ("ftp://hooks.example.com/", false, "the scheme is neither https nor http"),
            ("http://hooks.example.com/", true, "http is accepted on loopback only"),
            ("https://user:SENTINEL@hooks.example.com/", false, "there is a user before the host"),
            ("https://hooks.example.com/a#b", false, "there is a fragment"),
            ("https://127.1/", false, "the host is neither a DNS name nor an IP address"),
            ("http://127.0.0.1:8080/", false, "its address is not a public one"),
            ("https://localhost/", false, "its address is not a public one"),
            ("https://10.0.0.1/", true, "its address is not a public one"),
            ("https://169.254.169.254/latest/meta-data", true, "its address is not a public one"),
            ("https://[::ffff:10.0.0.1]/", true, "its address is not a public one"),
        ] {
            let error = Endpoint::new(url, loopback).unwrap_err();
            assert_eq!(error, EndpointError { reason }, "{url}");
            assert!(!error.to_string().contains("SENTINEL"));
        }
    }

    #[test]
    fn debug_shows_no_path() {
        let endpoint = Endpoint::new("https://hooks.example.com/SENTINEL?a=SENTINEL", false).unwrap();
        assert_eq!(format!("{endpoint:?}"), r#"Endpoint { origin: "https://hooks.example.com", .. }"#);
    }
}
